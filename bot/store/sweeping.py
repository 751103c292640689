"""
What the record does not keep for ever: it grows with the years else, and every copy of it.

The ledger stays. A claim keeps something from being told twice: after months nobody would tell it
again. A place lets a message be edited: an old card is not, unless its release still waits.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Float, cast, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.flows.kept import CARD
from bot.store.tables import ClaimRow, PlaceRow, SightingRow, ToldRow

#: longer than any release waits; whoever opens an older menu is told that it is out of date
SIGHTINGS_KEPT = timedelta(days=30)
CLAIMS_KEPT = timedelta(days=90)
CARDS_KEPT = timedelta(days=90)
OTHERS_KEPT = timedelta(days=365)  #: messages about findings
_AT_ONCE = 500


async def sweep(session: AsyncSession, now: datetime) -> None:
    """Drop what is too old."""
    await session.execute(delete(SightingRow).where(SightingRow.created < now - SIGHTINGS_KEPT))
    await session.execute(delete(ClaimRow).where(ClaimRow.at < now - CLAIMS_KEPT))
    for channel, key in await _old_places(session, now):
        if not await _is_shown_still(session, key):
            place = (PlaceRow.channel == channel) & (PlaceRow.key == key)
            await session.execute(delete(PlaceRow).where(place))


async def _old_places(session: AsyncSession, now: datetime) -> Sequence[tuple[str, str]]:
    """Name the oldest places that may go; Slack's ts is the time in seconds."""
    written = cast(PlaceRow.ts, Float)
    is_card = PlaceRow.key.startswith(CARD)
    old_card = is_card & (written < (now - CARDS_KEPT).timestamp())
    old_other = ~is_card & (written < (now - OTHERS_KEPT).timestamp())
    rows = select(PlaceRow.channel, PlaceRow.key).where(old_card | old_other)
    found = await session.execute(rows.order_by(written).limit(_AT_ONCE))
    return [(channel, key) for channel, key in found]


async def _is_shown_still(session: AsyncSession, key: str) -> bool:
    """Whether it is the card of a revision that its rollout has come no further than."""
    what, _, rest = key.partition(":")
    uid, _, revision = rest.rpartition(":")
    if what != "card" or not revision:
        return False
    told = await session.get(ToldRow, uid)
    return told is not None and f'"{revision}"' in told.told
