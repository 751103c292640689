"""
Message, and the small parts that messages are built of.

Plain dicts of Block Kit, cut to Slack's limits after escaping. Foreign text
(names, tags, analysis messages) always passes through `safe` where markup counts
and through `plain` where it does not: one line, nothing in it is markup or a mention.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

Block = dict[str, Any]
Element = dict[str, Any]

LONGEST_TEXT = 3000
LONGEST_LABEL = 75
LONGEST_VALUE = 2000
LONGEST_HEADER = 150
LONGEST_CONFIRM = 300
LONGEST_OPTION_VALUE = 75
LONGEST_FALLBACK = 3000  # Slack cuts `text` at 40,000 only; nobody reads that on a phone
MOST_BLOCKS = 50
MOST_BUTTONS = 25
MOST_OPTIONS = 5
#: Slack refuses a message whose blocks have too much text in all (`msg_blocks_too_long`, not
#: published; reports lie between 9,597 and 11,341 characters), slackapi/bolt-js#2867
LONGEST_MESSAGE = 9_000

_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_BROADCAST = re.compile(r"@(?=channel|here|everyone|group)", re.IGNORECASE)
_SPACES = re.compile(r" +")


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """
    What people see.

    Attributes:
        text: the whole point in one line, for notifications and screen readers.
        blocks: Block Kit; empty: the text alone.
        metadata: `{"event_type": …, "event_payload": {…}}` or None.
        refused: why nothing was done, as the ledger calls it; "" for all other messages.

    """

    text: str
    blocks: tuple[Block, ...] = ()
    metadata: dict[str, Any] | None = field(default=None)
    refused: str = ""


# --- foreign text ---------------------------------------------------------------------------------


def plain(foreign: object, limit: int = LONGEST_TEXT) -> str:
    """Make foreign text one line of at most *limit* characters, for plain_text: never empty."""
    whole = str(foreign)
    head = whole[: 2 * limit + 100]  # a log of a megabyte is not worth reading to its end
    text = head if head.isprintable() else "".join(c if c.isprintable() else " " for c in head)
    text = _SPACES.sub(" ", text).strip() or "–"
    if len(text) <= limit and len(head) == len(whole):
        return text
    return f"{text[: limit - 1]}…"


def safe(foreign: object, limit: int = LONGEST_TEXT) -> str:
    """
    Make foreign text one line without markup, for mrkdwn.

    Escaped, then cut: no mention, link or code can come of it, and no half entity.
    An invisible word joiner keeps `@channel` from being one wherever Slack looks for it.
    """
    text = _BROADCAST.sub("@\u2060", plain(foreign, limit).replace("`", "'"))
    return cut(text.translate(_ENTITIES), limit)


def code(foreign: str, limit: int = LONGEST_TEXT) -> str:
    """Make a block of code of several lines; what does not fit is left out, and said."""
    return f"```\n{cut(_printable(foreign), limit - 8)}\n```"


def whole_code(foreign: str) -> str:
    """Make the same, never cut: empty where one block has no room for all of it."""
    lines = _printable(foreign)
    return f"```\n{lines}\n```" if len(lines) <= LONGEST_TEXT - 8 else ""


def _printable(foreign: str) -> str:
    lines = [
        "".join(c if c.isprintable() else " " for c in line).replace("```", "'''")
        for line in foreign.splitlines()
    ]
    return "\n".join(lines).translate(_ENTITIES) or "–"


def cut(text: str, limit: int = LONGEST_TEXT) -> str:
    """Cut mrkdwn to a length; neither an entity nor a mention is cut in two."""
    if len(text) <= limit:
        return text
    kept = text[: limit - 1]
    for opens, closes in (("&", ";"), ("<", ">")):
        start = kept.rfind(opens)
        if start >= 0 and closes not in kept[start:] and closes in text[start:]:
            kept = kept[:start]
    return f"{kept}…"


def bare(markup: str) -> str:
    """Take the formatting and the dates out of our own mrkdwn, for the one-line `text`."""
    text = re.sub(r"<!date\^[^|>]{0,200}\|([^>]{0,200})>", r"\1", markup)
    text = re.sub(r"(?<![\w*])\*([^*\n]+)\*(?![\w*])", r"\1", text)
    return cut(" ".join(text.split()), LONGEST_FALLBACK)


# --- times ----------------------------------------------------------------------------------------


def date(at: datetime, shape: str = "{date_short_pretty} {time}") -> str:
    """Show a time in each reader's own zone; UTC where it cannot be shown so."""
    utc = at.astimezone(UTC)
    return f"<!date^{int(utc.timestamp())}^{shape}|{utc:%Y-%m-%d %H:%M} UTC>"


def clock(at: datetime) -> str:
    """Show a time of this day: hours and minutes."""
    utc = at.astimezone(UTC)
    return f"<!date^{int(utc.timestamp())}^{{time}}|{utc:%H:%M} UTC>"


def coming(at: datetime, now: datetime) -> str:
    """Show a time to come, with its day where it is not soon."""
    return clock(at) if at - now < timedelta(hours=12) else date(at)


def ago(at: datetime, now: datetime) -> str:
    """Show how long ago something was; Slack keeps it true while the message stands."""
    seconds = int(at.astimezone(UTC).timestamp())
    return f"<!date^{seconds}^{{ago}}|{duration(now - at)} ago>"


