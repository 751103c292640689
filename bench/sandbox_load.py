"""
What the local cluster costs while many rollouts move at once.

A process of its own holds the API server and the controllers, without a page: some thousand
rollouts of the seed's kind, in namespaces of a hundred, each walking through weights and short
pauses; one that has come to its end gets the next image. Four watches, as the bot has them, are
open from here. Printed are the CPU and memory of that process, its writes, and by how much its
event loop was late.

    python bench/sandbox_load.py [--rollouts 2000] [--seconds 60]
"""

import argparse
import asyncio
import os
import resource
import statistics
import sys
import time
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import aiohttp

sys.path.insert(0, str(Path(__file__).parent.parent))

from bot.sandbox.cluster import kinds, programs
from bot.sandbox.cluster.control import Controllers
from bot.sandbox.cluster.managed import Writer
from bot.sandbox.cluster.objects import at, merged
from bot.sandbox.cluster.server import LocalCluster
from bot.sandbox.cluster.shelves import Event
from bot.sandbox.cluster.store import Store
from bot.sandbox.play.cast import Part, image_patch, manifests

_STEPS = [
    {"setWeight": 10},
    {"pause": {"duration": "5s"}},
    {"setWeight": 50},
    {"pause": {"duration": "5s"}},
]
_WRITER = Writer(manager="bench")
_WATCHED = (kinds.ROLLOUTS, kinds.REPLICA_SETS, kinds.INGRESSES, kinds.SERVICES)
_BY_KIND = {kind.kind: kind for kind in kinds.BUILT_IN}
_PER_NAMESPACE = 100


def the_parts(count: int) -> list[Part]:
    """So many rollouts, a hundred to a namespace."""
    return [
        Part(
            namespace=f"team-{number // _PER_NAMESPACE}",
            name=f"app-{number}",
            steps=_STEPS,
            tags=("1", "2"),
        )
        for number in range(count)
    ]


class Finished:
    """Hears of every rollout that comes to its end."""

    def __init__(self) -> None:
        self.names: list[tuple[str, str]] = []
        self.news = asyncio.Event()

    def __call__(self, kind: kinds.Kind, event: Event) -> None:
        """Hear of a write."""
        if kind.key != kinds.ROLLOUTS.key or event.before is None:
            return
        was, now = (at(r, "status", "phase") for r in (event.before, event.object))
        if now == "Healthy" and was != now:
            metadata = event.object["metadata"]
            self.names.append((metadata["namespace"], metadata["name"]))
            self.news.set()


async def deploy(store: Store, parts: list[Part]) -> None:
    """Put the rollouts, and what belongs to them, into the cluster."""
    for namespace in sorted({part.namespace for part in parts}):
        store.create(kinds.NAMESPACES, {"metadata": {"name": namespace}}, _WRITER)
    for part in parts:
        for manifest in manifests(part, "http://127.0.0.1:9"):
            kind = _BY_KIND[manifest["kind"]]
            metadata = manifest["metadata"]
            if store.find(kind, metadata["namespace"], metadata["name"]) is None:
                programs.create(store, kind, manifest, _WRITER)
        await asyncio.sleep(0)


async def sandbox(count: int, seconds: float, pipe: Connection) -> None:
    """Serve the cluster, release everything again and again, and send what it took."""
    async with LocalCluster() as cluster, Controllers(cluster.store):
        store, ends, finished = cluster.store, 0, Finished()
        parts = {(part.namespace, part.name): part for part in the_parts(count)}
        store.hear(finished)
        began = time.monotonic()
        await deploy(store, list(parts.values()))
        while set(finished.names) < set(parts):
            finished.news.clear()
            await finished.news.wait()
        settled = time.monotonic() - began
        pipe.send({"url": cluster.url, "token": cluster.people.token("admin")})
        await asyncio.get_running_loop().run_in_executor(None, pipe.recv)  # the watches are open
        first, cpu, lateness = store.version, sum(os.times()[:2]), []
        until, tag = time.monotonic() + seconds, 2
        while time.monotonic() < until:
            due = time.monotonic() + 0.1
            batch, finished.names[:] = finished.names[:100], finished.names[100:]
            for key in batch:
                tag += 1
                patch = image_patch(parts[key], str(tag))
                store.update(kinds.ROLLOUTS, *key, lambda one, p=patch: merged(one, p), _WRITER)
            ends += len(batch)
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            lateness.append(time.monotonic() - due)
        pipe.send(
            {
                "settled": settled,
                "cpu": sum(os.times()[:2]) - cpu,
                "writes": store.version - first,
                "releases": ends,
                "late": [statistics.median(lateness), max(lateness)],
                "rss": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            }
        )


def run_sandbox(count: int, seconds: float, pipe: Connection) -> None:
    """Run the process that is measured."""
    asyncio.run(sandbox(count, seconds, pipe))


async def watch(
    session: aiohttp.ClientSession, kind: kinds.Kind, seen: dict[str, int], begun: asyncio.Event
) -> None:
    """Count the events of one watch."""
    async with session.get(kind.path()) as answer:
        version = (await answer.json(content_type=None))["metadata"]["resourceVersion"]
    query = {"watch": "true", "resourceVersion": version}
    async with session.get(kind.path(), params=query) as answer:
        seen[kind.plural] = 0
        begun.set()
        async for piece in answer.content.iter_any():
            seen[kind.plural] += piece.count(b"\n")


async def measure(count: int, seconds: float) -> dict[str, Any]:
    """Run the sandbox beside this process, with four watches open."""
    ours, theirs = get_context("spawn").Pipe()
    process = get_context("spawn").Process(target=run_sandbox, args=(count, seconds, theirs))
    process.start()
    loop, seen = asyncio.get_running_loop(), {}
    try:
        where = await loop.run_in_executor(None, ours.recv)
        limits = aiohttp.ClientTimeout(total=None)
        headers = {"Authorization": f"Bearer {where['token']}"}
        async with aiohttp.ClientSession(where["url"], headers=headers, timeout=limits) as session:
            begun = [asyncio.Event() for _ in _WATCHED]
            watches = [
                asyncio.create_task(watch(session, kind, seen, event))
                for kind, event in zip(_WATCHED, begun, strict=True)
            ]
            for event in begun:
                await event.wait()
            ours.send("go")
            result: dict[str, Any] = await loop.run_in_executor(None, ours.recv)
            for task in watches:
                task.cancel()
        return result | {"watched": sum(seen.values())}
    finally:
        process.terminate()
        process.join()


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rollouts", type=int, default=2000)
    parser.add_argument("--seconds", type=float, default=60)
    args = parser.parse_args()
    found = asyncio.run(measure(args.rollouts, args.seconds))
    share = found["cpu"] / args.seconds
    print(f"{args.rollouts} rollouts, {args.seconds:.0f} s, all moving, 4 watches")
    print(f"  healthy after     {found['settled']:8.1f} s")
    print(f"  CPU               {found['cpu']:8.1f} s   {share:.0%} of one core")
    print(f"  memory, most      {found['rss']:8.0f} MiB")
    writes = found["writes"]
    print(f"  writes            {writes:8d}     {writes / args.seconds:.0f} a second")
    print(f"  seen by watches   {found['watched']:8d}")
    print(f"  releases begun    {found['releases']:8d}")
    late = "/".join(f"{1000 * value:.0f}" for value in found["late"])
    print(f"  event loop late   {late:>8} ms (median/most)")


if __name__ == "__main__":
    main()
