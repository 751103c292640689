"""
F2 at the outbox: killed when something was stored to be told, when it was sent, and between.

The same while so many releases move that one message tells of all.
"""

import asyncio
import sqlite3
from collections import Counter
from contextlib import closing
from typing import Any

import pytest

from tests.faults import tally as numbers
from tests.faults import trials
from tests.faults.doors import Failing
from tests.faults.theatre import Theatre, theatre

pytestmark = [pytest.mark.faults, pytest.mark.timeout(3_600)]

POST = "chat.postMessage"


def stored(here: Theatre) -> set[str]:
    """Read in the bot's database what is still to be said once."""
    with closing(sqlite3.connect(here.ledger_file)) as database:
        return {row[0] for row in database.execute("select id from parcels where not is_living")}


def told(here: Theatre) -> Counter[str]:
    """Count which of them Slack has, and how often."""
    posts = [call for call in here.history.calls if call.method == POST and call.done]
    named = [str(one.payload.get("ids") or one.payload.get("id") or "") for one in posts]
    return Counter(id_ for ids in named for id_ in ids.split())


def _line(drop: str) -> Failing:
    return Failing(where=lambda name, args: name == POST and bool(args.get("thread_ts")), drop=drop)


async def _kill_when_stored(here: Theatre) -> None:
    """Wait for what is stored, and kill before it is sent: progress lingers for three seconds."""
    before = stored(here)
    await here.until(lambda: stored(here) - before, "something to be told")
    here.bot.kill_now()


async def _kill_at_door(here: Theatre, drop: str) -> None:
    killed, failing = asyncio.Event(), _line(drop)
    failing.on_hit = lambda: (here.bot.kill_now(), killed.set())
    here.slack_door.fail(failing)
    await killed.wait()
    here.slack_door.heal()


POINTS = {
    "a line is stored": _kill_when_stored,
    "a line arrives": lambda here: _kill_at_door(here, "before"),
    "a line is done": lambda here: _kill_at_door(here, "after"),
}


@pytest.mark.parametrize("point", POINTS)
async def test_f2_what_was_stored_to_be_told_is_told_once(point, tmp_path, tally):
    """Nothing that was in the database at the kill is missing in Slack, and nothing is twice."""
    rounds = numbers.times(3, 5)
    recovery: list[float] = []
    owed: set[str] = set()
    async with theatre(tmp_path) as here:
        await trials.begin(here, 1)
        await trials.come_to_rest(here)

        async def work() -> None:
            for number in range(rounds):
                kill = asyncio.create_task(POINTS[point](here))
                here.release(here.parts[0], str(number + 3))
                await asyncio.wait_for(kill, 60)
                await here.bot.kill()
                owed.update(stored(here))
                await here.bot.start()
                await here.ready()
                recovery.append(await trials.come_to_rest(here))
                await here.until(lambda: not stored(here), "everything is told")

        found, _ = await trials.judged(here, work)
        what = "kill -9 around the outbox's writes"
        tally.count("F2", what, tried=rounds, violations=found, recovery=recovery)
        counted = told(here)
    assert not found, "\n".join(map(str, found))
    assert owed, "something was stored when it was killed"
    assert {id_: counted[id_] for id_ in owed} == dict.fromkeys(owed, 1)


def _storm(method: str, drop: str) -> Failing:
    def is_it(name: str, args: dict[str, Any]) -> bool:
        return name == method and "rollout_storm" in str(args.get("metadata"))

    return Failing(where=is_it, drop=drop)


def _in_its_thread(here: Theatre) -> Failing:
    def is_it(name: str, args: dict[str, Any]) -> bool:
        return name == POST and args.get("thread_ts") in storms(here)

    return Failing(where=is_it, drop="after")


def storms(here: Theatre) -> dict[str, str]:
    """What the messages about many say now, by where they stand."""
    calls = [c for c in here.history.calls if c.done and "began" in c.payload]
    return {c.ts: c.text for c in calls}


STORM_POINTS = {
    "its message is posted": lambda _: _storm(POST, "after"),
    "its message arrives": lambda _: _storm(POST, "before"),
    "a line is in its thread": _in_its_thread,
    "it is told anew": lambda _: _storm("chat.update", "after"),
}


@pytest.mark.parametrize("point", [*STORM_POINTS][:: numbers.times(2, 1)])
async def test_f2_a_storm_outlives_the_process(point, tmp_path, tally):
    """One message about all, which ends; a card for each; no line missing, none twice."""
    count = numbers.times(14, 40)
    owed: set[str] = set()
    recovery: list[float] = []
    async with theatre(tmp_path) as here:

        def going_on() -> list[str]:
            return [t for t in storms(here).values() if "Each has its card again" not in t]

        await trials.begin(here, count)
        await trials.come_to_rest(here)
        await here.until(lambda: not going_on(), "the first storm is over", 60)

        async def work() -> None:
            killed, failing = asyncio.Event(), STORM_POINTS[point](here)
            failing.on_hit = lambda: (here.bot.kill_now(), killed.set())
            here.slack_door.fail(failing)
            for part in here.parts:
                here.release(part, "3")
            await asyncio.wait_for(killed.wait(), 60)
            here.slack_door.heal()
            await here.bot.kill()
            owed.update(stored(here))
            await here.bot.start()
            await here.ready()
            recovery.append(await trials.come_to_rest(here))
            await here.until(lambda: not stored(here), "everything is told", 60)

        soon = numbers.times(0.0, trials.BACKLOG)
        found, _ = await trials.judged(here, work, goes_on=going_on, backlog=soon)
        what = "kill -9 around the outbox's writes"
        tally.count("F2", what, tried=1, violations=found, recovery=recovery)
        counted = told(here)
    assert not found, "\n".join(map(str, found))
    assert {id_: counted[id_] for id_ in owed} == dict.fromkeys(owed, 1)
    assert 1 <= len(storms(here)) <= 2, "one for each time that all moved"
