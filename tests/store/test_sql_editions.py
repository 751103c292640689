"""Editions of the memory: they only grow, whoever begins one."""

import asyncio
from datetime import timedelta

from bot.store import Database, SqlEditions
from tests.store.conftest import NOON, HandClock, Opener


async def test_a_new_memory_has_none(database: Database, clock: HandClock) -> None:
    assert await SqlEditions(database, clock).current() == (0, None)


async def test_each_is_greater_than_the_one_before(database: Database, clock: HandClock) -> None:
    editions = SqlEditions(database, clock)

    assert [await editions.begin(), await editions.begin()] == [1, 2]
    assert await editions.current() == (2, NOON)
    clock.move(timedelta(minutes=1))
    assert await editions.begin() == 3
    assert await editions.current() == (3, NOON + timedelta(minutes=1))


async def test_one_goes_on_where_slack_is(another: Opener, clock: HandClock) -> None:
    """The database is of yesterday, or new: what comes now is greater than what Slack has seen."""
    editions = SqlEditions(await another(), clock)

    assert await editions.begin(40) == 40
    assert await editions.begin(7) == 41
    assert await SqlEditions(await another(), clock).current() == (41, NOON)


async def test_replicas_that_begin_at_once_begin_different_ones(
    another: Opener, clock: HandClock
) -> None:
    replicas = [SqlEditions(await another(), clock) for _ in range(3)]

    begun = await asyncio.gather(*(replicas[n % 3].begin() for n in range(12)))

    assert sorted(begun) == list(range(1, 13))
