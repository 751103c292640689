"""
Pods get ready after a while, or never; and end when they are deleted.

How long it takes is a setting: a demo shows people pods that come up, a test has no time for that.
"""

import itertools
import random
from collections.abc import Callable

from bot.sandbox.cluster import kinds
from bot.sandbox.cluster.kinds import Kind
from bot.sandbox.cluster.managed import Writer
from bot.sandbox.cluster.objects import Manifest, at, merged, name_of
from bot.sandbox.cluster.queue import Key, WorkQueue
from bot.sandbox.cluster.rules import timestamp
from bot.sandbox.cluster.shelves import Event
from bot.sandbox.cluster.store import Store

NEVER_READY = "never-ready"  #: how the tag of an image ends whose pods stay pending
MADE_READY = "bed/made-ready"  #: the annotation with which such a pod gets ready after all
_STATUS = Writer(manager="kubelet", subresource="status")
_CONDITIONS = ("PodScheduled", "Initialized", "ContainersReady", "Ready")


def between(shortest: float, longest: float) -> Callable[[], float]:
    """A different time for each pod, seconds."""
    return lambda: random.uniform(shortest, longest)  # noqa: S311 - no secret


class Kubelet:
    """
    Looks after the pods of a store while it runs.

    Args:
        store: where they are.
        start: seconds until a pod is ready, for each one anew.

    """

    def __init__(self, store: Store, *, start: Callable[[], float]) -> None:
        self._store = store
        self._start = start
        self._addresses = itertools.count(1)
        self._ready_at: dict[Key, float] = {}
        self._queue = WorkQueue(self._sync)

    async def run(self) -> None:
        """Look at every pod, then at those that change, for ever."""
        for pod in self._store.all(kinds.PODS):
            self._queue.add(name_of(pod))
        with self._store.heard_by(self._hear):
            await self._queue.run()

    def _hear(self, kind: Kind, event: Event) -> None:
        if kind.key == kinds.PODS.key and event.type != "DELETED":
            self._queue.add(name_of(event.object))

    def _sync(self, key: Key) -> None:
        pod = self._store.find(kinds.PODS, *key)
        if pod is None:
            return
        if "deletionTimestamp" in pod["metadata"]:
            self._ready_at.pop(key, None)
            self._store.delete(kinds.PODS, *key)
        elif at(pod, "status", "phase") is None:
            self._write(pod, {"phase": "Pending", "conditions": self._conditions(ready=False)})
        elif at(pod, "status", "phase") == "Pending" and _is_willing(pod):
            self._start_when_due(key, pod)

    def _start_when_due(self, key: Key, pod: Manifest) -> None:
        now = self._store.clock()
        due = self._ready_at.setdefault(key, now + self._start())
        if due > now:
            self._queue.add(key, due - now)
            return
        del self._ready_at[key]
        self._write(pod, self._running(pod))

    def _running(self, pod: Manifest) -> Manifest:
        number = next(self._addresses)
        now = timestamp(self._store.clock())
        containers = [
            {
                "name": one["name"],
                "image": one.get("image", ""),
                "ready": True,
                "started": True,
                "restartCount": 0,
                "state": {"running": {"startedAt": now}},
            }
            for one in pod["spec"]["containers"]
        ]
        return {
            "phase": "Running",
            "podIP": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}",
            "startTime": now,
            "conditions": self._conditions(ready=True),
            "containerStatuses": containers,
        }

    def _conditions(self, *, ready: bool) -> list[Manifest]:
        now = timestamp(self._store.clock())
        return [
            {
                "type": kind,
                "status": str(ready or kind in ("PodScheduled", "Initialized")),
                "lastTransitionTime": now,
            }
            for kind in _CONDITIONS
        ]

    def _write(self, pod: Manifest, status: Manifest) -> None:
        self._store.update(
            kinds.PODS, *name_of(pod), lambda newest: merged(newest, {"status": status}), _STATUS
        )


def _is_willing(pod: Manifest) -> bool:
    if at(pod, "metadata", "annotations", MADE_READY):
        return True
    return not any(
        str(one.get("image", "")).endswith(NEVER_READY) for one in pod["spec"]["containers"]
    )
