"""What Slack would refuse, one broken payload each; and that good ones pass."""

from typing import Any

import pytest
from slack_sdk.models.blocks import Block

from bot.sandbox.slack.judge import judge_message, judge_view

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str, **more: Any) -> Json:
    return {"type": "mrkdwn", "text": text, **more}


def button(**more: Any) -> Json:
    return {"type": "button", "action_id": "a", "text": plain("Go"), **more}


def option(value: str, **more: Any) -> Json:
    return {"text": plain(value[:10] or "x"), "value": value, **more}


def actions(*elements: Json, **more: Any) -> Json:
    return {"type": "actions", "elements": list(elements), **more}


def section(text: str = "hello", **more: Any) -> Json:
    return {"type": "section", "text": mrkdwn(text), **more}


def context(*elements: Json) -> Json:
    return {"type": "context", "elements": list(elements)}


def text_input(**more: Any) -> Json:
    element = {"type": "plain_text_input", "action_id": "t"}
    return {"type": "input", "label": plain("Reason"), "element": {**element, **more}}


def modal(*blocks: Json, **more: Any) -> Json:
    return {"type": "modal", "title": plain("Sure?"), "blocks": list(blocks), **more}


def overflow(*options: Json) -> Json:
    return {"type": "overflow", "action_id": "o", "options": list(options)}


def select(**more: Any) -> Json:
    return {"type": "static_select", "action_id": "s", **more}


CONFIRM = {
    "title": plain("Sure?"),
    "text": mrkdwn("50 % go to v2"),
    "confirm": plain("Yes"),
    "deny": plain("No"),
}
TABLE = {"type": "table", "rows": [[{"type": "raw_text", "text": "a"}]]}
RICH = {
    "type": "rich_text",
    "elements": [
        {
            "type": "rich_text_section",
            "elements": [
                {"type": "text", "text": "bold", "style": {"bold": True}},
                {"type": "user", "user_id": "U0ANN"},
                {"type": "link", "url": "https://example.org"},
            ],
        },
        {
            "type": "rich_text_list",
            "style": "bullet",
            "elements": [
                {"type": "rich_text_section", "elements": [{"type": "text", "text": "one"}]}
            ],
        },
        {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "code"}]},
    ],
}

GOOD = [
    {"type": "header", "text": plain("x" * 150)},
    section("x" * 3000, fields=[mrkdwn("x" * 2000)] * 10, block_id="b1"),
    {"type": "section", "fields": [plain("only fields")], "accessory": button()},
    context(
        mrkdwn("a", verbatim=True),
        plain("b"),
        {"type": "image", "alt_text": "c", "image_url": "https://e.org/i.png"},
    ),
    actions(
        button(value="x" * 2000, style="danger", confirm=CONFIRM),
        overflow(option("x" * 150), option("link", url="https://example.org")),
        select(options=[option("a"), option("b")], initial_option=option("b")),
    ),
    {"type": "divider"},
    RICH,
    TABLE,
]

BAD = {
    "header-151": ([{"type": "header", "text": plain("x" * 151)}], "less than 151", "/0/text/text"),
    "header-mrkdwn": ([{"type": "header", "text": mrkdwn("x")}], "mrkdwn", "/0/text/type"),
    "section-3001": ([section("x" * 3001)], "less than 3001", "/0/text/text"),
    "section-empty": ([{"type": "section"}], "text or fields", "/0"),
    "text-empty": ([section("")], "more than 0 characters", "/0/text/text"),
    "field-2001": ([section(fields=[plain("x" * 2001)])], "less than 2001", "/0/fields/0/text"),
    "fields-11": ([section(fields=[plain("x")] * 11)], "no more than 10", "/0/fields"),
    "context-11": ([context(*[plain("x")] * 11)], "no more than 10", "/0/elements"),
    "context-button": ([context(button())], "unsupported type: button", "/0/elements/0/type"),
    "actions-26": ([actions(*[button()] * 26)], "no more than 25", "/0/elements"),
    "button-text-76": ([actions(button(text=plain("x" * 76)))], "76", "/0/elements/0/text/text"),
    "button-value-2001": ([actions(button(value="x" * 2001))], "2001", "/0/elements/0/value"),
    "button-style": ([actions(button(style="warning"))], "one of", "/0/elements/0/style"),
    "button-colour": ([actions(button(colour="red"))], "property: colour", "/0/elements/0"),
    "action-id-256": ([actions(button(action_id="x" * 256))], "256", "/0/elements/0/action_id"),
    "action-id-twice": ([actions(button(), button())], "already exists", "/0"),
    "block-id-twice": (
        [section(block_id="b"), section(block_id="b")],
        "`block_id` b already exists",
        "",
    ),
    "blocks-51": ([section()] * 51, "no more than 50", ""),
    "no-type": ([{"text": plain("x")}], "missing required field: type", "/0"),
    "no-object": (["section"], "missing required field: type", "/0"),
    "unknown-block": ([{"type": "carousel"}], "unsupported type: carousel", "/0/type"),
    "overflow-6": (
        [actions(overflow(*[option(str(n)) for n in range(6)]))],
        "no more than 5",
        "/0/elements/0/options",
    ),
    "overflow-0": ([actions(overflow())], "no fewer than 1", "/0/elements/0/options"),
    "option-151": (
        [actions(overflow(option("x" * 151)))],
        "less than 151",
        "/0/elements/0/options/0/value",
    ),
    "option-url-in-select": (
        [actions(select(options=[option("a", url="https://e.org")]))],
        "property: url",
        "/0/elements/0/options/0",
    ),
    "select-101": (
        [actions(select(options=[option("a")] * 101))],
        "no more than 100",
        "/0/elements/0/options",
    ),
    "select-nothing": ([actions(select())], "either options or option_groups", "/0"),
    "select-initial": (
        [actions(select(options=[option("a")], initial_option=option("z")))],
        "must match",
        "/0",
    ),
    "confirm-deny": (
        [actions(button(confirm={**CONFIRM, "deny": None} | {}))],
        "missing required field: type",
        "/0/elements/0/confirm/deny",
    ),
    "confirm-301": (
        [actions(button(confirm={**CONFIRM, "text": plain("x" * 301)}))],
        "less than 301",
        "/0/elements/0/confirm/text/text",
    ),
    "confirm-title": (
        [actions(button(confirm={**CONFIRM, "title": mrkdwn("x")}))],
        "mrkdwn",
        "/0/elements/0/confirm/title/type",
    ),
    "verbatim-on-plain": (
        [context({**plain("x"), "verbatim": True})],
        "property: verbatim",
        "/0/elements/0",
    ),
    "rich-bold-outside-style": (
        [
            {
                "type": "rich_text",
                "elements": [
                    {
                        "type": "rich_text_section",
                        "elements": [{"type": "text", "text": "x", "bold": True}],
                    }
                ],
            }
        ],
        "property: bold",
        "/0/elements/0/elements/0",
    ),
    "two-tables": ([TABLE, TABLE], "only_one_table_allowed", ""),
    "empty-cell": (
        [{"type": "table", "rows": [[{"type": "raw_text", "text": ""}]]}],
        "more than 0",
        "/0/rows/0/0/text",
    ),
    "button-in-input": (
        [{"type": "input", "label": plain("x"), "element": button()}],
        "unsupported type: button",
        "/0/element/type",
    ),
}


