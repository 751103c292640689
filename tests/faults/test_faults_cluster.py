"""F3, F4 and F5: the API server is away, has forgotten, or says nothing any more."""

import asyncio
import json
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from functools import partial

import pytest

from bot.sandbox.play.cast import Part
from tests.faults import tally as numbers
from tests.faults import trials
from tests.faults.cluster_door import Stream
from tests.faults.doors import Failing
from tests.faults.history import History, Json
from tests.faults.theatre import PEOPLE, PLANTED, Theatre, theatre
from tests.faults.violation import Violation

pytestmark = [pytest.mark.faults, pytest.mark.timeout(7_200)]

#: seconds after which a watch is back, at the latest: the longest wait, and the call itself
LONGEST_WAIT = 30.0 + 2.0
#: no list of one kind more often than once a second, over so many seconds
_A_WHILE = 10.0
GONE = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": 410}
GONE |= {"reason": "Expired", "message": "too old resource version"}
ROLLOUTS = "/rollouts"


# --- F3 -------------------------------------------------------------------------------------------


@asynccontextmanager
async def refused(here: Theatre, seconds: float) -> AsyncIterator[None]:
    """Nobody listens."""
    await here.cluster_door.shut()
    yield
    await asyncio.sleep(seconds)
    await here.cluster_door.open()


@asynccontextmanager
async def broken(here: Theatre, seconds: float) -> AsyncIterator[None]:
    """Everything is answered with 500."""
    door = here.cluster_door
    door.fail(Failing(where=lambda *_: True, status=500, body=b"oops", times=float("inf")))
    door.break_all()
    yield
    await asyncio.sleep(seconds)
    door.heal()


@asynccontextmanager
async def hanging(here: Theatre, seconds: float) -> AsyncIterator[None]:
    """Nothing is answered, and nothing is closed."""
    here.cluster_door.fall_silent()
    yield
    await asyncio.sleep(seconds)
    here.cluster_door.speak_again()


@asynccontextmanager
async def cut(here: Theatre, seconds: float) -> AsyncIterator[None]:
    """Each watch breaks off in the middle of its next line."""
    for stream in here.cluster_door.streams:
        stream.is_cut = True
    yield
    await asyncio.sleep(seconds)


RESTARTS = {
    "refused for a moment": (refused, (5.0, 5.0)),
    "refused for longer": (refused, (12.0, 30.0)),
    "500s": (broken, (5.0, 5.0)),
    "hangs": (hanging, (17.0, 60.0)),
    "cut in mid-line": (cut, (0.0, 0.0)),
}


