"""The number of the memory's edition, in the database."""

from datetime import datetime

from sqlalchemy import case

from bot.flows.archive import Editions
from bot.flows.ports import Clock
from bot.store.database import Database
from bot.store.rows import insert_into, one
from bot.store.tables import MarkRow

_NAME = "edition"


class SqlEditions(Editions):
    """The number of the memory's edition. Every method raises Unusable when the database fails."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def current(self) -> tuple[int, datetime | None]:
        """Tell the newest one, and when it began; 0: there was none."""
        async with self._database.begin() as connection:
            row = await one(connection, MarkRow, name=_NAME)
            return (row.number, row.at) if row else (0, None)

    async def begin(self, at_least: int = 0) -> int:
        """Begin another, in one statement: replicas that do so at once get different ones."""
        now, first = self._clock(), max(1, at_least)
        following = MarkRow.number + 1
        higher = case((following > at_least, following), else_=at_least)
        async with self._database.begin() as connection:
            insert = insert_into(connection, MarkRow).values(name=_NAME, number=first, at=now)
            written = insert.on_conflict_do_update(
                index_elements=["name"], set_={"number": higher, "at": now}
            )
            number = await connection.execute(written.returning(MarkRow.number))
            return int(number.scalar_one())
