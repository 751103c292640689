"""R4 and R5: an abort is done when no traffic is left, and says so until then."""

import asyncio
import re
import time

from tests.scenarios.header_tests import ensure_zero, paused_at, pods_of
from tests.scenarios.witness import witness

HALF = [{"setWeight": 50}, {"pause": {}}]


async def at_half(scene, **changes):
    """The bot follows a rollout of 8 replicas that waits at 50 %; its card."""
    await scene.deploy(steps=HALF, replicas=8, **changes)
    await scene.release()
    await paused_at(scene, 1)
    await scene.start()
    return await scene.shows("Waiting for you", "50 %")


async def next_second():
    """An error in the second in which the weight was written is over: times are whole seconds."""
    await asyncio.sleep(1 - time.time() % 1)


async def available(scene, count):
    """Wait until the stable revision has so many available pods."""
    stable = (await scene.rollout())["status"]["stableRS"]
    await scene.kube.wait_for(
        lambda one: one["status"]["availableReplicas"] == count,
        f"{count} pods available",
        kind="replicasets",
        name=f"tomozo-{stable}",
        namespace=scene.namespace,
    )


async def test_r4_abort_takes_the_traffic_away_and_says_how_fast(scene, patient):
    card = await at_half(scene, ingresses=2, canary={"abortScaleDownDelaySeconds": 5})

    await scene.ann.presses(card, "rollout:abort")

    answer = await scene.hears(scene.ann, "Done", "aborted", within=30)
    assert "0 % of the public" in answer
    await ensure_zero(scene, "tomozo", "tomozo-2")
    told = await scene.tells("traffic is back at 0 % after", "`X-Canary: true` reach")
    assert re.search(r"after \d+(\.\d)? s", told)
    assert "either revision until 5 s after the abort, then stable" in told
    await scene.shows(f"Aborted by @{scene.ann.id} at 50 %", "traffic is back at 0 % after")
    (entry,) = await scene.entries("abort")
    assert entry.outcome == "done"
    assert entry.detail["seconds"] < 30


async def test_r4_the_flapping_canary_service_is_no_news(scene):
    card = await at_half(scene, canary={"abortScaleDownDelaySeconds": 5})
    await scene.app.outbox.idle()
    calls = len(scene.slack.calls)

    async with witness(scene.kube, scene.namespace) as seen:
        await scene.ann.presses(card, "rollout:abort")
        await scene.tells("traffic is back at 0 %")
        await scene.kube.wait_for(
            lambda pods: len([p for p in pods if "deletionTimestamp" not in p["metadata"]]) == 8,
            "canary pods gone",
            kind="pods",
            namespace=scene.namespace,
        )
        switches = await seen.switches()

    await scene.app.outbox.idle()
    assert switches > 20
    assert len(scene.slack.calls) - calls <= 8, scene.slack.calls[calls:]


async def test_r5_abort_while_a_stable_pod_is_not_available(scene):
    card = await at_half(scene)
    pod, *_ = await pods_of(scene, "stableRS")
    await scene.kube.make_pod_unready(scene.namespace, pod)
    await available(scene, 7)

    await scene.ann.presses(card, "rollout:abort")

    told = await scene.tells("50 % still reach the aborted canary", "7 of 8 stable pods")
    assert "I keep looking" in told
    await scene.shows("50 % still reach", "7 of 8 stable pods", never="traffic is at 0 %")
    assert "50 % still reach" in scene.channel_says()
    assert await scene.weight() == 50
    answer = await scene.hears(scene.ann, "accepted", "50 %")
    assert "Done" not in answer

    await scene.kube.make_pod_ready(scene.namespace, pod)

    await scene.tells("traffic is back at 0 % after")
    await ensure_zero(scene)
    await scene.shows("traffic is back at 0 % after")


async def test_r5_an_error_that_is_over_is_not_the_reason(scene):
    await scene.deploy(steps=HALF, replicas=8)
    await scene.kube.break_ingress_writes(scene.namespace)
    await scene.release()
    await scene.kube.wait_for(
        lambda events: "TrafficRoutingError" in [event["reason"] for event in events],
        "in trouble",
        kind="events",
        namespace=scene.namespace,
    )
    await scene.kube.mend_ingress_writes(scene.namespace)
    await paused_at(scene, 1)
    await scene.start()
    card = await scene.shows("Waiting for you", "50 %")
    await scene.kube.make_pod_unready(scene.namespace, (await pods_of(scene, "stableRS"))[0])
    await available(scene, 7)

    await scene.ann.presses(card, "rollout:abort")

    told = await scene.tells("50 % still reach the aborted canary", "7 of 8 stable pods")
    assert "TrafficRoutingError" not in told


async def test_r5_abort_while_nobody_can_write_the_ingress(scene):
    card = await at_half(scene)
    await scene.kube.break_ingress_writes(scene.namespace)
    await next_second()

    await scene.ann.presses(card, "rollout:abort")

    told = await scene.tells("50 % still reach the aborted canary", "TrafficRoutingError")
    assert "failed calling webhook" in told
    await scene.shows("50 % still reach", "failed calling webhook", never="traffic is at 0 %")
    events = await scene.kube.events(scene.namespace, "tomozo")
    assert "TrafficRoutingError" in [event["reason"] for event in events]
    assert await scene.weight() == 50

    await scene.kube.mend_ingress_writes(scene.namespace)

    await scene.tells("traffic is back at 0 % after", within=25)
    await ensure_zero(scene)
    await scene.shows("traffic is back at 0 % after")


async def test_r5_abort_of_a_frozen_rollout_that_was_scaled(scene):
    await at_half(scene)
    change = {"spec": {"paused": True, "replicas": 9}}
    await scene.kube.patch("rollouts", "tomozo", scene.namespace, change)
    card = await scene.shows("Frozen", "Abort → 0 %")
    assert "spec.paused" in card.confirm("rollout:abort")

    await scene.ann.presses(card, "rollout:abort")

    await scene.tells("traffic is back at 0 % after")
    await ensure_zero(scene)
    assert "paused" not in (await scene.rollout())["spec"]
