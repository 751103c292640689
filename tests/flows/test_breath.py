"""Long work takes what others leave; the time is made up."""

import asyncio
from types import SimpleNamespace

import pytest

from bot.flows import breath
from bot.flows.breath import Breath


class Others:
    """The loop, with others in it: how long their turns take, and how late a sleeper comes back."""

    def __init__(self) -> None:
        self.now, self.turn, self.late = 100.0, 0.0, 0.0
        self.rests: list[float] = []

    def time(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        if seconds:
            self.rests.append(seconds)
            self.now += seconds + self.late
        else:
            self.now += self.turn


@pytest.fixture
def others(monkeypatch: pytest.MonkeyPatch) -> Others:
    made = Others()
    fake = SimpleNamespace(
        get_running_loop=lambda: made, sleep=made.sleep, AbstractEventLoop=asyncio.AbstractEventLoop
    )
    monkeypatch.setattr(breath, "asyncio", fake)
    return made


async def work(others: Others, pieces: int) -> None:
    take_breath = Breath()
    for _ in range(pieces):
        others.now += 0.006
        await take_breath()


async def test_alone_it_goes_on_at_once(others: Others) -> None:
    await work(others, 20)

    assert others.rests == []


async def test_where_others_have_something_to_do_they_have_three_quarters(others: Others) -> None:
    others.turn = 0.002

    await work(others, 20)

    assert set(others.rests) == {0.015}


async def test_where_others_have_more_to_do_than_time_it_hardly_goes_on(others: Others) -> None:
    others.turn, others.late = 0.002, 0.02

    await work(others, 20)

    assert others.rests[:6] == [0.015, 0.03, 0.06, 0.12, 0.24, 0.25]
    assert set(others.rests[6:]) == {0.25}


async def test_when_that_is_over_it_goes_on_as_before(others: Others) -> None:
    others.turn, others.late = 0.002, 0.02
    take_breath = Breath()
    for number in range(20):
        others.late = 0.02 if number < 8 else 0.0
        others.now += 0.006
        await take_breath()

    assert others.rests[8:14] == [0.25, 0.125, 0.0625, 0.03125, 0.015625, 0.015]
