"""
What Slack would refuse: the tables of `grammar`, and the rules that no table can say.

    blocks ─▶ grammar ─▶ rules ─▶ problems, each with the json-pointer that Slack would give

The same judge answers the Web API, checks views that come with an acknowledgement, and may be asked
by any test of a message. It cannot know what Slack keeps to itself: no real Slack has confirmed it.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from bot.sandbox.slack import grammar, reading
from bot.sandbox.slack.checks import Problem

Json = dict[str, Any]

#: All text of the blocks of one message. Slack does not publish it: the reports of
#: `msg_blocks_too_long` lie between 9,597 (accepted) and 11,341 (refused) characters,
#: slackapi/bolt-js#2867.
LONGEST_MESSAGE = 9_500
#: views.open: "view_too_large … greater than 250kb".
LARGEST_VIEW = 250_000


def judge_message(blocks: Any, at: str = "/blocks") -> list[Problem]:
    """What is wrong with the blocks of a message, which stand *at* that pointer."""
    malformed = list(grammar.MESSAGE_BLOCKS(blocks, at))
    return malformed or list(_rules(blocks, at))


def judge_view(view: Any, at: str = "/view") -> list[Problem]:
    """What is wrong with a modal or a Home tab, which stands *at* that pointer."""
    malformed = list(grammar.VIEW(view, at))
    return malformed or [*_rules(view["blocks"], f"{at}/blocks"), *_view_rules(view, at)]


def text_length(part: Any) -> int:
    """How many characters of text stand in blocks, everything counted."""
    if isinstance(part, dict):
        own = len(part["text"]) if isinstance(part.get("text"), str) else 0
        return own + sum(text_length(value) for value in part.values())
    if isinstance(part, list | tuple):
        return sum(text_length(item) for item in part)
    return 0


def _rules(blocks: Sequence[Json], at: str) -> Iterator[Problem]:
    """Well-formed blocks that still do not go together."""
    yield from _twice([block.get("block_id") for block in blocks], "block_id", at)
    if sum(block["type"] == "table" for block in blocks) > 1:
        yield Problem("only_one_table_allowed", at)
    for index, block in enumerate(blocks):
        yield from _block_rules(block, f"{at}/{index}")


def _block_rules(block: Json, at: str) -> Iterator[Problem]:
    if block["type"] == "section" and not {"text", "fields"} & block.keys():
        yield Problem("missing required field: text or fields", at)
    elements = [element for _, element in reading.interactive([block])]
    yield from _twice([element.get("action_id") for element in elements], "action_id", at)
    for element in elements:
        yield from _choice_rules(element, at)


def _choice_rules(element: Json, at: str) -> Iterator[Problem]:
    lists = {"options", "option_groups"} & element.keys()
    if element["type"] == "static_select" and len(lists) != 1:
        yield Problem("must have either options or option_groups", at)
    chosen = [element["initial_option"]] if "initial_option" in element else []
    for initial in [*chosen, *element.get("initial_options", ())]:
        if initial not in reading.options_of(element):
            yield Problem("initial option must match one of the options", at)


def _twice(names: Sequence[str | None], field: str, at: str) -> Iterator[Problem]:
    for name, times in Counter(name for name in names if name).items():
        if times > 1:
            yield Problem(f"`{field}` {name} already exists", at)


def _view_rules(view: Json, at: str) -> Iterator[Problem]:
    has_input = any(block["type"] == "input" for block in view["blocks"])
    if view["type"] == "modal" and has_input and "submit" not in view:
        said = "missing required field: submit (the modal has an input)"
        yield Problem(said, at, missing="submit")
    inputs = (element for _, element in reading.interactive(view["blocks"]))
    if sum(bool(element.get("focus_on_load")) for element in inputs) > 1:
        yield Problem("focus_on_load: only one element can be set to true", f"{at}/blocks")
