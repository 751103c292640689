"""Whole groups: as the real code was recorded, and in which order they fail."""

import pytest

from bot.balancing.annotations import FixedResponse, Forward, Redirect
from bot.balancing.shadows import verdicts
from tests.balancing.situations import a_path, forward, the_seed
from tests.balancing.worlds import failures, inventory, member, model_of, service

KEY = "alb.ingress.kubernetes.io"
BOTH = '[{"HTTP":80},{"HTTPS":443}]'
HEADER = '[{"field":"http-header","httpHeaderConfig":{"httpHeaderName":"X-Canary","values":["1"]}}]'
ROOT = {"actions.root": forward(("canary", 10), ("stable", 90))}
ROUTE = {"actions.header": forward(("canary", 100)), "conditions.header": HEADER}
CANARY = ROOT | ROUTE


def names(listener):
    return [rule.service for rule in listener.rules]


def test_the_seed_is_a_redirect_on_80_and_header_before_weights_on_443():
    _, ingress = the_seed()
    http, https = model_of(ingress).listeners
    assert (names(http), names(https)) == (["ssl-redirect"], ["x-canary-header", "tomozo-stable"])
    assert [one.rule.service for one in https.omitted] == ["ssl-redirect"]
    assert [one.by.service for one in http.omitted] == ["ssl-redirect"] * 2


@pytest.mark.parametrize(
    ("paths", "order", "dead", "partly"),
    [
        pytest.param(
            [a_path("header"), a_path("root", "/", "Prefix")],
            ["root", "header"],
            {"header": "root"},
            {},
            id="the root is a prefix: the header route is dead",
        ),
        pytest.param(
            [a_path("header"), a_path("root")], ["header", "root"], {}, {}, id="as it should be"
        ),
        pytest.param(
            [a_path("header"), a_path("root", "/")],
            ["header", "root"],
            {},
            {},
            id="the root is only /",
        ),
        pytest.param(
            [a_path("header"), a_path("x", "/x", "Exact"), a_path("api", "/api", "Prefix")],
            ["x", "api", "header"],
            {},
            {"header": ["x", "api"]},
            id="exact paths and prefixes take a part",
        ),
    ],
)
def test_worked_results_of_shadowing(paths, order, dead, partly):
    (listener,) = model_of(member("a", *paths, said=CANARY)).listeners
    found = verdicts(listener.rules)
    assert names(listener) == order
    assert {v.rule.service: v.covered_by.service for v in found if v.is_dead} == dead
    assert {
        v.rule.service: [p.service for p in v.partly_by] for v in found if v.partly_by
    } == partly


def test_a_catch_all_of_another_member_hides_the_canary():
    """Equal order, so the name decides; a lower `group.order` mends it."""
    catch_all = member("a-catchall", a_path("all", "/", "Prefix"), host="")
    canary = member("b-canary", a_path("header"), a_path("root"), said=CANARY)
    first = canary.annotations | {f"{KEY}/group.order": "-1"}
    mended = canary.model_copy(update={"annotations": first})

    (listener,) = model_of(catch_all, canary).listeners
    assert [v.covered_by and v.covered_by.ingress for v in verdicts(listener.rules)] == [
        None,
        "shop/a-catchall",
        "shop/a-catchall",
    ]
    (listener,) = model_of(catch_all, mended).listeners
    assert not any(verdict.is_dead for verdict in verdicts(listener.rules))


def test_a_misspelt_field_makes_a_canary_for_everybody():
    typo = {"conditions.header": HEADER.replace("http-header", "HTTP-Header")}
    (listener,) = model_of(
        member("a", a_path("header"), a_path("root"), said=CANARY | typo)
    ).listeners
    assert (listener.rules[0].tests, verdicts(listener.rules)[1].is_dead) == ((), True)


# the default of a listener


def backend(name="svc", port=None):
    return {"service": {"name": name, "port": port or {"number": 80}}}


def test_what_no_rule_takes_is_answered_404():
    (listener,) = model_of(member("a", a_path("svc", "/x"))).listeners
    assert listener.default == FixedResponse(status="404", content_type="text/plain")


def test_or_goes_to_the_only_default_backend_whose_conditions_are_dropped():
    one = member("a", a_path("svc", "/x"), default=backend("header", {"name": "use-annotation"}))
    more = one.annotations | {f"{KEY}/{key}": text for key, text in ROUTE.items()}
    (listener,) = model_of(one.model_copy(update={"annotations": more})).listeners
    assert isinstance(listener.default, Forward)
    assert listener.default.targets[0].service == "canary"


