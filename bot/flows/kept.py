"""What the bot keeps of what it said: where, how far, and to whom it still owes an answer."""

from dataclasses import dataclass
from datetime import datetime

from bot.balancing.finding import Finding
from bot.release.ledger import By
from bot.release.traffic import HeaderRoute, Look


@dataclass(frozen=True, kw_only=True)
class Slot:
    """One living message: the same slot is edited, never posted twice."""

    channel: str
    key: str


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a slot's message stands in Slack, and a digest of what it says now."""

    ts: str
    content: str = ""


@dataclass(frozen=True, kw_only=True)
class Told:
    """
    What has been told about a rollout, so that a restart repeats nothing.

    Attributes:
        look: the state of which all has been told.
        started: when the revision was first seen on its way.
        started_by: who brought it, if known.
        serial: how many changes were told; part of the key that each of them claims.
        alarms: keys of what is wrong, was told, and is not gone yet.
        routes: header routes that led to the canary when last seen whole.

    """

    look: Look
    started: datetime | None = None
    started_by: By | None = None
    serial: int = 0
    alarms: tuple[str, ...] = ()
    routes: tuple[HeaderRoute, ...] = ()


@dataclass(frozen=True, kw_only=True)
class OpenFinding:
    """A finding that was told and is not gone yet."""

    finding: Finding
    channel: str
    told_at: datetime
    ts: str = ""


@dataclass(frozen=True, kw_only=True)
class Promise:
    """
    A press or command that was acknowledged, and whose answer is not given yet.

    Attributes:
        id: of this one.
        at: when it arrived.
        person: who is owed the answer.
        channel, thread: where they asked; "" where that is nowhere.
        verb: what for.
        what: `namespace/name`, or as it was typed; "" where it is not known yet.

    """

    id: str
    at: datetime
    person: str
    channel: str = ""
    thread: str = ""
    verb: str
    what: str = ""
