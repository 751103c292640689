"""
CPU per watch event: this bot's watch against the client library's own, in the same run.

A server in a process of its own streams MODIFIED events of 9 KB Rollouts in which nothing changed
that we read, one HTTP chunk each, over plain HTTP on the loopback. Two clients, each in a fresh
process, in turns:

    bot      bot.cluster: connection, lines, decoder, comparison with what is known: nothing to tell
    library  kubernetes.aio: Watch over CustomObjectsApi, the newest dict kept, nothing compared

Printed is the CPU time (user and system, `time.process_time`) from the first event to the last,
divided by their number: the median over all rounds, and how much less the bot needs. Read the
ratio: absolute figures belong to the machine. It grows with the number of rollouts: Python's
garbage collector walks the library's dicts.

    python bench/watch_event.py [--rounds 5] [--events 10000] [--rollouts 5000] [--at-least 6]
"""

import argparse
import asyncio
import copy
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import yaml
from kubernetes.aio.client import ApiClient, Configuration, CustomObjectsApi
from kubernetes.aio.watch import Watch as LibraryWatch

from bot.cluster.connect import Connection
from bot.cluster.kinds import ROLLOUTS
from bot.cluster.shelf import Shelf
from bot.cluster.watch import Hearer, Watch

BEGIN = 1000  #: the version of the list
SHAPE: dict[str, Any] = yaml.safe_load(
    Path(__file__).with_name("rollout_at_a_pause.yaml").read_text(encoding="utf-8")
)


# the server


def owned(thing: Any) -> Any:
    """Make the fieldsV1 of somebody who wrote all of it, as the API server keeps it."""
    if isinstance(thing, dict):
        return {f"f:{key}": owned(value) for key, value in thing.items()}
    if isinstance(thing, list) and thing and isinstance(thing[0], dict) and "name" in thing[0]:
        return {f'k:{{"name":"{one["name"]}"}}': {".": {}, **owned(one)} for one in thing}
    return {}


def hand(manager: str, part: str, fields: Any, written: str) -> dict[str, Any]:
    """Make one entry of managedFields."""
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "fieldsType": "FieldsV1",
        "fieldsV1": {f"f:{part}": owned(fields)},
        "manager": manager,
        "operation": "Update",
        "time": written,
    }


def manifest(number: int, version: int) -> dict[str, Any]:
    """
    Make a Rollout of 9 KB at a pause.

    Its shape was recorded from a real API server with the real controller: sorted keys, half of it
    managedFields, and what the controller writes into the status. With each version changes what
    we do not read.
    """
    spec: dict[str, Any] = copy.deepcopy(SHAPE["spec"])
    for part in (spec["selector"]["matchLabels"], spec["template"]["metadata"]["labels"]):
        part["app"] = f"app-{number}"
    status = SHAPE["status"] | {"HPAReplicas": version, "selector": f"app=app-{number}"}
    written = f"2026-11-24T03:{version // 60 % 60:02}:{version % 60:02}Z"
    metadata = SHAPE["metadata"] | {
        "labels": {"app": f"app-{number}"},
        "managedFields": [
            hand("argocd-controller", "spec", spec, written),
            hand("rollouts-controller", "status", status, written),
        ],
        "name": f"app-{number}",
        "resourceVersion": str(version),
        "uid": f"00000000-0000-0000-0000-{number:012}",
    }
    return SHAPE | {"metadata": metadata, "spec": spec, "status": status}


def compact(thing: Any) -> bytes:
    """Write it as the API server does."""
    return json.dumps(thing, separators=(",", ":")).encode()


async def serve(rollouts: int, events: int) -> None:
    """Serve one list and any number of watches; print the port."""
    items = [manifest(number, BEGIN) for number in range(rollouts)]
    listed = compact({"metadata": {"resourceVersion": str(BEGIN)}, "items": items})
    lines = [
        compact({"type": "MODIFIED", "object": manifest(i % rollouts, BEGIN + 1 + i)}) + b"\n"
        for i in range(events)
    ]
    chunks = [f"{len(line):x}\r\n".encode() + line + b"\r\n" for line in lines]
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        if b"watch=" in request.partition(b"\r\n")[0].lower():
            writer.write(head + b"Transfer-Encoding: chunked\r\n\r\n")
            for chunk in chunks:
                writer.write(chunk)
                await writer.drain()
            writer.write(b"0\r\n\r\n")
        else:
            length = f"Content-Length: {len(listed)}\r\nConnection: close\r\n\r\n"
            writer.write(head + length.encode() + listed)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], len(lines[0]), flush=True)
    await server.serve_forever()


