"""The controllers of the local cluster, started and stopped as one or, Argo's, by itself."""

import asyncio
from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import Any, Self

from bot.sandbox.cluster.argo import AnalysisController, RolloutsController
from bot.sandbox.cluster.nodes import EndpointController, Kubelet, ReplicaSetController
from bot.sandbox.cluster.nodes.kubelet import between
from bot.sandbox.cluster.store import Store

#: seconds until a pod is ready, where nobody watches
QUICKLY = between(0.05, 0.15)


class Controllers:
    """
    All controllers of one store. Use it as an async context manager.

    Args:
        store: what they look after.
        pods_start: seconds until a pod is ready, for each one anew.

    """

    def __init__(self, store: Store, *, pods_start: Callable[[], float] = QUICKLY) -> None:
        self._store = store
        self._pods_start = pods_start
        self._tasks: list[asyncio.Task[None]] = []
        self._argo: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        kubelet = Kubelet(self._store, start=self._pods_start)
        parts = (ReplicaSetController(self._store), kubelet, EndpointController(self._store))
        self._tasks = [_start(part.run()) for part in parts]
        self.start_argo()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop_argo()
        await _end(self._tasks)

    @property
    def argo_runs(self) -> bool:
        """Whether rollouts are moved."""
        return bool(self._argo)

    def start_argo(self) -> None:
        """Let the Rollouts controller work; it begins with a look at everything."""
        if not self._argo:
            parts = (RolloutsController(self._store), AnalysisController(self._store))
            self._argo = [_start(part.run()) for part in parts]

    async def stop_argo(self) -> None:
        """Let the Rollouts controller be away."""
        await _end(self._argo)

    def failure(self) -> BaseException | None:
        """What ended a controller that should run for ever; None: they all run."""
        for task in (*self._tasks, *self._argo):
            if task.done() and not task.cancelled():
                return task.exception()
        return None


def _start(run: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    return asyncio.create_task(run)


async def _end(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    tasks.clear()
