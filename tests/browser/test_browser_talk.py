"""Channels, threads, the box below them, and several persons at once."""

import asyncio

from bot.messages.blocks import Message
from tests.browser.said import actions, button, section

CHANNEL = "C0RELEASES"


async def test_an_ephemeral_message_is_in_one_tab_only(stage, open_as):
    ann, ben = await open_as("U0ANN"), await open_as("U0BEN")
    await stage.app.call("chat.postEphemeral", channel=CHANNEL, user="U0ANN", text="psst")
    await stage.app.post("for all")
    for page in (ann, ben):
        await page.locator(".message").get_by_text("for all", exact=True).wait_for()

    assert await ann.locator(".message.ephemeral").count() == 1
    assert await ben.get_by_text("psst").count() == 0


async def test_who_reads_further_up_is_not_moved(stage, open_as):
    for number in range(40):
        await stage.app.post(f"line {number}")
    page = await open_as("U0ANN")
    scroller = page.locator(".talk .scroller").first
    await page.wait_for_function("document.querySelector('.scroller').scrollTop > 0")
    await scroller.evaluate("one => { one.scrollTop = 200; }")
    await page.evaluate("new Promise(requestAnimationFrame)")  # the page has heard of it
    await stage.app.post("the newest")
    more = page.get_by_role("button", name="New messages ↓")
    await more.wait_for()
    assert await scroller.evaluate("one => one.scrollTop") == 200

    await more.click()
    await page.wait_for_function(
        "(({scrollTop, scrollHeight, clientHeight}) => scrollHeight - scrollTop - clientHeight < 2)"
        "(document.querySelector('.scroller'))"
    )


async def test_a_line_is_completed_and_comes_back_by_arrow_up(stage, open_as):
    page = await open_as("U0ANN")
    box = page.get_by_role("combobox", name="Message or command")
    await box.press_sequentially("/")
    await box.press("Tab")
    assert await box.input_value() == "/rollout "
    await box.press_sequentially("pro")
    assert await page.get_by_role("listbox").get_by_role("option").all_inner_texts() == [
        "promote\nNAME · Leaves the pause at which it stands."
    ]
    await box.press("ArrowDown")
    await box.press("Enter")
    assert await box.input_value() == "/rollout promote "
    await box.press_sequentially("tom")
    await box.press("Tab")
    await box.press("Enter")
    assert (await stage.heard())["text"] == "promote tomozo/tomozo"

    assert await box.input_value() == ""
    await box.fill("/rollout list")
    await box.press("Escape")
    await box.press("Enter")
    await stage.heard(2)
    for line in ("/rollout list", "/rollout promote tomozo/tomozo"):
        await box.press("ArrowUp")
        assert await box.input_value() == line
    for line in ("/rollout list", ""):
        await box.press("ArrowDown")
        assert await box.input_value() == line


async def test_a_thread_opens_beside_and_takes_replies(stage, open_as):
    ts = await stage.app.post("the card")
    await stage.app.post("step 1", thread_ts=ts)
    page = await open_as("U0ANN")
    await page.get_by_role("button", name="1 reply").click()
    thread = page.get_by_role("complementary", name="Thread")
    await thread.get_by_text("step 1").wait_for()
    assert await page.locator(".talk").get_by_text("step 1").count() == 0
    reply = thread.get_by_role("combobox", name="Reply")
    await reply.fill("looks good")
    await reply.press("Enter")
    await page.get_by_role("button", name="2 replies").wait_for()

    assert await thread.get_by_text("looks good").is_visible()
    await thread.get_by_role("button", name="Close the thread").click()
    assert await thread.is_hidden()


async def test_a_line_that_is_told_in_the_channel_too_quotes_its_card_as_it_is_now(stage, open_as):
    ts = await stage.app.post("waits at 10 %")
    await stage.app.post("step 1", thread_ts=ts, reply_broadcast=True)
    page = await open_as("U0ANN")
    await page.get_by_role("button", name="replied to a thread: waits at 10 %").wait_for()
    long = f"done by <@U0BEN> {'and so on ' * 30}"
    await stage.app.call("chat.update", channel=CHANNEL, ts=ts, text=long)
    quote = page.get_by_role("button", name="replied to a thread: done by @Ben")
    await quote.wait_for()

    assert await quote.evaluate("one => one.clientHeight") < 30, "one line"
    await quote.click()
    thread = page.get_by_role("complementary", name="Thread")
    await thread.get_by_text("step 1").wait_for()


async def test_the_home_tab_is_asked_for_and_shown(stage, open_as):
    async def publish(payload):
        view = {"type": "home", "blocks": [section("Needs a person"), actions(button("Go"))]}
        await stage.app.call("views.publish", user_id=payload["event"]["user"], view=view)

    stage.app.answers["app_home_opened"] = publish
    page = await open_as("U0ANN")
    await page.get_by_role("button", name="rollouts · Home").click()
    await page.get_by_text("Needs a person").wait_for()
    await page.get_by_role("button", name="Go").click()

    assert (await stage.heard(2))["container"]["type"] == "view"


async def test_two_tabs_are_two_persons(stage, open_as):
    """The switch leads from one to the other; each press is told with its person."""
    await stage.post(Message(text="x", blocks=(actions(button("Go")),)))
    ann = await open_as("U0ANN")
    ben = await open_as("U0ANN")
    await ben.get_by_role("button", name="Be somebody else").click()
    await ben.get_by_role("menuitem", name="Ben on call").click()
    await ben.wait_for_url("**/?as=U0BEN*")
    await asyncio.gather(*(page.get_by_role("button", name="Go").click() for page in (ann, ben)))
    await stage.heard(2)

    assert {payload["user"]["id"] for payload in stage.app.heard} == {"U0ANN", "U0BEN"}
