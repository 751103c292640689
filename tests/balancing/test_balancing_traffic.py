"""Everything but the weights on an ALB Ingress: asked, reported, selectors, pods, NGINX."""

import pytest

from bot.balancing.objects import Ingress
from bot.balancing.weights import read_traffic
from bot.release.traffic import HeaderRoute, Pods, Selector
from tests.balancing.situations import a_replica_set, a_rollout, a_service, wrote

NGINX = "nginx.ingress.kubernetes.io"
BY_NGINX = {"nginx": {"stableIngress": "web"}}


def look(rollout=None, ingresses=(), services=(), replica_sets=()):
    return read_traffic(rollout or a_rollout(), ingresses, services, replica_sets)


@pytest.mark.parametrize(
    ("asked", "rollout"),
    [
        pytest.param(20, a_rollout(), id="at the pause after 20"),
        pytest.param(20, a_rollout(currentStepIndex=0), id="on its way to 20"),
        pytest.param(60, a_rollout(currentStepIndex=2), id="on its way to 60"),
        pytest.param(0, a_rollout(steps=[{"pause": {}}], currentStepIndex=0), id="before any"),
        pytest.param(0, a_rollout(abort=True), id="aborted"),
        pytest.param(0, a_rollout(abort=True, currentStepIndex=4), id="aborted at the end"),
        pytest.param(0, a_rollout(abort=True, promoteFull=True), id="aborted while promoting"),
        pytest.param(100, a_rollout(currentStepIndex=4), id="all steps done"),
        pytest.param(100, a_rollout(currentStepIndex=9), id="an index out of range"),
        pytest.param(100, a_rollout(promoteFull=True), id="promoted fully"),
        pytest.param(100, a_rollout(steps=(), promoteFull=True), id="fully, without steps"),
        pytest.param(0, a_rollout(steps=(), currentStepIndex=0), id="no steps"),
        pytest.param(0, a_rollout(stableRS="new", currentStepIndex=4), id="stable"),
        pytest.param(0, a_rollout(stableRS=""), id="the first deploy"),
        pytest.param(0, a_rollout(currentPodHash=""), id="not looked at yet"),
    ],
)
def test_what_the_step_asks_for(asked, rollout):
    assert look(rollout).asked == asked


@pytest.mark.parametrize(("weight", "reported"), [(None, None), (0, 0), (20, 20), (100, 100)])
def test_what_the_controller_reported(weight, reported):
    """Nothing yet is not zero."""
    assert look(a_rollout(weight=weight)).reported == reported


def test_a_reported_weight_that_cannot_be_put_in_percent_is_no_number():
    """500 of 1000, where the Ingress that says 1000 is gone."""
    assert look(a_rollout(weight=500)).reported is None


def test_the_selectors_of_both_services():
    selectors = look(
        services=[
            a_service("canary", "new"),
            a_service("stable", "old"),
            a_service("other", "new"),
            a_service("stable", "new", namespace="elsewhere"),
        ]
    ).selectors

    assert selectors == (
        Selector(service="stable", role="stable", revision="old"),
        Selector(service="canary", role="canary", revision="new"),
    )


def test_a_service_without_the_hash_and_one_that_is_missing():
    """Argo CD's server-side apply takes the hash away."""
    owner = wrote("argocd-controller", "x") | {"fieldsV1": {"f:spec": {"f:selector": {}}}}
    stable = a_service("stable").model_copy(update={"managed_fields": (owner,)})

    assert look(services=[stable]).selectors == (
        Selector(service="stable", role="stable", revision="", writer="argocd-controller"),
        Selector(service="canary", role="canary", revision="", exists=False),
    )


@pytest.mark.parametrize(
    ("stable_is", "roles"),
    [
        ("", {"stable": "pong", "canary": "ping"}),
        ("pong", {"stable": "pong", "canary": "ping"}),
        ("ping", {"stable": "ping", "canary": "pong"}),
    ],
)
def test_the_selectors_of_ping_and_pong(stable_is, roles):
    """They swap roles at every release."""
    rollout = a_rollout(
        canary={"pingPong": {"pingService": "ping", "pongService": "pong"}},
        on_canary={"stablePingPong": stable_is},
    )
    selectors = look(rollout, services=[a_service("ping", "a"), a_service("pong", "b")]).selectors

    assert {s.role: s.service for s in selectors} == roles


def test_the_pods_of_both_revisions():
    traffic = look(
        replica_sets=[
            a_replica_set("new", 1, 0, image="app:2"),
            a_replica_set("old", 4, 3),
            a_replica_set("older", 7, 7),
            a_replica_set("old", 9, 9, owner="another"),
        ]
    )

    assert traffic.canary == Pods(desired=1, available=0)
    assert traffic.stable == Pods(desired=4, available=3)
    assert (traffic.canary_image, traffic.stable_image) == ("app:2", "app:1")


def test_a_stable_rollout_has_no_canary():
    """Its only revision is the stable one."""
    traffic = look(a_rollout(currentPodHash="old", weight=0), (), (), [a_replica_set("old")])

    assert traffic.canary == Pods()
    assert traffic.stable == Pods(desired=4, available=4)
    assert traffic.canary_image == ""


