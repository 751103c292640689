"""
What Argo's controller writes on Ingresses is what `balancing` foretells, byte for byte.

Each shape of a rollout is deployed and released as far as a pause; then the writes that the
controller has made till then are done again by `foresight` on the Ingress as it was applied. All
annotations and all paths must be the same. In `make test` the controller is that of the local
cluster, in `make test-cluster` it is Argo's own as well.
"""

from functools import partial
from typing import Any

import pytest

from bot.balancing.foresight import drop_routes, set_route, set_weight
from bot.balancing.objects import Ingress
from bot.release.rollout import Rollout
from tests.cluster.bed.api import Manifest
from tests.scenarios.argo_shapes import ONE, SHAPES, TEN, USED, alb, managed, steps
from tests.scenarios.cast import ping_pong, seed


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
    ingress, *others = ping_pong()
    await operator.apply(ingress, *others)
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
