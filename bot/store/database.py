"""
The database: opened, migrated, and one transaction at a time.

Everything that can go wrong with it leaves this module as `Unusable`.
"""

import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any, Self

from sqlalchemy import event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoFreeConnection
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)

from bot.store.errors import Unusable
from bot.store.location import engine_url
from bot.store.migrate import migrate
from bot.store.tables import Table

_BUSY_SECONDS = 5  # how long a writer waits for another one, before "database is locked"

_FOREIGN = (DBAPIError, NoFreeConnection, OSError)


class Database:
    """An open database of the newest schema. Made by `Database.open`, ended by `close`."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self.is_well = True  #: whether the last transaction went through
        self._sessions = async_sessionmaker(engine, expire_on_commit=False)

    @classmethod
    async def open(cls, url: str) -> Self:
        """
        Open it, and bring its tables up to date.

        Raises:
            Unusable: it cannot be reached, read or written, or is newer than this program.

        """
        address = engine_url(url)
        if address.get_backend_name() == "sqlite":
            _prepare_file(address)
        engine = _engine(address)
        try:
            async with engine.begin() as connection:
                await connection.run_sync(migrate)
        except _FOREIGN as error:
            await engine.dispose()
            raise Unusable(_words(engine.url, error)) from error
        except Unusable:
            await engine.dispose()
            raise
        return cls(engine)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncSession]:
        """
        Give a transaction: committed at the end, rolled back by an error.

        Raises:
            Unusable: the database failed; nothing of this transaction was kept.

        """
        try:
            async with self._sessions.begin() as session:
                yield session
            self.is_well = True
        except _FOREIGN as error:
            self.is_well = False
            raise Unusable(_words(self._engine.url, error)) from error

    async def check(self) -> None:
        """Ask whether it still answers. Raises Unusable."""
        async with self.begin() as session:
            await session.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Close all connections."""
        await self._engine.dispose()


async def put(session: AsyncSession, table: type[Table], **values: Any) -> None:
    """Insert the row, or replace the one with the same primary key; in one statement."""
    keys = _keys(table)
    insert = _insert(session, table).values(**values)
    changed = {name: insert.excluded[name] for name in values if name not in keys}
    await session.execute(insert.on_conflict_do_update(index_elements=keys, set_=changed))


async def put_new(session: AsyncSession, table: type[Table], **values: Any) -> bool:
    """Insert the row unless its primary key is taken; whether it was inserted."""
    keys = _keys(table)
    insert = _insert(session, table).values(**values).on_conflict_do_nothing(index_elements=keys)
    inserted = await session.execute(insert.returning(*table.__table__.primary_key))
    return inserted.first() is not None


def _keys(table: type[Table]) -> Sequence[str]:
    return [column.name for column in table.__table__.primary_key]


def _insert(session: AsyncSession, table: type[Table]) -> "sqlite.Insert | postgresql.Insert":
    """Choose the dialect's own insert: ON CONFLICT is the same in both, and in neither's base."""
    if session.get_bind().dialect.name == "sqlite":
        return sqlite.insert(table)
    return postgresql.insert(table)


def _prepare_file(url: URL) -> None:
    """
    Make SQLite's folder, and see whether the file can be opened at all.

    Not left to the driver: when aiosqlite cannot open a file, its thread lives on and complains
    into a closed event loop.
    """
    file = Path(str(url.database))
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)  # reasons and names of people
    except OSError as error:
        raise Unusable(
            f"The folder {file.parent} cannot be made: {error.strerror}. "
            "Set ROLLOUT_BOT_STATE_DIR to one that the bot may write to."
        ) from error
    try:
        with closing(sqlite3.connect(file, timeout=_BUSY_SECONDS)) as connection:
            connection.execute("PRAGMA schema_version")
    except sqlite3.Error as error:
        raise Unusable(_words(url, error)) from error


def _engine(url: URL) -> AsyncEngine:
    try:
        # what people wrote must not get into logs by way of an error
        engine = create_async_engine(url, hide_parameters=True, pool_pre_ping=True)
    except ModuleNotFoundError as error:
        raise Unusable(
            f"The driver {error.name} is not installed: pip install 'rollout-bot[postgres]'."
        ) from error
    if engine.dialect.name == "sqlite":
        event.listen(engine.sync_engine, "connect", _tune)
    return engine


def _tune(connection: Any, _record: Any) -> None:
    """
    Set SQLite up for a record that must not be lost.

    WAL lets people read while somebody writes. With it SQLite would rather not wait for the disk
    (synchronous=NORMAL), and a power cut would take the last commits: an action without its ledger
    entry, or a claim that is posted twice. FULL waits; it costs a millisecond per transaction.
    """
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {_BUSY_SECONDS * 1000}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.close()


_ADVICE = {
    "not a database": "Is it the right file? If so it is damaged: move it away and start "
    "again; what was posted is found again in Slack.",
    "malformed": "The file is damaged. Move it away and start again, or bring back a copy.",
    "unable to open": "The bot must be able to write to that folder: "
    "set ROLLOUT_BOT_STATE_DIR to another.",
    "readonly": "The bot must be able to write to that file and its folder.",
    "locked": f"Another program has kept it for more than {_BUSY_SECONDS} s.",
    "full": "Make room on that disk.",
}


def _words(url: URL, error: Exception) -> str:
    """Tell people which database, what is wrong and what to do; never the password."""
    reason = str(error.orig if isinstance(error, DBAPIError) else error).strip()
    cause = reason.splitlines()[0] if reason else type(error).__name__
    place = url.set(drivername=url.get_backend_name()).render_as_string(hide_password=True)
    advice = next((words for sign, words in _ADVICE.items() if sign in reason), "")
    return f"I cannot use my database {place}: {cause}. {advice}".strip()
