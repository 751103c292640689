"""Which replicas beat, in the database that they share."""

from collections.abc import Mapping

from sqlalchemy import select

from bot.flows.ports import Roll
from bot.store.database import Database
from bot.store.rows import columns, drop, found_by, put
from bot.store.tables import ReplicaRow

_ALL = select(columns(ReplicaRow))


class SqlRoll(Roll):
    """The beats of all replicas. Every method raises Unusable when the database fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def answer(self, who: str, beat: int) -> None:
        """Write a replica's beat."""
        async with self._database.begin() as connection:
            await put(connection, ReplicaRow, id=who, beat=beat)

    async def beats(self) -> Mapping[str, int]:
        """Tell everybody's last beat."""
        async with self._database.begin() as connection:
            return {row.id: row.beat for row in await found_by(connection, _ALL)}

    async def strike(self, who: str) -> None:
        """Drop a replica."""
        async with self._database.begin() as connection:
            await drop(connection, ReplicaRow, id=who)
