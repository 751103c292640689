"""
Blocks as a person reads them: words line by line, and what can be pressed or filled in.

Mentions lose their brackets (`<@U0ANN>` is read `@U0ANN`), links keep their label, dates their
fallback, and escaped characters are what they stand for.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

Json = dict[str, Any]

DATE = re.compile(r"<!date\^[^|>]*\|([^>]*)>")
MENTION = re.compile(r"<(?:!subteam\^|[@!])([^|>]+)(?:\|[^>]*)?>")
CHANNEL = re.compile(r"<#([^|>]+)(?:\|[^>]*)?>")
LINK = re.compile(r"<([^|>]+)(?:\|([^>]*))?>")
ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))

#: Where a block keeps the things that a person can press or fill in.
HOLDERS = ("elements", "accessory", "element")
PRESSABLE = frozenset(
    {"button", "overflow", "static_select", "radio_buttons", "checkboxes", "plain_text_input"}
)
#: Where blocks and their parts keep words, in the order in which they are read.
WORDS = ("title", "label", "text", "fields", "elements", "element", "accessory", "rows", "hint")


def plain_mrkdwn(text: str) -> str:
    """Slack's markup as it is read, without its brackets and entities."""
    text = DATE.sub(r"\1", text)
    text = MENTION.sub(r"@\1", text)
    text = CHANNEL.sub(r"#\1", text)
    text = LINK.sub(lambda link: link[2] or link[1], text)
    for entity, character in ENTITIES:
        text = text.replace(entity, character)
    return text


def lines(blocks: Iterable[Json]) -> Iterator[str]:
    """What each block says, one line a block; an empty block says nothing."""
    for block in blocks:
        yield "  ".join(word for word in words(block) if word.strip())


def words(part: Any) -> Iterator[str]:
    """The words of a block or of any part of it, in reading order."""
    if isinstance(part, list | tuple):
        for item in part:
            yield from words(item)
    elif isinstance(part, str):
        yield part
    elif isinstance(part, dict):
        yield from _words_of(part)


def _words_of(part: Json) -> Iterator[str]:
    match part.get("type"):
        case "mrkdwn":
            yield plain_mrkdwn(part["text"])
        case "rich_text_section" | "rich_text_preformatted" | "rich_text_quote":
            yield "".join(words(part["elements"]))
        case "user" | "usergroup" | "broadcast" | "channel" | "emoji" | "date" | "link" as kind:
            yield _rich_word(kind, part)
        case "image":
            yield part["alt_text"]
        case _:
            for name in WORDS:
                yield from words(part.get(name))
            yield from words([option["text"] for option in options_of(part)])


def _rich_word(kind: str, part: Json) -> str:
    """A rich text element that is not text, as it is read."""
    match kind:
        case "user" | "usergroup":
            return f"@{part[f'{kind}_id']}"
        case "broadcast":
            return f"@{part['range']}"
        case "channel":
            return f"#{part['channel_id']}"
        case "emoji":
            return f":{part['name']}:"
        case "date":
            return str(part.get("fallback", part["timestamp"]))
        case _:
            return str(part.get("text") or part["url"])


def interactive(blocks: Iterable[Json]) -> Iterator[tuple[Json, Json]]:
    """Everything that can be pressed or filled in, each with its block."""
    for block in blocks:
        for holder in HOLDERS:
            found = block.get(holder, ())
            for element in [found] if isinstance(found, dict) else found:
                if element.get("type") in PRESSABLE:
                    yield block, element


def find(blocks: Iterable[Json], action_id: str) -> tuple[Json, Json]:
    """The first thing of that action_id, with its block."""
    there = list(interactive(blocks))
    for block, element in there:
        if element["action_id"] == action_id:
            return block, element
    names = [element["action_id"] for _, element in there]
    raise LookupError(f"nothing called {action_id} is there, only {names}")


def options_of(element: Json) -> list[Json]:
    """What a menu, radio or checkbox element offers, groups dissolved."""
    groups = element.get("option_groups", ())
    return [*element.get("options", ()), *(o for group in groups for o in group["options"])]
