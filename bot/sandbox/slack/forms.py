"""What is filled in: the state of inputs, as Slack sends it with a press or a submission."""

from collections.abc import Iterable, Mapping
from typing import Any

from bot.sandbox.slack import reading
from bot.sandbox.slack.model import Json

#: What a person fills in: text, one option's value, or several.
Filled = str | list[str]


class Incomplete(ValueError):  # noqa: N818 - what the person is told
    """Slack's own client would not let the person submit this."""


def state(blocks: Iterable[Json], given: Mapping[str, Filled], *, complete: bool = False) -> Json:
    """
    The values of all inputs: those given, else the initial ones.

    *given* names an input by its action_id or block_id. With *complete*, inputs that are not
    optional must be filled in, and texts have the length that was asked for.
    """
    values: Json = {}
    left = dict(given)
    for block, element in reading.interactive(blocks):
        if element["type"] in ("button", "overflow"):
            continue
        names = (element["action_id"], block["block_id"])
        own = next((left.pop(name) for name in names if name in left), None)
        value = _value(element, own)
        if complete and block["type"] == "input":
            _check_complete(block, element, value)
        values.setdefault(block["block_id"], {})[element["action_id"]] = value
    if left:
        raise LookupError(f"no input called {', '.join(left)}; there are {values}")
    return values


def choose(element: Json, prefix: str | None) -> Json:
    """The option whose value begins so; without a prefix nothing can be chosen."""
    offered = reading.options_of(element)
    for option in offered:
        if prefix is not None and option.get("value", "").startswith(prefix):
            return option
    values = [option.get("value") for option in offered]
    raise LookupError(f"no option {prefix!r} in {element['action_id']}, choose one of {values}")


def _value(element: Json, given: Filled | None) -> Json:
    kind = element["type"]
    if kind == "plain_text_input":
        text = element.get("initial_value") if given is None else given
        return {"type": kind, "value": text or None}
    if kind == "checkboxes":
        wanted = [given] if isinstance(given, str) else given
        initial = element.get("initial_options", [])
        chosen = initial if wanted is None else [choose(element, one) for one in wanted]
        return {"type": kind, "selected_options": chosen}
    option = element.get("initial_option") if given is None else choose(element, str(given))
    return {"type": kind, "selected_option": option}


def _check_complete(block: Json, element: Json, value: Json) -> None:
    label = block["label"]["text"]
    content: Any = next(part for name, part in value.items() if name != "type")
    if not content and not block.get("optional"):
        raise Incomplete(f"{label}: please complete this required field")
    if content and element["type"] == "plain_text_input":
        least, most = element.get("min_length", 0), element.get("max_length", 3000)
        if not least <= len(content) <= most:
            raise Incomplete(f"{label}: between {least} and {most} characters, not {len(content)}")
