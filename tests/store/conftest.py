"""
A real database for each test.

SQLite files by default. `ROLLOUT_BOT_TEST_POSTGRES=postgresql://…` (an empty database that may be
wiped) runs the tests that do not ask for a file on PostgreSQL.
"""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.store import Database

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)

Opener = Callable[[], Awaitable[Database]]


class HandClock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def move(self, span: timedelta) -> None:
        self.now += span


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def url(tmp_path: Path) -> str:
    """The address of a database that does not exist yet (PostgreSQL: is empty)."""
    postgres = os.environ.get("ROLLOUT_BOT_TEST_POSTGRES", "")
    if not postgres:
        return f"sqlite:///{tmp_path}/state/bot.sqlite3"
    database = await Database.open(postgres)
    async with database.begin() as session:
        await session.execute(text("DROP SCHEMA public CASCADE"))
        await session.execute(text("CREATE SCHEMA public"))
    await database.close()
    return postgres


@pytest.fixture
async def another(url: str) -> AsyncIterator[Opener]:
    """Opens the same database once more, as another process would; closed after the test."""
    async with AsyncExitStack() as stack:

        async def opener() -> Database:
            database = await Database.open(url)
            stack.push_async_callback(database.close)
            return database

        yield opener


@pytest.fixture
async def database(another: Opener) -> Database:
    return await another()
