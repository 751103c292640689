"""The panel beside the channel: the truth about the cluster, and levers that work."""

import json

from tests.browser.said import a_long_rollout
from tests.browser.stage import a_stage
from tests.sandbox.page.fakecluster import FakeCluster


async def test_drift_by_the_lever_is_seen_in_the_panel(stage, open_as, picture):
    page = await open_as("U0ANN")
    panel = page.get_by_role("complementary", name="The cluster")
    assert "10 % canary, 90 % stable: all agree." in await panel.inner_text()
    await panel.get_by_label("Canary weight in %").fill("50")
    await panel.get_by_role("button", name="Write by hand").click()
    await panel.get_by_text(
        "⚠ The controller says 10 % canary, Ingress tomozo says 50 %."
    ).wait_for()
    await picture(page, "drift")

    chart = panel.get_by_role("img", name="Canary weight over time")
    assert "Ingress tomozo says 50 %" in await chart.get_attribute("aria-label")
    assert await panel.locator(".results").inner_text() == "✔ 50 % is written on Ingress tomozo."
    assert await panel.locator(".says").inner_text() == "50 % canary · /* · written by kubectl-edit"
    await panel.get_by_text("Annotation").click()
    annotation = json.loads(await panel.locator("pre").inner_text())
    assert annotation["forwardConfig"]["targetGroups"][0]["weight"] == 50


async def test_a_pod_is_broken_and_mended_at_its_chip(stage, open_as):
    page = await open_as("U0ANN")
    chip = page.get_by_role("button", name="canary pod tomozo-7c9f4d8b6-x2k7p")
    assert await page.get_by_text("Pods, 5 of 5 ready").is_visible()
    await chip.click()
    await page.get_by_role("menuitem", name="Break it").click()
    await page.get_by_text("Pods, 4 of 5 ready").wait_for()
    await chip.click()
    assert await page.get_by_role("menuitem").all_inner_texts() == [
        "Mend it\nThe pod becomes ready again."
    ]
    await page.get_by_role("menuitem", name="Mend it").click()

    await page.get_by_text("Pods, 5 of 5 ready").wait_for()


async def test_parts_of_the_system_are_stopped_and_started(stage, open_as):
    page = await open_as("U0ANN")
    part = page.get_by_role("group", name="Bot")
    await part.get_by_role("button", name="Stop: Bot").click()
    await part.get_by_text("stopped").wait_for()
    assert await part.get_by_role("button").all_inner_texts() == ["Start"]
    await part.get_by_role("button", name="Start: Bot").click()
    await part.get_by_text("running").wait_for()

    assert [lever for lever, _ in stage.cluster.pulled] == ["bot-stop", "bot-start"]


async def test_a_lever_that_fails_says_why(stage, open_as):
    page = await open_as("U0ANN")
    await page.locator(".lever-box summary").click()
    await page.get_by_role("button", name="End analysis").click()

    await page.locator(".results .failed", has_text="No analysis is running.").wait_for()


async def test_of_forty_steps_those_around_the_current_one_are_shown(open_page, picture):
    async with a_stage(FakeCluster(a_long_rollout())) as stage:
        page = await open_page(stage.page.url("U0ANN"))
        steps = page.locator(".part-steps > .steps > li")
        await steps.first.wait_for()
        await picture(page, "forty-steps")

        assert await page.get_by_text("Steps, 18 of 40").is_visible()
        assert await steps.count() == 7
        assert await page.locator(".part-steps > .steps > [aria-current=step]").count() == 1
        await page.get_by_text("All 40 steps").click()
        assert await page.locator(".all-steps li").count() == 40


async def test_a_change_of_the_cluster_leaves_forms_and_open_parts_alone(stage, open_as):
    page = await open_as("U0ANN")
    await page.get_by_label("Canary weight in %").fill("33")
    await page.get_by_text("As numbers").click()
    rollout = stage.cluster.rollouts()[0]
    rollout["weights"] = {"canary": 20, "stable": 80}
    rollout["ingresses"][0]["canary"] = 20
    stage.cluster.put(rollout)
    await page.get_by_text("20 % canary, 80 % stable").wait_for()

    assert await page.get_by_label("Canary weight in %").input_value() == "33"
    assert await page.locator(".numbers").get_attribute("open") is not None
