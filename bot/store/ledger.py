"""The audit record, in the database."""

import json
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from pydantic_core import to_json
from sqlalchemy import Row, Select, bindparam, select

from bot.flows.ports import Ledger
from bot.release.ledger import PENDING, By, Entry
from bot.store.database import Database
from bot.store.rows import columns, found_by, put
from bot.store.tables import EntryRow

_ledger = columns(EntryRow)
_STILL_OPEN = _ledger.c.outcome == PENDING  # one for all: statements are kept by it


def _in_order(rows: Select[Any]) -> Select[Any]:
    return rows.order_by(_ledger.c.at, _ledger.c.id)


_OF = select(_ledger).where(_ledger.c.uid == bindparam("uid"))
_OF_REVISION = _OF.where(_ledger.c.revision == bindparam("revision"))
_NEWEST_FIRST = (_ledger.c.at.desc(), _ledger.c.id.desc())
_SINCE = _in_order(select(_ledger).where(_ledger.c.at >= bindparam("at")))
_PENDING = _in_order(select(_ledger).where(_STILL_OPEN))


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
        async with self._database.begin(is_urgent=True) as connection:  # before it nothing is done
            await put(
                connection,
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
        return await self._entries(_SINCE, at=at)

    async def of(
        self, uid: str, revision: str | None = None, *, most: int | None = None
    ) -> Sequence[Entry]:
        """Tell the entries of a rollout (and revision), oldest first; the newest, at *most*."""
        values = {"uid": uid} if revision is None else {"uid": uid, "revision": revision}
        return await self._entries(_of(most, has_revision=revision is not None), **values)

    async def pending(self) -> Sequence[Entry]:
        """Tell the entries whose effect was not seen yet, oldest first."""
        return await self._entries(_PENDING)

    async def _entries(self, rows: Select[Any], **values: Any) -> Sequence[Entry]:
        async with self._database.begin() as connection:
            return [_entry(row) for row in await found_by(connection, rows, **values)]


@cache
def _of(most: int | None, *, has_revision: bool) -> Select[Any]:
    rows = _OF_REVISION if has_revision else _OF
    if most is None:
        return _in_order(rows)
    newest = rows.order_by(*_NEWEST_FIRST).limit(most).subquery()
    return select(newest).order_by(newest.c.at, newest.c.id)


def _entry(row: Row[Any]) -> Entry:
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
