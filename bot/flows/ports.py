"""What a flow needs from outside: small Protocols, and the data that passes them."""

import operator
from collections.abc import AsyncGenerator, AsyncIterator, Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from bot.balancing.inventory import Inventory
from bot.balancing.objects import Ingress, Service
from bot.flows.kept import Lane, OpenFinding, Parcel, Place, Promise, Slot, Told
from bot.messages.blocks import Message
from bot.messages.storm import Brief
from bot.release.access import Allowed
from bot.release.actions import Patch
from bot.release.ledger import Entry
from bot.release.mute import Mute
from bot.release.replicas import ReplicaSet
from bot.release.rollout import Rollout, Sighting


@dataclass(frozen=True, kw_only=True, slots=True)
class Observed:
    """One rollout with what belongs to it, at one moment."""

    rollout: Rollout
    ingresses: tuple[Ingress, ...] = ()
    services: tuple[Service, ...] = ()
    replica_sets: tuple[ReplicaSet, ...] = ()

    def is_of(self, other: "Observed") -> bool:
        """Whether both are of the very same objects, so that nothing can differ."""
        mine, others = _objects(self), _objects(other)
        return len(mine) == len(others) and all(map(operator.is_, mine, others))


def _objects(observed: Observed) -> tuple[object, ...]:
    return (
        observed.rollout,
        *observed.ingresses,
        *observed.services,
        *observed.replica_sets,
    )


@dataclass(frozen=True)
class Gone:
    """A rollout was deleted."""

    rollout: Rollout


@dataclass(frozen=True)
class Listed:
    """Everything that exists has been told; from now on it is news."""


@dataclass(frozen=True, kw_only=True)
class Writer:
    """Who wrote a part of an object last, by `metadata.managedFields`."""

    manager: str
    subresource: str = ""
    at: datetime | None = None
    fields: frozenset[str] = frozenset()  #: paths such as `spec.paused`, `status.abort`


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """A warning Event about an object."""

    reason: str
    message: str
    at: datetime | None = None


class Unreadable(Exception):  # noqa: N818 - an answer, not an error
    """It may exist, but the bot may not read it."""


class Cluster(Protocol):
    """The cluster, as far as the flows need it. Raises Refusal subclasses only."""

    name: str

    def watch(self) -> AsyncGenerator[Observed | Gone | Listed, None]:
        """Tell every rollout at first, then `Listed`, then each one again as it changes."""
        ...

    def known(self) -> Sequence[Rollout]:
        """Name all rollouts that are known now, without asking the server."""
        ...

    def seen(self, namespace: str, name: str) -> Observed | None:
        """Give the last known state, without asking the server."""
        ...

    async def inventory(self) -> Inventory:
        """Give everything that is known, for an inspection; never raises."""
        ...

    async def get(self, namespace: str, name: str) -> Observed:
        """Read it anew from the server. Raises NotFound, Unreachable."""
        ...

    async def apply(self, rollout: Rollout, patch: Patch, allowed: Allowed) -> None:
        """
        Send one guarded patch.

        Raises:
            OutOfDate: a test failed (422) or a conflict (409): somebody was first.
            NotFound: the rollout is gone.
            Unreachable: no answer, or the bot's account may not.

        """
        ...

    async def writers(self, rollout: Rollout) -> Sequence[Writer]:
        """Tell who wrote which part of the rollout last, newest first."""
        ...

    async def troubles(self, rollout: Rollout) -> Sequence[Trouble]:
        """Tell the warning Events on the rollout, newest first; empty when they may not be read."""
        ...

    async def application(self, namespace: str, name: str) -> dict[str, Any]:
        """Read an Argo CD Application. Raises Unreadable."""
        ...

    @property
    def unreachable_since(self) -> datetime | None:
        """Since when the server does not answer; None: it does."""
        ...

    @property
    def is_catching_up(self) -> bool:
        """Whether what is known is of different times: after the server was away, for a moment."""
        ...


