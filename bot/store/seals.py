"""The key of the seal under buttons, in the database."""

from sqlalchemy import select

from bot.store.database import Database, put_new
from bot.store.tables import SealRow

_BUTTONS = "buttons"


async def seal_key(database: Database, made: bytes) -> bytes:
    """
    Give the key that is kept; the one that was made is kept where there is none yet.

    All replicas get the same. Raises Unusable.
    """
    async with database.begin() as session:
        row = await session.scalar(select(SealRow).where(SealRow.name == _BUTTONS))
        if row is None:
            await put_new(session, SealRow, name=_BUTTONS, key=made.hex())
            row = await session.scalar(select(SealRow).where(SealRow.name == _BUTTONS))
        return bytes.fromhex(row.key) if row else made