def test_two_default_backends_on_one_port_stop_the_group():
    one = member("a", default=backend())
    other = member("b", default=backend())
    elsewhere = member("b", default=backend(), said={"listen-ports": '[{"HTTP":8080}]'})
    assert failures(one, other) == [
        (
            "ORD-10 Ingress shop/b: spec.defaultBackend: "
            "port 80 can have one default backend; shop/a and shop/b each name one"
        )
    ]
    assert failures(one, elsewhere) == []


def test_a_bad_default_backend_stops_the_group_but_not_behind_ssl_redirect():
    said = {"conditions.svc": "x"}
    assert failures(member("a", default=backend(), said=said))[0].startswith(
        "ANN-01 Ingress shop/a"
    )
    https = member("b", said={"listen-ports": BOTH, "ssl-redirect": "443"})
    assert failures(member("a", default=backend(), said=said), https) == []


def test_a_redirect_of_one_member_takes_away_rules_of_the_next():
    redirect = '{"type":"redirect","redirectConfig":{"host":"new.test","statusCode":"HTTP_302"}}'
    one = member("a", a_path("go"), host="", said={"actions.go": redirect})
    (listener,) = model_of(one, member("b", a_path("svc"))).listeners
    assert isinstance(listener.rules[0].action, Redirect)
    assert [(o.rule.ingress, o.by.ingress) for o in listener.omitted] == [("shop/b", "shop/a")]


# failures


def test_one_broken_member_stops_all_and_is_named():
    good = member("a", a_path("root"), said=ROOT)
    bad = member("b", a_path("root"), said={"actions.root": '{"type":"Forward"}'})
    model = model_of(good, bad)
    assert str(model.failure) == (
        f"Ingress shop/b: {KEY}/actions.root: type: must be forward, redirect or fixed-response, "
        "not Forward (at character 1)"
    )
    assert (model.failure.offset, model.failure.ingress) == (0, "shop/b")
    assert len(model.listeners[0].rules) == 2  # what it would get, were that mended


def test_annotations_that_no_path_names_are_never_read():
    one = member("a", a_path("root"), said=ROOT | {"actions.gone": "{", "conditions.gone": "{"})
    assert failures(one) == []


def test_a_broken_action_behind_a_service_port_is_never_read():
    one = member("a", a_path("svc", port={"number": 80}), said={"actions.svc": "{"})
    assert failures(one) == []
    two = member("a", a_path("svc", port={"number": 80}), said={"conditions.svc": "{"})
    assert len(failures(two)) == 1  # but its conditions are


def test_the_controller_finds_out_in_its_order():
    """Group, ports, balancer, `ssl-redirect`; for each port default and rules; what is around."""
    said = {
        "group.order": "x",
        "inbound-cidrs": "x",
        "scheme": "x",
        "ssl-redirect": "x",
        "actions.root": "x",
        "conditions.default": "x",
        "listener-attributes.HTTP-80": "x",
        "shield-advanced-protection": "x",
    }
    one = member("a", a_path("root"), default=backend("default"), said=said)
    assert [text.split(": ")[1].removeprefix(f"{KEY}/") for text in failures(one)] == [
        "group.order",
        "inbound-cidrs",
        "scheme",
        "ssl-redirect",
        "conditions.default",
        "listener-attributes.HTTP-80",
        "actions.root",
        "shield-advanced-protection",
    ]


def test_on_http_only_what_is_asked_there_counts():
    """A login without a provider on 443 is met after what is broken on 80."""
    one = member("a", a_path("svc"), said={"listen-ports": BOTH, "auth-type": "oidc"})
    other = member("b", a_path("root"), said={"actions.root": "{"})
    assert [text.split(":")[0] for text in failures(one, other)] == [
        "ANN-01 Ingress shop/b",
        "ANN-01 Ingress shop/a",
    ]


def test_all_services_there_and_all_weights_set_is_a_group_without_failure():
    services = [service("canary"), service("stable")]
    model = model_of(member("a", a_path("header"), a_path("root"), said=CANARY), services=services)
    assert (model.failures, model.failure, inventory().ingresses) == ((), None, ())
