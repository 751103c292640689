"""The key of the seal under buttons, in the database."""

from bot.store.database import Database
from bot.store.rows import one, put_new
from bot.store.tables import SealRow

_BUTTONS = "buttons"


async def seal_key(database: Database, made: bytes) -> bytes:
    """
    Give the key that is kept; the one that was made is kept where there is none yet.

    All replicas get the same. Raises Unusable.
    """
    async with database.begin() as connection:
        row = await one(connection, SealRow, name=_BUTTONS)
        if row is None:
            await put_new(connection, SealRow, name=_BUTTONS, key=made.hex())
            row = await one(connection, SealRow, name=_BUTTONS)
        return bytes.fromhex(row.key) if row else made
