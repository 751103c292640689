"""
The database: opened, migrated, and one transaction at a time.

Everything that can go wrong with it leaves this module as `Unusable`.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self, TypeVar

from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoFreeConnection
from sqlalchemy.ext.asyncio import (
    AsyncConnection,
    AsyncEngine,
    create_async_engine,
)

from bot.store import near, postgres, sqlite
from bot.store.disk import Disk
from bot.store.errors import Away, Damaged, Unusable
from bot.store.location import Address, address
from bot.store.migrate import migrate
from bot.store.together import Together

#: what the libraries below raise when the database fails
FOREIGN = (DBAPIError, NoFreeConnection, OSError)

Result = TypeVar("Result")


class Database:
    """An open database of the newest schema. Made by `Database.open`, ended by `close`."""

    def __init__(self, engine: AsyncEngine, where: Address) -> None:
        self._engine = engine
        self._where = where
        self.is_well = True  #: whether the last transaction went through
        self._together = Together(engine, Disk(where.file)) if where.file else None
        self.replaced = 0  #: how often another file was found in the place of SQLite's
        self._file = sqlite.identity(where.file) if where.file else None
        self._opening = asyncio.Lock()

    @classmethod
    async def open(cls, url: str) -> Self:
        """
        Open it, and bring its tables up to date.

        Raises:
            Away: it cannot be reached or written now.
            Damaged: SQLite's file is broken.
            Unusable: it refuses us, or is newer than this program.

        """
        where = address(url)
        engine: AsyncEngine | None = None
        try:
            if where.file:
                sqlite.prepare(where.file)
            engine = make_engine(where)
            await _migrated(engine)
        except BaseException as error:
            if engine:
                await engine.dispose()
            if isinstance(error, (*FOREIGN, sqlite3.Error)):
                raise told(where, error) from error
            raise
        return cls(engine, where)

    @property
    def is_shared(self) -> bool:
        """Whether several replicas may use it: a server, not SQLite's file."""
        return self._where.file is None

    @asynccontextmanager
    async def begin(
        self, *, is_urgent: bool = False, disk: float | None = None
    ) -> AsyncIterator[AsyncConnection]:
        """
        Give a transaction: committed at the end, rolled back by an error.

        Args:
            is_urgent: somebody waits for it, and it goes before nearly all others; PostgreSQL
                has no queue, and makes no difference.
            disk: seconds to wait for SQLite's disk; after them it outlives this process, and not
                yet a power cut. None: until it outlives both.

        Raises:
            Unusable: the database failed; nothing of this transaction was kept.

        """
        try:
            if self._where.file and sqlite.identity(self._where.file) != self._file:
                await self._begin_anew(self._where.file)
            together = self._together
            begin = (
                together.begin(is_urgent=is_urgent, disk=disk) if together else self._engine.begin()
            )
            async with begin as connection:
                yield connection
            self.is_well = True
        except (*FOREIGN, sqlite3.Error) as error:
            self.is_well = False
            raise told(self._where, error) from error

    async def _begin_anew(self, file: Path) -> None:
        """
        Go on with the file that is there now: the one that was open is deleted.

        What is written to a deleted file is on no disk.
        """
        async with self._opening:
            if sqlite.identity(file) == self._file:
                return
            if self._together:
                await self._together.finish()
            await self._engine.dispose()
            sqlite.prepare(file)
            await _migrated(self._engine)
            self._file = sqlite.identity(file)
            self.replaced += 1

    async def check(self) -> None:
        """Ask whether it still answers. Raises Unusable."""
        async with self.begin() as connection:
            await connection.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Close all connections."""
        if self._together:
            await self._together.finish()
        await self._engine.dispose()


async def _migrated(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.run_sync(migrate)


async def apart(work: Coroutine[Any, Any, Result]) -> Result:
    """
    Do it in a task of its own: whoever is cancelled meanwhile goes at once.

    PostgreSQL's driver would keep them for ten seconds, to end the statement at a server that may
    be silent; it does that behind them.
    """
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        task.cancel()
        _ending.add(task)
        task.add_done_callback(_ended)
        raise


_ending: set[asyncio.Future[Any]] = set()


def _ended(task: asyncio.Future[Any]) -> None:
    _ending.discard(task)
    if not task.cancelled():
        task.exception()  # nobody is there any more to hear of it


def make_engine(where: Address) -> AsyncEngine:
    """Make the engine of a database, set up as its house says; nothing is opened yet."""
    kind = near.KIND if where.file else postgres.POOL
    engine = create_async_engine(
        where.url,
        hide_parameters=True,  # what people wrote must not get into logs by way of an error
        **{"connect_args": dict(where.arguments), **kind},
    )
    event.listen(engine.sync_engine, "connect", sqlite.tune if where.file else postgres.tune)
    return engine


def told(where: Address, error: BaseException) -> Unusable:
    """Tell people which database, what is wrong and what to do; never the password."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
    reason = str(cause).strip()
    first = reason.splitlines()[0] if reason else type(cause).__name__
    house = sqlite if where.file else postgres
    advice = next((words for sign, words in house.ADVICE.items() if sign in reason), "")
    words = f"I cannot use my database {where.place}: {first}. {advice}".strip()
    if "malformed" in reason or "not a database" in reason:
        return Damaged(words)
    passes = isinstance(error, NoFreeConnection) or house.passes(cause)
    return Away(words) if passes else Unusable(words)
