"""R6 to R8: header-only in every situation, and the way back."""

import math

from tests.scenarios.cast import FOUR_WEIGHTS
from tests.scenarios.header_tests import (
    MANAGED,
    ROUTE,
    ensure_header_reaches_canary,
    ensure_zero,
    enter,
    gate,
    paused_at,
    resume,
)
from tests.scenarios.witness import witness


async def at_weight(scene, weight, *, shrinks=False):
    """The bot follows four weights; the rollout waits at this one, stable as small as it gets."""
    changes = {"canary": {"dynamicStableScale": True}} if shrinks else {}
    await scene.deploy(steps=FOUR_WEIGHTS, replicas=8, **changes)
    await scene.release()
    for step in range(1, 8, 2):
        await paused_at(scene, step)
        now = await scene.weight()
        await available(scene, pods_for(now) + (pods_for(100 - now) if shrinks else 8))
        if now == weight:
            break
        await scene.kube.plugin("promote", "tomozo", "-n", scene.namespace)
    await scene.start()
    await scene.shows("Waiting for you", f"{weight} %")


def pods_for(weight):
    """How many of 8 pods serve this share."""
    return math.ceil(8 * weight / 100)


async def available(scene, count):
    """Wait until so many pods are, of both revisions; stable shrinks after a pause has begun."""
    await scene.kube.wait_for(
        lambda rollout: rollout["status"]["availableReplicas"] == count,
        f"{count} pods available",
        kind="rollouts",
        name="tomozo",
        namespace=scene.namespace,
    )


async def there_and_back(scene, weight, *, pods, route="x-canary-header", first=None):
    """Header-only and Resume, with all that has to hold on the way; the modal before it."""
    back = [weight] if first is None else [first, weight]
    async with witness(scene.kube, scene.namespace) as seen:
        modal = await enter(scene)
        await ensure_zero(scene)
        await ensure_header_reaches_canary(scene, route)
        assert await seen.weights() == [weight, 0]
        assert min(await seen.canary_pods()) >= pods

        await resume(scene, weight)
        assert await seen.weights() == [weight, 0, *back]
        assert min(await seen.canary_pods()) >= pods
    return modal


async def test_r6_on_the_seeds_steps(scene, paused):
    await scene.start()
    await scene.shows("Waiting for you")

    modal = await there_and_back(scene, 10, pods=1)

    assert "put in front of the steps" in modal.plain
    assert "Resume returns to 10 %" in modal.plain
    await scene.shows("Waiting for you", "10 %")


async def test_r6_in_the_middle_of_four_weights(scene):
    await at_weight(scene, 50)

    await there_and_back(scene, 50, pods=4)

    await scene.shows("Waiting for you", "50 %")


async def test_r6_with_signs_in_the_steps_that_json_can_write_in_two_ways(scene):
    match = [{"headerName": "X-Who", "headerValue": {"exact": "<é & ü>"}}]
    route = {"setHeaderRoute": {"name": "later", "match": match}}
    steps = [{"setWeight": 10}, {"pause": {}}, route, {"setWeight": 50}, {"pause": {}}]
    await scene.deploy(steps=steps, routing={"managedRoutes": [{"name": "later"}]})
    await scene.release()
    await paused_at(scene, 1)
    await scene.start()
    await there_and_back(scene, 10, pods=1)


async def test_r6_with_a_stable_version_that_shrinks(scene):
    await at_weight(scene, 50, shrinks=True)

    modal = await there_and_back(scene, 50, pods=4)

    assert "scaled up first" in modal.plain


async def test_r6_at_a_timed_pause(scene):
    timed = [{"setWeight": 10}, {"pause": {"duration": "10m"}}, {"setWeight": 50}, {"pause": {}}]
    await scene.deploy(steps=timed)
    await scene.start()
    await scene.release()
    await paused_at(scene, 1)
    await scene.shows("10 %", "ends")

    modal = await there_and_back(scene, 10, pods=1)

    assert "starts again from its beginning" in modal.plain


