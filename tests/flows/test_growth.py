"""
Release after release, and nothing is left behind (I7).

All flows and the true outbox around a fake cluster and a Slack that takes everything at once; what
is kept for ever is on disk. Counted is what the flows and the outbox hold, after some releases and
again after many more.
"""

import asyncio
import gc
import itertools
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.flows import at_hand
from bot.slack import lookout, places, tray
from bot.slack.outbox import Outbox
from bot.store import Database
from bot.store.tables import ClaimRow, PlaceRow, SightingRow, Table, ToldRow
from tests.fakes import FakeCluster, HandClock
from tests.flows.room import Bot, Room, a_request
from tests.flows.wired import finding, patrol, wire


class Wire:
    """Slack: it takes everything at once."""

    def __init__(self) -> None:
        self._stamps = itertools.count(1)
        self.session: Any = None

    def rest(self, _method: str) -> float:
        return 0.0

    async def __call__(self, _method: str, **_args: Any) -> dict[str, Any]:
        await asyncio.sleep(0)
        return {"ok": True, "ts": f"{1_764_000_000 + next(self._stamps)}.000100", "messages": []}


WARM, MANY = 12, 24
#: objects that a release may leave behind; a single forgotten entry of a cache is more
MOST = 1.0
#: where the memory of the bot ends
ELSEWHERE = (type, ModuleType, FunctionType, FakeCluster, HandClock, Database, Wire)
LIBRARIES = frozenset({"asyncio", "_asyncio", "asyncio.unix_events", "logging", "re"})


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is bounded is full soon."""
    monkeypatch.setattr(at_hand, "MOST", 10)
    monkeypatch.setattr(places, "MOST", 10)
    monkeypatch.setattr(tray, "_MOST_SHOWN", 10)
    monkeypatch.setattr(tray, "_RECENT", 10)
    monkeypatch.setattr(lookout, "_MOST_READINGS", 5)


@pytest.fixture
async def disk(tmp_path: Path) -> Any:
    database = await Database.open(f"sqlite:///{tmp_path}/bot.sqlite3")
    yield database
    await database.close()


async def start(room: Room) -> Bot:
    bot = await room.start()
    hours = itertools.count(0.0, 60.0)  # nothing ever waits for its turn
    outbox = Outbox(
        Wire(), bot.bulletin, clock=lambda: next(hours), sleep=lambda _: asyncio.sleep(0), linger=0
    )
    bot.board.chat = bot.board.telling.chat = outbox
    outbox.start()
    return bot


async def one_release(room: Room, bot: Bot, number: int) -> None:
    """Somebody releases; a finding comes and goes; another rollout lives and is deleted."""
    preview = f"preview-{number}"
    room.deploy(preview)
    room.cluster.announce(preview)
    room.release(f"1.{number}")
    room.release(f"2.{number}", name=preview)
    await room.settled()
    wire(bot, finding())
    await patrol(room, bot, seconds=3)
    await patrol(room, bot, seconds=3)
    verb = "abort" if number % 3 == 0 else "promote"
    await bot.operate(a_request(verb, seen=room.seen()))
    await room.settled()
    if verb == "abort":
        room.release(f"3.{number}")
        await room.settled()
        await bot.operate(a_request("promote", seen=room.seen()))
    wire(bot)
    await patrol(room, bot, seconds=3)
    room.cluster.delete(preview)
    await room.later(hours=1)
    await bot.board.chat.idle()
    forget(room, preview)


def forget(room: Room, preview: str) -> None:
    """The fake cluster cleans up as the controller would: old ReplicaSets, what was previewed."""
    stable = room.cluster.rollout().stable
    for key in list(room.cluster.objects):
        kind, _, name = key
        is_old = kind == "replicasets" and stable not in name
        if is_old or name.startswith(preview):
            del room.cluster.objects[key]
    room.cluster.sent.clear()
    room.argo._templates = {stable: room.argo._templates[stable]}


def size(bot: Bot) -> int:
    """Count everything that the bot can reach in its own memory; not the cluster, not the disk."""
    bot.board.chat._turns._pace._shown.clear()  # kept for two seconds; a thousand at most
    todo: list[Any] = [vars(bot.follow), vars(bot.patrol), vars(bot.operate), vars(bot.answer)]
    todo.append(vars(bot.board.chat))
    seen: set[int] = set()
    kept = []  # an id is good as long as its object lives
    while todo:
        one = todo.pop()
        if id(one) in seen or isinstance(one, ELSEWHERE) or type(one).__module__ in LIBRARIES:
            continue
        seen.add(id(one))
        kept.append(one)
        todo += gc.get_referents(one)
    return len(kept)


async def rows(database: Database, table: type[Table]) -> int:
    async with database.begin() as connection:
        return int((await connection.execute(select(func.count()).select_from(table))).scalar_one())


@pytest.mark.timeout(300)
async def test_release_after_release_leaves_nothing_behind(disk: Database) -> None:
    room = Room(disk)
    room.deploy()
    bot = await start(room)
    for number in range(WARM):
        await one_release(room, bot, number)
    before, tasks = size(bot), len(asyncio.all_tasks())

    for number in range(WARM, WARM + MANY):
        await one_release(room, bot, number)

    assert before > 500
    assert (size(bot) - before) / MANY < MOST
    assert len(asyncio.all_tasks()) <= tasks + 1
    assert await rows(disk, ToldRow) == 1
    await bot.board.chat.drain(1.0)
    await bot.stop()


async def test_what_is_too_old_leaves_the_disk(disk: Database) -> None:
    """Claims and the places of old cards go after months; of who waits so long, the card stays."""
    room = Room(disk)
    room.deploy()
    bot = await start(room)
    for number in range(3):
        await one_release(room, bot, number)
    room.release("9.9")
    await room.settled()
    await bot.board.chat.idle()
    claims, kept = await rows(disk, ClaimRow), await rows(disk, PlaceRow)
    assert claims > 10
    assert kept > 3

    room.clock.move(days=400)
    room.release("9.10", name="tomozo")
    await room.settled()
    await bot.board.chat.idle()

    assert await rows(disk, ClaimRow) < 5
    assert await rows(disk, SightingRow) == 1
    assert await rows(disk, PlaceRow) <= 2
    await bot.board.chat.drain(1.0)
    await bot.stop()
