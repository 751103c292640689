"""F1: kill -9 at random times, while a crowd presses."""

import random
import time

import pytest

from tests.faults.checker import check
from tests.faults.theatre import CHANNEL, PEOPLE, theatre

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]


async def test_kill(tmp_path):
    rng = random.Random(1)
    async with theatre(tmp_path) as here:
        parts = here.deploy(6)
        await here.healthy()
        await here.bot.start()
        await here.ready()
        for part in parts:
            here.release(part, "2")
        await here.until(lambda: len(here.crowd.cards(CHANNEL)) == 6, "six cards")
        import asyncio
        crowd = asyncio.create_task(here.crowd.press_at_random(rng, CHANNEL, list(PEOPLE), 20, 0.2))
        for _ in range(3):
            await asyncio.sleep(rng.uniform(0.5, 2))
            await here.bot.kill()
            await here.bot.start()
            print("ready after", await here.ready())
        await crowd
        await asyncio.sleep(8)
        here.close_books()
        found = check(here.history)
        print(len(here.history.calls), len(here.history.writes), len(here.history.presses), len(here.history.states))
        for v in found: print(v)
        for p in here.history.presses: print(p)
        for w in here.history.writes: print(w.key if w.is_action else w.path, w.status, w.audited, w.before and (w.before.index,w.before.revision), str(w.body)[-200:])
        assert not found
