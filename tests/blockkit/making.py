"""Messages, modals and Home tabs as our tables allow them, made by Hypothesis."""

from collections.abc import Iterator
from itertools import count
from typing import Any

from hypothesis import strategies as st

from bot.sandbox.slack import grammar, reading
from bot.sandbox.slack.checks import ByType, Check, Flag, Many, Number, OneOf, Shape, String

Json = dict[str, Any]


def values(check: Check) -> st.SearchStrategy[Any]:
    """Give values that a check takes: short ones, and now and then the longest."""
    match check:
        case String():
            short = st.text(min_size=check.shortest, max_size=min(check.longest, 8))
            return st.one_of(short, short, st.just("é" * check.longest))
        case Flag():
            return st.booleans()
        case Number():
            return st.integers(check.least, check.most)
        case OneOf():
            return st.sampled_from(check.words)
        case Many():
            most = min(check.most, check.least + 2)
            return st.lists(values(check.item), min_size=check.least, max_size=most)
        case Shape():
            needs = {name: values(part) for name, part in check.needs.items()}
            may = {name: values(part) for name, part in check.may.items()}
            return st.fixed_dictionaries(needs, optional=may)
        case ByType():
            return st.one_of([values(part) for part in check.table.values()])


def messages() -> st.SearchStrategy[list[Json]]:
    """Give the blocks of messages."""
    return values(grammar.MESSAGE_BLOCKS).map(tidy)


def views(kind: str) -> st.SearchStrategy[Json]:
    """Give modals or Home tabs."""
    return values(grammar.VIEW.table[kind]).map(_tidy_view)


def tidy(blocks: list[Json]) -> list[Json]:
    """Make blocks go together: what no table can say, `judge` says it."""
    numbers = count()
    tables = [block for block in blocks if block["type"] == "table"]
    kept = [block for block in blocks if block not in tables[1:]]
    for block in kept:
        if block["type"] == "section" and not {"text", "fields"} & block.keys():
            block["text"] = {"type": "plain_text", "text": "words"}
        _rename(block, "block_id", numbers)
    for _, element in reading.interactive(kept):
        _rename(element, "action_id", numbers)
        element.pop("focus_on_load", None)
        _choose(element)
    return kept


def _tidy_view(view: Json) -> Json:
    blocks = tidy(view["blocks"])
    if view["type"] == "modal" and any(block["type"] == "input" for block in blocks):
        view.setdefault("submit", {"type": "plain_text", "text": "Do it"})
    return {**view, "blocks": blocks}


def _rename(part: Json, name: str, numbers: Iterator[int]) -> None:
    if name in part:
        number = str(next(numbers))
        part[name] = part[name][: 255 - len(number)] + number


def _choose(element: Json) -> None:
    """Let a menu have one list, and begin with something that is in it."""
    if element["type"] == "static_select":
        if "options" in element:
            element.pop("option_groups", None)
        elif "option_groups" not in element:
            element["options"] = [{"text": {"type": "plain_text", "text": "a"}, "value": "a"}]
    options = reading.options_of(element)
    if "initial_option" in element:
        element["initial_option"] = options[-1]
    if "initial_options" in element:
        element["initial_options"] = options[:1]
