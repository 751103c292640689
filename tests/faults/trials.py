"""A release under fire, from its start to the judgement."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable

from tests.faults.checker import Violation, agrees, check, final_cards, final_states
from tests.faults.theatre import CHANNEL, PEOPLE, Theatre

#: seconds after the last fault within which every channel must tell the truth
TRUTH = 60.0


async def begin(here: Theatre, count: int) -> None:
    """Deploy so many rollouts, start the bot, and let each of them begin a release."""
    parts = here.deploy(count)
    await here.healthy()
    for replica in here.replicas.values():
        await replica.start()
    for replica in here.replicas.values():
        await here.ready(replica)
    for part in parts:
        here.release(part, "2")
    await here.until(lambda: len(here.crowd.cards(CHANNEL)) >= count, f"{count} cards", 60)


def crowd(here: Theatre, rng: random.Random, count: int, pause: float = 0.15) -> asyncio.Task[None]:
    """Let people press so many buttons."""
    return asyncio.create_task(
        here.crowd.press_at_random(rng, CHANNEL, list(PEOPLE), count, pause), name="crowd"
    )


def is_told(here: Theatre) -> bool:
    """Whether the newest words about each release are true, and nobody waits for an answer."""
    cards = final_cards(here.history)
    for state in final_states(here.history):
        card = cards.get((state.uid, state.revision))
        if card is None and state.is_releasing:
            return False
        if card is not None and not agrees(card.text, state):
            return False
    return True


async def come_to_rest(here: Theatre, seconds: float = TRUTH) -> float:
    """Wait until everything told is true and stays so; the seconds that it took."""
    began = time.monotonic()
    quiet_since: float | None = None
    while True:
        now = time.monotonic()
        if not is_told(here):
            quiet_since = None
        elif quiet_since is None:
            quiet_since = now
        elif now - quiet_since > 2.0:
            return quiet_since - began
        if now - began > seconds:
            return seconds
        await asyncio.sleep(0.1)


async def judged(
    here: Theatre,
    work: Callable[[], Awaitable[None]],
    *,
    settle: Callable[[], bool] | None = None,
) -> tuple[list[Violation], float]:
    """Do the work, wait for the truth, and judge; the violations, and how long the truth took."""
    await work()
    seconds = await come_to_rest(here)
    if settle is not None:
        await here.until(settle, "settled", TRUTH)
    here.close_books()
    return check(here.history), seconds
