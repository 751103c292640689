"""The canary Ingress of NGINX: as Argo keeps it, and what is told when somebody changed it."""

import pytest

from bot.balancing.foresight import Unwritten
from bot.balancing.nginx_kept import first_stray, kept
from bot.balancing.weights import read_traffic
from tests.balancing.drifting import drift
from tests.balancing.situations import a_path, a_rollout, an_ingress, wrote

NGINX = "nginx.ingress.kubernetes.io"
CLASS = {"kubernetes.io/ingress.class": "nginx"}
HEADER = {"canary-by-header": "X-Canary"}
NAME = "app-web-canary"


def rollout(most=None, *, weight=20, **routing):
    """shop/app behind NGINX, at a pause at 20; `routing` is of `trafficRouting.nginx`."""
    nginx = {"stableIngress": "web", "additionalIngressAnnotations": HEADER, **routing}
    return a_rollout(
        routing={"nginx": nginx} | ({} if most is None else {"maxTrafficWeight": most}),
        weight=weight,
    )


def stable(*paths, **annotations):
    """The Ingress that the rollout names."""
    found = an_ingress(
        CLASS | annotations, *(paths or (a_path("stable", "/", "Prefix"),)), name="web"
    )
    return found.model_copy(update={"class_name": ""})


def canary(weight=20, most=None, *, by="", **changes):
    """The canary Ingress, with these annotations changed; None takes one away."""
    one = kept(rollout(most), stable(), weight)
    keys = {f"{NGINX}/{key.replace('_', '-')}": value for key, value in changes.items()}
    notes = {k: v for k, v in (one.annotations | keys).items() if v is not None}
    writers = tuple(wrote(by, key) for key in keys if by)
    return one.model_copy(update={"annotations": notes, "managed_fields": writers})


def test_it_is_kept_as_the_controller_keeps_it():
    """Prefixes are added where they are missing; what is to be written as it is, is."""
    one = kept(
        rollout(
            1000,
            annotationPrefix="custom.test",
            additionalIngressAnnotations=HEADER | {"custom.test/canary-by-cookie": "b"},
            canaryIngressAnnotations={"x.test/y": "z", "custom.test/canary-by-header": "B"},
        ),
        stable(a_path("stable", "/"), a_path("other", "/api"), **{"custom.test/rewrite": "/"}),
        5,
    )  # fmt: skip
    assert (one.namespace, one.name, one.class_name) == ("shop", NAME, "")
    assert one.annotations == CLASS | {
        "x.test/y": "z",
        "custom.test/canary": "true",
        "custom.test/canary-weight": "5",
        "custom.test/canary-weight-total": "1000",
        "custom.test/canary-by-header": "B",
        "custom.test/canary-by-cookie": "b",
    }
    paths = [a_path("canary", "/"), a_path("other", "/api")]
    assert one.rules == ({"host": "app.test", "http": {"paths": paths}},)


def test_hosts_without_the_stable_service_are_left_out():
    two = stable()
    other = {"host": "other.test", "http": {"paths": [a_path("other", "/")]}}
    one = kept(rollout(), two.model_copy(update={"rules": (other, *two.rules)}), 5)
    assert [rule["host"] for rule in one.rules] == ["app.test"]


def test_annotations_of_others_stay():
    there = canary(canary_by_header_value="secret")
    assert kept(rollout(), stable(), 50, there).annotations[f"{NGINX}/canary-by-header-value"]


@pytest.mark.parametrize(
    ("web", "words"),
    [
        pytest.param(stable(a_path("other")), "no path with the backend stable", id="no path"),
        pytest.param(
            stable().model_copy(update={"rules": ({"host": "app.test"},)}),
            "an entry that the controller cannot read",
            id="no paths",
        ),
    ],
)
def test_where_the_controller_fails_nothing_is_kept(web, words):
    with pytest.raises(Unwritten, match=words):
        kept(rollout(), web, 20)


def test_as_it_is_kept_nothing_is_told():
    found = drift(stable(), canary(), rollout=rollout())
    assert (found.findings, [str(s.standing) for s in found.states]) == ((), ["in sync"])


