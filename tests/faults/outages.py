"""How an API server fails: it restarts (F3), or has forgotten (F4)."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager

from tests.faults.doors import Failing
from tests.faults.history import History, Json
from tests.faults.house import House
from tests.faults.violation import Violation

#: seconds after which a watch is back, at the latest: the longest wait, and the call itself
LONGEST_WAIT = 30.0 + 2.0
#: no list of one kind more often than once a second, over so many seconds
_A_WHILE = 10.0
ROLLOUTS = "/rollouts"
GONE = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": 410}
GONE |= {"reason": "Expired", "message": "too old resource version"}


@asynccontextmanager
async def refused(here: House, seconds: float) -> AsyncIterator[None]:
    """Nobody listens."""
    await here.cluster_door.shut()
    yield
    await asyncio.sleep(seconds)
    await here.cluster_door.open()


@asynccontextmanager
async def broken(here: House, seconds: float) -> AsyncIterator[None]:
    """Everything is answered with 500."""
    door = here.cluster_door
    door.fail(Failing(where=lambda *_: True, status=500, body=b"oops", times=float("inf")))
    door.break_all()
    yield
    await asyncio.sleep(seconds)
    door.heal()


@asynccontextmanager
async def hanging(here: House, seconds: float) -> AsyncIterator[None]:
    """Nothing is answered, and nothing is closed."""
    here.cluster_door.fall_silent()
    yield
    await asyncio.sleep(seconds)
    here.cluster_door.speak_again()


@asynccontextmanager
async def cut(here: House, seconds: float) -> AsyncIterator[None]:
    """Each watch breaks off in the middle of its next line."""
    for stream in here.cluster_door.streams:
        stream.is_cut = True
    yield
    await asyncio.sleep(seconds)


#: how it fails, and for how many seconds: in CI, and at night
RESTARTS = {
    "refused for a moment": (refused, (5.0, 5.0)),
    "refused for longer": (refused, (12.0, 30.0)),
    "500s": (broken, (5.0, 5.0)),
    "hangs": (hanging, (17.0, 60.0)),
    "cut in mid-line": (cut, (0.0, 0.0)),
}


async def watched_again(here: House, since: float) -> list[Violation]:
    """Wait until the rollouts are watched again; what is wrong with how long that took."""
    door = here.cluster_door
    seconds = await here.until(
        lambda: any(s.since > since or not s.is_cut for s in door.watches()),
        "the rollouts are watched again",
        90,
    )
    if seconds <= LONGEST_WAIT:
        return []
    words = f"the rollouts were watched again after {seconds:.1f} s"
    return [Violation(invariant="F3", at=since, words=words, kind="late")]


def hot(history: History, since: float) -> Iterator[Violation]:
    """Find what was listed or watched more often than once a second."""
    reads = [r for r in history.reads if r.at >= since and r.kind != "more"]
    for kind, path in {(r.kind, r.path) for r in reads}:
        times = [r.at for r in reads if (r.kind, r.path) == (kind, path)]
        most = int(_A_WHILE) + 1
        for first, last in zip(times, times[most:], strict=False):
            if last - first < _A_WHILE:
                words = f"{most + 1} times {kind} {path} in {last - first:.1f} s"
                yield Violation(invariant="F3", at=first, words=words, kind="late")
                break


# --- F4 -------------------------------------------------------------------------------------------


def _expired(kind: str, times: float = 1) -> Failing:
    def is_it(name: str, query: Json) -> bool:
        return name.startswith("GET") and name.endswith(ROLLOUTS) and kind in query

    headers = {"Content-Type": "application/json"}
    body = json.dumps(GONE).encode()
    return Failing(where=is_it, status=410, body=body, headers=headers, times=times)


async def _on_connect(here: House) -> None:
    here.cluster_door.fail(_expired("watch"))
    _end_watches(here)


async def _in_stream(here: House) -> None:
    line = json.dumps({"type": "ERROR", "object": GONE}).encode() + b"\n"
    for stream in here.cluster_door.watches():
        stream.mute = False
        await stream.say(line)
        stream.mute = True


async def _twice(here: House) -> None:
    here.cluster_door.fail(_expired("watch", times=2))
    _end_watches(here)


async def _on_a_page(here: House) -> None:
    here.cluster_door.page = 1
    here.cluster_door.fail(_expired("watch"))
    here.cluster_door.fail(_expired("continue"))
    _end_watches(here)


def _end_watches(here: House) -> None:
    for stream in here.cluster_door.watches():
        stream.end()


#: how the bot hears of it, and how often it has to list the rollouts then
FORGOTTEN: dict[str, tuple[Callable[[House], Awaitable[None]], int]] = {
    "on connect": (_on_connect, 1),
    "in the stream": (_in_stream, 1),
    "twice in a row": (_twice, 2),
    "on a continue token": (_on_a_page, 2),
}


def listed_otherwise(
    history: History, way: str, since: float, expected: int
) -> Iterator[Violation]:
    """Find whether the rollouts were listed more or less often than one 410 should cost."""
    reads = [r for r in history.reads if r.at > since and r.path.endswith(ROLLOUTS)]
    lists = sum(read.kind == "list" for read in reads)
    if lists != expected:
        words = f"410 {way}: {lists} lists instead of {expected}"
        yield Violation(invariant="F4", at=since, words=words, kind="late")
