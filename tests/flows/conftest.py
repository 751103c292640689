"""A room with the flows in it; nothing waits for real time."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.flows import looks, operate
from bot.store import Database
from tests.flows.room import Bot, Room
from tests.memory import Memory
from tests.postgres import postgres

__all__ = ["postgres"]


@pytest.fixture(autouse=True)
def no_tick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests look again when they want to."""
    monkeypatch.setattr(looks, "_TICK", 3600)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for an effect that will not come."""
    monkeypatch.setattr(operate, "_PATIENCE", 0)


@pytest.fixture
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Any]:
    """What the bot remembers: in memory, or (see `on_disk`) in a real database."""
    kind = getattr(request, "param", "memory")
    if kind == "memory":
        yield Memory()
        return
    url = f"sqlite:///{tmp_path}/bot.sqlite3"
    if kind == "postgres":
        url = request.getfixturevalue("postgres").new_database()
    database = await Database.open(url)
    yield database
    await database.close()


@pytest.fixture
async def room(store: Any) -> AsyncIterator[Room]:
    room = Room(store)
    room.deploy()
    yield room
    for bot in room.bots:
        await bot.stop()


@pytest.fixture
async def bot(room: Room) -> Bot:
    """The bot, while 0.0.2 waits at 10 %."""
    bot = await room.start()
    room.release()
    await room.settled()
    return bot
