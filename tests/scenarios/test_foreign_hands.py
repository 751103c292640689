"""R9: what somebody does without the bot is told at once, with who where the cluster knows it."""

import pytest

from tests.scenarios.cast import FOUR_WEIGHTS

PLUGIN = "outside Slack (kubectl-argo-rollouts)"
STEPS = "/spec/strategy/canary/steps"


@pytest.fixture
def by_plugin(scene):
    """Use the plugin on the seed's rollout."""

    async def act(verb):
        kind = ["rollout"] if verb == "retry" else []
        return await scene.kube.plugin(verb, *kind, "tomozo", "-n", scene.namespace)

    return act


async def in_header_only(scene):
    """Bring the waiting rollout into header-only, as Ann."""
    card = await scene.shows("Waiting for you")
    await scene.ann.presses(card, "rollout:header-only")
    modal = await scene.slack.until(lambda: scene.ann.modal, "the dialog")
    await scene.ann.submits(modal)
    await scene.tells("testing may begin")
    return await scene.shows("Header-only")


async def test_r9_reverted_steps_end_header_only_and_the_channel_hears_it(scene, paused):
    await scene.start()
    await in_header_only(scene)
    revert = [
        {"op": "replace", "path": STEPS, "value": paused["spec"]["strategy"]["canary"]["steps"]}
    ]

    await scene.kube.patch(
        *("rollouts", "tomozo", scene.namespace, revert),
        patch="json",
        query={"fieldManager": "gitops"},
    )

    told = await scene.tells("the steps were edited outside Slack (gitops)", "waits at 10 %")
    assert "10 % now. Before, the public had 0 %" in told
    assert "promoted" not in told
    assert "the steps were edited outside Slack (gitops)" in scene.channel_says()
    card = await scene.shows("Waiting for you", "10 %", "stable 90 %")
    assert "Header-only (" not in card.plain
    assert await scene.weight() == 10


async def test_r9_a_foreign_promote_out_of_header_only_is_told(scene, paused, by_plugin):
    await scene.start()
    await in_header_only(scene)

    await by_plugin("promote")

    await scene.tells("promoted outside Slack", "waits at 10 %")
    card = await scene.shows("Waiting for you", "10 %", "stable 90 %")
    assert "Header-only (" not in card.plain


async def test_r9_a_foreign_promote_leaves_no_name(scene, by_plugin):
    await scene.deploy(steps=FOUR_WEIGHTS)
    await scene.release()
    await scene.start()
    await scene.shows("Waiting for you", "10 %")

    await by_plugin("promote")

    told = await scene.tells("promoted outside Slack", "waits at 25 %")
    assert "kubectl" not in told
    await scene.shows("Waiting for you", "25 %", "stable 75 %")
    (entry,) = await scene.entries("promote")
    assert (entry.actor.kind, entry.outcome) == ("cluster", "done")


async def test_r9_a_foreign_promote_to_the_end_is_told_with_the_end(scene, paused, by_plugin):
    await scene.start()
    await scene.shows("Waiting for you")

    await by_plugin("promote")

    await scene.tells("0.0.2 is stable", "promoted outside Slack")
    await scene.shows("Done", "promoted outside Slack")


async def test_r9_a_foreign_abort_and_retry_are_told_with_the_client(scene, paused, by_plugin):
    await scene.start()
    await scene.shows("Waiting for you", "10 %")

    await by_plugin("abort")
    await scene.tells(f"aborted {PLUGIN} at 10 %", "traffic is back at 0 %")
    await scene.shows("Aborted", PLUGIN)

    await by_plugin("retry")
    await scene.tells(f"started again {PLUGIN}")
    card = await scene.shows("Waiting for you", "10 %")
    assert "rollout:promote" in card.buttons.values()


async def test_r9_a_foreign_pause_and_its_end_are_told(scene, paused, by_plugin):
    await scene.start()
    await scene.shows("Waiting for you", "10 %")

    await by_plugin("pause")
    await scene.tells(f"frozen at 10 % {PLUGIN}")
    card = await scene.shows("Frozen")
    assert "rollout:promote" not in card.buttons.values()

    await scene.ann.presses(card, "rollout:resume")
    await scene.shows("Waiting for you", "10 %")

    await by_plugin("pause")
    await scene.shows("Frozen")
    await by_plugin("promote")
    await scene.tells(f"no longer frozen {PLUGIN}")
    await scene.shows("Waiting for you", "10 %")
