"""F18: a long day with a little of everything, and nothing is left of it in memory."""

import asyncio
import random
import time
from collections.abc import Callable

import pytest

from tests.faults import tally as numbers
from tests.faults import trials
from tests.faults.doors import Failing
from tests.faults.history import Json
from tests.faults.theatre import Theatre, theatre

pytestmark = [pytest.mark.faults, pytest.mark.timeout(3_600)]

STEPS = [step for weight in range(1, 99) for step in ({"setWeight": weight}, {"pause": {}})]
#: seconds until the caches of a bot that has just started are filled: 200 ledger entries of each
#: rollout are at hand, and it takes people ten minutes to press so often
_WARM = numbers.times(15.0, 600.0)
#: how much goes wrong: each so often among all calls
_SLACK, _CLUSTER = 0.15, 0.05


async def test_f18_a_day_with_a_little_of_everything(tmp_path, tally):
    """After it the bot holds what it held before: memory, links, tasks, nothing that waits."""
    rng, seconds = numbers.rng_for("F18"), numbers.times(60, 1_800)
    async with theatre(tmp_path, limits=False) as here:
        await trials.begin(here, 6, steps=STEPS)
        await trials.busy(here, rng, _WARM, pause=0.5)
        here.history.sizes.clear()
        here.weigh()

        async def work() -> None:
            until, troubles = time.monotonic() + seconds, 0
            here.slack_door.whim, here.cluster_door.whim = _slack_fails(rng), _cluster_fails(rng)
            async with trials.meanwhile(here, rng, pause=0.4):
                while time.monotonic() < until:
                    await asyncio.sleep(rng.uniform(2, 6))
                    rng.choice(TROUBLES)(here)
                    troubles += 1
                    await trials.crowd(here, rng, 2, pause=0.3)
            here.slack_door.heal()
            here.cluster_door.heal()
            here.history.note(f"all is well again, after {troubles} troubles")

        found, took = await trials.judged(here, work)
        trials.verdict(
            here,
            tally,
            ("F18", f"{seconds} s with a little of everything"),
            tried=sum(call.told != "ok" for call in here.history.calls),
            found=found,
            recovery=[took],
        )


def _slack_fails(rng: random.Random) -> Callable[[str, Json], Failing | None]:
    ways = [{"status": 503}, {"drop": "before"}, {"drop": "after"}, {"delay": 2.0}]

    def whim(_method: str, _args: Json) -> Failing | None:
        if rng.random() >= _SLACK:
            return None
        return Failing(where=lambda *_: True, **rng.choice(ways))

    return whim


def _cluster_fails(rng: random.Random) -> Callable[[str, Json], Failing | None]:
    def whim(_name: str, _args: Json) -> Failing | None:
        if rng.random() >= _CLUSTER:
            return None
        return Failing(where=lambda *_: True, status=500, body=b"{}")

    return whim


def _links_break(here: Theatre) -> None:
    here.slack_door.break_all()


def _watches_break(here: Theatre) -> None:
    here.cluster_door.break_all()


def _nothing(_: Theatre) -> None:
    """Nothing at all, this time."""


TROUBLES: list[Callable[[Theatre], None]] = [_links_break, _watches_break, _nothing]
