"""Which replicas beat, in the database that they share."""

from collections.abc import Mapping

from sqlalchemy import delete, select

from bot.flows.ports import Roll
from bot.store.database import Database, put
from bot.store.tables import ReplicaRow


class SqlRoll(Roll):
    """The beats of all replicas. Every method raises Unusable when the database fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def answer(self, who: str, beat: int) -> None:
        """Write a replica's beat."""
        async with self._database.begin() as session:
            await put(session, ReplicaRow, id=who, beat=beat)

    async def beats(self) -> Mapping[str, int]:
        """Tell everybody's last beat."""
        async with self._database.begin() as session:
            rows = await session.scalars(select(ReplicaRow))
            return {row.id: row.beat for row in rows}

    async def strike(self, who: str) -> None:
        """Drop a replica."""
        async with self._database.begin() as session:
            await session.execute(delete(ReplicaRow).where(ReplicaRow.id == who))
