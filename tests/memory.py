"""
The durable record, in memory: as `bot.store` keeps it, without the disk.

What is kept goes through JSON, as on disk, and every call lets others run in between.
"""

import asyncio
from collections.abc import AsyncIterator, Container, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from bot.flows.kept import OpenFinding, Parcel, Place, Promise, Slot, Told
from bot.flows.ports import Clock
from bot.release.ledger import Entry
from bot.release.mute import Mute
from bot.release.rollout import Sighting

TOLD, ENTRY, FINDING = TypeAdapter(Told), TypeAdapter(Entry), TypeAdapter(OpenFinding)
MUTE, PARCEL = TypeAdapter(Mute), TypeAdapter(Parcel)


@dataclass
class Memory:
    """Outlives the bots that share it."""

    claims: set[str] = field(default_factory=set)
    places: dict[Slot, Place] = field(default_factory=dict)
    told: dict[str, bytes] = field(default_factory=dict)
    sightings: dict[str, Sighting] = field(default_factory=dict)
    findings: dict[tuple[str, str], bytes] = field(default_factory=dict)
    mutes: dict[str, bytes] = field(default_factory=dict)
    promises: dict[str, Promise] = field(default_factory=dict)
    entries: dict[str, bytes] = field(default_factory=dict)
    edition: tuple[int, datetime | None] = (0, None)
    parcels: dict[str, bytes] = field(default_factory=dict)


class MemoryBulletin:
    """The port `Bulletin`."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    async def claim(self, key: str, parcels: Sequence[Parcel] = ()) -> bool:
        await asyncio.sleep(0)
        is_new = key not in self._memory.claims
        self._memory.claims.add(key)
        if is_new:
            self._store(parcels)
        return is_new

    async def queue(self, parcels: Sequence[Parcel]) -> None:
        await asyncio.sleep(0)
        self._store(parcels)

    def _store(self, parcels: Sequence[Parcel]) -> None:
        for parcel in parcels:
            self._memory.parcels.setdefault(parcel.id, PARCEL.dump_json(parcel))

    async def parcels(self) -> Sequence[Parcel]:
        found = map(PARCEL.validate_json, self._memory.parcels.values())
        return sorted(found, key=lambda parcel: (parcel.at, parcel.id))

    async def delivered(self, ids: Sequence[str]) -> None:
        for id_ in ids:
            self._memory.parcels.pop(id_, None)

    async def place(self, slot: Slot) -> Place | None:
        return self._memory.places.get(slot)

    async def put(self, slot: Slot, place: Place) -> None:
        self._memory.places[slot] = place

    async def forget(self, slot: Slot) -> None:
        self._memory.places.pop(slot, None)

    async def recall(self, uid: str) -> Told | None:
        await asyncio.sleep(0)
        told = self._memory.told.get(uid)
        return TOLD.validate_json(told) if told else None

    async def recall_all(self, but: Container[str] = ()) -> AsyncIterator[Told]:
        for uid, told in tuple(self._memory.told.items()):
            if uid not in but:
                yield TOLD.validate_json(told)

    async def remember(self, uid: str, told: Told | None) -> None:
        await asyncio.sleep(0)
        if told:
            self._memory.told[uid] = TOLD.dump_json(told)
        else:
            self._memory.told.pop(uid, None)

    async def keep(self, key: str, sighting: Sighting) -> None:
        self._memory.sightings[key] = sighting

    async def sighting(self, key: str) -> Sighting | None:
        return self._memory.sightings.get(key)

    async def open_findings(self) -> Sequence[OpenFinding]:
        return [FINDING.validate_json(finding) for finding in self._memory.findings.values()]

    async def keep_findings(
        self,
        told: Sequence[OpenFinding],
        gone: Sequence[OpenFinding],
        parcels: Sequence[Parcel],
    ) -> None:
        await asyncio.sleep(0)
        for one in told:
            self._memory.findings[one.finding.key, one.channel] = FINDING.dump_json(one)
        for one in gone:
            self._memory.findings.pop((one.finding.key, one.channel), None)
        self._store(parcels)

    async def promise(self, promise: Promise) -> None:
        self._memory.promises[promise.id] = promise

    async def promises(self) -> Sequence[Promise]:
        return [*self._memory.promises.values()]

    async def redeem(self, promise: str) -> None:
        self._memory.promises.pop(promise, None)

    async def mutes(self) -> Sequence[Mute]:
        return [MUTE.validate_json(mute) for mute in self._memory.mutes.values()]

    async def mute(self, mute: Mute) -> None:
        await asyncio.sleep(0)
        self._memory.mutes[mute.key] = MUTE.dump_json(mute)

    async def unmute(self, key: str) -> None:
        self._memory.mutes.pop(key, None)


class MemoryLedger:
    """The port `Ledger`."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    async def write(self, entry: Entry) -> None:
        await asyncio.sleep(0)
        known = self._memory.entries.get(entry.id)
        if not (entry.is_pending and known and not ENTRY.validate_json(known).is_pending):
            self._memory.entries[entry.id] = ENTRY.dump_json(entry)
        await asyncio.sleep(0)

    async def since(self, at: datetime) -> Sequence[Entry]:
        return await self._read(lambda entry: entry.at >= at)

    async def of(
        self, uid: str, revision: str | None = None, *, most: int | None = None
    ) -> Sequence[Entry]:
        found = await self._read(lambda e: e.uid == uid and revision in {None, e.revision})
        return found if most is None else found[-most:]

    async def pending(self) -> Sequence[Entry]:
        return await self._read(lambda entry: entry.is_pending)

    async def _read(self, wanted: Any) -> Sequence[Entry]:
        read = [ENTRY.validate_json(entry) for entry in self._memory.entries.values()]
        await asyncio.sleep(0)
        return sorted(filter(wanted, read), key=lambda entry: entry.at)


class MemoryEditions:
    """The port `Editions`."""

    def __init__(self, memory: Memory, clock: Clock) -> None:
        self._memory, self._clock = memory, clock

    async def current(self) -> tuple[int, datetime | None]:
        return self._memory.edition

    async def begin(self, at_least: int = 0) -> int:
        await asyncio.sleep(0)
        number = max(self._memory.edition[0] + 1, at_least)
        self._memory.edition = (number, self._clock())
        return number
