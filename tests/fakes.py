"""
The outside world, in memory: a cluster that is honest about patches, a Slack that writes down.

`FakeCluster` keeps whole manifests and carries out JSON Patches as the API server does: every
`test` is checked, a status patch changes only the status, and one operation that does not fit
refuses the whole patch. Who writes the status is `tests/argo.py`.
"""

import asyncio
import itertools
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.balancing.inventory import Inventory
from bot.balancing.objects import Ingress, Service
from bot.flows.kept import Lane, Parcel, Slot
from bot.flows.ports import Gone, Listed, Observed, Trouble, Unreadable, Writer
from bot.messages.blocks import Message
from bot.messages.storm import Brief
from bot.release.access import Allowed
from bot.release.actions import Patch
from bot.release.errors import NotFound, OutOfDate, Refusal, Unanswered, Unreachable
from bot.release.replicas import ReplicaSet
from bot.release.rollout import Rollout
from tests.builders import NOON
from tests.json_patches import DoesNotFit, patched

Manifest = dict[str, Any]


class HandClock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def move(self, **span: float) -> datetime:
        self.now += timedelta(**span)
        return self.now


# --- the cluster ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sent:
    """A patch that was carried out."""

    name: str
    patch: Patch
    allowed: Allowed


class Watcher(asyncio.Queue[Observed | Gone]):
    """What one bot has not heard yet; idle when it is done with what it heard last."""

    is_idle = False


class FakeCluster:
    """The port `Cluster`, with the manifests in a dict."""

    name = "test"

    def __init__(self) -> None:
        self.objects: dict[tuple[str, str, str], Manifest] = {}
        self.controller: Callable[[str, str], None] = lambda _namespace, _name: None
        self.sent: list[Sent] = []
        self.refusals: list[Refusal] = []  #: what apply raises instead, one after the other
        self.loses_answers = False  #: patches are carried out, and nobody hears of it
        self.unreachable_since: datetime | None = None
        self.is_catching_up = False
        self.hands: list[Writer] = []
        self.warnings: list[Trouble] = []
        self.applications: dict[tuple[str, str], Manifest] = {}
        self.asked: defaultdict[str, int] = defaultdict(int)
        self.before_apply: Callable[[], None] = lambda: None
        self._watchers: list[Watcher] = []
        self._versions = itertools.count(100)

    # --- what tests do --------------------------------------------------------------------------

    def put(self, kind: str, manifest: Manifest) -> None:
        """Write an object as it stands."""
        metadata = manifest["metadata"]
        metadata["resourceVersion"] = str(next(self._versions))
        self.objects[kind, metadata["namespace"], metadata["name"]] = manifest

    def manifest(self, kind: str, name: str = "tomozo", namespace: str = "tomozo") -> Manifest:
        return self.objects[kind, namespace, name]

    def edit(
        self, *operations: dict[str, Any], name: str = "tomozo", status: bool = False
    ) -> Rollout:
        """Somebody else patches a rollout; the controller then acts, and it is told."""
        self._patch("tomozo", name, Patch(status=status, operations=operations))
        return self.rollout(name)

    def announce(self, name: str = "tomozo", namespace: str = "tomozo") -> None:
        """Tell those who watch how it is now."""
        self._tell(self.observed(namespace, name))

    def delete(self, name: str = "tomozo", namespace: str = "tomozo") -> None:
        rollout = self.rollout(name, namespace)
        del self.objects["rollouts", namespace, name]
        self._tell(Gone(rollout))

    def rollout(self, name: str = "tomozo", namespace: str = "tomozo") -> Rollout:
        return Rollout.model_validate(self.manifest("rollouts", name, namespace))

    def observed(self, namespace: str, name: str) -> Observed:
        """Read everything that belongs to a rollout."""
        rollout = self.rollout(name, namespace)
        ingresses, services, sets = (
            [o for (kind, space, _), o in self.objects.items() if (kind, space) == (k, namespace)]
            for k in ("ingresses", "services", "replicasets")
        )
        return Observed(
            rollout=rollout,
            ingresses=tuple(Ingress.model_validate(i) for i in ingresses),
            services=tuple(Service.model_validate(s) for s in services),
            replica_sets=tuple(
                rs for rs in map(ReplicaSet.model_validate, sets) if rs.owner == rollout.uid
            ),
        )

    @property
    def is_quiet(self) -> bool:
        """Whether everything was heard."""
        return all(watcher.empty() and watcher.is_idle for watcher in self._watchers)

    # --- the port -------------------------------------------------------------------------------

    async def watch(self) -> AsyncIterator[Observed | Gone | Listed]:
        watcher = Watcher()
        self._watchers.append(watcher)
        try:
            for rollout in self.known():
                yield self.observed(rollout.namespace, rollout.name)
            yield Listed()
            while True:
                watcher.is_idle = True
                event = await watcher.get()
                watcher.is_idle = False
                yield event
        finally:
            self._watchers.remove(watcher)

    def known(self) -> Sequence[Rollout]:
        return [
            self.rollout(name, space) for kind, space, name in self.objects if kind == "rollouts"
        ]

    def seen(self, namespace: str, name: str) -> Observed | None:
        known = ("rollouts", namespace, name) in self.objects
        return self.observed(namespace, name) if known else None

    async def inventory(self) -> Inventory:
        kept: dict[str, list[Manifest]] = defaultdict(list)
        for (kind, _, _), manifest in self.objects.items():
            kept[kind].append(manifest)
        return Inventory(
            rollouts=tuple(map(Rollout.model_validate, kept["rollouts"])),
            ingresses=tuple(map(Ingress.model_validate, kept["ingresses"])),
            services=tuple(map(Service.model_validate, kept["services"])),
        )

    async def get(self, namespace: str, name: str) -> Observed:
        self.asked["get"] += 1
        await asyncio.sleep(0)
        if self.unreachable_since:
            raise Unreachable("The cluster cannot be reached.")
        if not (observed := self.seen(namespace, name)):
            raise NotFound(f"{namespace}/{name} does not exist.")
        return observed

    async def apply(self, rollout: Rollout, patch: Patch, allowed: Allowed) -> None:
        self.before_apply()
        await asyncio.sleep(0)
        assert allowed.uid == rollout.uid, "the proof is for another rollout"
        if self.refusals:
            raise self.refusals.pop(0)
        if ("rollouts", rollout.namespace, rollout.name) not in self.objects:
            raise NotFound(f"{rollout.key} is gone.")
        self._patch(rollout.namespace, rollout.name, patch)
        self.sent.append(Sent(rollout.name, patch, allowed))
        if self.loses_answers:
            raise Unanswered("No answer came.")

    async def writers(self, rollout: Rollout) -> Sequence[Writer]:
        self.asked["writers"] += 1
        return self.hands

    async def troubles(self, rollout: Rollout) -> Sequence[Trouble]:
        self.asked["troubles"] += 1
        return self.warnings

    async def application(self, namespace: str, name: str) -> Manifest:
        self.asked["application"] += 1
        if (namespace, name) not in self.applications:
            raise Unreadable(f"{namespace}/{name}")
        return self.applications[namespace, name]

    def _tell(self, event: Observed | Gone) -> None:
        for watcher in self._watchers:
            watcher.put_nowait(event)

    def _patch(self, namespace: str, name: str, patch: Patch) -> None:
        old = self.manifest("rollouts", name, namespace)
        try:
            new = patched(old, patch.operations)
        except DoesNotFit as error:
            raise OutOfDate(f"{namespace}/{name} has moved since ({error}).") from error
        part = "status" if patch.status else "spec"  # the rest of the body is left aside
        written = {**old, "metadata": dict(old["metadata"]), part: new.get(part, {})}
        written["metadata"]["generation"] += written["spec"] != old["spec"]
        self.put("rollouts", written)
        self.controller(namespace, name)
        self.announce(name, namespace)


