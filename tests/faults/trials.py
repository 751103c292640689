"""A release under fire, from its start to the judgement."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from bot.sandbox.play.cast import Part
from tests.faults.cards import i2_says_the_truth, is_true
from tests.faults.checker import check
from tests.faults.house import House
from tests.faults.report import explained
from tests.faults.sizes import at_first, grown
from tests.faults.tally import Tally
from tests.faults.theatre import CHANNEL, PEOPLE, Theatre
from tests.faults.violation import Violation

#: seconds after the last fault within which every channel must tell the truth
TRUTH = 60.0
_QUIET = 1.5
#: seconds for which an open link without any use is kept
_LINGER = 40.0
#: seconds for what still waits to be told in threads, at one a second
BACKLOG = 240.0


async def begin(here: Theatre, count: int, *, rest: float = TRUTH, **deployed: Any) -> None:
    """Deploy so many rollouts, start the bot, and let each of them begin a release."""
    here.deploy(count, **deployed)
    await curtain_up(here, rest)


async def curtain_up(here: Theatre, rest: float = TRUTH) -> None:
    """Start the bot, and let every rollout that there is begin a release."""
    await here.healthy()
    for replica in here.replicas.values():
        await replica.start()
    for replica in here.replicas.values():
        await here.ready(replica)
    for part in here.parts:
        here.release(part, "2")
    count = len(here.parts)
    await here.until(lambda: len(here.cards()) >= count, f"{count} cards", 60)
    await come_to_rest(here, rest)
    here.weigh()
    here.history.note("everything stands")


async def stir(here: Theatre, part: Part) -> None:
    """Let others do something to a rollout: go on with its release, or begin the next one."""
    if here.status(part, "phase") == "Paused":
        await here.by_hand("promote", part)
        return
    last = here.tags.get(part.name, 2)
    here.tags[part.name] = last + 1
    here.release(part, str(last + 1))


async def busy(here: Theatre, rng: random.Random, seconds: float, pause: float = 0.3) -> None:
    """Let others work on all rollouts for so long."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        await stir(here, rng.choice(here.parts))
        await asyncio.sleep(rng.uniform(0, 2 * pause))


@asynccontextmanager
async def meanwhile(here: Theatre, rng: random.Random, pause: float = 1.0) -> AsyncIterator[None]:
    """Let others work on all rollouts as long as this lasts."""
    working = asyncio.create_task(busy(here, rng, float("inf"), pause), name="others")
    try:
        yield
    finally:
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)


def crowd(here: Theatre, rng: random.Random, count: int, pause: float = 0.15) -> asyncio.Task[None]:
    """Let people press so many buttons."""
    return asyncio.create_task(
        here.crowd.press_at_random(rng, CHANNEL, list(PEOPLE), count, pause), name="crowd"
    )


async def come_to_rest(here: House, seconds: float = TRUTH) -> float:
    """Wait until everything told is true and stays so; the seconds that it took."""
    began = time.monotonic()
    quiet_since: float | None = None
    while True:
        now = time.monotonic()
        if not is_true(here.history):
            quiet_since = None
        elif quiet_since is None:
            quiet_since = now
        elif now - quiet_since > _QUIET:
            return quiet_since - began
        if now - began > seconds:
            return seconds
        await asyncio.sleep(0.05)


async def come_back(here: House, seconds: float = _LINGER) -> None:
    """Wait until each replica holds no more than before, or for so long."""
    before = at_first(here.history)
    empty_at, began = time.monotonic(), time.monotonic()
    while True:
        sizes, now = here.weigh(), time.monotonic()
        if not any(grown(before, size) for size in sizes):
            return
        if any(size.waiting for size in sizes):  # Slack takes one a second of each channel
            empty_at = now
        if now - empty_at > seconds or now - began > BACKLOG:
            return
        await asyncio.sleep(1)


async def judged(
    here: House,
    work: Callable[[], Awaitable[None]],
    *,
    goes_on: Callable[[], object] = lambda: None,
    backlog: float = BACKLOG,
) -> tuple[list[Violation], float]:
    """
    Do the work, wait for the truth, and judge; the violations, and how long the truth took.

    What is owed, to be told, or open must come to nothing, and so must what *goes_on* gives;
    *backlog*: it may take so many seconds more than the truth.
    What is not true in time is late, also if it is true by then.
    """
    await work()
    seconds = await come_to_rest(here)
    late = [*i2_says_the_truth(here.history)] if seconds >= TRUTH else []
    await here.settled(TRUTH + backlog, goes_on=goes_on)
    await come_back(here)
    here.close_books()
    return [*late, *check(here.history)], seconds


def verdict(
    here: Theatre,
    tally: Tally,
    fault: tuple[str, str],
    *,
    tried: int,
    found: Iterable[Violation],
    recovery: Sequence[float] = (),
) -> None:
    """Write it into the table, and fail with everything that led to it."""
    violations = list(found)
    name, what = fault
    tally.count(name, what, tried=tried, violations=violations, recovery=recovery)
    assert not violations, explained(here.history, violations, here.said)
