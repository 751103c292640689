"""
What Argo's controller writes on Ingresses is what `balancing` foretells, byte for byte.

Each shape of a rollout is deployed and released as far as a pause; then the writes that the
controller has made till then are done again by `foresight` on the Ingress as it was applied. All
annotations and all paths must be the same. In `make test` the controller is that of the local
cluster, in `make test-cluster` it is Argo's own as well.
"""

from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest

from bot.balancing.foresight import drop_routes, set_route, set_weight
from bot.balancing.objects import Ingress
from bot.release.rollout import Rollout
from tests.cluster.bed.api import Manifest
from tests.scenarios.cast import seed

MANAGED = "rollouts.argoproj.io/managed-alb-annotations"
TEN = [{"setWeight": 10}, {"pause": {}}]
USED = {"name": "use-annotation"}


def alb(**more: Any) -> dict[str, Any]:
    """How the seed routes its traffic, and more."""
    return {"alb": {"ingress": "tomozo", "servicePort": 8080, **more}}


def exact(header: str, value: str) -> Manifest:
    """One match of a header route."""
    return {"headerName": header, "headerValue": {"exact": value}}


def route(name: str, *match: Manifest) -> Manifest:
    """What a step `setHeaderRoute` says; without matches it takes the route away."""
    return {"name": name, "match": list(match)} if match else {"name": name}


def managed(*names: str, **more: Any) -> dict[str, Any]:
    """How traffic is routed, with the names that steps may use."""
    return {"managedRoutes": [{"name": name} for name in names], **more}


def steps(*routes: Manifest) -> list[Manifest]:
    """Two pods, these header routes, a pause."""
    each = [{"setHeaderRoute": one} for one in routes]
    return [{"setCanaryScale": {"replicas": 2}}, *each, {"pause": {}}]


def other_host(ingress: Manifest) -> None:
    """Another application has a host on the same Ingress."""
    backend = {"service": {"name": "other", "port": {"number": 80}}}
    path = {"path": "/", "pathType": "Prefix", "backend": backend}
    ingress["spec"]["rules"].append({"host": "other.tokyo", "http": {"paths": [path]}})


def other_book(ingress: Manifest) -> None:
    """Another rollout writes on the same Ingress; a name that comes later, one earlier."""
    ingress["metadata"]["annotations"][MANAGED] = (
        '{"zoo": ["alb.ingress.kubernetes.io/actions.zoo"], "ant":null}'
    )


def own_path(ingress: Manifest) -> None:
    """The path of the route stands there already, on one of two hosts, behind the weights."""
    other_host(ingress)
    backend = {"service": {"name": "tests", "port": USED}}
    path = {"path": "/*", "pathType": "ImplementationSpecific", "backend": backend}
    ingress["spec"]["rules"][0]["http"]["paths"].append(path)


def prefixed(ingress: Manifest) -> None:
    """Annotations of its own prefix, as the v1 controller may have it."""
    notes = ingress["metadata"]["annotations"]
    notes["alb.example/actions.before"] = "kept"


@dataclass(frozen=True, kw_only=True)
class Shape:
    """
    One rollout, and what the controller has done when it waits at its first pause.

    Attributes:
        changes: of the seed, see `cast.seed`.
        edit: changes the Ingress before it is applied.
        writes: header routes in the order of their steps.
        weight: at the pause.

    """

    changes: dict[str, Any] = field(default_factory=dict)
    edit: Any = None
    writes: tuple[Manifest, ...] = ()
    weight: int = 10


def routed(*routes: Manifest, names: tuple[str, ...] = ("tests",), edit: Any = None) -> Shape:
    """Give a shape with header routes at weight 0."""
    changes = {"steps": steps(*routes), "routing": managed(*names), "static_route": False}
    return Shape(changes=changes, edit=edit, writes=routes, weight=0)


