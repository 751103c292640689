"""The app's Home tab: the same for everybody, with what each person may do."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bot.messages import words
from bot.messages.blocks import Block, ago, context, fitting, header, paragraphs, safe
from bot.messages.reports import line_of
from bot.release.digest import Concern, Flight

_MOST = 20
_MOST_BLOCKS = 100
_LONGEST = 30_000


def home(
    flights: Sequence[Flight],
    concerns: Sequence[Concern] = (),
    *,
    now: datetime,
    may: Sequence[str] = (),
    command: str = "/rollout",
) -> dict[str, Any]:
    """
    Show what needs a person, what is on its way and what is wrong.

    Args:
        flights: every rollout that this person may see.
        concerns: findings that are open.
        now: the time.
        may: the verbs that this person may use somewhere; empty: only read.
        command: the slash command.

    """
    waiting = [flight for flight in flights if flight.needs_person]
    moving = [f for f in flights if f.look.rollout.is_releasing and not f.needs_person]
    blocks = [
        *_part("Needs a person", [line_of(f, now) for f in waiting[:_MOST]], len(waiting)),
        *_part("On its way", [line_of(f, now) for f in moving[:_MOST]], len(moving)),
    ]
    if concerns:
        told = [_concern(concern, now) for concern in concerns[:_MOST]]
        blocks += _part("Open findings", told, len(concerns))
    blocks.append(context(_rights(may, command), f"As of {ago(now, now)}."))
    shown = fitting(blocks, most=_MOST_BLOCKS, longest=_LONGEST)
    return {"type": "home", "callback_id": "rollout:home", "blocks": list(shown)}


def _part(title: str, lines: list[str], count: int) -> list[Block]:
    more = [f"… {count - len(lines)} more."] if count > len(lines) else []
    return [header(title), *paragraphs([*lines, *more] or ["Nothing."])]


def _concern(concern: Concern, now: datetime) -> str:
    name = safe(concern.about, 2 * words.LONGEST_NAME)
    since = f" · since {ago(concern.since, now)}" if concern.since else ""
    return f"{words.ALERT} *{name}*: {safe(concern.message, 500)}{since}"


def _rights(may: Sequence[str], command: str) -> str:
    name = safe(command, 40)
    if not may:
        return f"You may read. `{name} who` tells who may act; `{name} help` what can be said."
    return f"You may {words.some(sorted(may), 12)}. `{name} help` tells what can be said."
