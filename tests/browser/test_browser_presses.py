"""What people press, choose, fill in and type; what the app gets, and what they then see."""

import pytest_asyncio

from tests.browser import said
from tests.browser.said import actions, button, confirm, overflow, section

CHANNEL = "C0RELEASES"


@pytest_asyncio.fixture(loop_scope="session")
async def form(stage):
    """The app opens a form when Go is pressed."""

    async def open_form(payload):
        trigger = payload["trigger_id"]
        await stage.app.call("views.open", trigger_id=trigger, view=said.a_form())

    stage.app.answers["go"] = open_form
    await stage.app.post("x", blocks=[actions(button("Go"))])


async def test_a_confirm_dialog_stands_before_the_press(stage, open_as, picture):
    await stage.app.post("x", blocks=[actions(button("Halt", confirm=confirm("It stops.")))])
    page = await open_as("U0ANN")
    await page.get_by_role("button", name="Halt").click()
    dialog = page.get_by_role("dialog", name="Sure?")
    await picture(page, "confirm")
    assert "It stops." in await dialog.inner_text()
    await dialog.get_by_role("button", name="Leave as it is").click()
    await dialog.wait_for(state="detached")
    assert stage.app.heard == []

    await page.get_by_role("button", name="Halt").click()
    await dialog.get_by_role("button", name="Do it").click()

    assert (await stage.heard())["actions"][0]["value"] == "Halt 1"
    assert len(stage.app.heard) == 1


async def test_escape_leaves_everything_as_it_is(stage, open_as):
    await stage.app.post("x", blocks=[actions(button("Halt", confirm=confirm("It stops.")))])
    page = await open_as("U0ANN")
    await page.get_by_role("button", name="Halt").click()
    await page.keyboard.press("Escape")
    await page.get_by_role("dialog").wait_for(state="detached")

    assert stage.app.heard == []
    assert await page.get_by_role("button", name="Halt").evaluate(
        "b => b === document.activeElement"
    )


async def test_a_confirm_counts_for_what_was_on_the_screen(stage, open_as):
    """While Ann reads the dialog Ben is quicker: her press goes out with the old value."""
    asked = button("Halt", confirm=confirm("It stops."))
    ts = await stage.app.post("x", blocks=[actions(asked)])
    page = await open_as("U0ANN")
    await page.get_by_role("button", name="Halt").click()
    newer = [section("moved on"), actions(asked | {"value": "Halt 2"})]
    await stage.app.call("chat.update", channel=CHANNEL, ts=ts, text="x", blocks=newer)
    await page.get_by_text("moved on").wait_for()
    await page.get_by_role("dialog").get_by_role("button", name="Do it").click()

    assert (await stage.heard())["actions"][0]["value"] == "Halt 1"


async def test_a_menu_is_opened_and_chosen_from_with_keys_alone(stage, open_as):
    await stage.app.post("x", blocks=[actions(overflow("Steps", "History", "Drift"))])
    page = await open_as("U0ANN")
    await page.get_by_role("button", name="More actions").focus()
    for key in ("Enter", "ArrowDown", "ArrowDown", "ArrowUp", "Enter"):
        await page.keyboard.press(key)

    assert (await stage.heard())["actions"][0]["selected_option"]["value"] == "history"
    assert await page.get_by_role("menu").count() == 0


async def test_selects_radios_and_checkboxes_are_told(stage, open_as):
    await stage.app.post("all", blocks=said.every_block())
    page = await open_as("U0ANN")
    await page.get_by_role("combobox", name="Pick one").select_option("Second")
    await page.get_by_role("radio", name="Blue").check()
    await page.get_by_role("checkbox", name="Yes").check()
    await stage.heard(3)

    told = [payload["actions"][0] for payload in stage.app.heard]
    assert told[0]["selected_option"]["value"] == "second"
    assert told[1]["selected_option"]["value"] == "blue"
    assert told[2]["selected_options"][0]["value"] == "yes"


async def test_a_modal_says_what_is_missing_then_what_the_app_refuses(
    stage, form, open_as, picture
):
    async def refuse(_payload):
        return {"response_action": "errors", "errors": {"reason": "Say more than that."}}

    stage.app.answers["view_submission form"] = refuse
    page = await open_as("U0ANN")
    await page.get_by_role("button", name="Go").click()
    dialog = page.get_by_role("dialog", name="Header-only")
    submit = dialog.get_by_role("button", name="Header-only, 0 %")
    reason = dialog.get_by_role("textbox", name="Reason")
    await submit.click()
    assert "Please complete this required field." in await dialog.inner_text()
    assert len(stage.app.heard) == 1

    await reason.fill("no")
    await dialog.get_by_role("checkbox").check()
    await submit.click()
    await dialog.get_by_text("Say more than that.").wait_for()
    await picture(page, "modal-error")
    assert await reason.get_attribute("aria-invalid") == "true"
    assert await reason.input_value() == "no"

    del stage.app.answers["view_submission form"]
    await reason.fill("smoke test")
    await reason.press("Enter")
    await dialog.wait_for(state="detached")

    values = stage.app.heard[-1]["view"]["state"]["values"]
    assert values["reason"]["reason"]["value"] == "smoke test"
    assert values["accept"]["accept"]["selected_options"][0]["value"] == "accept"


