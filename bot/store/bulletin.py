"""What was said and where, in the database."""

import logging
from collections.abc import AsyncIterator, Container, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Row, bindparam, select

from bot.balancing.finding import Finding
from bot.flows.kept import OpenFinding, Parcel, Place, Promise, Slot, Told
from bot.flows.ports import Bulletin, Clock
from bot.release.ledger import By
from bot.release.mute import Mute
from bot.release.rollout import Sighting
from bot.store import parcels as mail
from bot.store.database import Database, apart
from bot.store.rows import columns, drop, found_by, one, put, put_new
from bot.store.sweeping import sweep
from bot.store.tables import (
    ClaimRow,
    FindingRow,
    MuteRow,
    PlaceRow,
    PromiseRow,
    SightingRow,
    ToldRow,
)

_log = logging.getLogger(__name__)

_TOLD = TypeAdapter(Told)
_SIGHTING = TypeAdapter(Sighting)
_FINDING = TypeAdapter(Finding)

_SWEEP = timedelta(hours=1)
_AT_ONCE = 200  #: rows that are read and decoded together

_told, _findings = columns(ToldRow), columns(FindingRow)
_promises, _mutes = columns(PromiseRow), columns(MuteRow)
_ALL_TOLD = (
    select(_told).where(_told.c.uid > bindparam("last")).order_by(_told.c.uid).limit(_AT_ONCE)
)
_ALL_FINDINGS = select(_findings).order_by(
    _findings.c.told_at, _findings.c.key, _findings.c.channel
)
_MOMENT = 0.05  #: seconds for which an acknowledgement waits for the disk
_ALL_PROMISES = select(_promises).order_by(_promises.c.at, _promises.c.id)
_ALL_MUTES = select(_mutes).order_by(_mutes.c.until, _mutes.c.key)

Kept = TypeVar("Kept")


