"""SQLite under load: many share a commit, one that fails undoes its own, the loop stays free."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import event, text

from bot.flows.kept import Promise
from bot.store import Database, SqlBulletin, Unusable
from bot.store.turn import Turn
from tests.store.conftest import NOON, HandClock


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "bot.sqlite3"


@pytest.fixture
async def here(file: Path) -> AsyncIterator[Database]:
    database = await Database.open(f"sqlite:///{file}")
    yield database
    await database.close()


@pytest.fixture
def another(here: Database, file: Path) -> Iterator[sqlite3.Connection]:
    """Another program that has the file open."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        yield connection


def keys(other: sqlite3.Connection) -> set[str]:
    return {key for (key,) in other.execute("SELECT key FROM claims")}


async def test_a_hundred_at_once_share_a_few_commits(here: Database, clock: HandClock) -> None:
    commits: list[object] = []
    event.listen(here._engine.sync_engine, "commit", commits.append)
    bulletin = SqlBulletin(here, clock)

    taken = await asyncio.gather(*(bulletin.claim(f"key-{number}") for number in range(100)))

    assert all(taken)
    assert len(commits) < 5


async def test_what_was_written_is_on_disk_when_its_writer_goes_on(
    here: Database, another: sqlite3.Connection, clock: HandClock
) -> None:
    bulletin = SqlBulletin(here, clock)

    async def claim(key: str) -> None:
        await bulletin.claim(key)
        assert key in keys(another)

    await asyncio.gather(*(claim(f"key-{number}") for number in range(20)))


async def test_one_that_fails_undoes_only_its_own(
    here: Database, another: sqlite3.Connection, clock: HandClock
) -> None:
    bulletin = SqlBulletin(here, clock)

    async def fail() -> None:
        async with here.begin() as connection:
            await connection.execute(text("INSERT INTO claims VALUES ('mine', '2026-11-24')"))
            raise ZeroDivisionError

    found = await asyncio.gather(
        bulletin.claim("before"), fail(), bulletin.claim("after"), return_exceptions=True
    )

    assert [found[0], type(found[1]), found[2]] == [True, ZeroDivisionError, True]
    assert keys(another) == {"before", "after"}


async def test_who_shares_a_transaction_that_failed_hears_of_it(
    here: Database, another: sqlite3.Connection, clock: HandClock
) -> None:
    """There is no room on the disk: nobody is told that something is kept which is not."""
    bulletin = SqlBulletin(here, clock)
    async with here.begin() as connection:
        pages = (await connection.execute(text("PRAGMA page_count"))).scalar_one()
        await connection.execute(text(f"PRAGMA max_page_count = {pages}"))

    found = await asyncio.gather(
        *(bulletin.claim(f"{number}-{'x' * 3_000}") for number in range(20)),
        return_exceptions=True,
    )

    refused = [one for one in found if isinstance(one, Unusable)]
    kept = [number for number, one in enumerate(found) if one is True]
    assert refused
    assert all("full" in str(one) or "undone" in str(one) for one in refused)
    assert keys(another) == {f"{number}-{'x' * 3_000}" for number in kept}


async def test_another_program_that_writes_is_waited_for_and_the_loop_goes_on(
    here: Database, another: sqlite3.Connection, clock: HandClock
) -> None:
    another.execute("BEGIN IMMEDIATE")
    claim = asyncio.create_task(SqlBulletin(here, clock).claim("key"))
    for _ in range(50):
        await asyncio.sleep(0)
    assert not claim.done()

    another.execute("ROLLBACK")

    assert await claim
    assert keys(another) == {"key"}


async def test_what_may_only_be_read_can_be_read(here: Database, clock: HandClock) -> None:
    async with here.begin() as connection:
        await connection.execute(text("PRAGMA query_only = 1"))
    bulletin = SqlBulletin(here, clock)

    assert await bulletin.promises() == []
    with pytest.raises(Unusable):
        await bulletin.claim("key")


async def test_one_that_is_cancelled_while_it_waits_leaves_the_others(
    here: Database, another: sqlite3.Connection, clock: HandClock
) -> None:
    bulletin = SqlBulletin(here, clock)
    first, second = (asyncio.create_task(bulletin.claim(key)) for key in ("first", "second"))
    await asyncio.sleep(0)

    first.cancel()

    assert await second
    assert "second" in keys(another)


async def test_who_has_pressed_goes_before_all_that_is_told(
    here: Database, another: sqlite3.Connection, clock: HandClock
) -> None:
    """Slack waits three seconds for an acknowledgement; a line in a thread can wait."""
    bulletin = SqlBulletin(here, clock)
    promise = Promise(id="p", at=NOON, person="U0ANN", verb="promote")
    async with here.begin():
        claims = [asyncio.create_task(bulletin.claim(f"key-{number}")) for number in range(200)]
        await asyncio.sleep(0)  # all of them are in the queue
        pressed = asyncio.create_task(bulletin.promise(promise))
        await asyncio.sleep(0)
        await asyncio.sleep(0)  # what is done apart is in it too

    await pressed

    (promised,) = another.execute("SELECT count(*) FROM promises").fetchone()
    assert promised == 1
    assert sum(claim.done() for claim in claims) < 50
    assert all(await asyncio.gather(*claims))


async def test_who_does_not_wait_any_longer_holds_up_nobody() -> None:
    turn, order = Turn(), list[str]()

    async def come(name: str) -> None:
        async with turn.taken():
            order.append(name)

    async with turn.taken():
        coming = [asyncio.create_task(come(name)) for name in ("next", "gone", "first", "second")]
        await asyncio.sleep(0)
        coming[1].cancel()
    coming[0].cancel()  # the turn is its own by now, and it does not know yet
    await asyncio.gather(*coming, return_exceptions=True)

    assert order == ["first", "second"]
    await asyncio.wait_for(come("free"), 1)


async def test_who_is_urgent_does_not_keep_the_others_away() -> None:
    turn, order = Turn(), list[str]()

    async def come(name: str, *, is_urgent: bool) -> None:
        async with turn.taken(is_urgent=is_urgent):
            order.append(name)

    async with turn.taken():
        urgent = [asyncio.create_task(come(f"{n}", is_urgent=True)) for n in range(30)]
        other = asyncio.create_task(come("other", is_urgent=False))
        await asyncio.sleep(0)
    await asyncio.gather(*urgent, other)

    assert 0 < order.index("other") < 10
    assert len(order) == 31


async def test_one_at_a_time_also_where_each_waits_for_something() -> None:
    turn, inside, most = Turn(), 0, 0

    async def come(number: int) -> None:
        nonlocal inside, most
        async with turn.taken(is_urgent=number % 3 == 0):
            inside += 1
            most = max(most, inside)
            for _ in range(number % 4):
                await asyncio.sleep(0)
            inside -= 1

    coming = [asyncio.create_task(come(number)) for number in range(60)]
    await asyncio.sleep(0)
    for task in coming[5::7]:
        task.cancel()
    await asyncio.gather(*coming, return_exceptions=True)

    assert most == 1
    async with asyncio.timeout(1), turn.taken():
        pass  # nobody has it for good
