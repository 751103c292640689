"""A bot that starts: what passes is waited for, what is broken is set aside; files that go."""

import asyncio
import logging
import sqlite3
import time
from pathlib import Path

import pytest

from bot.store import Database, SqlBulletin, SqlEditions, Unusable, open_for_long
from bot.store.errors import Away, Damaged
from bot.store.location import FILE_NAME
from tests.store.conftest import HandClock


def url_of(file: Path) -> str:
    return f"sqlite:///{file}"


async def a_file(folder: Path, name: str = FILE_NAME) -> Path:
    """A database with a claim in it, closed."""
    file = folder / name
    database = await Database.open(url_of(file))
    await SqlBulletin(database, HandClock()).claim("k")
    await database.close()
    return file


def files(folder: Path, pattern: str = "*") -> list[Path]:
    return list(folder.glob(pattern))


def remove_all(folder: Path) -> None:
    for file in files(folder):
        file.unlink()


def break_pages(file: Path) -> None:
    pages = bytearray(file.read_bytes())
    pages[4096 * 2 : 4096 * 4] = b"\xff" * 4096 * 2
    file.write_bytes(pages)


def break_header(file: Path) -> None:
    file.write_bytes(b"x" * 4096 + file.read_bytes()[4096:])


@pytest.mark.parametrize("damage", [break_pages, break_header])
async def test_a_broken_file_is_set_aside_and_a_new_one_begun(
    tmp_path: Path, damage, caplog: pytest.LogCaptureFixture
) -> None:
    file = await a_file(tmp_path)
    damage(file)
    broken = file.read_bytes()

    with caplog.at_level(logging.ERROR):
        database = await open_for_long(url_of(file))

    assert await SqlBulletin(database, HandClock()).claim("k")
    await database.close()
    [aside] = files(tmp_path, f"{FILE_NAME}.corrupt-????????T??????Z")
    assert aside.read_bytes() == broken
    assert f"I have set it aside as {aside}" in caplog.text


async def test_two_broken_files_within_a_second_are_both_kept(tmp_path: Path) -> None:
    for _ in range(2):
        break_header(await a_file(tmp_path))
        await (await open_for_long(url_of(tmp_path / FILE_NAME))).close()
        (tmp_path / FILE_NAME).unlink()

    assert len(files(tmp_path, "*.corrupt-*")) == 2


async def test_a_file_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    """The URL names a file that never was a database: nobody wants it renamed."""
    file = tmp_path / "diary.txt"
    file.write_text("Dear diary, " * 1000)

    with pytest.raises(Damaged, match="file is not a database"):
        await open_for_long(url_of(file))

    assert file.read_text().startswith("Dear diary")


async def test_a_reader_such_as_the_ledger_command_sets_nothing_aside(tmp_path: Path) -> None:
    file = await a_file(tmp_path)
    break_pages(file)

    with pytest.raises(Damaged, match=r"malformed.*[Mm]ove it away"):
        await Database.open(url_of(file))

    assert files(tmp_path, "*corrupt*") == []


async def test_a_file_that_is_kept_by_another_program_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.store.sqlite.BUSY_SECONDS", 0)
    file = await a_file(tmp_path)
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    waited: list[float] = []

    async def nap(seconds: float) -> None:
        await asyncio.sleep(0)
        waited.append(seconds)
        if len(waited) == 3:
            other.execute("COMMIT")

    database = await open_for_long(url_of(file), nap)
    other.close()
    await database.close()
    assert waited == [0.25, 0.5, 1]


async def test_what_does_not_pass_is_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(Unusable, match="cannot be made") as refused:
        await open_for_long(url_of(tmp_path / "file" / "folder" / "bot.sqlite3"))
    assert not isinstance(refused.value, Away)


# --- while it runs --------------------------------------------------------------------------------


async def test_a_file_that_was_deleted_is_begun_anew(tmp_path: Path) -> None:
    """What is written to a deleted file would be on no disk."""
    file = await a_file(tmp_path)
    database = await Database.open(url_of(file))
    bulletin = SqlBulletin(database, HandClock())
    assert not await bulletin.claim("k")
    remove_all(tmp_path)

    assert await bulletin.claim("k")

    assert (database.replaced, database.is_well) == (1, True)
    assert not await bulletin.claim("k")
    await database.close()
    with sqlite3.connect(file) as there:
        assert there.execute("SELECT key FROM claims").fetchall() == [("k",)]
    there.close()


async def test_a_file_that_was_replaced_counts_from_then_on(tmp_path: Path) -> None:
    file = await a_file(tmp_path)
    older = file.read_bytes()
    database = await Database.open(url_of(file))
    editions = SqlEditions(database, HandClock())
    assert await editions.begin() == 1
    remove_all(tmp_path)
    file.write_bytes(older)

    assert await editions.current() == (0, None)
    assert database.replaced == 1
    await database.close()


async def test_twenty_at_once_begin_it_anew_once(tmp_path: Path) -> None:
    file = await a_file(tmp_path)
    database = await Database.open(url_of(file))
    bulletin = SqlBulletin(database, HandClock())
    remove_all(tmp_path)

    won = await asyncio.gather(*(bulletin.claim("k") for _ in range(20)))

    assert (sum(won), database.replaced) == (1, 1)
    await database.close()


async def test_a_full_disk_is_told_and_passes(tmp_path: Path) -> None:
    database = await Database.open(url_of(tmp_path / FILE_NAME))
    bulletin = SqlBulletin(database, HandClock())
    async with database.begin() as connection:
        pages = (await connection.exec_driver_sql("PRAGMA page_count")).scalar_one()
        await connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(Away, match=r"full\. Make room on that disk"):
        await bulletin.claim("k" * 100_000)
    assert not database.is_well

    began = time.monotonic()
    await database.check()
    assert database.is_well
    assert time.monotonic() - began < 5
    await database.close()
