"""R12: after a restart nothing is told twice, and what happened meanwhile is told once."""

import pytest_asyncio

from tests.cluster.bed.kube import has_phase
from tests.scenarios.cast import FOUR_WEIGHTS
from tests.scenarios.stage import RELEASES

PROMOTED, CALLED_OFF, UNCHANGED = "apples", "pears", "plums"


def texts(scene):
    """Every message of the channel and of its threads, as notifications tell it."""
    return [m.text for m in scene.slack.workspace.messages(RELEASES)]


@pytest_asyncio.fixture(loop_scope="session")
async def three(scene):
    """Three rollouts that wait at the first of four pauses, each with its card."""
    for name in (PROMOTED, CALLED_OFF, UNCHANGED):
        await scene.deploy(name=name, steps=FOUR_WEIGHTS)
    await scene.start()
    for name in (PROMOTED, CALLED_OFF, UNCHANGED):
        await scene.release(f"tomozo-repo/{name}:0.0.2", name=name)
        await scene.shows("Waiting for you", "stable 90 %", name=name)
        await scene.tells("waits at 10 %", name=name)
    await scene.app.outbox.idle()


async def test_r12_only_what_happened_meanwhile_is_told(scene, three):
    before = texts(scene)
    await scene.stop()
    await scene.kube.plugin("promote", PROMOTED, "-n", scene.namespace)
    await scene.kube.plugin("abort", CALLED_OFF, "-n", scene.namespace)
    await scene.kube.wait_for(
        lambda rollout: has_phase("Paused")(rollout) and rollout["status"]["currentStepIndex"] == 3,
        "at the next pause",
        kind="rollouts",
        name=PROMOTED,
        namespace=scene.namespace,
    )
    await scene.phase("Degraded", name=CALLED_OFF)

    await scene.start()

    await scene.tells("waits at 25 %, promoted outside Slack", name=PROMOTED)
    await scene.tells("aborted outside Slack (kubectl-argo-rollouts) at 10 %", name=CALLED_OFF)
    await scene.tells("traffic is back at 0 %", name=CALLED_OFF)
    await scene.shows("Waiting for you", "stable 75 %", name=PROMOTED)
    await scene.shows("Aborted", name=CALLED_OFF)
    await scene.shows("Waiting for you", "stable 90 %", name=UNCHANGED)
    await scene.app.outbox.idle()
    news = texts(scene)[len(before) :]
    assert not [text for text in news if UNCHANGED in text]
    assert sum("waits at" in text for text in news) == 1
    assert sum("aborted" in text for text in news) == 1
    assert all(len(scene.cards(name=name)) == 1 for name in (PROMOTED, CALLED_OFF, UNCHANGED))


async def test_r12_a_restart_alone_says_nothing(scene, three):
    before, edits = texts(scene), len(scene.slack.called("chat.update"))
    for _ in range(2):
        await scene.stop()
        await scene.start()
    await scene.app.flows.patrol.look_for_drift(scene.app.flows.patrol.clock())
    await scene.app.outbox.idle()

    assert texts(scene) == before
    assert len(scene.slack.called("chat.update")) - edits <= 6


async def test_r12_a_rollout_deleted_meanwhile_is_told_as_gone_once(scene, three):
    before = texts(scene)
    await scene.stop()
    await scene.kube.delete("rollouts", UNCHANGED, scene.namespace)
    await scene.kube.wait_until_gone("rollouts", UNCHANGED, scene.namespace)

    for _ in range(2):
        await scene.start()
        await scene.tells("the Rollout object is gone", name=UNCHANGED)
        await scene.shows("deleted: the Rollout object is gone", name=UNCHANGED)
        await scene.app.outbox.idle()
        await scene.stop()

    assert len(texts(scene)) == len(before) + 1
    assert not scene.card(UNCHANGED).buttons


async def test_r12_a_button_of_before_works_after(scene, three, patient):
    card = scene.card(UNCHANGED)
    await scene.stop()
    await scene.start()

    await scene.ann.presses(card, "rollout:promote")

    await scene.hears(scene.ann, "Done", UNCHANGED, within=30)
    await scene.shows("Waiting for you", "stable 75 %", name=UNCHANGED)
    await scene.tells("promoted by @U0ANN", "waits at 25 %", name=UNCHANGED)


async def test_r12_what_was_pending_is_settled_after(scene, bed, paused):
    await scene.start()
    card = await scene.shows("Waiting for you", "10 %")
    await bed.stop_controller()
    await scene.ann.presses(card, "rollout:promote")
    await scene.shows("promote by @U0ANN accepted")
    await scene.stop()
    await bed.start_controller()
    await scene.phase("Healthy")

    await scene.start()

    await scene.tells("0.0.2 is stable", "promoted by @U0ANN")
    await scene.shows("Done", "@U0ANN")
    assert (await scene.settled("promote")).outcome == "done"
    await scene.app.outbox.idle()
    assert sum("is stable" in text for text in texts(scene)) == 2  # its card, and one line
