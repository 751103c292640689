"""F6: events out of order, repeated, far too large, cut to pieces, and some that are no events."""

import asyncio
import itertools
import json
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.cluster.clients import Request
from bot.cluster.mirror import Mirror
from bot.cluster.outage import Outage
from bot.cluster.pace import Pace
from bot.flows.ports import Gone
from tests.clusterroom.following import JumpingClock
from tests.clusterroom.manifests import a_rollout
from tests.faults import tally as numbers
from tests.faults import trials
from tests.faults.noise import LARGE, Noise
from tests.faults.theatre import theatre
from tests.faults.violation import Violation

pytestmark = [pytest.mark.faults, pytest.mark.timeout(3_600)]

#: seconds for which the lines of 400 presses wait by night, at one post a second
_BACKLOG = 900.0
_FUZZED = 10_000  #: lines
_NAMES = [f"app-{number}" for number in range(8)]


class World:
    """What is true: some rollouts, and how they change."""

    def __init__(self, rng: random.Random) -> None:
        self.things: dict[str, dict[str, Any]] = {}  #: by name
        self.deleted: set[str] = set()  #: uids
        self._rng = rng
        self._numbers = itertools.count(2)
        self.version = "1"

    def step(self) -> bytes:
        """Change something; the event that tells it."""
        name = self._rng.choice(_NAMES)
        self.version = str(next(self._numbers))
        before = self.things.get(name)
        if before is None:
            uid = f"{name}-{self.version}"
            return self._event("ADDED", name, uid, step=0)
        if self._rng.random() < 0.1:
            del self.things[name]
            self.deleted.add(before["metadata"]["uid"])
            gone = before | {"metadata": before["metadata"] | {"resourceVersion": self.version}}
            return json.dumps({"type": "DELETED", "object": gone}).encode() + b"\n"
        return self._event("MODIFIED", name, before["metadata"]["uid"], self._rng.randrange(4))

    def _event(self, kind: str, name: str, uid: str, step: int) -> bytes:
        thing = a_rollout(name, step=step, metadata={"uid": uid, "resourceVersion": self.version})
        self.things[name] = thing
        return json.dumps({"type": kind, "object": thing}).encode() + b"\n"

    def truth(self) -> dict[str, int]:
        """Give the step of each rollout."""
        return {
            thing["metadata"]["uid"]: thing["status"]["currentStepIndex"]
            for thing in self.things.values()
        }


class Wire:
    """
    A connection whose watch of rollouts speaks in fuzzed lines, in pieces of any size.

    It is what a watch knows of a connection, and no more.
    """

    def __init__(self, world: World, noise: Noise, rng: random.Random, lines: int) -> None:
        self.outage = Outage()
        self.said_all = asyncio.Event()
        self._world, self._noise, self._rng, self._lines = world, noise, rng, lines

    def now(self) -> datetime:
        """Tell the time."""
        return datetime.now(UTC)

    async def request(self, request: Request, *, within: float | None = None) -> bytes:
        """List."""
        mine = request.path.endswith("/rollouts")
        items = list(self._world.things.values()) if mine else []
        listed = {"metadata": {"resourceVersion": self._world.version}, "items": items}
        return json.dumps(listed).encode()

    @asynccontextmanager
    async def stream(
        self, request: Request, *, opening: float, silence: float
    ) -> AsyncIterator[AsyncIterator[bytes]]:
        """Watch."""
        yield self._pieces() if request.path.endswith("/rollouts") else self._silence()

    async def _silence(self) -> AsyncIterator[bytes]:
        await asyncio.Event().wait()
        yield b""

    async def _pieces(self) -> AsyncIterator[bytes]:
        while self._noise.lines < self._lines:
            for line in self._noise(self._world.step()):
                size = self._rng.choice((7, 100, 4_000, 10**7))
                if len(line) > LARGE:
                    size = 10**5
                for start in range(0, len(line), size):
                    yield line[start : start + size]
            await asyncio.sleep(0)
        self.said_all.set()
        await asyncio.Event().wait()


async def test_f6_fuzzed_events_in_the_mirror(tally):
    """After ten thousand lines the mirror knows what is true, and has told each deletion once."""
    rng = numbers.rng_for("F6")
    world, clock = World(rng), JumpingClock()
    wire = Wire(world, Noise(rng), rng, numbers.times(_FUZZED, 10 * _FUZZED))
    pace = Pace(monotonic=clock, sleep=clock.sleep, uniform=lambda least, _most: least)
    mirror = Mirror(wire, pace=pace)
    told: list[str] = []

    async def follow() -> None:
        while True:
            item = await mirror.take()
            if isinstance(item, Gone):
                told.append(item.rollout.uid)

    mirror.start()
    following = asyncio.create_task(follow())
    try:
        await asyncio.wait_for(wire.said_all.wait(), 600)
        assert not following.done()
        known = {rollout.uid: rollout.step for rollout in mirror.known()}
    finally:
        following.cancel()
        await mirror.stop()
    found = [
        Violation(invariant="F6", at=0.0, words=f"{uid}: {known.get(uid)}, {step} is true")
        for uid, step in world.truth().items()
        if known.get(uid) != step
    ]
    words = "rollouts that are gone are known"
    found += [Violation(invariant="F6", at=0.0, words=words)] * bool(
        set(known) - set(world.truth())
    )
    found += [
        Violation(invariant="F6", at=0.0, words=f"{uid} was told gone twice", kind="doubled")
        for uid in {uid for uid in told if told.count(uid) > 1}
    ]
    tally.count("F6", "fuzzed events", tried=wire._noise.lines, violations=found)
    assert not found, f"FAULT_SEED={numbers.SEED}: " + "\n".join(map(str, found))
    assert set(told) <= world.deleted


async def test_f6_fuzzed_events_in_the_theatre(tmp_path, tally):
    """Releases are told as they are although their watches speak nonsense now and then."""
    rng, presses = numbers.rng_for("F6 theatre"), numbers.times(25, 400)
    noise = Noise(rng, garbage=0.02, large=0.01)
    async with theatre(tmp_path) as here:
        here.cluster_door.bend = lambda path, line: (
            noise(line) if path.endswith("/rollouts") else (line,)
        )
        await trials.begin(here, 4)

        async def work() -> None:
            pressing = trials.crowd(here, rng, presses, pause=0.2)
            while not pressing.done():
                await trials.stir(here, rng.choice(here.parts))
                await asyncio.sleep(rng.uniform(0.1, 0.6))
            await pressing

        found, seconds = await trials.judged(here, work, backlog=_BACKLOG)
        fault = ("F6", "fuzzed events")
        trials.verdict(here, tally, fault, tried=noise.lines, found=found, recovery=[seconds])
