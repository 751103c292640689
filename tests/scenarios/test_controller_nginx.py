"""
What the Rollouts controller makes of a canary behind NGINX: the canary Ingress, and its keeping.

As in test_controller: these scenarios are there to compare the local cluster with the real one.
No NGINX runs in either; Argo asks none.
"""

import pytest

from tests.cluster.bed.api import ApiError
from tests.scenarios.cast import FOUR_WEIGHTS, nginx_seed, seed

NGINX = "nginx.ingress.kubernetes.io"
CANARY = "tomozo-tomozo-canary"
HALF = [{"setWeight": 50}, {"pause": {}}]


@pytest.fixture
def by_nginx(operator):
    """Deploy the seed behind NGINX, changed as `cast.nginx_seed` tells; wait until healthy."""

    async def deploy(**changes):
        await operator.apply(*nginx_seed(**changes))
        return await operator.phase("Healthy")

    return deploy


@pytest.fixture
def says(operator):
    """Wait until a canary Ingress has these annotations, named without their prefix."""

    async def until(name=CANARY, prefix=NGINX, **expected):
        wanted = {f"{prefix}/{key.replace('_', '-')}": value for key, value in expected.items()}
        return await operator.kube.wait_for(
            lambda one: wanted.items() <= one["metadata"]["annotations"].items(),
            f"with {wanted}",
            kind="ingresses",
            name=name,
            namespace=operator.namespace,
        )

    return until


@pytest.fixture
def edit(operator):
    """Change annotations of a canary Ingress by hand; None takes one away."""

    async def change(name=CANARY, **notes):
        keys = {f"{NGINX}/{key.replace('_', '-')}": value for key, value in notes.items()}
        body = {"metadata": {"annotations": keys}}
        await operator.kube.patch("ingresses", name, operator.namespace, body)

    return change


async def test_every_step_of_four_weights_behind_nginx(operator, by_nginx, says):
    await by_nginx(steps=FOUR_WEIGHTS, replicas=8)
    await says(canary="true", canary_weight="0", canary_by_header="X-Canary")
    for step, weight in ((1, 10), (3, 25), (5, 50), (7, 75)):
        await (operator.paused_at() if step == 1 else operator.waits_at(step))
        await says(canary_weight=str(weight))
        await operator.plugin("promote")
    await operator.phase("Healthy")
    await says(canary_weight="0")


async def test_an_abort_behind_nginx(operator, by_nginx, says):
    await by_nginx(steps=HALF, canary={"abortScaleDownDelaySeconds": 1})
    await operator.paused_at()
    await operator.plugin("abort")
    await operator.phase("Degraded")
    await says(canary_weight="0")
    await operator.until(lambda one: one["status"]["replicas"] == 4, "without canary pods")


async def test_weights_out_of_a_thousand(operator, by_nginx, says):
    steps = [{"setWeight": 5}, {"pause": {}}, {"setWeight": 500}, {"pause": {}}]
    await by_nginx(steps=steps, routing={"maxTrafficWeight": 1000}, replicas=8)
    await operator.paused_at()
    await says(canary_weight="5", canary_weight_total="1000")
    await operator.plugin("promote")
    await operator.waits_at(3)
    await says(canary_weight="500")
    await operator.plugin("promote")
    await operator.phase("Healthy")
    await says(canary_weight="0")


async def test_a_stable_version_that_shrinks_behind_nginx(operator, by_nginx, says):
    await by_nginx(steps=HALF, canary={"dynamicStableScale": True}, replicas=8)
    await operator.paused_at()
    await operator.plugin("promote")
    await operator.phase("Healthy")
    await says(canary_weight="0")


async def test_a_canary_ingress_beside_each_of_several(operator, by_nginx, says):
    await by_nginx(
        ingresses=2,
        nginx={
            "annotationPrefix": "custom.example",
            "additionalIngressAnnotations": {
                "canary-by-header": "X-Canary",
                "custom.example/canary-by-header-value": "<yes & no>",
            },
            "canaryIngressAnnotations": {f"{NGINX}/canary-note": "as it is"},
        },
    )
    await operator.paused_at()
    for name in (CANARY, "tomozo-tomozo-2-canary"):
        note = {f"{NGINX}/canary-note": "as it is"}.items()
        found = await says(
            name,
            "custom.example",
            canary_weight="10",
            canary_by_header="X-Canary",
            canary_by_header_value="<yes & no>",
        )
        assert note <= found["metadata"]["annotations"].items()


async def test_what_a_hand_changed_on_a_canary_ingress_is_put_back(operator, by_nginx, says, edit):
    """Each of several, also the second: the loop does not stop early as that of an ALB does."""
    await by_nginx(ingresses=2)
    await operator.paused_at()
    second = "tomozo-tomozo-2-canary"
    await edit(second, canary_weight="77", canary=None)
    await says(second, canary_weight="10", canary="true")
    await edit(canary_by_header=None)
    await says(canary_by_header="X-Canary")
    await edit(canary_by_header="X-Other")
    await says(canary_by_header="X-Canary")