ONE = route("tests", exact("X-Canary", "true"))
SEVERAL = route(
    "tests",
    exact("X-Canary", "true"),
    exact("X-Team", 'a&b <c> \u2028 é "quoted" \\ \t'),
    exact("X-Canary", "1"),
    exact("x-canary", "other case"),
)
SHAPES = {
    "single": Shape(),
    "several-ingresses": Shape(changes={"ingresses": 3}),
    "another-weight": Shape(changes={"steps": [{"setWeight": 100}, {"pause": {}}]}, weight=100),
    "root-service": Shape(changes={"routing": alb(rootService="x-canary-header")}),
    "annotation-prefix": Shape(
        changes={"routing": alb(annotationPrefix="alb.example")}, edit=prefixed
    ),
    "stickiness": Shape(
        changes={"routing": alb(stickinessConfig={"enabled": True, "durationSeconds": 3600})}
    ),
    "stickiness-off": Shape(
        changes={"routing": alb(stickinessConfig={"enabled": False, "durationSeconds": 60})}
    ),
    "an-ingress-with-another-rollout": Shape(edit=other_book),
    "managed-routes-that-no-step-uses": Shape(changes={"routing": managed("tests", "more")}),
    "header-route": routed(ONE),
    "header-route-and-stickiness": Shape(
        changes={
            "steps": steps(ONE),
            "static_route": False,
            "routing": managed(
                "tests", **alb(stickinessConfig={"enabled": True, "durationSeconds": 60})
            ),
        },
        writes=(ONE,),
        weight=0,
    ),
    "header-route-on-two-hosts": routed(ONE, edit=other_host),
    "header-route-whose-path-is-there": routed(ONE, edit=own_path),
    "header-with-several-matches": routed(SEVERAL),
    "two-header-routes-in-the-order-of-their-steps": routed(
        ONE, route("later", exact("X-Later", "1")), names=("tests", "later"), edit=other_host
    ),
    "two-header-routes-against-it": routed(
        ONE, route("first", exact("X-First", "1")), names=("first", "none", "tests")
    ),
    "header-route-taken-away": routed(ONE, route("tests"), edit=other_host),
    "header-route-written-anew": routed(ONE, route("tests", exact("X-Other", "2"))),
    "header-route-of-an-empty-list": routed({"name": "tests", "match": []}),
}


def replay(
    rollout: Manifest,
    ingress: Manifest,
    *writes: Any,
) -> Ingress:
    """Do the controller's writes again."""
    one = Rollout.model_validate(rollout)
    result = Ingress.model_validate(
        ingress | {"metadata": {"namespace": "", **ingress["metadata"]}}
    )
    for write in writes:
        result = write(one, result)
    return result


def weight(number: int, *additional: tuple[str, int]) -> Any:
    """Write a weight."""
    return partial(set_weight, weight=number, additional=additional)


def routes(*each: Manifest) -> list[Any]:
    """Write header routes."""
    return [partial(set_route, route=one) for one in each]


async def ensure_written(operator, applied: Manifest, *writes: Any, name: str = "tomozo") -> None:
    """Fail unless the Ingress is as it was applied, with these writes."""
    rollout = await operator.kube.get("rollouts", name, operator.namespace)
    foretold = replay(rollout, applied, *writes)
    found = await operator.kube.get("ingresses", applied["metadata"]["name"], operator.namespace)
    assert found["metadata"]["annotations"] == foretold.annotations
    assert found["spec"]["rules"] == list(foretold.rules)


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
async def test_what_is_written_at_a_pause(operator, shape):
    *ingresses, stable, canary, rollout = seed(**{"steps": TEN, **shape.changes})
    for ingress in ingresses:
        if shape.edit:
            shape.edit(ingress)
    await operator.apply(*ingresses, stable, canary, rollout)
    await operator.phase("Healthy")
    for ingress in ingresses:
        await ensure_written(operator, ingress, drop_routes, weight(0))

    await operator.paused_at(step=len(rollout["spec"]["strategy"]["canary"]["steps"]) - 1)

    done = [drop_routes, weight(0), *routes(*shape.writes), weight(shape.weight)]
    for ingress in ingresses:
        await ensure_written(operator, ingress, *done)


async def test_what_is_left_when_a_release_with_a_header_route_is_done(operator):
    ingress, *others = seed(steps=steps(ONE), routing=managed("tests"), static_route=False)
    await operator.apply(ingress, *others)
    await operator.phase("Healthy")
    await operator.paused_at(step=2)
    await operator.plugin("promote")
    await operator.phase("Healthy")
    await operator.weighs(0)
    done = [weight(0), *routes(ONE), weight(100), drop_routes, weight(0)]
    await ensure_written(operator, ingress, drop_routes, *done)