async def test_r6_while_a_weight_waits_for_pods(scene):
    steps = [{"setWeight": 25}, {"pause": {}}, {"setWeight": 75}, {"pause": {}}]
    await scene.deploy(steps=steps)
    await scene.release("tomozo-repo/tomozo:0.0.2-never-ready")
    (pod,) = await canary_pods(scene, 1)
    await scene.kube.make_pod_ready(scene.namespace, pod)
    await paused_at(scene, 1)
    await scene.kube.plugin("promote", "tomozo", "-n", scene.namespace)
    await canary_pods(scene, 3)
    await scene.start()
    await scene.shows("Moving to 75 %", "canary 1/3")

    modal = await there_and_back(scene, 25, pods=1)

    assert "goes on to 75 %" in modal.plain
    for pod in await canary_pods(scene, 3):
        await scene.kube.make_pod_ready(scene.namespace, pod)
    await scene.shows("Waiting for you", "75 %")


async def canary_pods(scene, count):
    """Wait until so many pods of the new revision are on their node; their names."""
    stable = (await scene.rollout())["status"]["stableRS"]

    def placed(pods):
        """Name the new ones that have a node."""
        each = [pod["metadata"] for pod in pods if pod["spec"].get("nodeName")]
        label = "rollouts-pod-template-hash"
        return [one["name"] for one in each if one["labels"][label] != stable]

    pods = await scene.kube.wait_for(
        lambda pods: len(placed(pods)) == count,
        f"{count} canary pods on their node",
        kind="pods",
        namespace=scene.namespace,
    )
    return placed(pods)


async def at_half_behind_gate(scene, steps, **changes):
    """The bot follows 8 replicas with a gate in their steps, promoted until 50 %."""
    await scene.deploy(steps=steps, replicas=8, **changes)
    await scene.release()
    for at in [i for i, step in enumerate(steps) if "pause" in step]:
        await paused_at(scene, at)
        if at < len(steps) - 1:
            await scene.kube.plugin("promote", "tomozo", "-n", scene.namespace)
    await scene.start()
    await scene.shows("Waiting for you", "50 %")


async def test_r7_a_gate_with_as_many_pods(scene):
    await at_half_behind_gate(scene, gate(4))
    generation = (await scene.rollout())["metadata"]["generation"]

    modal = await there_and_back(scene, 50, pods=4)

    assert "the spec stays" in modal.plain
    assert " first" not in modal.plain
    assert (await scene.rollout())["metadata"]["generation"] == generation


async def test_r7_a_gate_with_fewer_pods_says_that_a_lower_weight_comes_first(scene):
    await at_half_behind_gate(scene, gate(1))
    generation = (await scene.rollout())["metadata"]["generation"]

    modal = await there_and_back(scene, 50, pods=1, first=10)

    assert "On Resume the public gets 10 % first" in modal.plain
    assert (await scene.rollout())["metadata"]["generation"] == generation


async def test_r7_a_gate_with_a_route_of_its_own(scene):
    await at_half_behind_gate(scene, gate(4, ROUTE), static_route=False, routing=MANAGED)
    generation = (await scene.rollout())["metadata"]["generation"]

    modal = await there_and_back(scene, 50, pods=4, route="tests")

    assert "the spec stays" in modal.plain
    assert (await scene.rollout())["metadata"]["generation"] == generation


async def test_r8_a_header_route_comes_with_the_gate_and_goes_with_it(scene):
    await scene.deploy(static_route=False)
    await scene.release()
    await paused_at(scene, 1)
    before = await scene.rollout()
    ingress = await scene.kube.get("ingresses", "tomozo", scene.namespace)
    await scene.start()

    modal = await there_and_back(scene, 10, pods=1, route="rollout-bot-header")

    assert "a header route X-Canary: true → canary is added to Ingress tomozo" in modal.plain
    card = await scene.shows("Waiting for you", "10 %")
    await scene.ann.presses(card, "rollout:promote")
    await scene.shows("Done", "0.0.2")
    await scene.kube.wait_for(
        lambda r: strategy(r) == strategy(before),
        "as it was before",
        kind="rollouts",
        name="tomozo",
        namespace=scene.namespace,
    )
    after = await scene.kube.get("ingresses", "tomozo", scene.namespace)
    assert after["spec"] == ingress["spec"]
    assert "rollout-bot-header" not in str(after["metadata"]["annotations"])


def strategy(rollout):
    """What the Rollout says about its releases."""
    return rollout["spec"]["strategy"]["canary"]
