"""
Look at a database as it is: can it be reached, of which schema is it, does it take writes.

Nothing is changed: no table is made, no file; what is tried is rolled back.
"""

import asyncio
import os
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection, create_engine, delete, false, insert, select, text, update
from sqlalchemy.engine import URL
from sqlalchemy.pool import NullPool

from bot.store import sqlite
from bot.store.database import FOREIGN, make_engine, told
from bot.store.errors import Unusable
from bot.store.location import Address, address
from bot.store.migrate import be_alone, newest, refuse_newer, schema
from bot.store.tables import Table


async def examine(url: str) -> str:
    """
    Tell in words how it stands with the database.

    Raises:
        Unusable: it cannot be reached, read or written, or is newer than this program.

    """
    where = address(url)
    if where.file and not where.file.exists():
        return _not_made_yet(where.file)
    try:
        if where.file:
            return await asyncio.to_thread(_look_into, where.file, where)
        engine = make_engine(where)
        try:
            async with engine.connect() as connection:
                return await connection.run_sync(_look, where)
        finally:
            await engine.dispose()
    except (*FOREIGN, sqlite3.Error) as error:
        raise told(where, error) from error


def _not_made_yet(file: Path) -> str:
    nearest = next(parent for parent in file.parents if parent.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
        raise Unusable(
            f"The folder {file.parent} cannot be made: {nearest} is none that I may write to. "
            "Set ROLLOUT_BOT_STATE_DIR to one that the bot may write to."
        )
    return f"{file} will be made at the first start"


def _look_into(file: Path, where: Address) -> str:
    """Look at SQLite's file; opened so that it is neither made nor set up differently."""

    def opened() -> sqlite3.Connection:
        place = f"file:{quote(str(file))}?mode=rw"
        return sqlite3.connect(place, uri=True, timeout=sqlite.BUSY_SECONDS, isolation_level=None)

    url = URL.create("sqlite", database=str(file))
    engine = create_engine(url, creator=opened, poolclass=NullPool, hide_parameters=True)
    with closing(engine.connect()) as connection:
        return _look(connection, where)


def _look(connection: Connection, where: Address) -> str:
    """Compare the schema, and try to write."""
    refuse_newer(connection)
    is_current = schema(connection) == newest()
    connection.rollback()  # the question has begun a transaction
    try:
        if where.file:
            be_alone(connection)
        elif is_current:
            _write_nothing(connection)
        else:
            connection.execute(text("CREATE TABLE rollout_bot_doctor (nothing INTEGER)"))
    finally:
        connection.rollback()
    if is_current:
        return f"{where.place}: writable, schema {newest()}"
    return f"{where.place}: writable; its tables are made or brought up to date at the next start"


def _write_nothing(connection: Connection) -> None:
    """Do with each table what the bot does, on no row: only the right to do it matters."""
    for table in Table.metadata.sorted_tables:
        first = next(iter(table.columns))
        none = select(table).where(false())
        connection.execute(insert(table).from_select(list(table.columns.keys()), none))
        connection.execute(update(table).values({first: first}).where(false()))
        connection.execute(delete(table).where(false()))
