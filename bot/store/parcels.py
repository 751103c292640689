"""What was decided to be told, in the database: within the transaction of whoever decided it."""

import logging
from collections.abc import Sequence
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.flows.kept import Lane, Parcel
from bot.messages.blocks import Message
from bot.store.rows import columns, drop_all, found_by, put_new
from bot.store.tables import ParcelRow

_log = logging.getLogger(__name__)

_MESSAGE = TypeAdapter(Message)
_parcels = columns(ParcelRow)
_ALL = select(_parcels).order_by(_parcels.c.at, _parcels.c.id)


async def store(connection: AsyncConnection, parcels: Sequence[Parcel]) -> None:
    """Store them; what is stored already stays as it is."""
    for parcel in parcels:
        await put_new(
            connection,
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


async def stored(connection: AsyncConnection) -> Sequence[Parcel]:
    """Give what is stored, oldest first. What cannot be read any more is dropped, and said."""
    read = {row.id: _read(row) for row in await found_by(connection, _ALL)}
    await strike(connection, [id_ for id_, parcel in read.items() if parcel is None])
    return [parcel for parcel in read.values() if parcel]


async def strike(connection: AsyncConnection, ids: Sequence[str]) -> None:
    """Drop them by their ids."""
    await drop_all(connection, ParcelRow, [{"id": id_} for id_ in ids])


def _read(row: Row[Any]) -> Parcel | None:
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
