"""The audit record, in the database."""

import json
from collections.abc import Sequence
from datetime import datetime

from pydantic_core import to_json
from sqlalchemy import Select, select

from bot.flows.ports import Ledger
from bot.release.ledger import PENDING, By, Entry
from bot.store.database import Database, put
from bot.store.tables import EntryRow

_STILL_OPEN = EntryRow.outcome == PENDING  # one for all: statements are kept by it


class SqlLedger(Ledger):
    """The audit record. Every method raises Unusable when the database fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def write(self, entry: Entry) -> None:
        """
        Insert the entry, or complete the one with the same id; on disk when this returns.

        One that is complete is not opened again: who writes that was stopped for so long that
        another replica has completed it.
        """
        async with self._database.begin(is_urgent=True) as session:  # before it nothing is done
            await put(
                session,
                EntryRow,
                replacing=_STILL_OPEN if entry.is_pending else None,
                id=entry.id,
                at=entry.at,
                actor_kind=entry.actor.kind,
                actor_id=entry.actor.id,
                actor_name=entry.actor.name,
                channel=entry.channel,
                verb=entry.verb,
                cluster=entry.cluster,
                namespace=entry.namespace,
                name=entry.name,
                uid=entry.uid,
                revision=entry.revision,
                step=entry.step,
                reason=entry.reason,
                outcome=entry.outcome,
                # a detail of an unforeseen type must not cost the entry
                detail=to_json(entry.detail, fallback=str).decode(),
            )

    async def since(self, at: datetime) -> Sequence[Entry]:
        """Tell all entries from then on, oldest first."""
        return await self._entries(select(EntryRow).where(EntryRow.at >= at))

    async def of(
        self, uid: str, revision: str | None = None, *, most: int | None = None
    ) -> Sequence[Entry]:
        """Tell the entries of a rollout (and revision), oldest first; the newest, at *most*."""
        rows = select(EntryRow).where(EntryRow.uid == uid)
        if revision is not None:
            rows = rows.where(EntryRow.revision == revision)
        if most is not None:
            newest = rows.order_by(EntryRow.at.desc(), EntryRow.id.desc()).limit(most)
            rows = select(EntryRow).where(EntryRow.id.in_(newest.with_only_columns(EntryRow.id)))
        return await self._entries(rows)

    async def pending(self) -> Sequence[Entry]:
        """Tell the entries whose effect was not seen yet, oldest first."""
        return await self._entries(select(EntryRow).where(EntryRow.outcome == PENDING))

    async def _entries(self, rows: Select[EntryRow]) -> Sequence[Entry]:
        async with self._database.begin() as session:
            found = await session.scalars(rows.order_by(EntryRow.at, EntryRow.id))
            return [_entry(row) for row in found]


def _entry(row: EntryRow) -> Entry:
    return Entry(
        id=row.id,
        at=row.at,
        actor=By(kind=row.actor_kind, id=row.actor_id, name=row.actor_name),
        channel=row.channel,
        verb=row.verb,
        cluster=row.cluster,
        namespace=row.namespace,
        name=row.name,
        uid=row.uid,
        revision=row.revision,
        step=row.step,
        reason=row.reason,
        outcome=row.outcome,
        detail=json.loads(row.detail),
    )
