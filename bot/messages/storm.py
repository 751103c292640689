"""
Many releases at once, in one message: what needs a person with its buttons, the rest in short.

A card each would come too late when fifty releases move at the same time. So there is one message
that is kept up to date until the cards have caught up.
"""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.messages import weights, words
from bot.messages.blocks import (
    LONGEST_MESSAGE,
    Block,
    Element,
    Message,
    actions,
    context,
    cut,
    length,
    message,
    paragraphs,
    section,
)
from bot.messages.headlines import OVER
from bot.release.digest import Flight
from bot.release.rollout import Rollout, State
from bot.release.story import Story
from bot.release.traffic import Look

EVENT = "rollout_storm"
SLOT = "storm:"  #: how the key of its slot begins; the rest is when it began

_LONGEST_LINE = 300
_ROWS = 20  #: two blocks each; the rest of Slack's fifty is for the lists
#: what is left for the lists of names, where buttons ask for all the room
_LISTS = 2_000
_SLACK = 100  #: for what is said about those that have no room
_LONGEST_LIST = 2_900
_NOTE = (
    "Too many at once for a message each: this one is kept up to date, the cards follow. "
    "What happens meanwhile is told in its thread."
)
_SIGNS = {"done": words.GOOD, "rolled back": words.GOOD}


@dataclass(frozen=True, kw_only=True, slots=True)
class Brief:
    """
    What a card says, for a message about many.

    Attributes:
        key: `namespace/name`, fit to be shown.
        point: where it stands, complete in itself, with the name in front.
        share: how much of the public reaches the canary.
        needs_person: whether it is for a person to decide.
        how: how it ended; "" it goes on.
        controls: what can be pressed, as on the card: its buttons in JSON. There is one brief for
            each release on its way, and as dictionaries they are larger than all else.

    """

    key: str
    point: str
    share: str = ""
    needs_person: bool = False
    how: str = ""
    controls: str = ""

    @property
    def buttons(self) -> tuple[Element, ...]:
        """What can be pressed."""
        return tuple(json.loads(self.controls)) if self.controls else ()


def controls(buttons: Sequence[Element]) -> str:
    """Keep buttons for a brief."""
    return json.dumps(buttons, separators=(",", ":"), ensure_ascii=False) if buttons else ""


def brief(look: Look, story: Story, shown: Message) -> Brief:
    """Make it of what the card shows."""
    ending = story.ending.how if story.ending else ""
    is_over = ending in OVER
    needs = Flight(look=look, story=story).needs_person or look.rollout.state is State.ABORTED
    rows = [block["elements"] for block in shown.blocks if block["type"] == "actions"]
    buttons = [one for row in rows for one in row if one["type"] == "button"]
    return Brief(
        key=words.key(look.rollout),
        point=shown.text,
        share=weights.reach(look),
        needs_person=needs and not is_over,
        how=ending if is_over else "",
        controls=controls(buttons),
    )


def brief_of_left(rollout: Rollout, shown: Message) -> Brief:
    """Make it of a card whose channel hears no more of its rollout."""
    return Brief(key=words.key(rollout), point=shown.text, how="no longer told here")