class SqlBulletin(Bulletin):
    """What was said and where. Every method raises Unusable when the database fails."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._swept: datetime | None = None  #: when what is too old was dropped last

    async def claim(self, key: str, parcels: Sequence[Parcel] = ()) -> bool:
        """
        Take a key for ever, and store what is told about it, both or nothing.

        False when it was taken before, by whichever replica; then nothing is stored.
        """
        async with self._database.begin() as connection:
            is_new = await put_new(connection, ClaimRow, key=key, at=self._clock())
            if is_new:
                await mail.store(connection, parcels)
            return is_new

    async def queue(self, parcels: Sequence[Parcel]) -> None:
        """Store what is to be told; what is stored already stays as it is."""
        async with self._database.begin() as connection:
            await mail.store(connection, parcels)

    async def parcels(self) -> Sequence[Parcel]:
        """Tell what was stored and not delivered, oldest first."""
        async with self._database.begin() as connection:
            return await mail.stored(connection)

    async def delivered(self, ids: Sequence[str]) -> None:
        """Drop parcels by their ids: Slack has them, or will never have them."""
        async with self._database.begin() as connection:
            await mail.strike(connection, ids)

    async def place(self, slot: Slot) -> Place | None:
        """Tell where the slot's message stands."""
        async with self._database.begin() as connection:
            row = await one(connection, PlaceRow, channel=slot.channel, key=slot.key)
            return Place(ts=row.ts, content=row.content) if row else None

    async def put(self, slot: Slot, place: Place) -> None:
        """Keep where the slot's message stands."""
        async with self._database.begin() as connection:
            await put(
                connection,
                PlaceRow,
                channel=slot.channel,
                key=slot.key,
                ts=place.ts,
                content=place.content,
            )

    async def forget(self, slot: Slot) -> None:
        """Drop a place whose message is gone."""
        async with self._database.begin() as connection:
            await drop(connection, PlaceRow, channel=slot.channel, key=slot.key)

    async def recall(self, uid: str) -> Told | None:
        """Tell what was last told about a rollout; None also when it cannot be read any more."""
        async with self._database.begin() as connection:
            row = await one(connection, ToldRow, uid=uid)
            return _read(_TOLD, row.told, f"What was told about {uid}") if row else None

    async def recall_all(self, but: Container[str] = ()) -> AsyncIterator[Told]:
        """Tell what was last told about every rollout; what cannot be read is left out."""
        last: str | None = ""
        while last is not None:  # thousands at once would be kept in memory for good
            async with self._database.begin() as connection:
                rows = await found_by(connection, _ALL_TOLD, last=last)
            last = rows[-1].uid if rows else None
            for row in rows:
                if row.uid in but:
                    continue
                if told := _read(_TOLD, row.told, f"What was told about {row.uid}"):
                    yield told

    async def remember(self, uid: str, told: Told | None) -> None:
        """Keep what was told about a rollout; None: forget it."""
        async with self._database.begin() as connection:
            if told:
                await put(connection, ToldRow, uid=uid, told=_written(_TOLD, told))
            else:
                await drop(connection, ToldRow, uid=uid)

    async def keep(self, key: str, sighting: Sighting) -> None:
        """Keep a sighting behind a short key for 30 days, counted anew each time it is kept."""
        now = self._clock()
        async with self._database.begin() as connection:
            if self._swept is None or now - self._swept > _SWEEP:
                await sweep(connection, now)
                self._swept = now
            await put(
                connection,
                SightingRow,
                key=key,
                created=now,
                sighting=_written(_SIGHTING, sighting),
            )

    async def sighting(self, key: str) -> Sighting | None:
        """Give the sighting behind a key."""
        async with self._database.begin() as connection:
            row = await one(connection, SightingRow, key=key)
            return _read(_SIGHTING, row.sighting, f"Sighting {key}") if row else None

    async def open_findings(self) -> Sequence[OpenFinding]:
        """Tell the findings that are open, in the order in which they were told."""
        async with self._database.begin() as connection:
            read = [_finding(row) for row in await found_by(connection, _ALL_FINDINGS)]
        return [finding for finding in read if finding]

    async def keep_findings(
        self,
        told: Sequence[OpenFinding],
        gone: Sequence[OpenFinding],
        parcels: Sequence[Parcel],
    ) -> None:
        """Keep findings as told (again), drop those that are gone, store what is told of both."""
        async with self._database.begin() as connection:
            for open_ in told:
                await put(
                    connection,
                    FindingRow,
                    key=open_.finding.key,
                    channel=open_.channel,
                    told_at=open_.told_at,
                    ts=open_.ts,
                    finding=_written(_FINDING, open_.finding),
                )
            for open_ in gone:
                await drop(connection, FindingRow, key=open_.finding.key, channel=open_.channel)
            await mail.store(connection, parcels)

    async def promise(self, promise: Promise) -> None:
        """
        Keep that somebody is owed an answer; whoever has no time for it is let go at once.

        A press is acknowledged after it: a slow disk is waited for only for a moment. What is not
        on it by then outlives us, and what is done about it is written down before it is begun.
        """
        await apart(self._promise(promise))

    async def _promise(self, promise: Promise) -> None:
        async with self._database.begin(is_urgent=True, disk=_MOMENT) as connection:
            await put(connection, PromiseRow, **asdict(promise))

    async def promises(self) -> Sequence[Promise]:
        """Tell who is owed an answer, oldest first."""
        async with self._database.begin() as connection:
            return [_promise(row) for row in await found_by(connection, _ALL_PROMISES)]

    async def redeem(self, promise: str) -> None:
        """Drop a promise by its id: the answer was given."""
        async with self._database.begin() as connection:
            await drop(connection, PromiseRow, id=promise)

    async def mutes(self) -> Sequence[Mute]:
        """Tell what is muted, the one that ends first at the front."""
        async with self._database.begin() as connection:
            return [_mute(row) for row in await found_by(connection, _ALL_MUTES)]

    async def mute(self, mute: Mute) -> None:
        """Keep that a finding is muted; a later one takes the place of an earlier."""
        async with self._database.begin() as connection:
            await put(
                connection,
                MuteRow,
                key=mute.key,
                severity=mute.severity,
                by_kind=mute.by.kind,
                by_id=mute.by.id,
                by_name=mute.by.name,
                reason=mute.reason,
                at=mute.at,
                until=mute.until,
            )

    async def unmute(self, key: str) -> None:
        """Drop it."""
        async with self._database.begin() as connection:
            await drop(connection, MuteRow, key=key)


def _promise(row: Row[Any]) -> Promise:
    return Promise(
        id=row.id,
        at=row.at,
        person=row.person,
        channel=row.channel,
        thread=row.thread,
        verb=row.verb,
        what=row.what,
        owner=row.owner,
    )


def _mute(row: Row[Any]) -> Mute:
    return Mute(
        key=row.key,
        severity=row.severity,
        by=By(kind=row.by_kind, id=row.by_id, name=row.by_name),
        reason=row.reason,
        at=row.at,
        until=row.until,
    )


def _finding(row: Row[Any]) -> OpenFinding | None:
    finding = _read(_FINDING, row.finding, f"Finding {row.key}")
    if finding is None:
        return None
    return OpenFinding(finding=finding, channel=row.channel, told_at=row.told_at, ts=row.ts)


def _written(adapter: TypeAdapter[Kept], value: Kept) -> str:
    return adapter.dump_json(value).decode()


def _read(adapter: TypeAdapter[Kept], written: str, what: str) -> Kept | None:
    """
    Read what was written, perhaps by an older version.

    What does not fit any more counts as unknown: the worst that follows is something said twice,
    while an error here would keep the bot from starting.
    """
    try:
        return adapter.validate_json(written)
    except ValidationError as error:
        _log.warning(
            "%s in the database cannot be read any more and counts as unknown (%d faults)",
            what,
            error.error_count(),
            extra={"action": "memory_unreadable"},
        )
        return None
