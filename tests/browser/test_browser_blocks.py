"""Every block is drawn as Slack draws it; foreign text stays text."""

import re

import pytest

from bot.messages import helps
from tests.browser import said
from tests.browser.said import actions, button, mrkdwn, plain, section


async def text_of(page, mark):
    """The message with these words, read."""
    return await page.locator(".message", has_text=mark).locator(".content").inner_text()


async def test_every_block_is_drawn(stage, open_as, picture):
    await stage.app.post("all", blocks=said.every_block())
    page = await open_as("U0ANN")
    content = page.locator(".content")
    await picture(page, "blocks")

    assert await content.locator(".faulty").count() == 0
    assert await content.get_by_role("heading").inner_text() == "A header with *stars*"
    assert await content.locator(".field").all_inner_texts() == ["Left\none", "*Right*"]
    assert await content.locator(".field b").all_inner_texts() == ["Left"]
    assert await content.get_by_role("button", name="Beside").is_visible()
    assert await content.get_by_role("button", name="More actions").is_visible()
    assert await content.get_by_role("combobox", name="Pick one").is_visible()
    assert await content.get_by_role("radio").count() == 2
    assert await content.get_by_role("checkbox").count() == 2
    assert await content.get_by_role("img", name="A picture").is_visible()
    assert await content.get_by_label("Your words").get_attribute("aria-describedby")
    assert await content.locator(".rich b").inner_text() == "bold"
    assert await content.get_by_role("columnheader").all_inner_texts() == ["Pod", "Ready"]
    assert await content.get_by_role("cell").all_inner_texts() == ["x2k7p", "yes"]
    assert await content.locator(".context i").inner_text() == "print"


async def test_the_bots_card_and_help_are_drawn(stage, open_as, picture):
    await stage.post(said.a_card())
    await stage.post(helps.overview())
    page = await open_as("U0ANN")
    await picture(page, "card")

    card = await text_of(page, "Waiting for you")
    assert "canary  ▓░░░░░░░░░  10 %      stable 90 %" in card
    assert re.search(r"checked 1\d seconds ago", card)
    assert await page.locator(".faulty").count() == 0
    assert await page.get_by_role("button", name="Promote → 100 %").is_visible()


@pytest.mark.parametrize(
    ("markup", "drawn"),
    [
        ("*bold* and *two words*", "<b>bold</b> and <b>two words</b>"),
        ("a*b*c 2*3*4 ** x**", "a*b*c 2*3*4 ** x**"),
        ("**x** and [a](b)", "**x** and [a](b)"),
        ("_it_ snake_case_name", "<i>it</i> snake_case_name"),
        ("~no~ ~~no~~", "<s>no</s> ~~no~~"),
        ("*_both_*", "<b><i>both</i></b>"),
        ("`*code* &lt;x&gt;`", "<code>*code* &lt;x&gt;</code>"),
        ("&amp;lt; once", "&amp;lt; once"),
        (":warning: :no_such_thing:", "⚠️ :no_such_thing:"),
        ("<@U0BEN> <@U0GONE>", "[@Ben] [@U0GONE]"),
        ("<!subteam^S0ONCALL> <!subteam^S9|@x>", "[@oncall] [@x]"),
        ("<#C0RELEASES> <#C0X|old>", "[#releases] [#old]"),
        ("<!here>", "[@here]"),
        ("<https://a.example/?a=1&amp;b=2|a *b*>", "{https://a.example/?a=1&b=2|a *b*}"),
        ("<mailto:a@b.example|write>", "{mailto:a@b.example|write}"),
        ("<javascript:alert(1)|x>", "&lt;javascript:alert(1)|x&gt;"),
        ("<data:text/html,x|y>", "&lt;data:text/html,x|y&gt;"),
        ("<!date^0^{date_num}|then>", "(1970-01-01)"),
        ("<!date^nonsense^{time}|then>", "then"),
        ("<!date^0^no tokens|then>", "then"),
        ("https://bare.example", "https://bare.example"),
    ],
)
async def test_mrkdwn_is_drawn_as_slack_draws_it(stage, open_as, markup, drawn):
    """Tags are kept; a mention is [..], a link {address|words}, a time (..)."""
    await stage.app.post("x", blocks=[section(markup)])
    page = await open_as("U0ANN", timezone_id="UTC")
    found = await page.locator(".block-section .mrkdwn").evaluate(
        """node => {
          const read = (kid) => kid.nodeType === 3 ? escaped(kid.data)
            : kid.matches(".mention") ? `[${kid.textContent}]`
            : kid.matches("a") ? `{${kid.getAttribute("href")}|${kid.textContent}}`
            : kid.matches("time") ? `(${kid.textContent})`
            : `<${kid.localName}>${all(kid)}</${kid.localName}>`;
          const escaped = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;")
            .replace(/>/g, "&gt;");
          const all = (part) => [...part.childNodes].map(read).join("");
          return all(node);
        }"""
    )

    assert found == drawn


