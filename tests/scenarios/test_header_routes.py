"""R16: a header route that Argo drops or never writes; nothing is "ready" without it."""

from tests.scenarios.header_tests import (
    MANAGED,
    READY,
    ROUTE,
    asks,
    ensure_header_reaches_canary,
    ensure_zero,
    enter,
    gate,
    paused_at,
    pods_of,
    tellings,
)

HALF = [{"setWeight": 50}, {"pause": {}}]
BACK = "Put the header route back"
LOST = "requests with X-Canary: true reach stable"


async def has_route(scene, name, *, wanted):
    """Wait until the Ingress has a path of this name, or has none."""
    await scene.kube.wait_for(
        lambda ingress: (f"'name': '{name}'" in str(ingress["spec"])) is wanted,
        f"with the route {name}: {wanted}",
        kind="ingresses",
        name="tomozo",
        namespace=scene.namespace,
    )


async def test_r16_a_route_that_argo_dropped_is_told_and_put_back(scene):
    await scene.deploy(steps=gate(1, ROUTE), static_route=False, routing=MANAGED)
    await scene.release()
    await paused_at(scene, 2)
    await scene.kube.plugin("promote", "tomozo", "-n", scene.namespace)
    await paused_at(scene, 5)
    await scene.start()
    await enter(scene)
    (pod,) = await pods_of(scene, "currentPodHash")

    await scene.kube.make_pod_unready(scene.namespace, pod)
    await has_route(scene, "tests", wanted=False)
    await scene.kube.make_pod_ready(scene.namespace, pod)

    await scene.tells(LOST, "drops its route", within=5)
    assert LOST in scene.channel_says()
    card = await scene.shows(LOST, BACK, "canary 1/1", never=READY)

    await scene.ann.presses(card, "rollout:route")

    await scene.tells(f"reach the canary again by @{scene.ann.id}")
    await scene.shows(READY, "0 % of the public")
    assert tellings(scene, "testing may begin") == tellings(scene, LOST) == 1
    await ensure_header_reaches_canary(scene, "tests")
    await ensure_zero(scene)
    assert (await scene.entries("route"))[0].outcome == "done"


async def test_r16_a_route_that_argo_never_wrote_keeps_it_from_being_ready(scene):
    await scene.deploy(static_route=False)
    await scene.release()
    await paused_at(scene, 1)
    await scene.start()
    stable, *_ = await pods_of(scene, "stableRS")
    await scene.kube.make_pod_unready(scene.namespace, stable)
    await scene.shows("stable 3/4")

    modal = await asks(scene)
    assert "3 of 4 stable pods are available" in modal.plain
    assert "leaves the header route out" in modal.plain
    await scene.ann.submits(modal, {"reason": "smoke test"})

    await scene.shows("not ready", "10 % still reach the canary, because 3 of 4", never=READY)
    await scene.tells(LOST, "3 of 4 stable pods", within=5)
    await scene.kube.make_pod_ready(scene.namespace, stable)
    card = await scene.shows(LOST, BACK, "stable 4/4", "0/100")
    assert not any(READY in version.plain for version in card.history)
    assert "testing may begin" not in scene.thread()

    await scene.ann.presses(card, "rollout:route")

    await scene.shows(READY, "0 % of the public")
    await scene.tells("testing may begin")
    await ensure_header_reaches_canary(scene, "rollout-bot-header")


async def test_r16_a_route_that_argo_never_wrote_at_a_gate_of_the_steps(scene, patient):
    await scene.deploy(steps=gate(1, ROUTE), static_route=False, routing=MANAGED)
    stable, *_ = await pods_of(scene, "currentPodHash")
    await scene.kube.make_pod_unready(scene.namespace, stable)
    await scene.start()
    await scene.release()
    await paused_at(scene, 2)

    await scene.tells(LOST, "3 of 4 stable pods", within=5)
    card = await scene.shows(LOST, "canary 1/1")
    assert BACK not in card.buttons
    await scene.kube.make_pod_ready(scene.namespace, stable)
    card = await scene.shows(BACK, "stable 4/4")

    await scene.ann.presses(card, "rollout:route")

    await scene.tells("reach the canary again")
    await ensure_header_reaches_canary(scene, "tests")
    assert "Moving" not in await scene.hears(scene.ann, "Done", within=30)
    assert tellings(scene, "waits at 0 %") == 1


async def test_r16_a_route_that_argo_left_out_while_the_stable_version_grew(scene):
    await scene.deploy(steps=HALF, static_route=False, canary={"dynamicStableScale": True})
    await scene.release()
    await paused_at(scene, 1)
    await scene.start()
    await scene.shows("stable 2/2")  # it shrinks after the pause has begun

    modal = await asks(scene)
    assert "leaves the header route out" in modal.plain
    await scene.ann.submits(modal, {"reason": "smoke test"})
    await scene.tells(LOST)
    card = await scene.shows(BACK, "0/100", "stable 4/4", never=READY)
    await scene.ann.presses(card, "rollout:route")

    await scene.tells("testing may begin")
    await ensure_header_reaches_canary(scene, "rollout-bot-header")
