"""
What the bot knows about one revision beyond the cluster's objects.

Read from the ledger, so that it is the same after a restart.
"""

from dataclasses import dataclass, field
from datetime import datetime

from bot.release.actions import ReturnPoint
from bot.release.ledger import By
from bot.release.ownership import Ownership


@dataclass(frozen=True, kw_only=True, slots=True)
class Stay:
    """Header-only is on, or on its way."""

    by: By
    since: datetime
    reason: str = ""
    way_back: ReturnPoint
    #: what is not right yet, one phrase each; empty: ready for testing
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Pursuit:
    """An action was accepted and its effect is not seen yet."""

    entry: str
    verb: str
    by: By
    since: datetime
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Ending:
    """How it ended: by whom, and for an abort how long until no traffic was left."""

    how: str = "done"  #: done, aborted, superseded, rolled back, deleted
    by: By | None = None
    reason: str = ""
    at: datetime | None = None
    from_weight: int | None = None  #: an abort: what the public had before, percent
    seconds: float | None = None  #: an abort: until no source gave the canary anything


@dataclass(frozen=True, kw_only=True, slots=True)
class Story:
    """The bot's own knowledge of one revision."""

    stay: Stay | None = None
    pursuit: Pursuit | None = None
    ending: Ending | None = None
    ownership: Ownership = field(default_factory=Ownership)
    #: when the revision was first seen on its way
    started: datetime | None = None
    started_by: By | None = None
