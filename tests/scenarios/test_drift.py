"""R10: a weight that somebody else wrote is told once when it is found and once when it is gone."""

import json
from datetime import UTC, datetime

import pytest

ACTION = "alb.ingress.kubernetes.io/actions.tomozo-stable"
TOLD = "gives the canary 50 %, the controller wrote 10 %"


@pytest.fixture
def edit(scene):
    """Write another weight for the canary into an Ingress, as somebody called `hotfix`."""

    async def write(canary, ingress="tomozo"):
        found = await scene.kube.get("ingresses", ingress, scene.namespace)
        action = json.loads(found["metadata"]["annotations"][ACTION])
        for group in action["ForwardConfig"]["TargetGroups"]:
            is_canary = group["ServiceName"] == "tomozo-canary"
            group["Weight"] = canary if is_canary else 100 - canary
        change = {"metadata": {"annotations": {ACTION: json.dumps(action)}}}
        query = {"fieldManager": "hotfix"}
        await scene.kube.patch("ingresses", ingress, scene.namespace, change, query=query)

    return write


def drift(scene):
    """What the channel says about drift."""
    said = scene.channel_says().split("\n---\n")
    return [line for line in said if "the controller wrote" in line]


async def told(scene, count):
    """Wait until so much was told about drift; the last of it."""
    await scene.slack.until(lambda: len(drift(scene)) >= count, f"{count} of drift")
    return drift(scene)[-1]


async def test_r10_without_a_controller_drift_is_told_once_and_once_more_when_gone(
    scene, bed, paused, edit
):
    await scene.start()
    await scene.shows("Waiting for you", "10 %")
    await bed.stop_controller()

    await edit(50)
    found = await told(scene, 1)
    assert TOLD in found
    assert "wanted canary 10, stable 90; found canary 50, stable 50" in found
    assert "Written last by hotfix." in found
    assert "The controller will put it back by itself." in found
    await scene.shows("50 %", "Ingress tomozo")

    await bed.start_controller()
    gone = await told(scene, 2)
    assert "gone after" in gone
    await scene.shows("Ingress tomozo says 10/90")
    await aborted(scene)
    assert len(drift(scene)) == 2


async def test_r10_the_second_ingress_stays_wrong_until_a_person_mends_it(scene, edit):
    await scene.deploy(ingresses=2)
    await scene.release()
    await scene.start()
    await scene.shows("Waiting for you", "10 %")

    await edit(50, "tomozo-2")
    found = await told(scene, 1)
    assert "Ingress tomozo-2 gives the canary 50 %" in found
    assert "Written last by hotfix." in found
    assert "The controller will not put it back by itself." in found
    assert "stops at Ingress tomozo," in found
    assert await scene.weight("tomozo-2") == 50
    await scene.shows("tomozo-2", "50 %")

    await edit(10, "tomozo-2")
    assert "gone after" in await told(scene, 2)
    await aborted(scene)
    assert len(drift(scene)) == 2


async def test_r10_a_controller_that_is_only_slow_is_no_drift(scene, bed, paused, edit):
    await scene.start(drift={"every": "1s", "grace": "30s", "remind": "4h"})
    await scene.shows("Waiting for you", "10 %")
    await bed.stop_controller()
    await edit(50)
    await scene.shows("50 %")

    await bed.start_controller()

    await scene.shows("Ingress tomozo says 10/90", never="Done")
    await aborted(scene)
    assert drift(scene) == []


async def test_r10_what_was_told_before_a_restart_is_neither_gone_nor_new(scene, bed, paused, edit):
    await scene.start()
    await scene.shows("Waiting for you", "10 %")
    await bed.stop_controller()
    await edit(50)
    await told(scene, 1)
    await scene.stop()

    await scene.start()
    await scene.app.flows.patrol.look_for_drift(datetime.now(UTC))
    await scene.app.outbox.idle()
    assert len(drift(scene)) == 1

    await bed.start_controller()
    assert "gone after" in await told(scene, 2)
    await aborted(scene)
    assert len(drift(scene)) == 2


async def aborted(scene):
    """A later event: what was to be told before it is told."""
    await scene.ann.presses(scene.card(), "rollout:abort")
    await scene.tells("traffic is back at 0 %")
    await scene.app.outbox.idle()
