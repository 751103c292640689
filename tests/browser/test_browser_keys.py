"""Keys alone, and what a screen reader says: nobody needs a mouse, or to see the page."""

import re

import pytest

from tests.browser import said
from tests.browser.said import actions, button, confirm, overflow, section


@pytest.fixture
def expect(browser):
    """Waits until the page is as a screen reader would say."""
    from playwright.async_api import expect

    return expect


async def focus(page):
    """The name of what has the focus."""
    return await page.evaluate(
        "document.activeElement.getAttribute('aria-label') ?? document.activeElement.innerText"
    )


async def tab_to(page, name):
    """Press Tab until something of this name has the focus."""
    for _ in range(60):
        await page.keyboard.press("Tab")
        if await focus(page) == name:
            return
    pytest.fail(f"Tab never came to {name}")


async def test_the_tour_is_walked_through_and_ends_where_it_began(stage, open_as, expect):
    page = await open_as("U0ANN", tour=True)
    guide = page.get_by_role("dialog", name="Tour")
    await expect(guide).to_have_accessible_description(re.compile("not Slack The bot is the real"))
    for name in ("Next", "Next", "Next", "Next", "Done"):
        assert await focus(page) == name
        await page.keyboard.press("Enter")

    await expect(guide).to_be_hidden()
    assert await focus(page) == "Tour"
    await page.keyboard.press("Enter")
    await expect(guide).to_be_visible()
    await page.keyboard.press("Escape")
    assert await focus(page) == "Tour"


async def test_somebody_else_is_chosen_with_the_arrows(stage, open_as):
    page = await open_as("U0ANN")
    await tab_to(page, "You are Ann, on call, may act. Be somebody else")
    await page.keyboard.press("Enter")
    await page.keyboard.press("Escape")
    assert (await focus(page)).startswith("You are Ann")
    for key in ("Enter", "ArrowDown", "ArrowDown", "Enter"):  # past "Ann in a new tab"
        await page.keyboard.press(key)

    await page.wait_for_url("**/?as=U0BEN*")


async def test_a_modal_is_read_filled_in_and_sent(stage, open_as, expect):
    async def open_form(payload):
        trigger = payload["trigger_id"]
        await stage.app.call("views.open", trigger_id=trigger, view=said.a_form())

    stage.app.answers["go"] = open_form
    await stage.app.post("x", blocks=[actions(button("Go"))])
    page = await open_as("U0ANN")
    await tab_to(page, "Go")
    await page.keyboard.press("Enter")
    modal = page.get_by_role("dialog", name="Header-only")
    await expect(modal).to_have_accessible_description(re.compile("Now 10 % of the public reach"))
    for key in ("Space", "Tab"):
        await page.keyboard.press(key)
    reason = modal.get_by_role("textbox", name="Reason")
    await expect(reason).to_be_focused()
    await expect(reason).to_have_accessible_description("It goes to the thread and the ledger.")
    await page.keyboard.press("Enter")
    await expect(reason).to_have_accessible_description(re.compile("complete this required field"))
    await expect(reason).to_be_focused()
    await page.keyboard.type("smoke test")
    await page.keyboard.press("Enter")

    await expect(modal).to_be_hidden()
    assert await focus(page) == "Go"
    values = stage.app.heard[-1]["view"]["state"]["values"]
    assert values["accept"]["accept"]["selected_options"][0]["value"] == "accept"
    assert values["reason"]["reason"]["value"] == "smoke test"


async def test_a_press_that_asks_says_its_effect_and_rests_on_what_changes_nothing(
    stage, open_as, expect
):
    asked = confirm("All traffic goes to stable.")
    await stage.app.post("x", blocks=[actions(button("Halt", confirm=asked), overflow("Steps"))])
    page = await open_as("U0ANN")
    await tab_to(page, "Halt")
    await page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Sure?")
    await expect(dialog).to_have_accessible_description("All traffic goes to stable.")
    assert await focus(page) == "Leave as it is"
    for key in ("Tab", "Enter"):
        await page.keyboard.press(key)
    await stage.heard(1)

    for key in ("Tab", "Enter"):  # the menu stands beside the button
        await page.keyboard.press(key)
    assert await focus(page) == "Steps"
    await page.keyboard.press("Enter")
    assert (await stage.heard(2))["actions"][0]["selected_option"]["value"] == "steps"


async def test_a_thread_is_opened_answered_and_left(stage, open_as, expect):
    ts = await stage.app.post("the card")
    await stage.app.post("step 1", thread_ts=ts)
    page = await open_as("U0ANN")
    opener = page.get_by_role("button", name="1 reply")
    await opener.focus()
    await page.keyboard.press("Enter")
    assert await focus(page) == "Messages of the thread"
    await tab_to(page, "Reply")
    await page.keyboard.type("looks good")
    await page.keyboard.press("Enter")
    again = page.get_by_role("button", name="2 replies")
    await again.wait_for()
    await page.get_by_role("button", name="Close the thread").focus()
    await page.keyboard.press("Enter")

    await expect(again).to_be_focused()


async def test_messages_are_a_list_in_which_each_says_who_and_when(stage, open_as, expect):
    """Also what follows right after, whose name is not shown on a wide page."""
    for words in ("first", "second"):
        await stage.app.post(words, blocks=[section(words)])
    await stage.app.call("chat.postEphemeral", channel="C0RELEASES", user="U0ANN", text="psst")
    page = await open_as("U0ANN")
    room = page.get_by_role("region", name="Messages in #releases")
    items = room.get_by_role("list").get_by_role("listitem")

    await expect(items).to_have_text(
        [
            "Today",
            re.compile(r"rollouts\s*APP\s*\d+:\d\d [AP]M\s*first"),
            re.compile(r"rollouts\s*APP\s*\d+:\d\d [AP]M\s*second"),
            re.compile(r"Only visible to you\s*rollouts\s*APP\s*\d+:\d\d [AP]M\s*psst"),
        ]
    )
    tools = items.nth(2).get_by_role("button", name="Reply in thread")
    await tools.focus()
    await expect(tools).to_be_focused()