def test_a_revision_that_has_no_pods_yet_is_named_by_what_was_asked():
    assert look().canary_image == "app:2"


@pytest.mark.parametrize(
    ("replica_sets", "scaling"),
    [
        pytest.param([a_replica_set("old"), a_replica_set("new", 1)], False, id="worked off"),
        pytest.param([a_replica_set("old", wanted_for="3")], True, id="stable is behind"),
        pytest.param([a_replica_set("new", 1, wanted_for="3")], True, id="canary is behind"),
        pytest.param([a_replica_set("new", 0, wanted_for="3")], False, id="no pods wanted"),
        pytest.param([a_replica_set("older", 1, wanted_for="3")], False, id="an old revision"),
        pytest.param([a_replica_set("old", wanted_for="")], False, id="no annotation"),
        pytest.param([a_replica_set("old", wanted_for="many")], False, id="no number"),
        pytest.param([], False, id="nothing known"),
    ],
)
def test_a_change_of_replicas_that_is_not_worked_off(replica_sets, scaling):
    """Until then the controller writes no weights, not even at an abort."""
    assert look(replica_sets=replica_sets).scaling is scaling


def test_nothing_says_that_it_is_blocked():
    """That stands in an Event, which is read by whoever asks."""
    assert look().blocked == ""


# NGINX


def nginx(name="app-web-canary", **annotations):
    """An Ingress with NGINX annotations; `canary_weight` is `canary-weight`."""
    keys = {f"{NGINX}/{key.replace('_', '-')}": value for key, value in annotations.items()}
    return Ingress.model_validate(
        {
            "metadata": {"namespace": "shop", "name": name, "annotations": keys},
            "spec": {"rules": [{"host": "web.test"}]},
        }
    )


@pytest.mark.parametrize(
    ("canary", "expected"),
    [
        pytest.param(nginx(canary="true", canary_weight="20"), (20, 80), id="20"),
        pytest.param(nginx(canary="true", canary_weight="0"), (0, 100), id="0"),
        pytest.param(nginx(canary="true"), (0, 100), id="no weight"),
        pytest.param(nginx(canary="true", canary_weight="300"), (100, 0), id="too much"),
        pytest.param(
            nginx(canary="true", canary_weight="5", canary_weight_total="1000"), (1, 99), id="0.5"
        ),
    ],
)
def test_the_weight_of_the_nginx_canary_ingress(canary, expected):
    """The Ingress named is the one that carries the weight."""
    (one,) = look(a_rollout(routing=BY_NGINX), [nginx("web"), canary]).written

    assert (one.ingress, one.annotation) == ("app-web-canary", f"{NGINX}/canary-weight")
    assert (one.canary, one.stable) == expected


@pytest.mark.parametrize(
    ("ingresses", "name", "words"),
    [
        pytest.param([], "web", "the Ingress web does not exist", id="no stable Ingress"),
        pytest.param(
            [nginx("web"), nginx(canary="true", canary_weight="x")],
            "app-web-canary",
            f"{NGINX}/canary-weight must be a whole number, not 'x'",
            id="no number",
        ),
        pytest.param(
            [nginx("web"), nginx(canary="false", canary_weight="20")],
            "app-web-canary",
            "is not true, so NGINX does not heed the weight",
            id="no canary",
        ),
    ],
)
def test_an_nginx_ingress_that_does_not_carry_the_weight_out(ingresses, name, words):
    (one,) = look(a_rollout(routing=BY_NGINX), ingresses).written
    assert (one.ingress, one.canary) == (name, None)
    assert words in one.problem


def test_without_a_canary_ingress_everything_goes_to_stable():
    """Before the first release that is as it should be."""
    (one,) = look(a_rollout(routing=BY_NGINX), [nginx("web")]).written
    assert (one.canary, one.stable, one.problem) == (0, 100, "")


def test_weights_of_a_thousand_are_told_in_percent():
    """`maxTrafficWeight`."""
    canary = nginx(canary="true", canary_weight="200", canary_weight_total="1000")
    routing = BY_NGINX | {"maxTrafficWeight": 1000}
    rollout = a_rollout(routing=routing, weight=200, steps=[{"setWeight": 200}, {"pause": {}}])

    traffic = look(rollout, [nginx("web"), canary])

    assert (traffic.asked, traffic.reported, traffic.written[0].canary) == (20, 20, 20)


def test_the_header_of_nginx_is_a_route():
    """Asked for in the rollout, and there."""
    there = {"canary_by_header": "X-Canary", "canary_by_header_value": "1"}
    additional = {f"{NGINX}/canary-by-header": "X-Canary"}
    rollout = a_rollout(
        routing={"nginx": {"stableIngress": "web", "additionalIngressAnnotations": additional}}
    )

    (route,) = look(rollout, [nginx("web"), nginx(canary="true", **there)]).routes
    (missing,) = look(rollout, [nginx("web")]).routes

    assert route == HeaderRoute(
        ingress="app-web-canary",
        name="canary-by-header",
        header="X-Canary",
        value="1",
        managed=False,
        hosts=("web.test",),
    )
    assert (missing.header, missing.value, missing.complete) == ("X-Canary", "always", False)
