"""
Block Kit as tables: the blocks that we use, their fields and limits.

Limits from docs.slack.dev/reference/block-kit and slack_sdk 3.47; `make test-blockkit` compares
them with the official `@slack/types`. A block or field that is not written here is refused: add the
line before using it.
Read a line as: name = Shape({what must be there}, {what may be there}).
"""

from collections.abc import Mapping

from bot.sandbox.slack.checks import ByType, Check, Flag, Many, Number, Shape, String, one_of

NAME = String(255, 1)  # block_id, action_id, callback_id, external_id
WORD = String(3000)
URL = String(3000, 1)
FLAG = Flag()
STYLE = one_of("primary", "danger")


# --- text and other small objects ---------------------------------------------------------------


def plain(longest: int) -> ByType:
    """A plain_text object."""
    fields: dict[str, Check] = {"type": one_of("plain_text"), "text": String(longest, 1)}
    return ByType({"plain_text": Shape(fields, {"emoji": FLAG})})


def text(longest: int) -> ByType:
    """A text object, plain or mrkdwn."""
    fields: dict[str, Check] = {"type": one_of("mrkdwn"), "text": String(longest, 1)}
    mrkdwn = Shape(fields, {"verbatim": FLAG})
    return ByType({**plain(longest).table, "mrkdwn": mrkdwn})


def option(label: Check, *, with_url: bool = False) -> Check:
    """One choice of a menu or a group of radio buttons; only an overflow may lead to a URL."""
    more = {"url": URL} if with_url else {}
    # the page of the option object says 150 for a value, the types 75: both take 75
    return Shape({"text": label, "value": String(75, 1)}, {"description": plain(75), **more})


def element(kind: str, needs: Mapping[str, Check], may: Mapping[str, Check]) -> Check:
    """Something with an action_id."""
    return Shape({"type": one_of(kind), **needs}, {"action_id": NAME, **may})


def block(kind: str, needs: Mapping[str, Check], may: Mapping[str, Check]) -> Check:
    """A block with its block_id."""
    return Shape({"type": one_of(kind), **needs}, {"block_id": NAME, **may})


CONFIRM = Shape(
    {"title": plain(100), "text": text(300), "confirm": plain(30), "deny": plain(30)},
    {"style": STYLE},
)
CHOICE = option(plain(75))
RICH_CHOICE = option(text(75))
CHOICES = Many(CHOICE, 1, 100)
GROUP = Shape({"label": plain(75), "options": CHOICES}, {})
DISPATCH = Shape(
    {"trigger_actions_on": Many(one_of("on_enter_pressed", "on_character_entered"), 1, 2)}, {}
)
FOCUS = {"focus_on_load": FLAG}
IMAGE = {"alt_text": String(2000, 1), "image_url": URL}

# --- elements -----------------------------------------------------------------------------------

BUTTON = element(
    "button",
    {"text": plain(75)},
    {
        "value": String(2000),
        "url": URL,
        "style": STYLE,
        "confirm": CONFIRM,
        "accessibility_label": String(75),
    },
)
OVERFLOW = element(
    "overflow", {"options": Many(option(plain(75), with_url=True), 1, 5)}, {"confirm": CONFIRM}
)
SELECT = element(
    "static_select",
    {},
    {
        "options": CHOICES,
        "option_groups": Many(GROUP, 1, 100),
        "initial_option": CHOICE,
        "placeholder": plain(150),
        "confirm": CONFIRM,
        **FOCUS,
    },
)
RADIO = element(
    "radio_buttons",
    {"options": Many(RICH_CHOICE, 1, 10)},
    {"initial_option": RICH_CHOICE, "confirm": CONFIRM, **FOCUS},
)
CHECKBOXES = element(
    "checkboxes",
    {"options": Many(RICH_CHOICE, 1, 10)},
    {"initial_options": Many(RICH_CHOICE, 1, 10), "confirm": CONFIRM, **FOCUS},
)
TEXT_INPUT = element(
    "plain_text_input",
    {},
    {
        "initial_value": WORD,
        "multiline": FLAG,
        "min_length": Number(0, 3000),
        "max_length": Number(1, 3000),
        "placeholder": plain(150),
        "dispatch_action_config": DISPATCH,
        **FOCUS,
    },
)
IMAGE_ELEMENT = Shape({"type": one_of("image"), **IMAGE}, {})

PRESSED = {"button": BUTTON, "overflow": OVERFLOW, "static_select": SELECT}
CHOSEN = {"static_select": SELECT, "radio_buttons": RADIO, "checkboxes": CHECKBOXES}

# --- rich text ----------------------------------------------------------------------------------

RICH_STYLE = {
    "style": Shape({}, dict.fromkeys(("bold", "italic", "strike", "code", "underline"), FLAG))
}


