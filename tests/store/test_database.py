"""Opening a database: where it is, what may be wrong with it, and how it grows up."""

import asyncio
import sqlite3
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text

from bot.release.ledger import By
from bot.release.mute import Mute
from bot.store import Database, SqlBulletin, SqlLedger, Unusable, database_url, sqlite
from bot.store.tables import Table
from tests.store.conftest import NOON, HandClock, Opener

#: what the version before wrote, as SQLite dumps it
FIRST_TABLES = Path(__file__).parent / "version-0001.sql"


def url_of(file: Path) -> str:
    return f"sqlite:///{file}"


@pytest.mark.parametrize(
    ("environ", "url"),
    [
        pytest.param(
            {"ROLLOUT_BOT_DATABASE_URL": "postgresql://h/n", "ROLLOUT_BOT_STATE_DIR": "/s"},
            "postgresql://h/n",
            id="named",
        ),
        pytest.param(
            {"ROLLOUT_BOT_STATE_DIR": "/s", "XDG_STATE_HOME": "/x", "HOME": "/h"},
            "sqlite:////s/rollout-bot.sqlite3",
            id="state-folder",
        ),
        pytest.param(
            {"XDG_STATE_HOME": "/x", "HOME": "/h"},
            "sqlite:////x/rollout-bot/rollout-bot.sqlite3",
            id="xdg",
        ),
        pytest.param(
            {"XDG_STATE_HOME": "relative", "HOME": "/h"},
            "sqlite:////h/.local/state/rollout-bot/rollout-bot.sqlite3",
            id="relative-xdg-counts-as-none",
        ),
        pytest.param(
            {"ROLLOUT_BOT_DATABASE_URL": "", "HOME": "/h"},
            "sqlite:////h/.local/state/rollout-bot/rollout-bot.sqlite3",
            id="home",
        ),
    ],
)
def test_the_environment_names_the_database(environ: dict[str, str], url: str) -> None:
    assert database_url(environ) == url


def test_without_any_folder_the_answer_says_what_to_set() -> None:
    with pytest.raises(Unusable, match="set ROLLOUT_BOT_STATE_DIR"):
        database_url({})


async def test_a_folder_with_odd_signs_is_found(tmp_path: Path) -> None:
    folder = tmp_path / "100% of? #us ü"

    database = await Database.open(database_url({"ROLLOUT_BOT_STATE_DIR": str(folder)}))
    await database.close()

    assert (folder / "rollout-bot.sqlite3").exists()
    assert folder.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("url", "words"),
    [
        pytest.param("not a url s3cret", "allowed: sqlite:", id="no-url"),
        pytest.param("postgresql://u:s3cret@h:port/n", "its port is no number", id="bad-port"),
        pytest.param("mysql://u:s3cret@h/n", "kind mysql is not known", id="mysql"),
        pytest.param("sqlite://", "in memory forgets", id="memory"),
        pytest.param("sqlite:///:memory:", "in memory forgets", id="memory-by-name"),
    ],
)
async def test_an_address_that_cannot_work_is_refused_in_words(url: str, words: str) -> None:
    with pytest.raises(Unusable, match=words) as refused:
        await Database.open(url)

    assert "s3cret" not in refused.value.text


async def test_a_missing_driver_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)

    with pytest.raises(Unusable, match=r"pip install 'psycopg\[binary\]'"):
        await Database.open("postgresql://u:s3cret@127.0.0.1/n")


async def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(Unusable, match=r"cannot be made: Not a directory\. Set ROLLOUT_BOT_STATE"):
        await Database.open(url_of(tmp_path / "file" / "folder" / "bot.sqlite3"))


async def test_a_path_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match=f"{tmp_path}: unable to open database file.*set ROLLOUT"):
        await Database.open(url_of(tmp_path))


async def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    file = tmp_path / "bot.sqlite3"
    file.write_text("Dear diary, " * 1000)

    with pytest.raises(Unusable, match=r"file is not a database.*Is it the right file"):
        await Database.open(url_of(file))

    assert file.read_text().startswith("Dear diary")