async def test_an_open_modal_is_not_touched_by_what_happens_around_it(stage, form, open_as):
    page = await open_as("U0ANN")
    await page.get_by_role("button", name="Go").click()
    reason = page.get_by_role("textbox", name="Reason")
    await reason.fill("half a sen")
    for number in range(5):
        await stage.app.post(f"noise {number}")
    await page.locator(".message", has_text="noise 4").wait_for()

    assert await reason.input_value() == "half a sen"
    assert await reason.evaluate("one => one === document.activeElement")


async def test_a_modal_on_a_modal_gives_back_the_one_below(stage, form, open_as):
    second = {**said.a_form(), "callback_id": "second", "title": said.plain("Sure?")}

    async def push(_payload):
        return {"response_action": "push", "view": second}

    stage.app.answers["view_submission form"] = push
    page = await open_as("U0ANN")
    await page.get_by_role("button", name="Go").click()
    await page.get_by_role("textbox", name="Reason").fill("kept")
    await page.get_by_role("button", name="Header-only, 0 %").click()
    above = page.get_by_role("dialog", name="Sure?")
    await above.get_by_role("button", name="Leave as it is").click()
    await above.wait_for(state="detached")

    below = page.get_by_role("dialog", name="Header-only")
    assert await below.get_by_role("textbox", name="Reason").input_value() == "kept"


async def test_an_app_that_does_not_answer_is_told_where_it_was_pressed(stage, open_as):
    stage.app.silent |= {"go", "/rollout"}
    await stage.app.post("x", blocks=[actions(button("Go"))])
    page = await open_as("U0ANN")
    await page.get_by_role("button", name="Go").click()
    await page.locator(".press-fault", has_text="The app did not respond.").first.wait_for()
    box = page.get_by_role("combobox", name="Message or command")
    await box.fill("/rollout status")
    await box.press("Enter")

    notice = page.locator(".message.ephemeral", has_text="/rollout failed: the app did not respond")
    await notice.wait_for()
    assert "Slackbot" in await notice.inner_text()
    assert "Only visible to you" in await notice.inner_text()


async def test_a_redraw_keeps_focus_menu_and_what_was_typed(stage, open_as):
    """The card is updated every second; who is about to press must not lose their place."""
    controls = actions(button("Go"), overflow("Steps", "History"))
    words = said.every_block()[7]
    ts = await stage.app.post("x", blocks=[section("one"), words, controls])
    page = await open_as("U0ANN")
    await page.get_by_label("Your words").fill("half")
    await page.get_by_role("button", name="More actions").click()
    await page.keyboard.press("ArrowDown")

    async def show(text, *rest):
        blocks = [section(text), words, *rest]
        await stage.app.call("chat.update", channel=CHANNEL, ts=ts, text="x", blocks=blocks)
        await page.locator(".content").get_by_text(text).wait_for()

    await show("two", controls)
    focused = page.get_by_role("menuitem", name="History")
    assert await focused.evaluate("one => one === document.activeElement")
    assert await page.get_by_label("Your words").input_value() == "half"

    await show("three", actions(button("Go"), button("Halt"), overflow("Steps", "History")))
    await page.get_by_role("button", name="Halt").wait_for()
    assert await focused.evaluate("one => one === document.activeElement")
    await focused.click()
    assert (await stage.heard())["actions"][0]["selected_option"]["value"] == "history"


async def test_only_the_message_that_changed_is_drawn_again(stage, open_as):
    first = await stage.app.post("one", blocks=[section("one")])
    await stage.app.post("two", blocks=[section("two")])
    page = await open_as("U0ANN")
    await page.evaluate("document.querySelectorAll('.block').forEach(one => { one.mark = 1; })")
    newer = [section("one, newer")]
    await stage.app.call("chat.update", channel=CHANNEL, ts=first, text="x", blocks=newer)
    await page.get_by_text("one, newer").wait_for()

    marks = await page.locator(".block").evaluate_all("all => all.map(one => one.mark ?? 0)")
    assert marks == [0, 1]
