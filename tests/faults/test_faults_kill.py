"""F1 and F2: kill -9, at random times and at every point that has a name."""

import asyncio

import pytest

from tests.faults import tally as numbers
from tests.faults import trials
from tests.faults.doors import Failing
from tests.faults.planted import SLOW_DISK
from tests.faults.theatre import CHANNEL, theatre

pytestmark = [pytest.mark.faults, pytest.mark.timeout(3_600)]


@pytest.mark.parametrize("disk", ["quick", "slow"])
async def test_f1_kills_at_random_times(disk, tmp_path, tally):
    """Twenty releases, a hundred presses, and the bot is killed again and again meanwhile."""
    rng, kills = numbers.rng_for("F1"), numbers.times(30, 200)
    async with theatre(tmp_path, planted=SLOW_DISK if disk == "slow" else "") as here:
        await trials.begin(here, numbers.times(8, 20))

        async def work() -> None:
            crowd = trials.crowd(here, rng, numbers.times(60, 400), pause=0.5)
            for _ in range(kills):
                await asyncio.sleep(rng.uniform(0.05, 2.0))
                await here.bot.kill()
                await here.bot.start()
                await here.ready()
            await crowd

        soon = numbers.times(0.0, trials.BACKLOG)
        found, seconds = await trials.judged(here, work, backlog=soon)
        fault = ("F1", "kill -9 at random times")
        trials.verdict(here, tally, fault, tried=kills, found=found, recovery=[seconds])


def _arrives(method: str) -> Failing:
    return Failing(where=lambda name, _: name == method, drop="before")


def _is_done(method: str) -> Failing:
    return Failing(where=lambda name, _: name == method, drop="after")


def _patch(drop: str) -> Failing:
    return Failing(
        where=lambda name, _: name.startswith("PATCH") and "/rollouts/" in name, drop=drop
    )


#: where the bot is killed: the door it is at, and what it is about to do or has just done
POINTS = {
    "a post arrives": ("slack", lambda: _arrives("chat.postMessage")),
    "a post is done": ("slack", lambda: _is_done("chat.postMessage")),
    "an edit arrives": ("slack", lambda: _arrives("chat.update")),
    "an edit is done": ("slack", lambda: _is_done("chat.update")),
    "an answer arrives": ("slack", lambda: _arrives("response_url")),
    "an answer is done": ("slack", lambda: _is_done("response_url")),
    "a patch arrives": ("cluster", lambda: _patch("before")),
    "a patch is done": ("cluster", lambda: _patch("after")),
}


@pytest.mark.parametrize("point", POINTS)
async def test_f2_kills_at_points_with_a_name(point, tmp_path, tally):
    """What was done is not done again, what was decided is told, and there is one card."""
    where, make = POINTS[point]
    rounds = numbers.times(3, 5)
    recovery: list[float] = []
    async with theatre(tmp_path) as here:
        await trials.begin(here, 1)
        door = here.slack_door if where == "slack" else here.cluster_door

        async def work() -> None:
            for number in range(rounds):
                await here.until(lambda: here.crowd.offering(CHANNEL, "promote"), "promote")
                killed = asyncio.Event()
                failing = make()
                failing.on_hit = lambda killed=killed: (here.bot.kill_now(), killed.set())
                door.fail(failing)
                card = here.crowd.offering(CHANNEL, "promote")[-1]
                press = await here.crowd.press("U0ANN", card, "promote")
                await here.until(killed.is_set, f"killed in round {number} after {press}")
                door.heal()
                await here.bot.kill()
                await here.bot.start()
                await here.ready()
                recovery.append(await trials.come_to_rest(here))
                here.release(here.parts[0], str(number + 3))
                await here.until(
                    lambda: (s := here.history.latest("shop/app-0")) and s.needs_person, "a pause"
                )
                await trials.come_to_rest(here)

        found, _ = await trials.judged(here, work)
        fault = ("F2", "kill -9 at eight points with a name")
        trials.verdict(here, tally, fault, tried=rounds, found=found, recovery=recovery)
