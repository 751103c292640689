"""
Block Kit as tables: the blocks that we use, their fields and limits.

Limits from docs.slack.dev/reference/block-kit and slack_sdk 3.47. A block or field that is not
written here is refused: add the line before using it.
Read a line as: name = shape({what must be there}, {what may be there}).
"""

from collections.abc import Mapping

from bot.sandbox.slack.checks import Check, by_type, flag, many, number, one_of, shape, string

NAME = string(255, 1)  # block_id, action_id, callback_id, external_id
WORD = string(3000)
STYLE = one_of("primary", "danger")


# --- text and other small objects ---------------------------------------------------------------


def plain(longest: int) -> Check:
    """A plain_text object."""
    fields = {"type": one_of("plain_text"), "text": string(longest, 1)}
    return by_type({"plain_text": shape(fields, {"emoji": flag})})


def text(longest: int) -> Check:
    """A text object, plain or mrkdwn."""
    fields = {"type": one_of("mrkdwn"), "text": string(longest, 1)}
    return by_type({"plain_text": plain(longest), "mrkdwn": shape(fields, {"verbatim": flag})})


def option(label: Check, *, with_url: bool = False) -> Check:
    """One choice of a menu or a group of radio buttons; only an overflow may lead to a URL."""
    more = {"url": string(3000)} if with_url else {}
    return shape({"text": label, "value": string(150, 1)}, {"description": plain(75), **more})


def element(kind: str, needs: Mapping[str, Check], may: Mapping[str, Check]) -> Check:
    """Something with an action_id."""
    return shape({"type": one_of(kind), **needs}, {"action_id": NAME, **may})


def block(kind: str, needs: Mapping[str, Check], may: Mapping[str, Check]) -> Check:
    """A block with its block_id."""
    return shape({"type": one_of(kind), **needs}, {"block_id": NAME, **may})


CONFIRM = shape(
    {"title": plain(100), "text": text(300), "confirm": plain(30), "deny": plain(30)},
    {"style": STYLE},
)
CHOICE = option(plain(75))
RICH_CHOICE = option(text(75))
CHOICES = many(CHOICE, 1, 100)
GROUP = shape({"label": plain(75), "options": CHOICES}, {})
DISPATCH = shape(
    {"trigger_actions_on": many(one_of("on_enter_pressed", "on_character_entered"), 1, 2)}, {}
)
FOCUS = {"focus_on_load": flag}
IMAGE = {"alt_text": string(2000, 1), "image_url": string(3000, 1)}

# --- elements -----------------------------------------------------------------------------------

BUTTON = element(
    "button",
    {"text": plain(75)},
    {
        "value": string(2000),
        "url": string(3000),
        "style": STYLE,
        "confirm": CONFIRM,
        "accessibility_label": string(75),
    },
)
OVERFLOW = element(
    "overflow", {"options": many(option(plain(75), with_url=True), 1, 5)}, {"confirm": CONFIRM}
)
SELECT = element(
    "static_select",
    {},
    {
        "options": CHOICES,
        "option_groups": many(GROUP, 1, 100),
        "initial_option": CHOICE,
        "placeholder": plain(150),
        "confirm": CONFIRM,
        **FOCUS,
    },
)
RADIO = element(
    "radio_buttons",
    {"options": many(RICH_CHOICE, 1, 10)},
    {"initial_option": RICH_CHOICE, "confirm": CONFIRM, **FOCUS},
)
CHECKBOXES = element(
    "checkboxes",
    {"options": many(RICH_CHOICE, 1, 10)},
    {"initial_options": many(RICH_CHOICE, 1, 10), "confirm": CONFIRM, **FOCUS},
)
TEXT_INPUT = element(
    "plain_text_input",
    {},
    {
        "initial_value": WORD,
        "multiline": flag,
        "min_length": number(0, 3000),
        "max_length": number(1, 3000),
        "placeholder": plain(150),
        "dispatch_action_config": DISPATCH,
        **FOCUS,
    },
)
IMAGE_ELEMENT = shape({"type": one_of("image"), **IMAGE}, {})

PRESSED = {"button": BUTTON, "overflow": OVERFLOW, "static_select": SELECT}
CHOSEN = {"static_select": SELECT, "radio_buttons": RADIO, "checkboxes": CHECKBOXES}

# --- rich text ----------------------------------------------------------------------------------

RICH_STYLE = {
    "style": shape({}, dict.fromkeys(("bold", "italic", "strike", "code", "underline"), flag))
}