@pytest.mark.parametrize("block", GOOD, ids=lambda block: block["type"])
def test_good_blocks_pass(block):
    assert judge_message([block]) == []


@pytest.mark.parametrize("block", GOOD, ids=lambda block: block["type"])
def test_good_blocks_are_good_for_slack_sdk_too(block):
    """A second opinion: its models take them, and lose nothing."""
    (known,) = Block.parse_all([block])

    assert known.to_dict() == block


@pytest.mark.parametrize(("blocks", "words", "pointer"), BAD.values(), ids=BAD)
def test_a_broken_message_is_refused_where_it_is_broken(blocks, words, pointer):
    (problem,) = judge_message(blocks)

    assert words in problem.message
    assert problem.pointer == f"/blocks{pointer}"


def test_a_confirm_dialog_needs_all_four():
    (first, *_, last) = judge_message([actions(button(confirm={}))])

    assert first.message == "missing required field: title"
    assert last.message == "missing required field: deny"


RADIO = {
    "type": "input",
    "label": plain("Way"),
    "element": {
        "type": "radio_buttons",
        "action_id": "way",
        "options": [option("inserted"), option("authored")],
        "initial_option": option("authored"),
    },
}


@pytest.mark.parametrize(
    "view",
    [
        pytest.param(modal(section()), id="to-read"),
        pytest.param(modal(text_input(), RADIO, submit=plain("Go")), id="to-fill-in"),
        pytest.param(modal(*[section()] * 100, private_metadata="x" * 3000), id="full"),
        pytest.param({"type": "home", "blocks": GOOD[:7]}, id="home"),
    ],
)
def test_good_views_pass(view):
    assert judge_view(view) == []


@pytest.mark.parametrize(
    ("view", "words", "pointer"),
    [
        pytest.param(modal(text_input()), "submit", "/view", id="input-without-submit"),
        pytest.param(modal(TABLE), "table", "/view/blocks/0/type", id="table-in-modal"),
        pytest.param(modal(), "no fewer than 1", "/view/blocks", id="empty"),
        pytest.param(modal(*[section()] * 101), "100", "/view/blocks", id="101-blocks"),
        pytest.param(
            modal(section(), private_metadata="x" * 3001),
            "3001",
            "/view/private_metadata",
            id="meta",
        ),
        pytest.param(modal(section(), colour="red"), "colour", "/view", id="unknown-field"),
        pytest.param(
            {"type": "home", "blocks": [section()], "title": plain("x")},
            "property: title",
            "/view",
            id="home-with-title",
        ),
        pytest.param(
            modal(text_input(max_length=3001), submit=plain("Go")),
            "between 1 and 3000",
            "/view/blocks/0/element/max_length",
            id="long-input",
        ),
        pytest.param("modal", "missing required field: type", "/view", id="no-object"),
    ],
)
def test_a_broken_view_is_refused_where_it_is_broken(view, words, pointer):
    (problem,) = judge_view(view)

    assert words in problem.message
    assert problem.pointer == pointer
