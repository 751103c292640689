"""What nobody meant to be so: shown in words, never a traceback, never a wrong number."""

import copy
import logging

import pytest

from tests.cluster.bed.seed import NEXT_IMAGE
from tests.scenarios.cast import seed
from tests.scenarios.stage import RELEASES

ACTION = "alb.ingress.kubernetes.io/actions.tomozo-stable"


@pytest.fixture(autouse=True)
def no_tracebacks(caplog):
    """Whatever is thrown at it, nothing unexpected may come up inside."""
    yield
    unexpected = [r for r in caplog.get_records("call") if r.levelno >= logging.ERROR]
    assert not unexpected, [r.getMessage() for r in unexpected]


async def asks(scene, line, *words):
    known = len(scene.ann.ephemerals)
    await scene.ann.types(line, channel=RELEASES)
    return await scene.hears(scene.ann, *words, after=known)


async def known(scene, name="tomozo"):
    await scene.slack.until(lambda: scene.app.cluster.seen(scene.namespace, name), "it is known")


async def test_a_rollout_without_a_status(scene, bed):
    await bed.stop_controller()
    for manifest in seed():
        await scene.kube.apply(manifest, scene.namespace)
    await scene.start()

    answer = await asks(scene, "/rollout status tomozo", "tomozo")

    assert "%" not in answer
    await asks(scene, "/rollout abort tomozo", "Not done")


@pytest.mark.real_only  # the local cluster refuses to move blueGreen
async def test_a_blue_green_rollout_is_shown_and_not_steered(scene):
    *services, rollout = seed()
    rollout = copy.deepcopy(rollout)
    rollout["spec"]["strategy"] = {
        "blueGreen": {"activeService": "tomozo-stable", "previewService": "tomozo-canary"}
    }
    for manifest in (*services, rollout):
        await scene.kube.apply(manifest, scene.namespace)
    await scene.phase("Healthy")
    await scene.start()

    assert "%" not in await asks(scene, "/rollout status tomozo", "blueGreen", "never act")
    await asks(scene, "/rollout promote tomozo", "blueGreen", "do not steer")
    assert not scene.cards()


async def test_a_spec_that_the_controller_refuses(scene, paused):
    await scene.start()
    await scene.shows("Waiting for you")
    broken = {"spec": {"strategy": {"canary": {"canaryService": "no-such-service"}}}}

    await scene.kube.patch("rollouts", "tomozo", scene.namespace, broken)

    card = await scene.shows("Failed", "no-such-service")
    assert "Promote → 100 %" not in card.buttons
    await asks(scene, "/rollout promote tomozo", "Not done")


async def test_an_annotation_that_is_no_json(scene, bed, paused):
    await scene.start()
    await scene.shows("Waiting for you", "10 %")
    await bed.stop_controller()
    broken = {"metadata": {"annotations": {ACTION: '{"Type":"forward",'}}}

    await scene.kube.patch("ingresses", "tomozo", scene.namespace, broken)

    card = await scene.shows("Ingress tomozo", "this is not JSON")
    assert "10/90" not in card.plain
    assert "waits at an unknown share" in card.text


async def test_an_annotation_that_is_gone(scene, bed, paused):
    await scene.start()
    await scene.shows("Waiting for you", "10 %")
    await bed.stop_controller()
    gone = {"metadata": {"annotations": {ACTION: None}}}

    await scene.kube.patch("ingresses", "tomozo", scene.namespace, gone)

    await scene.slack.until(lambda: "10/90" not in scene.card().plain, "the card has changed")
    assert "missing" in scene.card().plain
    await scene.slack.until(lambda: "WIRE-03" in scene.channel_says(), "it is told as drift")


async def test_names_and_verbs_that_do_not_exist_get_suggestions(scene, seed):
    await scene.start()
    await known(scene)

    await asks(scene, "/rollout promot tomozo", "promote")
    await asks(scene, "/rollout status tomozzo", "tomozo", "Do you mean")
    await asks(scene, "/rollout skip tomozo", "help")


async def test_an_image_with_a_hostile_name_mentions_nobody(scene, seed):
    await scene.start()
    await scene.release(NEXT_IMAGE.replace("0.0.2", "x_at_channel_here"))
    card = await scene.shows("Waiting for you", "x_at_channel_here")
    assert "<!" not in str(card.blocks).replace("<!date^", "")