def rich(kind: str, needs: Mapping[str, Check], may: Mapping[str, Check]) -> Check:
    """A word of rich text."""
    return shape({"type": one_of(kind), **needs}, {**RICH_STYLE, **may})


RICH_WORDS = many(
    by_type(
        {
            "text": rich("text", {"text": string(3000, 1)}, {}),
            "link": rich("link", {"url": string(3000, 1)}, {"text": WORD, "unsafe": flag}),
            "emoji": rich("emoji", {"name": NAME}, {"unicode": NAME}),
            "user": rich("user", {"user_id": NAME}, {}),
            "usergroup": rich("usergroup", {"usergroup_id": NAME}, {}),
            "channel": rich("channel", {"channel_id": NAME}, {}),
            "broadcast": rich("broadcast", {"range": one_of("here", "channel", "everyone")}, {}),
            "date": rich(
                "date",
                {"timestamp": number(0, 2**40), "format": NAME},
                {"fallback": WORD, "url": WORD},
            ),
        }
    ),
    0,
    500,
)
RICH_SECTION = shape({"type": one_of("rich_text_section"), "elements": RICH_WORDS}, {})
RICH_PARTS = {
    "rich_text_section": RICH_SECTION,
    "rich_text_list": shape(
        {
            "type": one_of("rich_text_list"),
            "style": one_of("bullet", "ordered"),
            "elements": many(RICH_SECTION, 1, 500),
        },
        {"indent": number(0, 8), "offset": number(0, 10**6), "border": number(0, 1)},
    ),
    "rich_text_preformatted": shape(
        {"type": one_of("rich_text_preformatted"), "elements": RICH_WORDS},
        {"border": number(0, 1)},
    ),
    "rich_text_quote": shape(
        {"type": one_of("rich_text_quote"), "elements": RICH_WORDS}, {"border": number(0, 1)}
    ),
}
RICH_TEXT = block("rich_text", {"elements": many(by_type(RICH_PARTS), 1, 500)}, {})

# --- table (messages only) ----------------------------------------------------------------------

CELL = by_type(
    {
        "raw_text": shape({"type": one_of("raw_text"), "text": string(3000, 1)}, {}),
        "rich_text": RICH_TEXT,
    }
)
COLUMN = shape({}, {"align": one_of("left", "center", "right"), "is_wrapped": flag})
TABLE = block(
    "table",
    {"rows": many(many(CELL, 1, 20), 1, 100)},
    {"column_settings": many(COLUMN, 0, 20)},
)

# --- blocks -------------------------------------------------------------------------------------

EVERYWHERE: dict[str, Check] = {
    "actions": block("actions", {"elements": many(by_type(PRESSED | CHOSEN), 1, 25)}, {}),
    "context": block(
        "context",
        {
            "elements": many(
                by_type({"image": IMAGE_ELEMENT, "mrkdwn": text(3000), "plain_text": plain(3000)}),
                1,
                10,
            )
        },
        {},
    ),
    "divider": block("divider", {}, {}),
    "header": block("header", {"text": plain(150)}, {}),
    "image": block("image", IMAGE, {"title": plain(2000)}),
    "input": block(
        "input",
        {"label": plain(2000), "element": by_type(CHOSEN | {"plain_text_input": TEXT_INPUT})},
        {"hint": plain(2000), "optional": flag, "dispatch_action": flag},
    ),
    "rich_text": RICH_TEXT,
    "section": block(
        "section",
        {},
        {
            "text": text(3000),
            "fields": many(text(2000), 1, 10),
            "accessory": by_type(PRESSED | CHOSEN | {"image": IMAGE_ELEMENT}),
            "expand": flag,
        },
    ),
}
MESSAGE_BLOCKS = many(by_type(EVERYWHERE | {"table": TABLE}), 0, 50)
VIEW_BLOCKS = many(by_type(EVERYWHERE), 1, 100)

# --- views --------------------------------------------------------------------------------------

ANY_VIEW: dict[str, Check] = {
    "private_metadata": string(3000),
    "callback_id": string(255),
    "external_id": string(255),
}
VIEW = by_type(
    {
        "home": shape({"type": one_of("home"), "blocks": VIEW_BLOCKS}, ANY_VIEW),
        "modal": shape(
            {"type": one_of("modal"), "title": plain(24), "blocks": VIEW_BLOCKS},
            {
                **ANY_VIEW,
                "submit": plain(24),
                "close": plain(24),
                "clear_on_close": flag,
                "notify_on_close": flag,
                "submit_disabled": flag,
            },
        ),
    }
)
