"""The cluster in a process of its own: thousands of rollouts, so many transitions a second."""

import asyncio
import random
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection

from means.api import Api
from means.puppet import STEPS, Life, Puppets, Reached

_TIMED = 3  #: the index of the pause that ends by itself
_SHORTEST = 3.0  #: seconds for which that pause lasts at least


@dataclass
class Herd:
    """Keeps rollouts moving, at a pace of so many transitions a second of all together."""

    puppets: Puppets
    rng: random.Random

    async def keep_moving(self, a_second: float, stop: asyncio.Event) -> None:
        """Make up for what people do not cause."""
        began, already = time.monotonic(), len(self.puppets.reached)
        still = [life for life in self.puppets.lives.values() if life.index == len(STEPS)]
        self.rng.shuffle(still)
        under_way = 0
        while not stop.is_set():
            reached = len(self.puppets.reached) - already
            under_way = sum(life.moves for life in self.puppets.lives.values())
            missing = int((time.monotonic() - began) * a_second) - reached - under_way
            for _ in range(max(0, missing)):
                self._one(still)
            await asyncio.sleep(0.05)

    def _one(self, still: list[Life]) -> None:
        """End a timed pause, or begin a release."""
        now = time.monotonic()
        for life in self.puppets.lives.values():
            if life.index == _TIMED and not life.moves and now - life.since > _SHORTEST:
                self.puppets.walk(life)
                return
        if still:
            self.puppets.release(still.pop())


def run_cluster(count: int, history: int, seed: int, pipe: Connection) -> None:
    """Be the process: say where it is; move when told how fast; tell what happened."""
    asyncio.run(_serve(count, history, seed, pipe))


async def _serve(count: int, history: int, seed: int, pipe: Connection) -> None:
    loop = asyncio.get_running_loop()
    puppets = Puppets(api := Api())
    api.hear = puppets.patched
    puppets.deploy(count, history)
    pipe.send(await api.start())
    herd, stop = Herd(puppets, random.Random(seed)), asyncio.Event()
    moving: asyncio.Task[None] | None = None
    while (told := await loop.run_in_executor(None, pipe.recv))[0] != "end":
        match told:
            case ("move", a_second):
                stop.clear()
                moving = asyncio.create_task(herd.keep_moving(a_second, stop))
            case ("halt",):
                stop.set()
                if moving:
                    await moving
                pipe.send(len(puppets.reached))
            case ("tell", since):
                found: list[Reached] = [one for one in puppets.reached if one.at >= since]
                pipe.send((found, api.requests, api.version))
    await api.stop()
