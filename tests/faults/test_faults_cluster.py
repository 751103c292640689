"""F3, F4 and F5: the API server is away, has forgotten, or says nothing any more."""

import asyncio
import random
import time
from collections.abc import Iterable
from functools import partial

import pytest

from bot.sandbox.play.cast import Part
from tests.faults import outages, trials
from tests.faults import tally as numbers
from tests.faults.cluster_door import Stream
from tests.faults.theatre import PEOPLE, PLANTED, Theatre, theatre
from tests.faults.violation import Violation

pytestmark = [pytest.mark.faults, pytest.mark.timeout(7_200)]

# --- F3 -------------------------------------------------------------------------------------------


_F3_ACTS = 5


@pytest.mark.parametrize("act", numbers.acts(_F3_ACTS))
async def test_f3_the_api_server_restarts(act, tmp_path, tally):
    """What happens while it is away is told when it is back, also deletions; nothing runs hot."""
    rng, rounds = numbers.rng_for(f"F3 {act}"), numbers.times(1, 10)
    kinds = [k for _ in range(rounds) for k in rng.sample(sorted(outages.RESTARTS), 5)]
    late: list[Violation] = []
    recovery: list[float] = []
    async with theatre(tmp_path) as here:
        await trials.begin(here, 4)

        async def work() -> None:
            for kind in numbers.shared(kinds, act, _F3_ACTS):
                way, (ci, nightly) = outages.RESTARTS[kind]
                began = here.history.note(kind)
                async with way(here, nightly if numbers.NIGHTLY else ci):
                    await _meanwhile(here, rng)
                healed = here.history.note("it is back")
                late.extend(await outages.watched_again(here, healed))
                recovery.append(await trials.come_to_rest(here))
                late.extend(outages.hot(here.history, began))
                _recreate(here)

        found, _ = await trials.judged(here, work)
        trials.verdict(
            here,
            tally,
            ("F3", "the API server restarts"),
            tried=len(numbers.shared(kinds, act, _F3_ACTS)),
            found=[*found, *late],
            recovery=recovery,
        )


async def _meanwhile(here: Theatre, rng: random.Random) -> None:
    """Go on without the bot: releases move, one rollout is deleted, somebody presses."""
    victim, pressed, *others = rng.sample(here.parts, len(here.parts))
    if card := here.card(pressed) or here.card(pressed, "abort"):
        verb = "promote" if here.card(pressed) else "abort"
        task = asyncio.create_task(here.crowd.press(rng.choice(sorted(PEOPLE)), card, verb))
        await task
    for part in others:
        await trials.stir(here, part)
    here.delete(victim)


def _recreate(here: Theatre) -> None:
    for part in here.parts:
        here.apply(part)


# --- F4 -------------------------------------------------------------------------------------------


def _hold(streams: Iterable[Stream]) -> None:
    """Let nothing come through these watches any more."""
    for stream in streams:
        stream.mute = True


async def _heard_again(here: Theatre, victim: Part) -> None:
    """Let the watch say something: the next 410 shall not look like one more failure of it."""
    here.apply(victim)
    await here.healthy(victim)
    await here.until(
        lambda: all(stream.said for stream in here.cluster_door.watches()), "the watch speaks"
    )


async def test_f4_the_version_is_too_old(tmp_path, tally):
    """Each 410 costs one list; what was deleted meanwhile is found, and nothing is told twice."""
    rng, rounds = numbers.rng_for("F4"), numbers.times(2, 20)
    odd: list[Violation] = []
    recovery: list[float] = []
    async with theatre(tmp_path) as here:
        await trials.begin(here, 5)
        door = here.cluster_door

        async def work() -> None:
            for way in [w for _ in range(rounds) for w in rng.sample(sorted(outages.FORGOTTEN), 4)]:
                forget, lists = outages.FORGOTTEN[way]
                began = here.history.note(f"410 {way}")
                _hold(door.watches())
                victim, moved, *_ = rng.sample(here.parts, len(here.parts))
                here.delete(victim)
                await trials.stir(here, moved)
                await forget(here)
                await here.until(partial(door.is_watched, began), way, 60)
                recovery.append(await trials.come_to_rest(here))
                odd.extend(outages.listed_otherwise(here.history, way, began, lists))
                door.heal()
                door.page = 0
                await _heard_again(here, victim)

        found, _ = await trials.judged(here, work)
        trials.verdict(
            here,
            tally,
            ("F4", "410: on connect, in stream, twice, on a page"),
            tried=rounds * len(outages.FORGOTTEN),
            found=[*found, *odd],
            recovery=recovery,
        )


# --- F5 -------------------------------------------------------------------------------------------

#: seconds without a byte until a line counts as dead, for whom 75 s are too long
_IMPATIENT = 8.0
_PATIENCE = f"""
from bot.cluster.pace import Pace
Pace.__init__.__kwdefaults__["silence"] = {_IMPATIENT}
"""


async def test_f5_a_watch_falls_silent(tmp_path, tally):
    """A line that is dead, and looks alive, is found within 90 s."""
    rounds = numbers.times(2, 5)
    most = 90.0 if numbers.NIGHTLY else _IMPATIENT + 15.0
    recovery: list[float] = []
    late: list[Violation] = []
    async with theatre(tmp_path, planted="" if numbers.NIGHTLY else _PATIENCE) as here:
        await trials.begin(here, 3)
        assert numbers.NIGHTLY or PLANTED in here.bot.said

        async def work() -> None:
            for _ in range(rounds):
                began = here.history.note("the watches fall silent")
                _hold(here.cluster_door.streams)
                for part in here.parts:
                    await trials.stir(here, part)
                await here.until(partial(here.cluster_door.is_watched, began), "a new watch", 150)
                seconds = time.monotonic() - began
                if seconds > most:
                    words = f"a dead watch was found after {seconds:.0f} s"
                    late.append(Violation(invariant="F5", at=began, words=words, kind="late"))
                recovery.append(seconds + await trials.come_to_rest(here))

        found, _ = await trials.judged(here, work)
        trials.verdict(
            here,
            tally,
            ("F5", "a watch falls silent, its line stays open"),
            tried=rounds,
            found=[*found, *late],
            recovery=recovery,
        )
