"""
A real database for each test: those that do not ask for a file run on SQLite and on PostgreSQL.

`make test` leaves out the latter, `make test-postgres` starts a server for them.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.store import Database
from tests.postgres import postgres

__all__ = ["postgres"]

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


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database that does not exist yet (PostgreSQL: is empty)."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/state/bot.sqlite3"
    return request.getfixturevalue("postgres").new_database()


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
