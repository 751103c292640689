"""What was decided to be told, in the database: within the transaction of whoever decided it."""

import logging
from collections.abc import Sequence

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.flows.kept import Lane, Parcel
from bot.messages.blocks import Message
from bot.store.database import put_new
from bot.store.tables import ParcelRow

_log = logging.getLogger(__name__)

_MESSAGE = TypeAdapter(Message)
_AT_ONCE = 500  #: ids in one statement; SQLite takes 32,766


async def store(session: AsyncSession, parcels: Sequence[Parcel]) -> None:
    """Store them; what is stored already stays as it is."""
    for parcel in parcels:
        await put_new(
            session,
            ParcelRow,
            id=parcel.id,
            at=parcel.at,
            channel=parcel.channel,
            slot=parcel.slot,
            is_living=parcel.is_living,
            loud=parcel.loud,
            lane=int(parcel.lane),
            message=_MESSAGE.dump_json(parcel.message).decode(),
        )


async def stored(session: AsyncSession) -> Sequence[Parcel]:
    """Give what is stored, oldest first. What cannot be read any more is dropped, and said."""
    rows = await session.scalars(select(ParcelRow).order_by(ParcelRow.at, ParcelRow.id))
    read = {row.id: _read(row) for row in rows}
    await strike(session, [id_ for id_, parcel in read.items() if parcel is None])
    return [parcel for parcel in read.values() if parcel]


async def strike(session: AsyncSession, ids: Sequence[str]) -> None:
    """Drop them by their ids."""
    for first in range(0, len(ids), _AT_ONCE):
        some = ids[first : first + _AT_ONCE]
        await session.execute(delete(ParcelRow).where(ParcelRow.id.in_(some)))


def _read(row: ParcelRow) -> Parcel | None:
    try:
        return Parcel(
            id=row.id,
            at=row.at,
            channel=row.channel,
            slot=row.slot,
            is_living=row.is_living,
            loud=row.loud,
            lane=Lane(row.lane),
            message=_MESSAGE.validate_json(row.message),
        )
    except (ValidationError, ValueError) as error:
        _log.error(
            "What was to be told in %s cannot be read any more and is dropped (%s)",
            row.channel,
            type(error).__name__,
            extra={"action": "parcel_unreadable", "channel": row.channel},
        )
        return None
