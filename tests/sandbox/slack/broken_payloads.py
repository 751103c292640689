"""Payloads that Slack refuses: one mistake each, the words for it, and where it stands."""

from typing import Any

from tests.sandbox.slack.good_payloads import (
    CONFIRM,
    IMAGE,
    TABLE,
    actions,
    asked,
    button,
    cell,
    context,
    modal,
    mrkdwn,
    option,
    overflow,
    plain,
    radio,
    rich,
    section,
    select,
    table,
    text_input,
    ticks,
    word,
)

Broken = tuple[Any, str, str]  #: payload, words, pointer below /blocks or /view

TEXTS: dict[str, Broken] = {
    "header-151": ([{"type": "header", "text": plain("x" * 151)}], "less than 151", "/0/text/text"),
    "header-mrkdwn": ([{"type": "header", "text": mrkdwn("x")}], "mrkdwn", "/0/text/type"),
    "header-string": ([{"type": "header", "text": "x"}], "field: type", "/0/text"),
    "section-3001": ([section("x" * 3001)], "less than 3001", "/0/text/text"),
    "section-empty": ([{"type": "section"}], "text or fields", "/0"),
    "text-empty": ([section("")], "more than 0 characters", "/0/text/text"),
    "text-number": ([section(7)], "must be a string", "/0/text/text"),
    "text-none": ([section(None)], "must be a string", "/0/text/text"),
    "emoji-word": ([context(plain("x") | {"emoji": "yes"})], "boolean", "/0/elements/0/emoji"),
    "emoji-on-mrkdwn": ([context(mrkdwn("x", emoji=True))], "emoji", "/0/elements/0"),
    "verbatim-on-plain": ([context(plain("x") | {"verbatim": True})], "verbatim", "/0/elements/0"),
    "field-2001": ([section(fields=[plain("x" * 2001)])], "less than 2001", "/0/fields/0/text"),
    "fields-11": ([section(fields=[plain("x")] * 11)], "no more than 10", "/0/fields"),
    "fields-0": ([section(fields=[])], "no fewer than 1", "/0/fields"),
    "context-11": ([context(*[plain("x")] * 11)], "no more than 10", "/0/elements"),
    "context-0": ([context()], "no fewer than 1", "/0/elements"),
    "context-button": ([context(button())], "unsupported type: button", "/0/elements/0/type"),
    "image-bare": ([{"type": "image", "image_url": "https://e.org"}], "field: alt_text", "/0"),
    "image-title": ([{**IMAGE, "title": mrkdwn("x")}], "mrkdwn", "/0/title/type"),
    "image-alt-2001": ([{**IMAGE, "alt_text": "x" * 2001}], "less than 2001", "/0/alt_text"),
}
PRESSED: dict[str, Broken] = {
    "actions-26": ([actions(*[button()] * 26)], "no more than 25", "/0/elements"),
    "actions-0": ([actions()], "no fewer than 1", "/0/elements"),
    "actions-input": ([actions(text_input()["element"])], "plain_text_input", "/0/elements/0/type"),
    "button-text-76": ([actions(button(text=plain("x" * 76)))], "76", "/0/elements/0/text/text"),
    "button-mrkdwn": ([actions(button(text=mrkdwn("x")))], "mrkdwn", "/0/elements/0/text/type"),
    "button-value-2001": ([actions(button(value="x" * 2001))], "2001", "/0/elements/0/value"),
    "button-value-7": ([actions(button(value=7))], "must be a string", "/0/elements/0/value"),
    "button-url-3001": ([actions(button(url="x" * 3001))], "3001", "/0/elements/0/url"),
    "button-style": ([actions(button(style="warning"))], "one of", "/0/elements/0/style"),
    "button-colour": ([actions(button(colour="red"))], "property: colour", "/0/elements/0"),
    "action-id-256": ([actions(button(action_id="x" * 256))], "256", "/0/elements/0/action_id"),
    "action-id-empty": ([actions(button(action_id=""))], "more than 0", "/0/elements/0/action_id"),
    "confirm-no-deny": (
        [actions(button(confirm={k: v for k, v in CONFIRM.items() if k != "deny"}))],
        "missing required field: deny",
        "/0/elements/0/confirm",
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
    "confirm-title-101": (
        [actions(button(confirm={**CONFIRM, "title": plain("x" * 101)}))],
        "less than 101",
        "/0/elements/0/confirm/title/text",
    ),
    "confirm-deny-31": (
        [actions(button(confirm={**CONFIRM, "deny": plain("x" * 31)}))],
        "less than 31",
        "/0/elements/0/confirm/deny/text",
    ),
    "accessory-two": ([section(accessory=[button()])], "field: type", "/0/accessory"),
    "accessory-input": ([section(accessory=text_input())], "type: input", "/0/accessory/type"),
}
CHOSEN: dict[str, Broken] = {
    "overflow-6": (
        [actions(overflow(*[option(str(n)) for n in range(6)]))],
        "no more than 5",
        "/0/elements/0/options",
    ),
    "overflow-0": ([actions(overflow())], "no fewer than 1", "/0/elements/0/options"),
    "option-76": ([actions(overflow(option("x" * 76)))], "76", "/0/elements/0/options/0/value"),
    "option-mrkdwn": (
        [actions(overflow({"text": mrkdwn("x"), "value": "x"}))],
        "mrkdwn",
        "/0/elements/0/options/0/text/type",
    ),
    "option-url-in-select": (
        [actions(select(options=[option("a", url="https://e.org")]))],
        "property: url",
        "/0/elements/0/options/0",
    ),
    "option-text-76": (
        [asked(radio({"text": plain("x" * 76), "value": "x"}))],
        "less than 76",
        "/0/element/options/0/text/text",
    ),
    "option-description-76": (
        [asked(radio(option("a", description=plain("x" * 76))))],
        "less than 76",
        "/0/element/options/0/description/text",
    ),
    "select-101": (
        [actions(select(options=[option("a")] * 101))],
        "no more than 100",
        "/0/elements/0/options",
    ),
    "select-nothing": ([actions(select())], "either options or option_groups", "/0"),
    "select-both": (
        [
            actions(
                select(
                    options=[option("a")],
                    option_groups=[{"label": plain("g"), "options": [option("a")]}],
                )
            )
        ],
        "either options or option_groups",
        "/0",
    ),
    "select-initial": (
        [actions(select(options=[option("a")], initial_option=option("z")))],
        "must match",
        "/0",
    ),
    "select-placeholder-151": (
        [actions(select(options=[option("a")], placeholder=plain("x" * 151)))],
        "less than 151",
        "/0/elements/0/placeholder/text",
    ),
    "radio-11": (
        [asked(radio(*[option(str(n)) for n in range(11)]))],
        "no more than 10",
        "/0/element/options",
    ),
    "ticks-initial": (
        [asked(ticks(option("a"), initial_options=[option("z")]))],
        "must match",
        "/0",
    ),
    "button-in-input": ([asked(button())], "unsupported type: button", "/0/element/type"),
    "label-mrkdwn": ([text_input() | {"label": mrkdwn("x")}], "mrkdwn", "/0/label/type"),
    "label-2001": ([text_input() | {"label": plain("x" * 2001)}], "2001", "/0/label/text"),
    "min-length-3001": ([text_input(min_length=3001)], "between 0 and", "/0/element/min_length"),
    "multiline-word": ([text_input(multiline="true")], "boolean", "/0/element/multiline"),
}
RICH_AND_TABLES: dict[str, Broken] = {
    "rich-bold-outside-style": (
        [rich(word(bold=True))],
        "property: bold",
        "/0/elements/0/elements/0",
    ),
    "rich-mrkdwn": ([rich(mrkdwn("x"))], "mrkdwn", "/0/elements/0/elements/0/type"),
    "rich-code-person": (
        [rich({"type": "user", "user_id": "U0ANN"}, kind="rich_text_preformatted")],
        "unsupported type: user",
        "/0/elements/0/elements/0/type",
    ),
    "rich-list-style": (
        [rich(rich(word())["elements"][0], kind="rich_text_list", style="dashed")],
        "must be one of bullet, ordered",
        "/0/elements/0/style",
    ),
    "rich-list-offset": (
        [rich(rich(word())["elements"][0], kind="rich_text_list", style="bullet", offset=1)],
        "property: offset",
        "/0/elements/0",
    ),
    "table-21-columns": ([table([cell()] * 21)], "no more than 20", "/0/rows/0"),
    "table-101-rows": ([table(*[[cell()]] * 101)], "no more than 100", "/0/rows"),
    "table-21-settings": (
        [table([cell()], column_settings=[{}] * 21)],
        "no more than 20",
        "/0/column_settings",
    ),
    "table-align": (
        [table([cell()], column_settings=[{"align": "middle"}])],
        "one of left",
        "/0/column_settings/0/align",
    ),
    "cell-mrkdwn": ([table([mrkdwn("x")])], "unsupported type: mrkdwn", "/0/rows/0/0/type"),
    "cell-empty": ([table([cell("")])], "more than 0", "/0/rows/0/0/text"),
    "cell-string": ([table(["x"])], "missing required field: type", "/0/rows/0/0"),
}
TOGETHER: dict[str, Broken] = {
    "action-id-twice": ([actions(button(), button())], "already exists", "/0"),
    "block-id-twice": ([section(block_id="b")] * 2, "`block_id` b already exists", ""),
    "block-id-256": ([section(block_id="x" * 256)], "less than 256", "/0/block_id"),
    "blocks-51": ([section()] * 51, "no more than 50", ""),
    "two-tables": ([TABLE, TABLE], "only_one_table_allowed", ""),
    "no-type": ([{"text": plain("x")}], "missing required field: type", "/0"),
    "no-object": (["section"], "missing required field: type", "/0"),
    "type-list": ([{"type": ["section"]}], "unsupported type", "/0/type"),
}
#: Real blocks that we do not use, or not there: to be written into `grammar` before they are.
NOT_OURS: dict[str, Broken] = {
    kind: ([{"type": kind}], f"unsupported type: {kind}", "/0/type")
    for kind in ("alert", "card", "carousel", "context_actions", "markdown", "plan", "task_card")
}
BAD_MESSAGES = {**TEXTS, **PRESSED, **CHOSEN, **RICH_AND_TABLES, **TOGETHER, **NOT_OURS}

BAD_VIEWS: dict[str, Broken] = {
    "input-without-submit": (modal(text_input()), "submit", ""),
    "table-in-modal": (modal(TABLE), "unsupported type: table", "/blocks/0/type"),
    "plan-in-modal": (modal({"type": "plan", "title": "x"}), "type: plan", "/blocks/0/type"),
    "empty": (modal(), "no fewer than 1", "/blocks"),
    "101-blocks": (modal(*[section()] * 101), "no more than 100", "/blocks"),
    "title-25": (modal(section(), title=plain("x" * 25)), "less than 25", "/title/text"),
    "title-mrkdwn": (modal(section(), title=mrkdwn("x")), "mrkdwn", "/title/type"),
    "submit-25": (modal(section(), submit=plain("x" * 25)), "less than 25", "/submit/text"),
    "close-25": (modal(section(), close=plain("x" * 25)), "less than 25", "/close/text"),
    "metadata-3001": (modal(section(), private_metadata="x" * 3001), "3001", "/private_metadata"),
    "callback-256": (modal(section(), callback_id="x" * 256), "less than 256", "/callback_id"),
    "unknown-field": (modal(section(), colour="red"), "property: colour", ""),
    "submit-disabled": (modal(section(), submit_disabled=True), "submit_disabled", ""),
    "two-focused": (
        modal(
            text_input(focus_on_load=True, action_id="a"),
            text_input(focus_on_load=True, action_id="b"),
            submit=plain("Go"),
        ),
        "focus_on_load",
        "/blocks",
    ),
    "home-with-title": (
        {"type": "home", "blocks": [section()], "title": plain("x")},
        "property: title",
        "",
    ),
    "long-input": (
        modal(text_input(max_length=3001), submit=plain("Go")),
        "between 1 and 3000",
        "/blocks/0/element/max_length",
    ),
    "unknown-view": ({"type": "workflow_step", "blocks": []}, "type: workflow_step", "/type"),
    "no-object": ("modal", "missing required field: type", ""),
}