def storm(briefs: Sequence[Brief], began: datetime) -> Message:
    """
    Say how all of them stand.

    Args:
        briefs: those that need a person in the order in which they are to be read.
        began: since when; by it the message is found again.

    """
    waiting, moving, ended = _sorted(briefs)
    head = [section(f"*{_count(waiting, moving, ended)}.*"), context(_NOTE)]
    room = LONGEST_MESSAGE - length(head) - _SLACK
    spare = min(length(_ended(ended, room)) + length(_moving(moving, room)), _LISTS)
    urgent = _rows(waiting, room - spare)
    room -= length(urgent)
    over = _ended(ended, max(room // 3, room - length(_moving(moving, room))))
    lists = [*over, *_moving(moving, room - length(over))]
    return message(
        _point(waiting, moving, ended), *head, *urgent, *lists, metadata=_metadata(began)
    )


def over(briefs: Sequence[Brief], began: datetime) -> Message:
    """Say that the cards have caught up; nobody edits it any more, so it tells what was."""
    waiting, moving, ended = _sorted(briefs)
    count = len(waiting) + len(moving) + len(ended)
    said = f"{_some(count, 'rollout')} moved at once, {len(ended)} of them ended."
    if waiting:
        said = f"{said} Then {len(waiting)} waited for you: {_names(waiting, 5)}."
    said = f"{said} Each has its card again."
    told = "What happened meanwhile is in this thread."
    blocks = (section(said), context(told))
    return message(f"{said} {told}", *blocks, metadata=_metadata(began, over=True))


def interrupted(began: datetime) -> Message:
    """Say that the bot ended while many moved: what stands here is not kept up to date any more."""
    said = "Many rollouts moved at once, and I was restarted meanwhile. Each has its card again."
    told = "What happened till then is in this thread."
    blocks = (section(said), context(told))
    return message(f"{said} {told}", *blocks, metadata=_metadata(began, over=True))


def _metadata(began: datetime, *, over: bool = False) -> dict[str, Any]:
    payload = {"began": int(began.timestamp()), "over": over}
    return {"event_type": EVENT, "event_payload": payload}


# --- in numbers and names -------------------------------------------------------------------------


def _sorted(briefs: Sequence[Brief]) -> tuple[list[Brief], list[Brief], list[Brief]]:
    """Give what waits, moves and has ended. A revision that made room for the next is no end."""
    going_on = [one for one in briefs if not one.how]
    keys = {one.key for one in going_on}
    ended = [one for one in briefs if one.how and one.key not in keys]
    waiting = [one for one in going_on if one.needs_person]
    return waiting, [one for one in going_on if not one.needs_person], ended


def _count(
    waiting: Sequence[Brief], moving: Sequence[Brief], ended: Sequence[Brief], names: str = ""
) -> str:
    """Tell how many do what; what there is none of is left out. *names*: of those that wait."""
    verb = "is" if len(moving) == 1 else "are"
    said = f"{_some(len(moving), 'rollout')} {verb} moving, " if moving else ""
    if waiting:
        verb = "waits" if len(waiting) == 1 else "wait"
        number = str(len(waiting)) if moving else _some(len(waiting), "rollout")
        said = f"{said}{number} {verb} for you{names}"
    else:
        said = f"{said}nothing waits for you"
    if ended:
        verb = "has" if len(ended) == 1 else "have"
        said = f"{said}{';' if names else ','} {len(ended)} {verb} ended"
    return f"{said[0].upper()}{said[1:]}"


def _some(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _point(waiting: Sequence[Brief], moving: Sequence[Brief], ended: Sequence[Brief]) -> str:
    """Carry the whole point in one line, for those who see nothing else."""
    return _count(waiting, moving, ended, f": {_names(waiting, 10)}" if waiting else "")


def _names(briefs: Sequence[Brief], most: int) -> str:
    return words.some([one.key for one in briefs], most)


# --- parts ----------------------------------------------------------------------------------------


def _rows(waiting: Sequence[Brief], room: int) -> list[Block]:
    """Give as many as fit their buttons, and each of the others a line."""
    lines = [_line(one) for one in waiting]
    # Who has no buttons shall at least be named; a part of the room is for buttons all the same.
    free = room - min(sum(len(line) + 1 for line in lines), room * 6 // 10)
    rows: list[Block] = []
    shown = 0
    for number, (one, line) in enumerate(zip(waiting, lines, strict=True)):
        row = [section(line)]
        if buttons := one.buttons:
            row.append(actions(f"storm-{number}", buttons))
        free -= length(row) - len(line) - 1
        if free < 0 or shown >= _ROWS:
            break
        rows += row
        shown += 1
    rest = lines[shown:]
    if not rest:
        return rows
    title = (
        "*Waiting for you too; their buttons come with their cards*"
        if shown
        else "*Waiting for you*"
    )
    return [*rows, *paragraphs(_within([title, *rest], room - length(rows), "wait"))]


def _line(one: Brief) -> str:
    told = one.point
    if told.startswith(one.key):
        told = f"*{one.key}*{told[len(one.key) :]}"
    return cut(told, _LONGEST_LINE)


def _within(lines: Sequence[str], room: int, verb: str) -> list[str]:
    """Keep the lines that have room; of the others it is said how many there are."""
    kept: list[str] = []
    for line in lines:
        room -= len(line) + 1
        if room < 40:
            return [*kept, f"… and {len(lines) - len(kept)} more {verb}"]
        kept.append(line)
    return kept


def _moving(moving: Sequence[Brief], room: int) -> list[Block]:
    if not moving or room < _SLACK:
        return []
    ordered = sorted(moving, key=lambda one: one.key)
    return [section(f"*Moving* {_joined([f'{o.key} {o.share}' for o in ordered], room - 40)}")]


def _ended(ended: Sequence[Brief], room: int) -> list[Block]:
    if not ended or room < _SLACK:
        return []
    ways: defaultdict[str, list[str]] = defaultdict(list)
    for one in sorted(ended, key=lambda one: one.key):
        ways[one.how].append(one.key)
    each = (min(room, _LONGEST_LIST) - 40) // len(ways) - 40
    lines = [
        f"{_SIGNS.get(how, words.OFF)} {how}: {_joined(keys, each)}" for how, keys in ways.items()
    ]
    return [section("*Ended*", *lines)]


def _joined(names: Sequence[str], longest: int) -> str:
    """Put names in a row, as many as have room."""
    room, kept = min(longest, _LONGEST_LIST), list[str]()
    for name in names:
        room -= len(name) + 3
        if kept and room < 0:
            return f"{' · '.join(kept)} and {len(names) - len(kept)} more"
        kept.append(name)
    return " · ".join(kept)