async def test_a_damaged_database_is_told(tmp_path: Path) -> None:
    """A page in the middle was overwritten; the header is whole."""
    file = tmp_path / "bot.sqlite3"
    await (await Database.open(url_of(file))).close()
    pages = bytearray(file.read_bytes())
    pages[4096 * 2 : 4096 * 4] = b"\xff" * 4096 * 2
    file.write_bytes(pages)

    with pytest.raises(Unusable, match=r"malformed.*[Mm]ove it away"):
        await Database.open(url_of(file))


async def test_a_database_of_a_newer_version_is_refused_untouched(tmp_path: Path) -> None:
    file = tmp_path / "bot.sqlite3"
    await (await Database.open(url_of(file))).close()
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()

    with pytest.raises(Unusable, match="newer rollout-bot \\(schema 9999; I know 0007\\)"):
        await Database.open(url_of(file))

    with sqlite3.connect(file) as connection:
        assert connection.execute("SELECT * FROM alembic_version").fetchall() == [("9999",)]
    connection.close()


async def test_what_breaks_later_is_told_too(tmp_path: Path) -> None:
    """The ledger's table is gone (or the disk is full): a refusal for people, no stack trace."""
    file = tmp_path / "bot.sqlite3"
    database = await Database.open(url_of(file))
    async with database.begin() as connection:
        await connection.execute(text("DROP TABLE ledger"))

    with pytest.raises(Unusable, match=f"I cannot use my database sqlite:///{file}: no such table"):
        await SqlLedger(database).since(NOON)

    await database.check()
    await database.close()


async def test_a_failed_transaction_keeps_nothing(database: Database) -> None:
    async def fail_half_way() -> None:
        async with database.begin() as connection:
            await connection.execute(text("INSERT INTO told VALUES ('u1', '{}')"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail_half_way()

    async with database.begin() as connection:
        assert (await connection.execute(text("SELECT * FROM told"))).all() == []


async def test_the_migrations_make_the_tables_that_the_code_knows(database: Database) -> None:
    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection)
        return list(compare_metadata(context, Table.metadata))

    async with database.begin() as connection:
        assert await connection.run_sync(differences) == []


async def test_a_database_of_the_version_before_keeps_what_it_knows(tmp_path: Path) -> None:
    """Written with the first tables; after the upgrade findings can be muted."""
    file = tmp_path / "bot.sqlite3"
    with sqlite3.connect(file) as connection:
        connection.executescript(FIRST_TABLES.read_text())
    connection.close()

    database = await Database.open(url_of(file))
    bulletin = SqlBulletin(database, HandClock())
    [known] = await bulletin.open_findings()
    assert (known.finding.message, known.finding.place) == ("The Ingress says 0 %.", "")
    assert [entry.verb for entry in await SqlLedger(database).since(NOON)] == ["promote"]
    assert not await bulletin.claim("u1:started")
    mute = Mute(
        key=known.finding.key,
        severity="high",
        by=By(kind="slack", id="U0ANN"),
        reason="known",
        at=NOON,
        until=NOON,
    )
    await bulletin.mute(mute)
    assert await bulletin.mutes() == [mute]
    await database.close()


async def test_two_that_start_at_once_migrate_once(another: Opener) -> None:
    databases = await asyncio.gather(*(another() for _ in range(4)))

    for database in databases:
        await database.check()


async def test_sqlite_itself_waits_for_nothing(tmp_path: Path) -> None:
    """Not for the disk (`disk`) nor for other writers (`near`): we do, and the loop goes on."""
    database = await Database.open(url_of(tmp_path / "bot.sqlite3"))
    async with database.begin() as connection:
        pragmas = [
            (await connection.execute(text(f"PRAGMA {name}"))).scalar_one()
            for name in ("journal_mode", "synchronous", "busy_timeout")
        ]
    await database.close()

    assert pragmas == ["wal", 1, 0]


def test_without_a_log_sqlite_waits_for_the_disk() -> None:
    """Some file systems know no WAL; a file may also have been set up otherwise for good."""
    raw = sqlite3.connect(":memory:")  # it has no WAL either
    sqlite.tune(raw, None)

    assert raw.execute("PRAGMA journal_mode").fetchone() == ("memory",)
    assert raw.execute("PRAGMA synchronous").fetchone() == (2,)
