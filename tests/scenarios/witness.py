"""Everything that happened to the objects of a scenario, not only what was left at its end."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import aiohttp

from tests.cluster.bed.api import Manifest
from tests.cluster.bed.kube import Kube, weights_in
from tests.cluster.bed.resources import BY_PLURAL
from tests.cluster.bed.waiting import holds_within

_KINDS = ("ingresses", "replicasets", "services")


class Witness:
    """Keeps every version of the objects of a namespace, in their order."""

    def __init__(self, kube: Kube, namespace: str) -> None:
        self._kube, self._namespace = kube, namespace
        self._versions: dict[str, list[Manifest]] = {kind: [] for kind in _KINDS}

    async def weights(self, name: str = "tomozo", ingress: str = "") -> list[int]:
        """The canary's weights that stood in the Ingress, one after the other."""
        seen = await self._of("ingresses", ingress or name)
        found = (weights_in(one, f"{name}-stable").get(f"{name}-canary") for one in seen)
        return list(_changing(weight for weight in found if weight is not None))

    async def canary_pods(self, name: str = "tomozo") -> list[int]:
        """How many canary pods were available, one number after the other."""
        rollout = await self._kube.get("rollouts", name, self._namespace)
        canary = rollout["status"]["currentPodHash"]
        sets = await self._of("replicasets", f"{name}-{canary}")
        return list(_changing(one["status"].get("availableReplicas", 0) for one in sets))

    async def switches(self, service: str = "tomozo-canary") -> int:
        """How often the Service began to select something else."""
        seen = await self._of("services", service)
        return len(list(_changing(json.dumps(one["spec"]["selector"]) for one in seen))) - 1

    async def _of(self, kind: str, name: str) -> list[Manifest]:
        """All versions of one object, the present one too."""
        now = (await self._kube.get(kind, name, self._namespace))["metadata"]["resourceVersion"]

        async def heard() -> bool:
            return any(v["metadata"]["resourceVersion"] == now for v in self._versions[kind])

        assert await holds_within(5, heard), f"the watch of {kind} has not come to {now}"
        return [v for v in self._versions[kind] if v["metadata"]["name"] == name]

    async def _watch(self, kind: str, begun: asyncio.Event) -> None:
        path = BY_PLURAL[kind].path(self._namespace)
        listed = await self._kube.request("GET", path)
        self._versions[kind] += listed["items"]
        query = {"watch": "true", "resourceVersion": listed["metadata"]["resourceVersion"]}
        forever = aiohttp.ClientTimeout(total=None)
        session = self._kube._session
        async with session.get(path, params=query, timeout=forever) as answer:
            begun.set()
            async for event in lines(answer.content):
                self._versions[kind].append(event["object"])


@asynccontextmanager
async def witness(kube: Kube, namespace: str) -> AsyncIterator[Witness]:
    """Watch from here on."""
    one, begun = Witness(kube, namespace), {kind: asyncio.Event() for kind in _KINDS}
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one._watch(kind, begun[kind])) for kind in _KINDS]
        for event in begun.values():
            await event.wait()
        yield one
        for task in tasks:
            task.cancel()


async def lines(stream: aiohttp.StreamReader) -> AsyncIterator[Manifest]:
    """Cut a watch into its events; an event may be longer than the reader's own lines."""
    rest = b""
    async for chunk in stream.iter_any():
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            yield json.loads(line)


def _changing(values: Iterator) -> Iterator:
    """Leave out what is the same as the value before it."""
    last = object()
    for value in values:
        if value != last:
            yield value
        last = value
