"""The memory while the bot runs: editions, and what is written down once the database is back."""

import asyncio
from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest

from bot import recovery
from bot.flows import gaps
from bot.recovery import Recovery
from bot.store.errors import Away


@dataclass
class Fakes:
    """A database, a rebuild and a follow, as far as they are asked."""

    is_well: bool = True
    replaced: int = 0
    edition: int = 5
    begun: list[int] = field(default_factory=list)
    remembered: list[str] = field(default_factory=list)
    recorded: list[str] = field(default_factory=list)
    finished: int = 0
    fails: int = 0  #: so many tries to begin an edition fail

    def __post_init__(self) -> None:
        self.is_through, self.written = asyncio.Event(), asyncio.Event()
        self.stories = SimpleNamespace(told={"u1": "told of u1", "u2": "told of u2"})
        self.board = SimpleNamespace(bulletin=self)
        self.editions = self.journal = self

    async def begin(self, at_least: int) -> int:
        if self.fails > 0:
            self.fails -= 1
            self.is_well = False
            raise Away("it is away")
        self.is_well = True
        self.begun.append(at_least)
        return at_least

    async def remember(self, uid: str, told: object) -> None:
        self.remembered.append(f"{uid}: {told}")

    async def write_down(self) -> None:
        self.remembered.append("entries")
        self.written.set()

    async def finish(self) -> None:
        self.finished += 1
        self.edition = await self.begin(self.edition + 1)

    async def put_on_record(self, why: str) -> None:
        self.recorded.append(why)


@pytest.fixture
def fakes() -> Fakes:
    return Fakes()


@pytest.fixture
def kept(fakes: Fakes) -> Recovery:
    return Recovery(fakes, fakes, fakes)  # type: ignore[arg-type]


WRITTEN = ["entries", "u1: told of u1", "u2: told of u2"]


async def test_while_the_database_takes_nothing_messages_carry_the_next_edition(
    fakes: Fakes, kept: Recovery
) -> None:
    """So whoever starts then knows that more was said than is written down."""
    assert kept.edition == 5
    fakes.is_well = False
    assert kept.edition == 6


async def test_what_was_told_meanwhile_is_written_down_when_it_is_back(
    fakes: Fakes, kept: Recovery
) -> None:
    fakes.is_well, fakes.fails = False, 1
    with pytest.raises(Away):
        await kept._look()
    assert (fakes.remembered, kept.edition) == ([], 6)

    await kept._look()

    assert fakes.remembered == WRITTEN
    assert kept.edition == fakes.begun[-1] == 7, "greater than what was said meanwhile"


async def test_another_file_in_its_place_gets_what_is_known_and_the_gap(
    fakes: Fakes, kept: Recovery
) -> None:
    fakes.replaced = 1

    await kept._look()
    await kept._look()

    assert fakes.recorded == [gaps.REPLACED]
    assert fakes.remembered == WRITTEN
    assert fakes.begun[-1] > 5


async def test_an_edition_is_good_for_a_minute(
    fakes: Fakes, kept: Recovery, monkeypatch: pytest.MonkeyPatch
) -> None:
    await kept._look()
    assert fakes.begun == []

    monkeypatch.setattr(recovery, "_EDITION", 0.0)
    await kept._look()
    assert fakes.begun == [6]


async def test_the_start_is_finished_once_everything_is_known_and_tried_until_it_is(
    fakes: Fakes, kept: Recovery, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recovery, "_LOOK", 0.001)
    fakes.fails = 2
    task = asyncio.create_task(kept.run())
    await asyncio.sleep(0)
    assert fakes.finished == 0

    fakes.is_through.set()
    async with asyncio.timeout(5):
        await fakes.written.wait()
    task.cancel()

    assert fakes.finished == 3
