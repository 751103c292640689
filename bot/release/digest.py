"""
A span of time, summed up: what needs a person, what is on its way, what ended and by whom.

    (looks and stories now, endings, ledger entries, what is wrong) ─▶ summarise ─▶ Digest
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.release.ledger import DONE, By, Entry
from bot.release.rollout import State
from bot.release.story import Ending, Story
from bot.release.traffic import Look

#: states in which nothing goes on until a person decides
NEEDS_PERSON = frozenset({State.WAITING, State.UNDECIDED, State.FROZEN, State.FAILED})


@dataclass(frozen=True, kw_only=True)
class Flight:
    """A release that is on its way, or called off and not settled."""

    look: Look
    story: Story

    @property
    def needs_person(self) -> bool:
        """Whether nothing goes on, or something is wrong, until a person acts."""
        rollout = self.look.rollout
        if rollout.state in NEEDS_PERSON:
            return True
        if self.look.stray is not None:
            return True
        return rollout.aborted and not self.look.traffic.is_zero


@dataclass(frozen=True, kw_only=True)
class Ended:
    """A release that ended within the span."""

    namespace: str
    name: str
    version: str  #: the image, as it stands in the manifest
    ending: Ending

    @property
    def key(self) -> str:
        """`namespace/name`, as people say it."""
        return f"{self.namespace}/{self.name}"


@dataclass(frozen=True, kw_only=True)
class Concern:
    """Something that is wrong and not gone yet."""

    about: str  #: `namespace/name` of the rollout, or the object
    message: str
    since: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Digest:
    """What a channel wants to know about a span of time, most urgent first."""

    since: datetime
    until: datetime
    waiting: tuple[Flight, ...] = ()
    flying: tuple[Flight, ...] = ()
    ended: tuple[Ended, ...] = ()
    concerns: tuple[Concern, ...] = ()
    lesser: int = 0  #: findings that are not grave enough to be named
    muted: int = 0  #: findings of which nobody wants to hear for now
    acts: int = 0  #: what people did through the bot
    refusals: int = 0  #: what they wanted and did not get

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to tell."""
        return not (self.waiting or self.flying or self.ended or self.concerns)


_AT_REST = {State.STABLE, State.UNSUPPORTED}


def summarise(
    flights: Iterable[Flight],
    endings: Iterable[Ended] = (),
    entries: Iterable[Entry] = (),
    concerns: Iterable[Concern] = (),
    lesser: int = 0,
    muted: int = 0,
    *,
    since: datetime,
    until: datetime,
) -> Digest:
    """
    Sum up a span of time.

    Args:
        flights: every rollout of the channel, as it is now; those at rest are left out.
        endings: releases that ended; those outside the span are left out.
        entries: lines of the ledger; an abort without an ending is told from here.
        concerns: findings that are open, without the *lesser* and *muted* ones: those are counted.
        since: the beginning of the span.
        until: its end, excluded.

    """
    given = [f for f in flights if f.look.rollout.state not in _AT_REST]
    waiting = sorted((f for f in given if f.needs_person), key=_waits_since)
    within = [e for e in entries if since <= e.at < until]
    known = [e for e in endings if e.ending.at is None or since <= e.ending.at < until]
    ended = [*known, *_aborts(within, known)]
    return Digest(
        since=since,
        until=until,
        waiting=tuple(waiting),
        flying=tuple(f for f in given if not f.needs_person and not f.look.rollout.aborted),
        ended=tuple(sorted(ended, key=lambda e: (e.ending.at or until, e.key))),
        concerns=tuple(concerns),
        lesser=lesser,
        muted=muted,
        acts=sum(_is_act(e) and e.outcome == DONE for e in within),
        refusals=sum(_is_act(e) and e.outcome.startswith("refused") for e in within),
    )


def _is_act(entry: Entry) -> bool:
    return entry.actor.kind == "slack"


def _waits_since(flight: Flight) -> tuple[bool, float]:
    """Order by how long somebody is waited for, the longest first."""
    pause = flight.look.rollout.pause
    started = pause.started if pause else None
    return started is None, started.timestamp() if started else 0.0


def _aborts(entries: Sequence[Entry], known: Sequence[Ended]) -> list[Ended]:
    """Tell aborts of which only the ledger knows, one for each revision."""
    told = {e.key for e in known if e.ending.how == "aborted"}
    found: dict[tuple[str, str], Ended] = {}
    for entry in entries:
        key = f"{entry.namespace}/{entry.name}"
        if entry.verb == "abort" and entry.outcome == DONE and key not in told:
            found[key, entry.revision] = _aborted(entry)
    return list(found.values())


def _aborted(entry: Entry) -> Ended:
    begun = entry.detail.get("begun")
    weight = begun.get("weight") if isinstance(begun, dict) else None
    return Ended(
        namespace=entry.namespace,
        name=entry.name,
        version=str(entry.detail.get("image", "")),
        ending=Ending(
            how="aborted",
            by=By(kind=entry.actor.kind, id=entry.actor.id, name=entry.actor.name),
            reason=entry.reason,
            at=entry.at,
            from_weight=weight if isinstance(weight, int) else None,
        ),
    )
