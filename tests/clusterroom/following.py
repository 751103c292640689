"""Taking what a cluster tells, without sleeping for luck."""

import asyncio
from collections.abc import Callable
from typing import Any

from bot.flows.ports import Gone, Listed, Observed
from tests.clusterroom.apiserver import as_line

PATIENCE = 5.0


class JumpingClock:
    """Sleeping takes no time, and is written down."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0.001)  # the others get their turn, also the server


class Follower:
    """Takes what the cluster tells."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    async def take(self, count: int = 1) -> list[Observed | Gone | Listed]:
        """Take so many items."""
        return [await asyncio.wait_for(anext(self._stream), PATIENCE) for _ in range(count)]

    async def one(self) -> Any:
        """Take the next item."""
        (item,) = await self.take()
        return item

    async def until_listed(self) -> list[Observed]:
        """Take what exists."""
        told: list[Observed] = []
        while not isinstance(item := await self.one(), Listed):
            told.append(item)
        return told


async def until(predicate: Callable[[], Any], what: str) -> None:
    """Let the loop run until it holds."""
    for _ in range(int(PATIENCE / 0.002)):
        if predicate():
            return
        await asyncio.sleep(0.002)
    raise AssertionError(f"never: {what}")


def watch_of(cluster, kind="rollouts"):
    """The one watch of the kind."""
    (watch,) = (watch for watch in cluster.watches if watch.kind.plural == kind)
    return watch


def a_line(manifest, uid="uid-1", version=5000, what="MODIFIED"):
    """An event, as bytes."""
    metadata = {**manifest["metadata"], "uid": uid, "resourceVersion": str(version)}
    return as_line({"type": what, "object": {**manifest, "metadata": metadata}})


async def break_off(server, kind="rollouts"):
    """End the running watches of a kind: too soon, so that it counts as a failure."""
    over = server.watched[kind]
    server.end_watches(kind)
    await until(lambda: server.watched[kind] > over, "broken off")