# the clients: each prints the CPU seconds for all events but the first


def bot_client(url: str, events: int) -> float:
    """Measure `bot.cluster`."""
    heard: list[float] = []
    told = 0
    done = asyncio.Event()

    def tell(before: object, _: object) -> None:
        nonlocal told
        told += before is not None

    class Counting(Shelf[Any]):
        """A shelf that counts."""

        count = 0

        def put(self, after: Any) -> None:
            super().put(after)
            self.count += 1
            if self.count in {1, events}:
                heard.append(time.process_time())
            if self.count == events:
                done.set()

        def keep_only(self, uids: Any) -> None:  # type: ignore[override]
            super().keep_only("", uids)

        def missing(self, why: str) -> None:
            raise AssertionError(why)

    asyncio.run(watch_with(url, Counting(ROLLOUTS, tell), done))
    assert told == 0, "there was something to tell"
    return heard[1] - heard[0]


async def watch_with(url: str, hearer: Hearer[Any], done: asyncio.Event) -> None:
    """Watch rollouts until it is done."""

    async def load() -> Configuration:
        return Configuration(host=url)

    async with Connection(load) as connection:
        task = asyncio.create_task(Watch(connection, ROLLOUTS, hearer).run())
        await done.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def library_client(url: str, events: int) -> float:
    """Measure `kubernetes.aio`."""

    async def run() -> float:
        async with ApiClient(Configuration(host=url)) as client:
            api = CustomObjectsApi(client)
            where = ("argoproj.io", "v1alpha1", "rollouts")
            listed = await api.list_cluster_custom_object(*where)
            known = {item["metadata"]["uid"]: item for item in listed["items"]}
            began, count = 0.0, 0
            version = listed["metadata"]["resourceVersion"]
            stream = LibraryWatch().stream(
                api.list_cluster_custom_object, *where, resource_version=version, timeout_seconds=60
            )
            async for event in stream:
                thing = event["object"]
                known[thing["metadata"]["uid"]] = thing
                count += 1
                if count == 1:
                    began = time.process_time()
                if count == events:
                    return time.process_time() - began
        raise AssertionError(count)

    return asyncio.run(run())


CLIENTS = {"bot": bot_client, "library": library_client}


# the run


def measure(rounds: int, events: int, rollouts: int) -> dict[str, float]:
    """Run all clients in turns; give the median CPU of each, in microseconds per event."""
    me = [sys.executable, __file__, "--events", str(events), "--rollouts", str(rollouts)]
    server = subprocess.Popen([*me, "--as", "server"], stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        port, size = server.stdout.readline().split()
        print(f"{events} events of {size} bytes, {rollouts} rollouts, {rounds} rounds")
        url = f"http://127.0.0.1:{port}"
        seconds: dict[str, list[float]] = {name: [] for name in CLIENTS}
        for _ in range(rounds):
            for name, measured in seconds.items():
                command = [*me, "--as", name, "--url", url]
                printed = subprocess.run(command, check=True, capture_output=True, text=True)
                measured.append(float(printed.stdout))
    finally:
        server.kill()
        server.wait()
    return {name: statistics.median(all_) / (events - 1) * 1e6 for name, all_ in seconds.items()}


def main() -> int:
    """Read the arguments, and run."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--events", type=int, default=10000)
    parser.add_argument("--rollouts", type=int, default=5000)
    parser.add_argument("--at-least", type=float, default=0.0, help="exit 1 below this ratio")
    parser.add_argument("--as", dest="role", choices=["server", *CLIENTS], help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.role == "server":
        asyncio.run(serve(arguments.rollouts, arguments.events))
    if arguments.role:
        print(CLIENTS[arguments.role](arguments.url, arguments.events))
        return 0
    medians = measure(arguments.rounds, arguments.events, arguments.rollouts)
    for name, microseconds in medians.items():
        print(f"{name:8} {microseconds:7.1f} µs CPU per event")
    ratio = medians["library"] / medians["bot"]
    print(f"the bot needs {ratio:.1f} times less")
    return 0 if ratio >= arguments.at_least else 1


if __name__ == "__main__":
    sys.exit(main())