async def test_f3_the_api_server_restarts(tmp_path, tally):
    """What happens while it is away is told when it is back, also deletions; nothing runs hot."""
    rng, rounds = numbers.rng_for("F3"), numbers.times(1, 10)
    late: list[Violation] = []
    recovery: list[float] = []
    async with theatre(tmp_path) as here:
        await trials.begin(here, 4)

        async def work() -> None:
            for kind in [k for _ in range(rounds) for k in rng.sample(sorted(RESTARTS), 5)]:
                way, (ci, nightly) = RESTARTS[kind]
                began = here.history.note(kind)
                async with way(here, nightly if numbers.NIGHTLY else ci):
                    await _meanwhile(here, rng)
                healed = here.history.note("it is back")
                late.extend(await _is_watched_again(here, healed))
                recovery.append(await trials.come_to_rest(here))
                late.extend(_hot(here.history, began, "F3"))
                _recreate(here)

        found, _ = await trials.judged(here, work)
        trials.verdict(
            here,
            tally,
            ("F3", "the API server restarts"),
            tried=rounds * len(RESTARTS),
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


async def _is_watched_again(here: Theatre, since: float) -> list[Violation]:
    door = here.cluster_door
    await here.until(
        lambda: any(s.since > since - 1e-6 or not s.is_cut for s in door.watches()),
        "the rollouts are watched again",
        90,
    )
    seconds = time.monotonic() - since
    if seconds <= LONGEST_WAIT:
        return []
    words = f"the rollouts were watched again after {seconds:.1f} s"
    return [Violation(invariant="F3", at=since, words=words, kind="late")]


def _hot(history: History, since: float, fault: str) -> Iterator[Violation]:
    """No kind is listed or watched more often than once a second."""
    reads = [r for r in history.reads if r.at >= since and r.kind != "more"]
    for kind, path in {(r.kind, r.path) for r in reads}:
        times = [r.at for r in reads if (r.kind, r.path) == (kind, path)]
        most = int(_A_WHILE) + 1
        for first, last in zip(times, times[most:], strict=False):
            if last - first < _A_WHILE:
                words = f"{most + 1} times {kind} {path} in {last - first:.1f} s"
                yield Violation(invariant=fault, at=first, words=words, kind="late")
                break


# --- F4 -------------------------------------------------------------------------------------------


def _expired(kind: str, times: float = 1) -> Failing:
    def is_it(name: str, query: Json) -> bool:
        return name.startswith("GET") and name.endswith(ROLLOUTS) and kind in query

    headers = {"Content-Type": "application/json"}
    body = json.dumps(GONE).encode()
    return Failing(where=is_it, status=410, body=body, headers=headers, times=times)


async def _on_connect(here: Theatre) -> None:
    here.cluster_door.fail(_expired("watch"))
    _end_watches(here)


async def _in_stream(here: Theatre) -> None:
    line = json.dumps({"type": "ERROR", "object": GONE}).encode() + b"\n"
    for stream in here.cluster_door.watches():
        stream.mute = False
        await stream.say(line)
        stream.mute = True


async def _twice(here: Theatre) -> None:
    here.cluster_door.fail(_expired("watch", times=2))
    _end_watches(here)


async def _on_a_page(here: Theatre) -> None:
    here.cluster_door.page = 2
    here.cluster_door.fail(_expired("watch"))
    here.cluster_door.fail(_expired("continue"))
    _end_watches(here)


def _end_watches(here: Theatre) -> None:
    for stream in here.cluster_door.watches():
        stream.end()


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


def _listed_otherwise(here: Theatre, way: str, since: float, expected: int) -> Iterator[Violation]:
    """Count the lists of rollouts."""
    reads = [r for r in here.history.reads if r.at > since and r.path.endswith(ROLLOUTS)]
    lists = sum(read.kind == "list" for read in reads)
    if lists != expected:
        words = f"410 {way}: {lists} lists instead of {expected}"
        yield Violation(invariant="F4", at=since, words=words, kind="late")


#: how the bot hears of it, and how often it has to list the rollouts then
FORGOTTEN: dict[str, tuple[Callable[[Theatre], Awaitable[None]], int]] = {
    "on connect": (_on_connect, 1),
    "in the stream": (_in_stream, 1),
    "twice in a row": (_twice, 2),
    "on a continue token": (_on_a_page, 2),
}


async def test_f4_the_version_is_too_old(tmp_path, tally):
    """Each 410 costs one list; what was deleted meanwhile is found, and nothing is told twice."""
    rng, rounds = numbers.rng_for("F4"), numbers.times(2, 20)
    odd: list[Violation] = []
    recovery: list[float] = []
    async with theatre(tmp_path) as here:
        await trials.begin(here, 5)
        door = here.cluster_door

        async def work() -> None:
            for way in [w for _ in range(rounds) for w in rng.sample(sorted(FORGOTTEN), 4)]:
                forget, lists = FORGOTTEN[way]
                began = here.history.note(f"410 {way}")
                _hold(door.watches())
                victim, moved, *_ = rng.sample(here.parts, len(here.parts))
                here.delete(victim)
                await trials.stir(here, moved)
                await forget(here)
                await here.until(partial(door.is_watched, began), way, 60)
                recovery.append(await trials.come_to_rest(here))
                odd.extend(_listed_otherwise(here, way, began, lists))
                door.heal()
                door.page = 0
                await _heard_again(here, victim)

        found, _ = await trials.judged(here, work)
        trials.verdict(
            here,
            tally,
            ("F4", "410: on connect, in stream, twice, on a page"),
            tried=rounds * len(FORGOTTEN),
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
