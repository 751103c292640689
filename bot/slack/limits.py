"""
How much one person, and one channel, may ask for; pure but for its clock.

    asked for ─▶ an allowance that fills up again: admitted, or so many seconds until it would be

Reading, acting and aborting have allowances of their own: whoever has asked too often how it stands
can still act, and whoever has acted too often can still abort. Aborting may be pressed faster than
people press; only a machine is stopped there.
"""

import logging
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from bot.slack import pace
from bot.slack.commands import ACTING, BUTTONS
from bot.slack.pace import Bucket

_log = logging.getLogger(__name__)

ACTS = frozenset({*ACTING, *BUTTONS})

MOST_KEPT = 10_000  #: people and channels that are remembered at the same time


class Kind(StrEnum):
    """What is asked for."""

    READ = "read"
    ACT = "act"
    ABORT = "abort"


def kind_of(verb: str) -> Kind:
    """Tell what kind of thing a verb is; what is not known is answered with words only."""
    if verb == "abort":
        return Kind.ABORT
    return Kind.ACT if verb in ACTS else Kind.READ


@dataclass(frozen=True, kw_only=True)
class Rate:
    """So many at once, and so many a minute after them."""

    burst: int
    a_minute: float


@dataclass(frozen=True, kw_only=True)
class Rules:
    """
    The limits.

    Attributes:
        read, act, abort: of one person.
        channel: questions in one channel, of all people together.
        refusals: so many of one person within *within* seconds are too many, and cost *pause*
            seconds in which nothing but questions and aborts is taken.

    """

    read: Rate = Rate(burst=20, a_minute=20)
    act: Rate = Rate(burst=30, a_minute=60)
    abort: Rate = Rate(burst=60, a_minute=120)
    channel: Rate = Rate(burst=60, a_minute=120)
    refusals: int = 10
    within: float = 300.0
    pause: float = 30.0

    def of(self, kind: Kind) -> Rate:
        """Give the rate of a person."""
        return {Kind.READ: self.read, Kind.ACT: self.act, Kind.ABORT: self.abort}[kind]


class Allowances:
    """What is left of the allowance of each key; full where nothing is known of it."""

    def __init__(self, rate: Rate, clock: Callable[[], float]) -> None:
        self._rate = pace.Rate(rate.a_minute / 60, rate.burst)
        self._clock = clock
        self._buckets: dict[str, Bucket] = {}  # who asked longest ago at the front

    def missing(self, key: str) -> float:
        """Seconds until one is left; 0: now."""
        bucket = self._buckets.get(key)
        return bucket.wait(self._clock()) if bucket else 0.0

    def take(self, key: str) -> None:
        """Use one up."""
        bucket = self._buckets.pop(key, None) or Bucket(self._rate)
        while len(self._buckets) >= MOST_KEPT:  # who asked longest ago has most of it back
            del self._buckets[next(iter(self._buckets))]
        self._buckets[key] = bucket
        bucket.take(self._clock())


class Limits:
    """Counts what people ask for."""

    def __init__(self, rules: Rules | None = None, clock: Callable[[], float] = time.monotonic):
        self._rules = rules or Rules()
        self._clock = clock
        self._people = {kind: Allowances(self._rules.of(kind), clock) for kind in Kind}
        self._channels = Allowances(self._rules.channel, clock)
        self._refusals: dict[str, deque[float]] = {}
        self._pauses: dict[str, float] = {}
        self._told: dict[str, float] = {}

    def ask(self, kind: Kind, person: str, channel: str) -> float:
        """Take one of the allowance; 0, or the seconds after which there is one again."""
        of_channel = channel if kind is Kind.READ else ""
        seconds = max(
            self._people[kind].missing(person),
            self._channels.missing(of_channel) if of_channel else 0.0,
            self.pause(person) if kind is Kind.ACT else 0.0,
        )
        if seconds > 0:
            self._tell(kind, person, channel)
            return seconds
        self._people[kind].take(person)
        if of_channel:
            self._channels.take(of_channel)
        return 0.0

    def refused(self, person: str) -> None:
        """Learn that somebody wanted what they may not, or what nobody made."""
        now, rules = self._clock(), self._rules
        times = self._refusals.setdefault(person, deque(maxlen=rules.refusals))
        times.append(now)
        if len(times) == rules.refusals and now - times[0] <= rules.within:
            del self._refusals[person]
            self._pauses[person] = now + rules.pause
            _log.error(
                "%s was refused %d times within %.0f s: somebody tries what they may not",
                person,
                rules.refusals,
                now - times[0],
                extra={"action": "refused_often", "user": person, "count": rules.refusals},
            )
        while len(self._refusals) > MOST_KEPT:
            del self._refusals[next(iter(self._refusals))]

    def pause(self, person: str) -> float:
        """Seconds for which nothing is done for somebody who was refused too often; 0: none."""
        seconds = self._pauses.get(person, 0.0) - self._clock()
        if seconds <= 0:
            self._pauses.pop(person, None)
        return max(0.0, seconds)

    def _tell(self, kind: Kind, person: str, channel: str) -> None:
        """Log it once a minute for each person."""
        now = self._clock()
        if now - self._told.get(person, float("-inf")) < 60:
            return
        if len(self._told) >= MOST_KEPT:
            self._told.clear()
        self._told[person] = now
        _log.warning(
            "%s asks for more than one person may (%s)",
            person,
            kind,
            extra={"action": "limited", "user": person, "channel": channel, "kind": str(kind)},
        )