LEFT_ALONE = "the controller leaves alone what the rollout does not ask for; delete it there"
OTHER_CLASS = {"kubernetes.io/ingress.class": "x"}
MOVED = {"rules": ({"host": "app.test", "http": {"paths": [a_path("canary", "/other")]}},)}
WRONG = [
    pytest.param(
        canary(canary_weight="50", by="kubectl-edit"),
        f"Ingress {NAME} gives the canary 50 %, the controller wrote 20 %.",
        f"wanted canary 20, stable 80; found canary 50, stable 50 in {NGINX}/canary-weight",
        True,
        id="weight",
    ),
    pytest.param(
        canary(canary=None),
        f"NGINX does not heed the weight on Ingress {NAME}.",
        f"{NGINX}/canary is not true, so NGINX does not heed the weight",
        True,
        id="no canary",
    ),
    pytest.param(
        canary(canary_weight="many", by="kubectl-edit"),
        f"NGINX does not heed the weight on Ingress {NAME}.",
        f"{NGINX}/canary-weight must be a whole number, not 'many'",
        True,
        id="no number",
    ),
    pytest.param(
        canary(canary_by_header=None),
        f"Ingress {NAME} no longer leads X-Canary to the canary.",
        f"wanted {NGINX}/canary-by-header: X-Canary; it is missing",
        True,
        id="no header",
    ),
    pytest.param(
        canary(canary_by_header="X-Mine", by="kubectl-edit"),
        f"Ingress {NAME} leads another header to the canary than the rollout says.",
        f"wanted {NGINX}/canary-by-header: X-Canary; it is X-Mine",
        True,
        id="another header",
    ),
    pytest.param(
        canary(canary_by_header_value="secret", by="kubectl-edit"),
        f"Ingress {NAME} leads another header to the canary than the rollout says.",
        f"{NGINX}/canary-by-header-value: secret stands there, and the rollout does not ask for "
        f"it; {LEFT_ALONE}",
        False,
        id="a value that nobody asked for",
    ),
    pytest.param(
        canary(canary_by_cookie="beta", by="kubectl-edit"),
        f"Ingress {NAME} has {NGINX}/canary-by-cookie, for which the rollout does not ask.",
        f"{NGINX}/canary-by-cookie: beta stands there, and the rollout does not ask for it; "
        f"{LEFT_ALONE}",
        False,
        id="a cookie",
    ),
    pytest.param(
        canary().model_copy(update=MOVED),
        f"Ingress {NAME} has other paths than Ingress web.",
        "wanted app.test/ canary; found app.test/other canary",
        True,
        id="paths",
    ),
    pytest.param(
        canary().model_copy(update={"annotations": canary().annotations | OTHER_CLASS}),
        f"Ingress {NAME} has another kubernetes.io/ingress.class than the rollout says.",
        "wanted kubernetes.io/ingress.class: nginx; it is x; "
        "the controller does not watch Ingresses of class x; "
        "it writes when something else wakes it, within 15 min",
        False,
        id="class",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("there", "message", "evidence", "heals"), WRONG)
def test_what_somebody_changed_is_told(there, message, evidence, heals):
    """With the same words as on an ALB, and whether the controller puts it back."""
    (finding,) = drift(stable(), there, rollout=rollout()).findings

    assert (finding.id, finding.kind, finding.name) == ("WIRE-08", "Ingress", NAME)
    assert (finding.message, finding.evidence, finding.heals) == (message, evidence, heals)
    assert finding.writer == (there.managed_fields[0]["manager"] if there.managed_fields else "")


def test_a_canary_ingress_that_is_gone_is_told_while_a_release_is_on_its_way():
    """Otherwise the controller makes it anew before the canary gets a request."""
    (finding,) = drift(stable(), rollout=rollout()).findings
    assert finding.message == (
        f"Ingress {NAME} does not exist: the canary gets no request, also none with a header."
    )
    assert finding.evidence.startswith("wanted an Ingress with canary-weight 20; found none")
    assert finding.heals is None
    done = a_rollout(routing={"nginx": {"stableIngress": "web"}}, weight=0, stableRS="new")
    assert drift(stable(), rollout=done).findings == ()


def test_a_canary_ingress_that_was_never_made_is_not_missed():
    assert drift(stable(), rollout=rollout(weight=None)).findings == ()


def test_a_header_that_is_changed_while_it_is_told_is_told_anew():
    """Patience is about one thing: another header begins it anew."""
    first = drift(stable(), canary(canary_by_header="A"), rollout=rollout())
    again = drift(stable(), canary(canary_by_header="B"), rollout=rollout(), memory=first.memory)
    assert first.memory != again.memory


def test_weights_out_of_less_than_a_hundred_are_not_what_nginx_takes_them_for():
    """NGINX takes a total of at least 100: 5 of 10 is not half but 5 %."""
    little = rollout(10, weight=5)
    traffic = read_traffic(little, [stable(), canary(5, 10)], (), ())
    assert (traffic.reported, traffic.written[0].canary) == (50, 5)


def test_without_its_total_a_weight_of_a_thousand_is_everything():
    odd = canary(200, 1000, canary_weight_total=None)
    (finding,) = drift(stable(), odd, rollout=rollout(1000, weight=200)).findings
    assert finding.message.startswith(f"Ingress {NAME} gives the canary 100 %")


def test_a_difference_below_a_percent_is_told_too():
    (finding,) = drift(stable(), canary(8, 1000), rollout=rollout(1000, weight=6)).findings
    assert finding.evidence == f"wanted {NGINX}/canary-weight: 6; it is 8"


def test_each_of_several_is_looked_at():
    both = rollout(stableIngress="", stableIngresses=["web", "app"])
    app = stable().model_copy(update={"name": "app"})
    second = kept(both, app, 20)
    odd = second.model_copy(update={"annotations": {**second.annotations, f"{NGINX}/canary": "0"}})
    (finding,) = drift(stable(), canary(), app, odd, rollout=both).findings
    assert (finding.name, finding.heals) == ("app-app-canary", True)


@pytest.mark.parametrize(
    ("most", "says"),
    [
        (None, "gives the canary 50 %, the controller wrote 20 %"),
        (1000, f"has another {NGINX}/canary-weight than the rollout says"),
    ],
    ids=["percent", "parts of another total"],
)
def test_another_weight_is_told_as_shares_where_it_is_percent(most, says):
    there = first_stray(rollout(most), stable(), canary(50, most))

    assert there is not None
    assert there.what == says
