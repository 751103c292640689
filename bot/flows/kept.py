"""What the bot keeps: what it said and where, what is still to be told, whom it owes an answer."""

import secrets
import time
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum

from bot.balancing.finding import Finding
from bot.messages.blocks import Message
from bot.release.ledger import By
from bot.release.traffic import HeaderRoute, Look

CARD = "card:"  #: with which the slots of cards begin


class Lane(IntEnum):
    """What goes first when Slack is slow."""

    ANSWER = 0
    DECISION = 1
    ENDED = 2
    PROGRESS = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Slot:
    """One living message: the same slot is edited, never posted twice."""

    channel: str
    key: str


def card_slot(channel: str, uid: str, revision: str) -> Slot:
    """Name the message that follows a revision in a channel."""
    return Slot(channel=channel, key=f"{CARD}{uid}:{revision}")


def finding_slot(channel: str, fingerprint: str, since: int) -> Slot:
    """Name the message of a finding; *since* (seconds): each time that it comes it has another."""
    return Slot(channel=channel, key=f"finding:{fingerprint}:{since}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where a slot's message stands in Slack, and a digest of what it says now."""

    ts: str
    content: str = ""


def new_id() -> str:
    """Make an id that no other process makes; a later one sorts behind an earlier."""
    return f"{time.time_ns():016x}{secrets.token_hex(4)}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Parcel:
    """
    What was decided to be told, until Slack has it.

    Attributes:
        at: when it was decided.
        slot: the key of the living message that it belongs to; "" a message of its own.
        is_living: it is what that message shall say from now on; else a line for its thread.
        loud: a line that the channel hears too.
        id: by which it is recognised in Slack, too.

    """

    at: datetime
    channel: str
    message: Message
    lane: Lane
    slot: str = ""
    is_living: bool = False
    loud: bool = False
    id: str = field(default_factory=new_id)

    @property
    def place(self) -> Slot | None:
        """The living message that it belongs to."""
        return Slot(channel=self.channel, key=self.slot) if self.slot else None


@dataclass(frozen=True, kw_only=True, slots=True)
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


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenFinding:
    """A finding that was told and is not gone yet."""

    finding: Finding
    channel: str
    told_at: datetime
    ts: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
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
        owner: the replica that took it, and answers as long as it lives.

    """

    id: str
    at: datetime
    person: str
    channel: str = ""
    thread: str = ""
    verb: str
    what: str = ""
    owner: str = ""