async def test_ping_and_pong_in_their_second_release(operator):
    ingress, stable, canary, rollout = seed()
    strategy = rollout["spec"]["strategy"]["canary"]
    strategy["pingPong"] = {"pingService": "tomozo-canary", "pongService": "tomozo-stable"}
    del strategy["canaryService"], strategy["stableService"]
    strategy["trafficRouting"]["alb"]["rootService"] = "tomozo-stable"
    await operator.apply(ingress, stable, canary, rollout)
    await operator.phase("Healthy")
    for image in ("tomozo-repo/tomozo:0.0.2", "tomozo-repo/tomozo:0.0.3"):
        await operator.paused_at(image)
        await ensure_written(operator, ingress, weight(10))
        await operator.plugin("promote")
        await operator.until(
            lambda one: (
                one["status"]["phase"] == "Healthy"
                and one["status"]["canary"]["weights"]["canary"]["weight"] == 0
            ),
            "healthy, and all traffic is stable",
        )


async def test_two_rollouts_on_one_ingress(operator):
    """Each keeps its own list in the same book."""
    ingress, *others = seed(steps=TEN)
    path = {"path": "/zoo/*", "pathType": "ImplementationSpecific"}
    path["backend"] = {"service": {"name": "zoo-stable", "port": USED}}
    ingress["spec"]["rules"][0]["http"]["paths"].insert(0, path)
    _, *theirs = seed(name="zoo", routing=alb(), steps=TEN)
    await operator.apply(ingress, *others)
    await operator.phase("Healthy")
    await operator.apply(*theirs)
    await operator.kube.wait_for(
        lambda one: "zoo-canary" in str(one["metadata"]["annotations"]),
        "written by both",
        kind="ingresses",
        name="tomozo",
        namespace=operator.namespace,
    )
    mine, zoo = [
        Rollout.model_validate(await operator.kube.get("rollouts", name, operator.namespace))
        for name in ("tomozo", "zoo")
    ]
    ingress["metadata"]["namespace"] = operator.namespace
    foretold = set_weight(zoo, set_weight(mine, Ingress.model_validate(ingress), 0), 0)
    found = await operator.kube.get("ingresses", "tomozo", operator.namespace)
    assert found["metadata"]["annotations"] == foretold.annotations


@pytest.mark.real_only
@pytest.mark.parametrize("ports", [[{"containerPort": 8080}], []], ids=["with-ports", "without"])
async def test_an_experiment_with_weights(operator, ports):
    """
    Each template should get a Service; one whose container names no port gets none.

    Without one, and now and then also with one (its name is lost on the way into the status),
    Argo writes a target group that has no name, which the ALB controller refuses. What is
    foretold follows the status. The local cluster makes no experiments.
    """
    templates = [
        {"name": "baseline", "specRef": "stable", "weight": 5},
        {"name": "candidate", "specRef": "canary", "weight": 15},
    ]
    experiment = {"experiment": {"templates": templates}}
    ingress, *others, rollout = seed(steps=[{"setWeight": 10}, experiment, {"pause": {}}])
    (container,) = rollout["spec"]["template"]["spec"]["containers"]
    container["ports"] = ports
    await operator.apply(ingress, *others, rollout)
    await operator.phase("Healthy")
    await operator.release()

    shares: list[Any] = []
    while True:
        found = await operator.until(additional, "experimenting")
        ingress_now = await operator.kube.get("ingresses", "tomozo", operator.namespace)
        shares = [(one.get("serviceName", ""), one["weight"]) for one in additional(found)]
        if additional(await operator.rollout()) == additional(found):
            break
    assert [share for _, share in shares] == [5, 15]
    assert ports or not any(name for name, _ in shares)
    foretold = replay(found, ingress, weight(0), weight(10, *shares))
    assert ingress_now["metadata"]["annotations"] == foretold.annotations


def additional(rollout: Manifest) -> list[Manifest]:
    """What the status says about the weights of an experiment."""
    found: list[Manifest] = rollout["status"]["canary"]["weights"]["additional"]
    return found
