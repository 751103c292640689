"""Payloads that Slack takes, and the small parts of which they are made."""

from typing import Any

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str, **more: Any) -> Json:
    return {"type": "mrkdwn", "text": text, **more}


def button(**more: Any) -> Json:
    return {"type": "button", "action_id": "a", "text": plain("Go"), **more}


def option(value: str, **more: Any) -> Json:
    return {"text": plain(value[:10] or "x"), "value": value, **more}


def asked(element: Json, **more: Any) -> Json:
    return {"type": "input", "label": plain("Way"), "element": element, **more}


def actions(*elements: Json, **more: Any) -> Json:
    return {"type": "actions", "elements": list(elements), **more}


def section(text: str = "hello", **more: Any) -> Json:
    return {"type": "section", "text": mrkdwn(text), **more}


def context(*elements: Json) -> Json:
    return {"type": "context", "elements": list(elements)}


def text_input(**more: Any) -> Json:
    return asked({"type": "plain_text_input", "action_id": "t", **more})


def modal(*blocks: Json, **more: Any) -> Json:
    return {"type": "modal", "title": plain("Sure?"), "blocks": list(blocks), **more}


def overflow(*options: Json) -> Json:
    return {"type": "overflow", "action_id": "o", "options": list(options)}


def select(**more: Any) -> Json:
    return {"type": "static_select", "action_id": "s", **more}


def radio(*options: Json, **more: Any) -> Json:
    return {"type": "radio_buttons", "action_id": "r", "options": list(options), **more}


def ticks(*options: Json, **more: Any) -> Json:
    return {"type": "checkboxes", "action_id": "c", "options": list(options), **more}


def table(*rows: list[Json], **more: Any) -> Json:
    return {"type": "table", "rows": list(rows), **more}


def cell(text: str = "a") -> Json:
    return {"type": "raw_text", "text": text}


def rich(*words: Json, kind: str = "rich_text_section", **more: Any) -> Json:
    part = {"type": kind, "elements": list(words), **more}
    return {"type": "rich_text", "elements": [part]}


def word(text: str = "x", **more: Any) -> Json:
    return {"type": "text", "text": text, **more}


CONFIRM = {
    "title": plain("Sure?"),
    "text": mrkdwn("50 % go to v2"),
    "confirm": plain("Yes"),
    "deny": plain("No"),
}
IMAGE = {"type": "image", "alt_text": "weights", "image_url": "https://example.org/i.png"}
TABLE = table([cell("canary"), cell("10 %")])
ITEM = {"type": "rich_text_section", "elements": [word("one")]}
RICH = {
    "type": "rich_text",
    "elements": [
        {
            "type": "rich_text_section",
            "elements": [
                word("bold", style={"bold": True, "underline": False}),
                {"type": "user", "user_id": "U0ANN"},
                {"type": "usergroup", "usergroup_id": "S0ONCALL"},
                {"type": "channel", "channel_id": "C0RELEASES"},
                {"type": "broadcast", "range": "here"},
                {"type": "emoji", "name": "wave"},
                {"type": "link", "url": "https://example.org", "text": "there"},
                {"type": "date", "timestamp": 1795521600, "format": "{time}", "fallback": "noon"},
            ],
        },
        {"type": "rich_text_list", "style": "ordered", "elements": [ITEM], "indent": 8},
        {"type": "rich_text_preformatted", "elements": [word("code")]},
        {"type": "rich_text_quote", "elements": [word("said")]},
    ],
}

GOOD_BLOCKS = {
    "header": {"type": "header", "text": plain("x" * 150)},
    "section": section("x" * 3000, fields=[mrkdwn("x" * 2000)] * 10, block_id="b1"),
    "fields-only": {"type": "section", "fields": [plain("only")], "accessory": button()},
    "section-overflow": section(accessory=overflow(option("a")), expand=True),
    "section-image": section(accessory=IMAGE),
    "context": context(mrkdwn("a", verbatim=True), plain("b"), IMAGE),
    "context-full": context(*[plain("x")] * 10),
    "actions": actions(
        button(value="x" * 2000, style="danger", confirm={**CONFIRM, "style": "primary"}),
        overflow(option("x" * 75), option("link", url="https://example.org")),
        select(options=[option("a"), option("b")], initial_option=option("b")),
        radio(option("a", description=plain("x" * 75)), option("b")),
        ticks(option("a"), option("b"), initial_options=[option("b")]),
    ),
    "actions-full": actions(*[button(action_id=f"a{n}", text=plain("x" * 75)) for n in range(25)]),
    "button-link": actions(button(url="https://example.org", accessibility_label="x" * 75)),
    "divider": {"type": "divider", "block_id": "x" * 255},
    "image": {**IMAGE, "title": plain("Weights")},
    "groups": asked(
        select(
            option_groups=[{"label": plain("shop"), "options": [option("a")]}],
            initial_option=option("a"),
            placeholder=plain("x" * 150),
        ),
        hint=plain("x" * 2000),
        optional=True,
        dispatch_action=False,
    ),
    "text-input": text_input(
        initial_value="x" * 3000,
        multiline=True,
        min_length=1,
        max_length=3000,
        placeholder=plain("why"),
        focus_on_load=True,
        dispatch_action_config={"trigger_actions_on": ["on_enter_pressed"]},
    ),
    "rich-text": RICH,
    "table": TABLE,
    "table-full": table(
        *[[cell(str(n)) for n in range(20)]] * 100,
        column_settings=[{"align": "right", "is_wrapped": True}] * 20,
    ),
    "table-rich": table([rich(word("bold", style={"bold": True})), cell("–")]),
}
IN_VIEWS = [block for block in GOOD_BLOCKS.values() if block["type"] != "table"]
GOOD_VIEWS = {
    "to-read": modal(section(), close=plain("x" * 24)),
    "to-fill-in": modal(
        text_input(),
        asked(radio(option("inserted"), option("authored"), initial_option=option("authored"))),
        submit=plain("x" * 24),
        clear_on_close=True,
        notify_on_close=False,
        external_id="one",
    ),
    "full": modal(*[section()] * 100, private_metadata="x" * 3000, callback_id="x" * 255),
    "everything": modal(*IN_VIEWS, submit=plain("Go")),
    "home": {"type": "home", "blocks": IN_VIEWS, "callback_id": "home"},
}
