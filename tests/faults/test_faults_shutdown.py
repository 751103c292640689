"""F20: the bot is asked to end in the middle of a burst."""

import asyncio
import os
import random
import signal
import time
from collections.abc import Callable

import pytest

from tests.faults import tally as numbers
from tests.faults import trials
from tests.faults.crowd import buttons
from tests.faults.doors import Failing
from tests.faults.theatre import CHANNEL, PEOPLE, Theatre, theatre

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1_800)]

#: seconds within which it has ended, whatever hangs
AT_THE_LATEST = 12.0


def all_well(_: Theatre) -> None:
    """Nothing else is wrong."""


def slack_hangs(here: Theatre) -> None:
    """Slack takes everything and answers nothing."""
    here.slack_door.fall_silent()


def cluster_hangs(here: Theatre) -> None:
    """The API server takes everything and answers nothing."""
    here.cluster_door.fall_silent()


def patches_are_slow(here: Theatre) -> None:
    """What was pressed is on its way for two seconds."""
    patches = lambda name, _: name.startswith("PATCH")  # noqa: E731
    here.cluster_door.fail(Failing(where=patches, delay=2.0, times=3, drop=""))


CIRCUMSTANCES: list[Callable[[Theatre], None]] = [
    all_well,
    patches_are_slow,
    slack_hangs,
    all_well,
    cluster_hangs,
    all_well,
]


async def burst(here: Theatre, rng: random.Random, ends: float) -> None:
    """Press whatever moves a release on, until then."""
    pressing: set[asyncio.Task[object]] = set()
    while time.monotonic() < ends:
        await asyncio.sleep(rng.uniform(0.02, 0.2))
        cards = here.crowd.offering(CHANNEL, "abort")
        if cards:
            card = rng.choice(cards)
            verb = "promote" if "promote" in buttons(card) else "abort"
            who = rng.choice(list(PEOPLE))
            pressing.add(asyncio.create_task(here.crowd.press(who, card, verb)))
    await asyncio.gather(*pressing)


async def test_f20_it_is_asked_to_end_during_a_burst(tmp_path, tally):
    """Exit code 0 within twelve seconds; what it could not tell, the next one tells."""
    rng, rounds = numbers.rng_for("F20"), numbers.times(6, 50)
    late: list[str] = []
    async with theatre(tmp_path) as here:
        await trials.begin(here, 4)
        recovery: list[float] = []

        async def work() -> None:
            for number in range(rounds):
                for part in here.parts:
                    here.release(part, str(number + 3))
                moment = rng.uniform(0.5, 2.5)
                pressing = asyncio.create_task(burst(here, rng, time.monotonic() + moment + 0.5))
                await asyncio.sleep(moment)
                circumstance = CIRCUMSTANCES[number % len(CIRCUMSTANCES)]
                circumstance(here)
                code, seconds = await here.bot.stop()
                if code != 0 or seconds > AT_THE_LATEST:
                    late.append(f"{circumstance.__name__}: code {code} after {seconds:.1f} s")
                await pressing
                here.slack_door.heal()
                here.cluster_door.heal()
                await here.bot.start()
                await here.ready()
                recovery.append(await trials.come_to_rest(here))

        found, _ = await trials.judged(here, work)
        fault = ("F20", "SIGTERM during a burst")
        trials.verdict(here, tally, fault, tried=rounds, found=found, recovery=recovery)
    assert not late, "\n".join(late)


async def test_a_second_signal_ends_it_at_once(tmp_path):
    """Who has no time for what is still to be told says so."""
    async with theatre(tmp_path) as here:
        await trials.begin(here, 1)
        here.slack_door.fall_silent()
        here.release(here.parts[0], "3")  # so that something is still to be told
        await asyncio.sleep(1)
        os.kill(here.bot.pid, signal.SIGTERM)
        await asyncio.sleep(0.5)
        assert here.bot.runs

        code, seconds = await here.bot.stop()

    assert code == -signal.SIGTERM
    assert seconds < 1


async def test_it_ends_while_it_waits_for_slack_at_the_start(tmp_path):
    """A start that does not come to its end is no reason to be killed."""
    async with theatre(tmp_path) as here:
        here.slack_door.fall_silent()
        await here.bot.start()
        await here.until(lambda: here.slack_door._open, "it asks Slack")

        code, seconds = await here.bot.stop()

    assert code == 0
    assert seconds < 3