# --- Slack ----------------------------------------------------------------------------------------


class FakeChat:
    """The port `Chat`: what would be said, in its order."""

    def __init__(self) -> None:
        self.cards: dict[Slot, Message] = {}  #: as they are now
        self.briefs: dict[Slot, Brief | None] = {}  #: the same in short
        self.shown: list[tuple[Slot, Message, Lane]] = []
        self.told: list[tuple[Slot, Message, Lane, bool]] = []
        self.posted: list[tuple[str, Message, Lane]] = []
        self.sent: list[tuple[Parcel, bool]] = []  #: each with whether it is stored

    def show(self, slot: Slot, message: Message, lane: Lane, brief: Brief | None = None) -> None:
        self.briefs[slot] = brief or self.briefs.get(slot)
        if slot not in self.cards and not slot.key.startswith("card:"):
            self.posted.append((slot.channel, message, lane))
        self.cards[slot] = message
        self.shown.append((slot, message, lane))

    def send(self, parcels: Sequence[Parcel], *, is_stored: bool = True) -> None:
        for parcel in parcels:
            self.sent.append((parcel, is_stored))
            if parcel.place is None:
                self.posted.append((parcel.channel, parcel.message, parcel.lane))
            elif parcel.is_living:
                self.show(parcel.place, parcel.message, parcel.lane)
            else:
                self.told.append((parcel.place, parcel.message, parcel.lane, parcel.loud))

    @property
    def lines(self) -> list[str]:
        """What the threads say, in one channel each."""
        return [line.text for _, line, _, _ in self.told]

    @property
    def posts(self) -> list[str]:
        """What was posted of its own."""
        return [message.text for _, message, _ in self.posted]
