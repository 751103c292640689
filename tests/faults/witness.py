"""Every state of every rollout and of the lease, by a watch of its own beside the doors."""

import asyncio
import json
import time
from contextlib import suppress
from typing import Any, Self

import aiohttp

from tests.faults.history import History, Holding, State

_ROLLOUTS = "/apis/argoproj.io/v1alpha1/rollouts"
_LEASES = "/apis/coordination.k8s.io/v1/leases"


class Witness:
    """
    Watches the cluster. Use it as an async context manager.

    Args:
        url: of the API server itself, not of a door.
        token: of an administrator.
        history: where it is written down.
        ssl: how its certificate is checked.
        namespace: the only one whose rollouts count; empty: all, and all leases.
        lease: the only one that counts then, `namespace/name`.

    """

    def __init__(
        self,
        url: str,
        token: str,
        history: History,
        ssl: Any = True,
        *,
        namespace: str = "",
        lease: str = "",
    ) -> None:
        self._url, self._token, self._history, self._ssl = url, token, history, ssl
        self._namespace, self._lease = namespace, lease
        self._tasks: list[asyncio.Task[None]] = []
        self.changed = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            headers={"Authorization": f"Bearer {self._token}"},
            connector=aiohttp.TCPConnector(ssl=self._ssl, limit=0),
            timeout=aiohttp.ClientTimeout(total=None),
            read_bufsize=2**22,
        )
        for path in (_ROLLOUTS, _LEASES):
            await self._list(path)
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._session.close()

    async def _list(self, path: str) -> None:
        async with self._session.get(f"{self._url}{path}") as answer:
            listed = await answer.json()
        for one in listed["items"]:
            self._note(path, one)
        version = listed["metadata"]["resourceVersion"]
        self._tasks.append(asyncio.create_task(self._watch(path, version)))

    async def _watch(self, path: str, version: str) -> None:
        while True:
            query = {"watch": "true", "resourceVersion": version}
            with suppress(aiohttp.ClientError):
                async with self._session.get(f"{self._url}{path}", params=query) as answer:
                    async for line in answer.content:
                        event = json.loads(line)
                        version = event["object"]["metadata"]["resourceVersion"]
                        self._note(path, event["object"], gone=event["type"] == "DELETED")
            await asyncio.sleep(0.05)

    def _note(self, path: str, one: dict[str, Any], *, gone: bool = False) -> None:
        if not self._counts(path, one["metadata"]):
            return
        if path == _ROLLOUTS:
            self._history.states.append(_state(one, gone=gone))
        else:
            spec = one.get("spec") or {}
            self._history.holdings.append(
                Holding(
                    at=time.monotonic(),
                    holder="" if gone else str(spec.get("holderIdentity") or ""),
                    renewed=str(spec.get("renewTime", "")),
                    seconds=int(spec.get("leaseDurationSeconds") or 0),
                )
            )
        self.changed.set()

    def _counts(self, path: str, metadata: dict[str, Any]) -> bool:
        if not self._namespace:
            return True
        if path == _ROLLOUTS:
            return bool(metadata["namespace"] == self._namespace)
        return f"{metadata['namespace']}/{metadata['name']}" == self._lease


def _state(one: dict[str, Any], *, gone: bool) -> State:
    metadata, spec, status = one["metadata"], one["spec"], one.get("status") or {}
    canary = spec["strategy"].get("canary") or {}
    weights = ((status.get("canary") or {}).get("weights") or {}).get("canary") or {}
    pauses = status.get("pauseConditions") or []
    return State(
        at=time.monotonic(),
        uid=metadata["uid"],
        key=f"{metadata['namespace']}/{metadata['name']}",
        version=int(metadata["resourceVersion"]),
        revision=status.get("currentPodHash", ""),
        stable=status.get("stableRS", ""),
        index=status.get("currentStepIndex") or 0,
        steps=len(canary.get("steps") or []),
        phase=status.get("phase", ""),
        weight=int(weights.get("weight", 0)),
        aborted=bool(status.get("abort")),
        paused_since=str(pauses[0].get("startTime", "")) if pauses else "",
        frozen=bool(spec.get("paused")),
        gone=gone,
    )
