"""
One commit for all who come at the same time.

A commit waits for the disk, and SQLite lets only one transaction write. Under load each would stand
behind the commits of all before it. Here they take turns within one transaction, each with a
savepoint of its own, and share the commit; whoever has written something waits for it, and for the
disk after it. While the disk is busy the next transaction stays open for more.

Who is urgent goes first, and the commit comes right after.

    begin ─▶ turn ─▶ savepoint ─▶ what is to be done ─▶ (next turn …) ─▶ commit ─▶ disk ─▶ all go on
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.store.disk import Disk
from bot.store.turn import Turn


@dataclass(eq=False)
class _Batch:
    """
    A transaction that several share.

    Attributes:
        driver: the connection below, for what it knows of its transaction.
        written: set when it outlives this process, or failed.
        done: set when it is on disk, or failed.
        before: how many changes the connection had made when it began.

    """

    connection: AsyncConnection
    driver: sqlite3.Connection
    written: "asyncio.Future[None]"
    done: "asyncio.Future[None]"
    before: int

    @property
    def is_written(self) -> bool:
        """Whether anything in it is to be kept."""
        return self.driver.total_changes != self.before

    def failed(self, error: BaseException) -> None:
        """Let all who wait hear of it."""
        for end in (self.written, self.done):
            if not end.done():
                end.set_exception(error)


class Together:
    """Gives transactions to those who come, one at a time, and commits several at once."""

    def __init__(self, engine: AsyncEngine, disk: Disk) -> None:
        self._engine = engine
        self._disk = disk
        self._turn = Turn()
        self._batch: _Batch | None = None
        self._closing: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def begin(
        self, *, is_urgent: bool = False, disk: float | None = None
    ) -> AsyncIterator[AsyncConnection]:
        """
        Give a transaction: on disk at the end, undone by an error.

        *disk*: after so many seconds it is good enough that it outlives this process.
        """
        async with self._turn.taken(is_urgent=is_urgent):
            batch = self._batch or await self._open()
            before = batch.driver.total_changes
            batch.driver.execute("SAVEPOINT one")
            try:
                yield batch.connection
            except BaseException:
                if batch.driver.in_transaction:
                    batch.driver.execute("ROLLBACK TO one")
                    batch.driver.execute("RELEASE one")
                else:  # SQLite undid all of it: the disk is full
                    await self._close(batch)
                raise
            batch.driver.execute("RELEASE one")
            is_written = batch.driver.total_changes != before
            if is_written and is_urgent:
                self._close_soon(batch, is_urgent=True)
        if is_written:
            await asyncio.shield(batch.written)
            for done in (await asyncio.wait([batch.done], timeout=disk))[0]:
                done.result()

    async def finish(self) -> None:
        """Wait until everything is on disk."""
        while self._closing:
            await asyncio.gather(*self._closing, return_exceptions=True)

    async def _open(self) -> _Batch:
        connection = await self._engine.connect()
        try:
            await _start(connection)
            driver: Any = (await connection.get_raw_connection()).driver_connection
            raw: sqlite3.Connection = driver._conn  # noqa: SLF001 - it knows of its transaction
        except BaseException:
            await connection.close()
            raise
        written, done = (asyncio.get_running_loop().create_future() for _ in range(2))
        for end in (written, done):
            end.add_done_callback(_noticed)
        self._batch = _Batch(connection, raw, written, done, raw.total_changes)
        self._close_soon(self._batch)
        return self._batch

    def _close_soon(self, batch: _Batch, *, is_urgent: bool = False) -> None:
        self._see_to(self._close_in_turn(batch, is_urgent=is_urgent), "commit")

    def _see_to(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def _close_in_turn(self, batch: _Batch, *, is_urgent: bool) -> None:
        """Commit after all those who wait now, or after those who are urgent too."""
        if not is_urgent:
            await self._disk.idle()
        async with self._turn.taken(is_urgent=is_urgent):
            if self._batch is batch:
                await self._close(batch)

    async def _close(self, batch: _Batch) -> None:
        self._batch = None
        try:
            if not batch.driver.in_transaction:
                gone = sqlite3.OperationalError("the transaction was undone")
                raise OperationalError("COMMIT", None, gone)  # noqa: TRY301 - as if it said so
            if batch.is_written:
                await batch.connection.commit()
            else:  # nothing for the disk: it needs no thread
                await batch.connection.rollback()
        except BaseException as error:  # noqa: BLE001 - it is theirs who wait
            batch.failed(error)
        else:
            batch.written.set_result(None)
            if batch.is_written:
                self._see_to(self._flush(batch), "flushed")
            else:
                batch.done.set_result(None)
        finally:
            await batch.connection.close()

    async def _flush(self, batch: _Batch) -> None:
        try:
            await self._disk.flush()
        except BaseException as error:  # noqa: BLE001 - it is theirs who wait
            batch.failed(error)
        else:
            batch.done.set_result(None)


async def _start(connection: AsyncConnection) -> None:
    """Begin as who writes: who begins to write later may be too late. Some may only read."""
    try:
        await connection.exec_driver_sql("BEGIN IMMEDIATE")
    except OperationalError as error:
        if "readonly" not in str(error.orig):
            raise
        await connection.exec_driver_sql("BEGIN")


def _noticed(done: "asyncio.Future[None]") -> None:
    """Take note of a failure also where nobody waits any more."""
    if not done.cancelled():
        done.exception()
