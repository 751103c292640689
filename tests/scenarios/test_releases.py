"""R1 to R4: a release from its new image to its end, with the real controller."""

from tests.cluster.bed.seed import NEXT_IMAGE


async def test_r1_a_new_image_is_told_in_one_card(scene, seed):
    await scene.start()
    calls = len(scene.slack.calls)

    await scene.kube.set_image(scene.namespace, "tomozo", NEXT_IMAGE)

    card = await scene.shows("Waiting for you", "10 %", "stable 90 %")
    assert "step 2 of 2" in card.plain
    assert "Ingress tomozo says 10/90" in card.plain
    assert "canary 1/1" in card.plain
    assert "stable 4/4" in card.plain
    assert "X-Canary: true" in card.plain
    await scene.tells("10 %")
    await scene.app.outbox.idle()
    assert len(scene.cards()) == 1
    assert len(scene.slack.calls) - calls <= 4, scene.slack.calls[calls:]


async def test_r2_promote_ends_the_release(scene, paused, patient):
    await scene.start()
    card = await scene.shows("Waiting for you")

    await scene.ann.presses(card, "rollout:promote")

    card = await scene.shows("Done", "0.0.2", f"@{scene.ann.id}")
    assert not card.buttons
    await scene.hears(scene.ann, "Done", within=30)
    assert (await scene.rollout())["status"]["stableRS"] != ""
    (entry,) = await scene.entries("promote")
    assert (entry.outcome, entry.actor.id) == ("done", scene.ann.id)


async def test_a_full_promotion_from_the_menu_asks_first(scene, paused):
    await scene.start()
    card = await scene.shows("Waiting for you")

    await scene.ann.presses(card, "rollout:more", option="full")
    form = await scene.slack.until(lambda: scene.ann.modal, "a form")
    assert "Skipped: pause" in form.plain
    assert await scene.weight() == 10
    await scene.ann.submits(form, {"reason": "hotfix"})

    await scene.shows("Done", "0.0.2", f"@{scene.ann.id}")
    (entry,) = await scene.entries("full")
    assert (entry.outcome, entry.reason) == ("done", "hotfix")


async def test_a_retry_after_header_only_and_an_abort_begins_at_the_gate(scene, paused):
    await scene.start()
    card = await scene.shows("Waiting for you")
    await scene.ann.presses(card, "rollout:header-only")
    form = await scene.slack.until(lambda: scene.ann.modal, "a form")
    await scene.ann.submits(form, {"reason": "smoke"})
    card = await scene.shows("Header-only", "Resume at 10 %")
    await scene.ann.presses(card, "rollout:abort")
    card = await scene.shows("Aborted", "Retry")

    await scene.ben.presses(card, "rollout:retry")

    card = await scene.shows("Waiting for you", "step 2 of 5")
    assert await scene.weight() == 0
    assert "Promote → 10 %" in card.buttons
    await scene.ben.presses(card, "rollout:promote")
    card = await scene.shows("Waiting for you", "10 %", "step 5 of 5")
    await scene.ben.presses(card, "rollout:promote")
    await scene.shows("Done", "0.0.2")
    steps = [{"setWeight": 10}, {"pause": {}}]
    await scene.kube.wait_for(
        lambda r: r["spec"]["strategy"]["canary"]["steps"] == steps,
        "the gate is taken out",
        kind="rollouts",
        name="tomozo",
        namespace=scene.namespace,
    )