async def test_a_message_without_blocks_makes_links_of_its_own(stage, open_as):
    """And quotes, and blocks of code; in verbatim text Slack makes none."""
    await stage.app.post("see https://a.example/x.\n> quoted\n&gt; too\n```\na *b*\n```\nend")
    page = await open_as("U0ANN")
    content = page.locator(".plain-message")

    assert await content.locator("a").get_attribute("href") == "https://a.example/x"
    assert await content.locator("blockquote").inner_text() == "quoted\ntoo"
    assert await content.locator("pre").inner_text() == "a *b*"


async def test_plain_text_is_never_formatted(stage, open_as):
    words = "*b* _i_ <@U0BEN> `c` &lt; :warning:"
    section_ = {"type": "section", "text": plain(words, emoji=False)}
    await stage.app.post("x", blocks=[section_])
    page = await open_as("U0ANN")

    assert await page.locator(".block-section").inner_text() == words


HOSTILE = "<script>window.hit = 1</script><img src=x onerror='window.hit=1'>"


async def test_foreign_text_is_inert_wherever_it_stands(stage, open_as, picture):
    """Script tags, control characters and what turns the direction of text, everywhere."""
    turning = "a\u202egnp.exe\u0007\u2066b"
    blocks = [
        {"type": "header", "text": plain(HOSTILE[:140])},
        section(HOSTILE.replace("<", "&lt;")),
        section(HOSTILE),
        actions(button("x", text=plain(HOSTILE[:70]))),
        section(f"`{turning}` {turning}"),
        said.rich({"type": "link", "url": "javascript:window.hit=1", "text": "press me"}),
    ]
    await stage.app.post(HOSTILE)
    await stage.app.post(HOSTILE, blocks=blocks)
    stage.slack.add_person("U0EVIL", HOSTILE)
    rollout = stage.cluster.rollouts()[0] | {"message": HOSTILE, "phase": HOSTILE}
    rollout["images"] = {"canary": f"shop/web:{turning}{HOSTILE}", "stable": HOSTILE}
    rollout["ingresses"][0] |= {"annotation": HOSTILE, "writer": turning, "paths": [HOSTILE]}
    rollout["ingresses"][0]["name"] = turning
    rollout["steps"][0]["text"] = HOSTILE
    stage.cluster.put(rollout)
    page = await open_as("U0ANN")
    await page.get_by_label("Canary weight in %").fill("50")
    await page.get_by_role("button", name="Write by hand").click()
    await page.get_by_text("50 % is written on Ingress a").wait_for()
    await page.get_by_role("button", name="Be somebody else").click()
    await picture(page, "hostile")

    assert await page.locator("script, img").evaluate_all(
        "found => found.map(one => one.src.replace(location.origin, ''))"
    ) == ["/static/js/main.js", "/static/js/too-old.js"]
    assert await page.evaluate("window.hit") is None
    assert await page.locator("a[href^=javascript]").count() == 0
    shown = await page.evaluate("document.body.innerText")
    assert "<script>window.hit = 1</script>" in shown
    assert not set(shown) & {"\u202e", "\u2066", "\u0007"}


async def test_what_cannot_be_drawn_is_drawn_as_an_error(stage, open_as, picture):
    """Slack would refuse them; should one come all the same, nobody overlooks it."""
    blocks = (
        {"type": "marquee", "block_id": "1", "text": "<b>x</b>"},
        {"type": "actions", "block_id": "2", "elements": [{"type": "lever", "action_id": "a"}]},
        {"type": "section", "block_id": "3", "text": {"type": "html", "text": "x"}},
    )
    content = type(await _message(stage))(channel="C0RELEASES", ts="", user="", blocks=blocks)
    stage.slack.workspace.post(stage.slack.workspace.channels["C0RELEASES"], content)
    page = await open_as("U0ANN")
    await page.locator(".faulty").first.wait_for()
    await picture(page, "errors")

    assert await page.locator(".faulty > b").all_inner_texts() == [
        "Unknown block: marquee",
        "Unknown element: lever",
        "This section cannot be drawn: a text cannot be html",
    ]


async def _message(stage):
    await stage.app.post("before")
    return stage.slack.channel("C0RELEASES").messages[0]


async def test_a_picture_from_elsewhere_is_told_and_not_fetched(stage, open_as):
    """open_as fails the test if anything is asked of another machine."""
    image = {"type": "image", "image_url": "https://pictures.example/a.png", "alt_text": "Weights"}
    small = {"type": "context", "elements": [{**image}, mrkdwn("beside")]}
    await stage.app.post("x", blocks=[image, small])
    page = await open_as("U0ANN")

    assert await page.get_by_role("img", name="Weights").count() == 2
    assert await page.locator(".content img").count() == 0
