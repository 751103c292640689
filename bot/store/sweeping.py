"""
What the record does not keep for ever: it grows with the years else, and every copy of it.

The ledger stays. A claim keeps something from being told twice: after months nobody would tell it
again. A place lets a message be edited: an old card is not, unless its release still waits.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Float, cast, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.flows.kept import CARD
from bot.store.rows import drop, one
from bot.store.tables import ClaimRow, PlaceRow, SightingRow, ToldRow

#: longer than any release waits; whoever opens an older menu is told that it is out of date
SIGHTINGS_KEPT = timedelta(days=30)
CLAIMS_KEPT = timedelta(days=90)
CARDS_KEPT = timedelta(days=90)
OTHERS_KEPT = timedelta(days=365)  #: messages about findings
_AT_ONCE = 500


async def sweep(connection: AsyncConnection, now: datetime) -> None:
    """Drop what is too old."""
    await connection.execute(delete(SightingRow).where(SightingRow.created < now - SIGHTINGS_KEPT))
    await connection.execute(delete(ClaimRow).where(ClaimRow.at < now - CLAIMS_KEPT))
    for channel, key in await _old_places(connection, now):
        if not await _is_shown_still(connection, key):
            await drop(connection, PlaceRow, channel=channel, key=key)


async def _old_places(connection: AsyncConnection, now: datetime) -> Sequence[tuple[str, str]]:
    """Name the oldest places that may go; Slack's ts is the time in seconds."""
    written = cast(PlaceRow.ts, Float)
    is_card = PlaceRow.key.startswith(CARD)
    old_card = is_card & (written < (now - CARDS_KEPT).timestamp())
    old_other = ~is_card & (written < (now - OTHERS_KEPT).timestamp())
    rows = select(PlaceRow.channel, PlaceRow.key).where(old_card | old_other)
    found = await connection.execute(rows.order_by(written).limit(_AT_ONCE))
    return [(channel, key) for channel, key in found]


async def _is_shown_still(connection: AsyncConnection, key: str) -> bool:
    """Whether it is the card of a revision that its rollout has come no further than."""
    what, _, rest = key.partition(":")
    uid, _, revision = rest.rpartition(":")
    if what != "card" or not revision:
        return False
    told = await one(connection, ToldRow, uid=uid)
    return told is not None and f'"{revision}"' in told.told