def measured(seconds: float) -> str:
    """Put a measured time into words: to a tenth below one second."""
    return f"{seconds:.1f} s" if seconds < 1 else duration(timedelta(seconds=seconds))


def duration(length: timedelta) -> str:
    """Put a length of time into words: `2 s`, `41 min`, `1 h 30 min`, `3 d`."""
    seconds = max(0.0, length.total_seconds())
    if seconds < 60:
        return f"{seconds:.0f} s" if seconds >= 1 or not seconds else "under 1 s"
    minutes = int(seconds // 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{hours // 24} d"


# --- blocks ---------------------------------------------------------------------------------------


def plain_text(text: str, limit: int) -> Element:
    """Make a text object without markup."""
    return {"type": "plain_text", "text": plain(text, limit), "emoji": False}


def mrkdwn(text: str, limit: int = LONGEST_TEXT) -> Element:
    """Make a text object with our own markup; Slack adds no links or mentions of its own."""
    return {"type": "mrkdwn", "text": cut(text, limit) or "–", "verbatim": True}


def header(text: str) -> Block:
    """Make a title."""
    return {"type": "header", "text": plain_text(text, LONGEST_HEADER)}


def section(*lines: str, block_id: str = "") -> Block:
    """Make a paragraph of lines; empty lines are left out."""
    named = {"block_id": block_id} if block_id else {}
    return {"type": "section", **named, "text": mrkdwn("\n".join(filter(None, lines)))}


def context(*lines: str) -> Block:
    """Make small print."""
    return {"type": "context", "elements": [mrkdwn("\n".join(filter(None, lines)))]}


def divider() -> Block:
    """Make a line across."""
    return {"type": "divider"}


def actions(block_id: str, elements: Sequence[Element]) -> Block:
    """Make a row of buttons."""
    return {"type": "actions", "block_id": block_id, "elements": list(elements[:MOST_BUTTONS])}


def button(
    action_id: str,
    label: str,
    value: str,
    *,
    style: str = "",
    confirm: Element | None = None,
) -> Element:
    """Make a button; style is empty, `primary` or `danger`."""
    made: Element = {
        "type": "button",
        "action_id": action_id,
        "text": plain_text(label, LONGEST_LABEL),
        "value": value,
    }
    if style:
        made["style"] = style
    if confirm:
        made["confirm"] = confirm
    return made


def overflow(action_id: str, options: Sequence[tuple[str, str]]) -> Element:
    """Make the menu behind the dots: (label, value) of each option."""
    return {
        "type": "overflow",
        "action_id": action_id,
        "options": [option(label, value) for label, value in options[:MOST_OPTIONS]],
    }


def option(label: str, value: str) -> Element:
    """Make one choice of a menu or of checkboxes."""
    return {"text": plain_text(label, LONGEST_LABEL), "value": value[:LONGEST_OPTION_VALUE]}


def confirm(title: str, effect: str, yes: str, *, danger: bool = False) -> Element:
    """Make the dialog that asks before a button counts."""
    made: Element = {
        "title": plain_text(title, 100),
        "text": plain_text(effect, LONGEST_CONFIRM),
        "confirm": plain_text(yes, 30),
        "deny": plain_text("Leave as it is", 30),
    }
    return {**made, "style": "danger"} if danger else made


# --- whole messages -------------------------------------------------------------------------------


def message(text: str, *blocks: Block, metadata: dict[str, Any] | None = None) -> Message:
    """Make a message within Slack's limits; what does not fit is left out, and said."""
    return Message(text=bare(text), blocks=fitting(blocks), metadata=metadata)


def fitting(
    blocks: Iterable[Block], *, most: int = MOST_BLOCKS, longest: int = LONGEST_MESSAGE
) -> tuple[Block, ...]:
    """Keep as many blocks as one message may have; buttons are always kept."""
    given = list(blocks)
    kept: list[Block] = []
    room = longest - sum(length(b) for b in given if b["type"] == "actions")
    slots = most - 1 - sum(b["type"] == "actions" for b in given)
    left_out = False
    for block in given:
        if block["type"] == "actions":
            kept.append(block)
            continue
        room, slots = room - length(block), slots - 1
        left_out = left_out or room < 0 or slots < 0
        if not left_out:
            kept.append(block)
    if left_out:
        kept.append(context("There is more than fits here."))
    return tuple(kept)


def length(part: Any) -> int:
    """Count the characters of text in blocks."""
    if isinstance(part, dict):
        own = len(part["text"]) if isinstance(part.get("text"), str) else 0
        return own + sum(length(value) for value in part.values())
    return sum(length(item) for item in part) if isinstance(part, list) else 0


def paragraphs(lines: Iterable[str], *, longest: int = 2800) -> list[Block]:
    """Put many lines into as few sections as they need."""
    made: list[Block] = []
    gathered: list[str] = []
    size = 0
    for line in lines:
        if gathered and size + len(line) + 1 > longest:
            made.append(section(*gathered))
            gathered, size = [], 0
        gathered.append(line)
        size += len(line) + 1
    return [*made, section(*gathered)] if gathered else made