class Chat(Protocol):
    """Slack, as far as the flows need it. Nothing here waits for Slack."""

    def show(self, slot: Slot, message: Message, lane: Lane, brief: Brief | None = None) -> None:
        """
        Make the slot's message say this; only the latest state is sent.

        *brief*: the same in short, for a message about many when there is no time for each.
        """
        ...

    def send(self, parcels: Sequence[Parcel], *, is_stored: bool = True) -> None:
        """
        Tell what was decided to be told; what the chat has already is left aside.

        Args:
            parcels: in the order in which they are to be read.
            is_stored: the bulletin has them too, and is to hear when they were delivered.

        """
        ...


class Bulletin(Protocol):
    """What was said and where; durable."""

    async def promise(self, promise: Promise) -> None:
        """Keep that somebody is owed an answer."""
        ...

    async def promises(self) -> Sequence[Promise]:
        """Tell who is owed an answer, oldest first."""
        ...

    async def redeem(self, promise: str) -> None:
        """Drop a promise by its id: the answer was given."""
        ...

    async def claim(self, key: str, parcels: Sequence[Parcel] = ()) -> bool:
        """Take a key for ever, and store what is told about it; False: taken before, not stored."""
        ...

    async def queue(self, parcels: Sequence[Parcel]) -> None:
        """Store what is to be told; what is stored already stays as it is."""
        ...

    async def parcels(self) -> Sequence[Parcel]:
        """Tell what was stored and not delivered, oldest first."""
        ...

    async def delivered(self, ids: Sequence[str]) -> None:
        """Drop parcels by their ids: Slack has them, or will never have them."""
        ...

    async def place(self, slot: Slot) -> Place | None:
        """Tell where the slot's message stands."""
        ...

    async def put(self, slot: Slot, place: Place) -> None:
        """Keep where the slot's message stands."""
        ...

    async def forget(self, slot: Slot) -> None:
        """Drop a place whose message is gone."""
        ...

    async def recall(self, uid: str) -> Told | None:
        """Tell what was last told about a rollout."""
        ...

    def recall_all(self, but: Container[str] = ()) -> AsyncIterator[Told]:
        """Tell what was last told about every rollout, leaving out these uids."""
        ...

    async def remember(self, uid: str, told: Told | None) -> None:
        """Keep what was told about a rollout; None: forget it."""
        ...

    async def keep(self, key: str, sighting: Sighting) -> None:
        """Keep a sighting behind a short key (for overflow menus)."""
        ...

    async def sighting(self, key: str) -> Sighting | None:
        """Give the sighting behind a key."""
        ...

    async def open_findings(self) -> Sequence[OpenFinding]:
        """Tell the findings that are open."""
        ...

    async def keep_findings(
        self,
        told: Sequence[OpenFinding],
        gone: Sequence[OpenFinding],
        parcels: Sequence[Parcel],
    ) -> None:
        """Keep findings as told (again), drop those that are gone, store what is told of both."""
        ...

    async def mutes(self) -> Sequence[Mute]:
        """Tell what is muted, also what has run out and was not dropped yet."""
        ...

    async def mute(self, mute: Mute) -> None:
        """Keep that a finding is muted; a later one takes the place of an earlier."""
        ...

    async def unmute(self, key: str) -> None:
        """Drop it."""
        ...


class Ledger(Protocol):
    """The audit record; durable."""

    async def write(self, entry: Entry) -> None:
        """Insert the entry, or complete the one with the same id."""
        ...

    async def since(self, at: datetime) -> Sequence[Entry]:
        """Tell all entries from then on, oldest first."""
        ...

    async def of(
        self, uid: str, revision: str | None = None, *, most: int | None = None
    ) -> Sequence[Entry]:
        """Tell the entries of a rollout (and revision), oldest first; the newest, at *most*."""
        ...

    async def pending(self) -> Sequence[Entry]:
        """Tell the entries whose effect was not seen yet, oldest first."""
        ...


class Roll(Protocol):
    """The beats of all replicas that share a database."""

    async def answer(self, who: str, beat: int) -> None:
        """Write a replica's beat."""
        ...

    async def beats(self) -> Mapping[str, int]:
        """Tell everybody's last beat."""
        ...

    async def strike(self, who: str) -> None:
        """Drop a replica."""
        ...


class Clock(Protocol):
    """The time of day, UTC."""

    def __call__(self) -> datetime:
        """Tell the time."""
        ...