async def test_a_foreign_annotation_of_a_canary_ingress_stays(operator, by_nginx, says, edit):
    """Also one that decides: a header value that nobody asked for."""
    await by_nginx()
    await operator.paused_at()
    await edit(canary_by_header_value="secret")
    await operator.plugin("promote")
    await operator.phase("Healthy")
    await says(canary_weight="0", canary_by_header_value="secret")


async def test_a_deleted_canary_ingress_comes_back_when_something_wakes_the_controller(
    operator, by_nginx, says
):
    await by_nginx(steps=FOUR_WEIGHTS)
    await operator.paused_at()
    assert await stays_gone_in_the_end(operator)
    await operator.plugin("promote")
    await operator.waits_at(3)
    await says(canary_weight="25", canary_by_header="X-Canary")


async def stays_gone_in_the_end(operator):
    """
    Delete it; what comes back at once came by turns that the controller had to take anyhow.

    There are a handful of them right after a pause began; were the deletion what wakes the
    controller, it would come back every time.
    """
    for _ in range(20):
        await operator.kube.delete("ingresses", CANARY, operator.namespace)
        try:
            await operator.kube.stays(
                lambda found: CANARY not in {one["metadata"]["name"] for one in found},
                "without it",
                kind="ingresses",
                namespace=operator.namespace,
            )
        except AssertionError:
            continue
        return True
    return False


async def test_a_change_of_the_stable_ingress_goes_over_to_the_canary_ingress(
    operator, by_nginx, says
):
    await by_nginx()
    await operator.paused_at()
    ingress = nginx_seed()[0]
    rule = ingress["spec"]["rules"][0]
    other = {
        "path": "/api",
        "pathType": "Prefix",
        "backend": {"service": {"name": "other", "port": {"number": 80}}},
    }
    rule["http"]["paths"].append(other)
    foreign = {"host": "other.tokyo", "http": {"paths": [other]}}
    ingress["spec"] = {
        "rules": [rule, foreign],
        "tls": [{"hosts": ["tomozo.tokyo"], "secretName": "tls"}],
    }
    await operator.apply(ingress)
    found = await operator.kube.wait_for(
        lambda one: one["spec"].get("tls") == ingress["spec"]["tls"],
        "with the certificate",
        kind="ingresses",
        name=CANARY,
        namespace=operator.namespace,
    )
    (own,) = found["spec"]["rules"]
    backends = [path["backend"]["service"]["name"] for path in own["http"]["paths"]]
    assert (own["host"], backends) == ("tomozo.tokyo", ["tomozo-canary", "other"])


async def test_the_canary_ingress_goes_with_the_rollout(operator, by_nginx, says):
    await by_nginx()
    await says(canary_weight="0")
    await operator.kube.delete("rollouts", "tomozo", operator.namespace)
    await operator.kube.wait_until_gone("ingresses", CANARY, operator.namespace)


async def test_a_canary_ingress_of_somebody_else_stops_the_controller(operator, by_nginx):
    ingress, *others, rollout = nginx_seed()
    theirs = {**ingress, "metadata": {**ingress["metadata"], "name": CANARY}}
    await operator.apply(ingress, theirs, *others, rollout)
    events = await operator.kube.wait_for(
        lambda found: [one for one in found if one["reason"] == "TrafficRoutingError"],
        "refused",
        kind="events",
        namespace=operator.namespace,
    )
    said = {one["message"] for one in events if one["reason"] == "TrafficRoutingError"}
    assert said == {f"canary ingress `{CANARY}` controlled by different object"}


@pytest.mark.parametrize("missing", ["ingress", "path"])
async def test_a_stable_ingress_that_does_not_fit_is_an_invalid_spec(operator, missing):
    ingress, *others = nginx_seed()
    if missing == "path":
        backend = ingress["spec"]["rules"][0]["http"]["paths"][0]["backend"]
        backend["service"]["name"] = "other"
        await operator.apply(ingress)
    await operator.apply(*others)
    found = await operator.phase("Degraded")
    assert "trafficRouting.nginx.stableIngress" in found["status"]["message"]
    with pytest.raises(ApiError, match="404"):
        await operator.kube.get("ingresses", CANARY, operator.namespace)


async def test_ping_and_pong_are_refused_behind_nginx(operator):
    pair = {"pingService": "tomozo-canary", "pongService": "tomozo-stable"}
    await operator.apply(*nginx_seed(canary={"pingPong": pair}))
    found = await operator.phase("Degraded")
    assert "Ping-pong feature works with the ALB" in found["status"]["message"]


async def test_a_header_route_of_a_step_is_refused_behind_nginx(operator):
    match = [{"headerName": "X-Canary", "headerValue": {"exact": "true"}}]
    route = {"setHeaderRoute": {"name": "tests", "match": match}}
    routing = {"managedRoutes": [{"name": "tests"}]}
    await operator.apply(*nginx_seed(steps=[route, {"pause": {}}], routing=routing))
    found = await operator.phase("Degraded")
    assert "supports Istio and ALB and Apisix" in found["status"]["message"]


async def test_weights_out_of_a_thousand_are_refused_behind_an_alb(operator):
    await operator.apply(*seed(routing={"maxTrafficWeight": 1000}))
    found = await operator.phase("Degraded")
    assert "only supported in Nginx and Plugins" in found["status"]["message"]
