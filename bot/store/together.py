"""
One commit for all who come at the same time.

A commit waits for the disk, and SQLite lets only one transaction write. Under load each would stand
behind the commits of all before it. Here they take turns within one transaction, each with a
savepoint of its own, and share the commit; whoever has written something waits for it, and for the
disk (`disk`). If that takes long, who comes meanwhile need not wait for it.

Who is urgent goes first, and the commit comes right after.

    begin ─▶ turn ─▶ savepoint ─▶ what is to be done ─▶ (next turn …) ─▶ commit ─▶ disk ─▶ all go on
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.store.disk import LONG, Disk
from bot.store.near import Near
from bot.store.turn import Turn


@dataclass(eq=False)
class _Batch:
    """
    A transaction that several share.

    Attributes:
        near, driver: the connection below, for what it knows of its transaction.
        written: set when it outlives this process, or failed.
        done: set when it is on disk, or failed.
        before: how many changes the connection had made when it began.
        alarm: rings while it is closed, to see whether the disk takes long.

    """

    connection: AsyncConnection
    near: Near
    driver: sqlite3.Connection
    written: "asyncio.Future[None]"
    done: "asyncio.Future[None]"
    before: int
    alarm: asyncio.TimerHandle | None = None

    @property
    def is_written(self) -> bool:
        """Whether anything in it is to be kept."""
        return self.driver.total_changes != self.before


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
        async with self._turn.taken(is_urgent=is_urgent) as give_up:
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
                    await self._close(batch, give_up)
                raise
            batch.driver.execute("RELEASE one")
            is_written = batch.driver.total_changes != before
            if is_written and is_urgent:
                self._close_soon(batch, is_urgent=True)
        if is_written:
            await self._kept(batch, disk)

    async def finish(self) -> None:
        """Wait until everything is on disk."""
        while self._closing:
            await asyncio.gather(*self._closing, return_exceptions=True)
        await self._disk.finish()

    async def _kept(self, batch: _Batch, disk: float | None) -> None:
        """Wait until it is on disk, or until it is written and the disk has had its seconds."""
        if disk is None:
            await asyncio.shield(batch.done)
            return
        await asyncio.shield(batch.written)
        for done in (await asyncio.wait([batch.done], timeout=disk))[0]:
            done.result()

    async def _open(self) -> _Batch:
        connection = await self._engine.connect()
        try:
            await _start(connection)
            near: Any = (await connection.get_raw_connection()).driver_connection
            raw: sqlite3.Connection = near._conn  # noqa: SLF001 - it knows of its transaction
        except BaseException:
            await connection.close()
            raise
        written, done = (asyncio.get_running_loop().create_future() for _ in range(2))
        for end in (written, done):
            end.add_done_callback(_noticed)
        self._batch = _Batch(connection, near, raw, written, done, raw.total_changes)
        self._close_soon(self._batch)
        return self._batch

    def _close_soon(self, batch: _Batch, *, is_urgent: bool = False) -> None:
        task = asyncio.create_task(self._close_in_turn(batch, is_urgent=is_urgent), name="commit")
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def _close_in_turn(self, batch: _Batch, *, is_urgent: bool) -> None:
        """Commit after all those who wait now, or after those who are urgent too."""
        async with self._turn.taken(is_urgent=is_urgent) as give_up:
            if self._batch is batch:
                await self._close(batch, give_up)

    async def _close(self, batch: _Batch, give_up: Callable[[], None]) -> None:
        """Commit, and wait for the disk; if that takes long, others need not wait for it too."""
        self._batch = None
        batch.near.is_flushing = False
        batch.near.flush = None if self._disk.is_busy else self._disk.sync
        self._set_alarm(batch, give_up)
        try:
            await self._commit(batch)
        finally:
            if batch.alarm:
                batch.alarm.cancel()

    def _set_alarm(self, batch: _Batch, give_up: Callable[[], None]) -> None:
        batch.alarm = asyncio.get_running_loop().call_later(LONG, self._look, batch, give_up)

    def _look(self, batch: _Batch, give_up: Callable[[], None]) -> None:
        """Give up the turn of a batch that is written, and for which the disk takes long."""
        if batch.written.done():  # only its connection is not given back yet
            return
        if batch.near.flush and batch.near.is_flushing:
            batch.written.set_result(None)
            self._disk.takes_long(batch.done)
            give_up()
        else:
            self._set_alarm(batch, give_up)

    async def _commit(self, batch: _Batch) -> None:
        is_written = batch.is_written
        try:
            if not batch.driver.in_transaction:
                gone = sqlite3.OperationalError("the transaction was undone")
                raise OperationalError("COMMIT", None, gone)  # noqa: TRY301 - as if it said so
            if is_written:
                await batch.connection.commit()
            else:  # nothing for the disk: it needs no thread
                await batch.connection.rollback()
        except BaseException as error:  # noqa: BLE001 - it is theirs who wait
            for end in (batch.written, batch.done):
                if not end.done():
                    end.set_exception(error)
        else:
            if not batch.written.done():
                batch.written.set_result(None)
            if is_written and not batch.near.flush:
                self._disk.flush(batch.done)
            else:
                batch.done.set_result(None)
        finally:
            await batch.connection.close()


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
