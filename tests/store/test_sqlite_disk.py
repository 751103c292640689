"""A disk that takes its time: who needs it waits, everybody else goes on."""

import asyncio
import errno
import os
import sqlite3
import threading
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.flows.kept import Promise
from bot.store import Database, SqlBulletin, Unusable
from bot.store.disk import LONG
from tests.store.conftest import NOON, HandClock

PROMISE = Promise(id="p", at=NOON, person="U0ANN", verb="promote")


class Slow:
    """A disk that can be told to be slow; counts what it was asked to flush."""

    def __init__(self) -> None:
        self.free = threading.Event()
        self.free.set()
        self.asked: list[str] = []
        self.error: OSError | None = None
        self._fsync = os.fsync

    def __call__(self, descriptor: int) -> None:
        self.asked.append(Path(f"/proc/self/fd/{descriptor}").readlink().name)
        self.free.wait(20)
        if self.error:
            raise self.error
        self._fsync(descriptor)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "bot.sqlite3"


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Slow:
    slow = Slow()
    monkeypatch.setattr(os, "fsync", slow)
    return slow


@pytest.fixture
async def bulletin(file: Path, disk: Slow, clock: HandClock) -> AsyncIterator[SqlBulletin]:
    database = await Database.open(f"sqlite:///{file}")
    yield SqlBulletin(database, clock)
    disk.free.set()
    await database.close()


async def asked(disk: Slow, count: int) -> None:
    async with asyncio.timeout(20):
        while len(disk.asked) < count:  # noqa: ASYNC110 - it is asked in a thread
            await asyncio.sleep(0.001)


async def written(file: Path, count: int) -> None:
    """Wait until another process would find so many claims."""
    with closing(sqlite3.connect(file)) as another:
        async with asyncio.timeout(20):
            while another.execute("SELECT count(*) FROM claims").fetchone() != (count,):  # noqa: ASYNC110 - a file rings no bell
                await asyncio.sleep(0.001)


@pytest.fixture
async def held(bulletin: SqlBulletin, disk: Slow) -> asyncio.Task[bool]:
    """A claim that waits for the disk."""
    disk.free.clear()
    claim = asyncio.create_task(bulletin.claim("first"))
    await asked(disk, 1)
    return claim


async def test_what_is_written_is_flushed_before_its_writer_goes_on(
    held: asyncio.Task[bool], disk: Slow, file: Path
) -> None:
    with closing(sqlite3.connect(file)) as another:  # it outlives us already
        assert another.execute("SELECT count(*) FROM claims").fetchone() == (1,)
    assert not held.done()

    disk.free.set()

    assert await held
    assert set(disk.asked) == {f"{file.name}-wal"}


async def test_while_the_disk_is_slow_everybody_can_read_and_a_press_is_acknowledged(
    held: asyncio.Task[bool], bulletin: SqlBulletin, file: Path
) -> None:
    async with asyncio.timeout(10):
        await bulletin.promise(PROMISE)
        assert await bulletin.promises() == [PROMISE]

    assert not held.done()
    with closing(sqlite3.connect(file)) as another:  # as the next process would find it
        assert another.execute("SELECT id FROM promises").fetchall() == [("p",)]


async def test_who_comes_while_the_disk_is_busy_shares_the_next_flush(
    held: asyncio.Task[bool], bulletin: SqlBulletin, disk: Slow, file: Path
) -> None:
    others = [asyncio.create_task(bulletin.claim(f"key-{number}")) for number in range(20)]
    await written(file, 1 + len(others))

    disk.free.set()

    assert await held
    assert all(await asyncio.gather(*others))
    assert len(disk.asked) == 2


async def test_a_disk_that_is_slow_again_and_again_loses_nobody(
    bulletin: SqlBulletin, disk: Slow
) -> None:
    claims = []
    for number in range(30):
        claims.append(asyncio.create_task(bulletin.claim(f"key-{number}")))
        (disk.free.set if number % 7 == 0 else disk.free.clear)()
        await asyncio.sleep(0.02)

    disk.free.set()

    async with asyncio.timeout(20):
        assert all(await asyncio.gather(*claims))
        assert await bulletin.claim("one more")


async def test_what_is_only_read_asks_nothing_of_the_disk(
    bulletin: SqlBulletin, disk: Slow
) -> None:
    await bulletin.promises()

    assert disk.asked == []


async def test_a_disk_that_fails_is_told_to_those_who_wait_for_it(
    bulletin: SqlBulletin, disk: Slow
) -> None:
    disk.error = OSError(errno.EIO, os.strerror(errno.EIO))
    with pytest.raises(Unusable, match=r"disk I/O error \(Input/output error\)"):
        await bulletin.claim("key")

    disk.error = None

    assert await bulletin.claim("another")


async def test_a_log_that_was_deleted_is_no_reason_to_fail(
    bulletin: SqlBulletin, disk: Slow, file: Path
) -> None:
    await bulletin.claim("key")
    file.with_name(f"{file.name}-wal").unlink()

    assert await bulletin.claim("another")


async def test_a_connection_that_is_given_back_late_is_no_fault(
    bulletin: SqlBulletin, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    close = AsyncConnection.close

    async def late(connection: AsyncConnection) -> None:
        await asyncio.sleep(2 * LONG)
        await close(connection)

    monkeypatch.setattr(AsyncConnection, "close", late)
    assert await bulletin.claim("first")
    assert await bulletin.claim("second")  # its turn comes when the first has given it back

    assert caplog.text == ""