def rich(kind: str, needs: Mapping[str, Check], may: Mapping[str, Check]) -> Check:
    """A word of rich text."""
    return Shape({"type": one_of(kind), **needs}, {**RICH_STYLE, **may})


RICH_BASE: dict[str, Check] = {
    "text": rich("text", {"text": String(3000, 1)}, {}),
    "link": rich("link", {"url": URL}, {"text": WORD, "unsafe": FLAG}),
}
RICH_MORE: dict[str, Check] = {
    "emoji": rich("emoji", {"name": NAME}, {"unicode": NAME}),
    "user": rich("user", {"user_id": NAME}, {}),
    "usergroup": rich("usergroup", {"usergroup_id": NAME}, {}),
    "channel": rich("channel", {"channel_id": NAME}, {}),
    "broadcast": rich("broadcast", {"range": one_of("here", "channel", "everyone")}, {}),
    "date": rich(
        "date",
        {"timestamp": Number(0, 2**40), "format": NAME},
        {"fallback": WORD, "url": WORD},
    ),
}
RICH_WORDS = Many(ByType(RICH_BASE | RICH_MORE), 0, 500)
RICH_SECTION = Shape({"type": one_of("rich_text_section"), "elements": RICH_WORDS}, {})
RICH_PARTS = {
    "rich_text_section": RICH_SECTION,
    "rich_text_list": Shape(
        {
            "type": one_of("rich_text_list"),
            "style": one_of("bullet", "ordered"),
            "elements": Many(RICH_SECTION, 1, 500),
        },
        {"indent": Number(0, 8), "border": Number(0, 1)},
    ),
    "rich_text_preformatted": Shape(
        {"type": one_of("rich_text_preformatted"), "elements": Many(ByType(RICH_BASE), 0, 500)},
        {"border": Number(0, 1)},
    ),
    "rich_text_quote": Shape(
        {"type": one_of("rich_text_quote"), "elements": RICH_WORDS}, {"border": Number(0, 1)}
    ),
}
RICH_TEXT = block("rich_text", {"elements": Many(ByType(RICH_PARTS), 1, 500)}, {})

# --- table (messages only) ----------------------------------------------------------------------

CELL = ByType(
    {
        "raw_text": Shape({"type": one_of("raw_text"), "text": String(3000, 1)}, {}),
        "rich_text": RICH_TEXT,
    }
)
COLUMN = Shape({}, {"align": one_of("left", "center", "right"), "is_wrapped": FLAG})
TABLE = block(
    "table",
    {"rows": Many(Many(CELL, 1, 20), 1, 100)},
    {"column_settings": Many(COLUMN, 0, 20)},
)

# --- blocks -------------------------------------------------------------------------------------

EVERYWHERE: dict[str, Check] = {
    "actions": block("actions", {"elements": Many(ByType(PRESSED | CHOSEN), 1, 25)}, {}),
    "context": block(
        "context",
        {"elements": Many(ByType({"image": IMAGE_ELEMENT, **text(3000).table}), 1, 10)},
        {},
    ),
    "divider": block("divider", {}, {}),
    "header": block("header", {"text": plain(150)}, {}),
    "image": block("image", IMAGE, {"title": plain(2000)}),
    "input": block(
        "input",
        {"label": plain(2000), "element": ByType(CHOSEN | {"plain_text_input": TEXT_INPUT})},
        {"hint": plain(2000), "optional": FLAG, "dispatch_action": FLAG},
    ),
    "rich_text": RICH_TEXT,
    "section": block(
        "section",
        {},
        {
            "text": text(3000),
            "fields": Many(text(2000), 1, 10),
            "accessory": ByType(PRESSED | CHOSEN | {"image": IMAGE_ELEMENT}),
            "expand": FLAG,
        },
    ),
}
MESSAGE_BLOCKS = Many(ByType(EVERYWHERE | {"table": TABLE}), 0, 50)
VIEW_BLOCKS = Many(ByType(EVERYWHERE), 1, 100)

# --- views --------------------------------------------------------------------------------------

ANY_VIEW: dict[str, Check] = {
    "private_metadata": String(3000),
    "callback_id": String(255),
    "external_id": String(255),
}
VIEW = ByType(
    {
        "home": Shape({"type": one_of("home"), "blocks": VIEW_BLOCKS}, ANY_VIEW),
        "modal": Shape(
            {"type": one_of("modal"), "title": plain(24), "blocks": VIEW_BLOCKS},
            {
                **ANY_VIEW,
                "submit": plain(24),
                "close": plain(24),
                "clear_on_close": FLAG,
                "notify_on_close": FLAG,
            },
        ),
    }
)
