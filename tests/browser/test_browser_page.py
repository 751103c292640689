"""The page as a whole: the cluster, phones, dark, keys, screen readers, lost connections."""

import importlib.util
from pathlib import Path

import pytest

from tests.browser import said
from tests.browser.said import a_long_rollout
from tests.browser.stage import a_stage


async def faults_of(page):
    """What axe finds that is serious or worse: rule, and where."""
    package = importlib.util.find_spec("axe_playwright_python")
    await page.evaluate(Path(package.origin).with_name("axe.min.js").read_text(encoding="utf-8"))
    found = await page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        (one["id"], node["target"], node["failureSummary"])
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


async def is_wider_than_the_window(page):
    return await page.evaluate(
        "[...document.querySelectorAll('body *')].some((one) => "
        "one.getBoundingClientRect().right > innerWidth + 1 && one.checkVisibility() && "
        "!one.closest('.table-holder, .heard, pre'))"
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
async def test_axe_finds_nothing_serious(stage, open_as, picture, scheme, phone):
    """With cards and blocks of all types, with the cluster, and with a modal open."""
    await stage.app.post("all", blocks=said.every_block())
    await stage.app.call("chat.postEphemeral", channel="C0RELEASES", user="U0ANN", text="`psst`")
    await stage.post(said.a_card())
    stage.cluster.put(a_long_rollout())
    page = await open_as("U0ANN", phone=phone, color_scheme=scheme)
    name = f"axe-{scheme}-{'phone' if phone else 'desk'}"
    await picture(page, name)
    assert await faults_of(page) == []

    if phone:
        await page.get_by_role("button", name="Cluster").click()
    for summary in await page.locator(".cluster summary").all():
        if await summary.is_visible():
            await summary.click()
    assert await faults_of(page) == []

    stage.slack.workspace.screens.open("U0ANN", said.a_form())
    await page.get_by_role("dialog").wait_for()
    await picture(page, f"{name}-modal")
    assert await faults_of(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_serious_in_what_opens_beside_and_above(stage, open_as, scheme):
    """The tour, a thread, the menus, what completes a line, a banner, the Home tab."""
    ts = await stage.post(said.a_card())
    await stage.app.post("step 1", thread_ts=ts)
    stage.slack.workspace.screens.publish("U0ANN", {"type": "home", "blocks": said.every_block()})
    page = await open_as("U0ANN", tour=True, color_scheme=scheme)
    assert await faults_of(page) == []
    await page.get_by_role("button", name="Close the tour").click()

    await page.get_by_role("button", name="1 reply").click()
    await page.get_by_role("complementary", name="Thread").get_by_text("step 1").wait_for()
    for name in ("Be somebody else", "More actions"):
        await page.get_by_role("button", name=name).first.click()
        assert await faults_of(page) == []
        await page.keyboard.press("Escape")
    await page.get_by_role("combobox", name="Message or command").fill("/rollout ")
    await page.get_by_role("listbox").wait_for()
    assert await faults_of(page) == []

    await page.get_by_role("button", name="Home").first.click()
    await page.get_by_role("heading", name="A header").wait_for()
    await page.evaluate("document.querySelector('.banner').hidden = false")
    assert await faults_of(page) == []


async def test_a_phone_shows_one_thing_at_a_time_and_nothing_sticks_out(stage, open_as, picture):
    ts = await stage.post(said.a_card())
    await stage.app.post("step 1", thread_ts=ts)
    await stage.app.post("all", blocks=said.every_block())
    stage.cluster.put(a_long_rollout())
    page = await open_as("U0ANN", phone=True)
    panes = page.get_by_role("navigation", name="Parts of the sandbox")
    assert not await is_wider_than_the_window(page)
    assert await page.locator(".cluster").is_hidden()

    await page.get_by_role("button", name="1 reply").click()
    assert await page.locator(".talk").is_hidden()
    assert not await is_wider_than_the_window(page)
    await picture(page, "phone-thread")
    await page.get_by_role("button", name="Close the thread").click()

    await panes.get_by_role("button", name="Cluster").click()
    await page.locator(".rollout summary").nth(1).scroll_into_view_if_needed()
    await page.locator(".rollout > summary").nth(1).click()
    assert not await is_wider_than_the_window(page)
    await picture(page, "phone-cluster")

    await panes.get_by_role("button", name="Channels").click()
    await page.get_by_role("button", name="payments").click()
    await page.get_by_role("heading", name="payments").wait_for()
    assert await page.locator(".side").is_hidden()


async def test_targets_on_a_phone_are_large_enough_for_a_thumb(stage, open_as):
    await stage.post(said.a_card())
    page = await open_as("U0ANN", phone=True)
    small = """() => [...document.querySelectorAll("button, select, input:not([type=checkbox])"
      + ", textarea, summary, a[role=menuitem]")]
      .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 40)
      .map((one) => one.outerHTML.slice(0, 80))"""
    assert await page.evaluate(small) == []

    await page.get_by_role("button", name="Cluster").click()
    await page.locator(".lever-box summary").first.click()
    assert await page.evaluate(small) == []


async def test_on_a_phone_no_icon_lies_on_words(stage, open_as):
    """Also of messages that follow one another: there it stood where their text begins."""
    for _ in range(2):
        await stage.post(said.a_card())
    page = await open_as("U0ANN", phone=True)
    await page.get_by_role("button", name="Reply in thread").nth(1).wait_for()
    covered = """() => [...document.querySelectorAll(".tool .icon")].flatMap((icon) => {
      const box = icon.getBoundingClientRect();
      const content = icon.closest(".message").querySelector(".content");
      const texts = document.createTreeWalker(content, NodeFilter.SHOW_TEXT);
      const found = [];
      while (texts.nextNode()) {
        const words = document.createRange();
        words.selectNodeContents(texts.currentNode);
        const lies = [...words.getClientRects()].some(({ left, right, top, bottom }) =>
          right > box.left && left < box.right && bottom > box.top && top < box.bottom);
        if (lies) found.push(texts.currentNode.data);
      }
      return found;
    })"""
    assert await page.evaluate(covered) == []


async def test_dark_follows_the_system(stage, open_as):
    light, dark = await open_as("U0ANN"), await open_as("U0ANN", color_scheme="dark")
    brightness = "getComputedStyle(document.body).backgroundColor"

    assert await light.evaluate(brightness) == "rgb(255, 255, 255)"
    assert await dark.evaluate(brightness) == "rgb(26, 29, 33)"


async def test_a_release_is_promoted_with_keys_alone(stage, open_as):
    """From the top of the page to the press that counts: Tab, Enter, and nothing else."""
    await stage.post(said.a_card())
    page = await open_as("U0ANN")

    async def tab_to(name):
        for _ in range(40):
            await page.keyboard.press("Tab")
            focused = "document.activeElement.matches('button') && document.activeElement.innerText"
            if await page.evaluate(focused) == name:
                await page.keyboard.press("Enter")
                return
        pytest.fail(f"Tab never came to {name}")

    await tab_to("Promote → 100 %")
    await page.get_by_role("dialog", name="Promote tomozo").wait_for()
    await tab_to("Promote")
    await stage.slack.until(lambda: stage.app.heard)

    assert stage.app.heard[0]["actions"][0]["action_id"] == "rollout:promote"


async def test_new_messages_are_read_aloud_once(stage, open_as):
    page = await open_as("U0ANN")
    ts = await stage.app.post("shop/api waits")
    await page.locator("#news", has_text="rollouts: shop/api waits").wait_for(state="attached")
    await stage.app.call("chat.update", channel="C0RELEASES", ts=ts, text="shop/api moves")
    await page.locator(".content", has_text="moves").wait_for()

    assert await page.locator("#news").inner_text() == "rollouts: shop/api waits"


# --- tour, lost connections, browsers that cannot -------------------------------------------------


async def test_the_tour_is_shown_once_and_can_be_asked_for_again(stage, open_as, picture):
    page = await open_as("U0ANN", tour=True)
    guide = page.get_by_role("dialog", name="Tour")
    for step in range(1, 6):
        assert f"{step} of 5" in await guide.inner_text()
        await picture(page, f"tour-{step}")
        await guide.get_by_role("button", name="Done" if step == 5 else "Next").click()
    assert await guide.is_hidden()
    await page.reload()
    await page.locator(".rollout").first.wait_for()
    assert await guide.is_hidden()

    await page.get_by_role("button", name="Tour").click()
    await page.keyboard.press("Escape")
    assert await guide.is_hidden()


async def test_it_always_says_that_it_is_no_slack(stage, open_as):
    for phone in (False, True):
        page = await open_as("U0ANN", phone=phone)

        assert await page.get_by_text("Sandbox · not Slack").is_visible()
        assert "not Slack" in await page.title()


async def test_a_lost_connection_is_told_and_everything_is_true_again(
    unused_tcp_port, open_page, picture
):
    """The server goes and comes back with other messages; the page is not loaded again."""
    async with a_stage(port=unused_tcp_port) as stage:
        await stage.app.post("of the first")
        page = await open_page(stage.page.url("U0ANN"))
        await page.locator(".message", has_text="of the first").wait_for()
        await page.evaluate("window.mark = 1")
    banner = page.get_by_role("alert").filter(has_text="The connection to the sandbox is lost.")
    await banner.wait_for()
    await picture(page, "lost")
    box = page.get_by_role("combobox", name="Message or command")
    await box.fill("hello")
    await box.press("Enter")
    await page.get_by_text("There is no connection to the sandbox.").wait_for()
    assert await box.input_value() == "hello"

    async with a_stage(port=unused_tcp_port) as stage:
        await stage.app.post("of the second")
        await page.locator(".message", has_text="of the second").wait_for(timeout=15_000)
        assert await banner.is_hidden()
        assert await page.get_by_text("of the first").count() == 0
        assert await page.evaluate("window.mark") == 1


async def test_a_browser_without_websocket_is_told(stage, open_page):
    page = await open_page(stage.page.url("U0ANN"), script="delete window.WebSocket")

    assert "This browser has no WebSocket." in await page.inner_text("body")


async def test_a_browser_without_javascript_is_told(stage, open_page):
    page = await open_page(stage.page.url("U0ANN"), java_script_enabled=False)

    assert "This sandbox needs JavaScript." in await page.inner_text("body")


async def test_somebody_who_is_not_there_is_told_who_is(stage, open_page):
    page = await open_page(stage.page.url("U0NOBODY"))
    await page.get_by_text("There is nobody called U0NOBODY in this sandbox.").wait_for()
    await page.get_by_role("link", name="eve").click()

    await page.get_by_role("button", name="You are Eve, may only read").wait_for()


async def test_inline_scripts_would_not_run(stage, open_as, watch):
    """The policy is in force, and not only sent."""
    page = await open_as("U0ANN")
    blocked = await page.evaluate(
        """() => new Promise((resolve) => {
          document.addEventListener("securitypolicyviolation", (event) =>
            resolve(event.effectiveDirective));
          const script = document.createElement("script");
          script.textContent = "window.hit = 1";
          document.body.append(script);
        })"""
    )

    assert blocked == "script-src-elem"
    assert "inline script violates" in watch.errors.pop()
    assert await page.evaluate("window.hit") is None
