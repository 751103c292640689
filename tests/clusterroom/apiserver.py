"""
A small Kubernetes API server in the test's own process: the wire is faked, not the client.

It keeps objects with versions, pages lists, and streams watches from a version on. It misbehaves as
it is told: a *fault* (see faults.py) answers instead of it.
"""

import asyncio
import json
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Self

from aiohttp import web

Manifest = dict[str, Any]
Fault = Callable[[web.Request], Awaitable[web.StreamResponse | None]]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request, as it came."""

    verb: str  #: list, watch, get, patch, create
    kind: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any = None
    spelled: str = ""  #: the body as it was written
    port: int = 0  #: of the client: tells connections apart


@dataclass
class _Store:
    objects: dict[tuple[str, str], Manifest] = field(default_factory=dict)
    events: list[tuple[int, bytes]] = field(default_factory=list)


class ApiServer:
    """Use it as an async context manager; `url` is where it listens."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.tokens: set[str] = set()  #: empty: everybody is let in
        self.version = 100
        self.watching: dict[str, int] = defaultdict(int)  #: watches open now
        self.watched: dict[str, int] = defaultdict(int)  #: watches that are over
        self.port = 0
        self._stores: dict[str, _Store] = defaultdict(_Store)
        self._once: dict[tuple[str, str], deque[Fault]] = defaultdict(deque)
        self._always: dict[tuple[str, str], Fault] = {}
        self._sleepers: set[asyncio.Event] = set()
        self._ended: dict[str, int] = defaultdict(int)
        self._uids = 0

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Listen, at the same port as before."""
        app = web.Application(client_max_size=2**24)
        app.router.add_route("*", "/{tail:.*}", self._handle)
        self._runner = web.AppRunner(
            app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True).start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Go away; what is in the cluster stays."""
        for kind in self._stores:
            self.end_watches(kind)
        await self._runner.cleanup()

    # what is in the cluster

    def put(self, kind: str, manifest: Manifest) -> Manifest:
        """Create or replace an object; it gets the next version, and an identity at first."""
        store = self._stores[kind]
        key = (manifest["metadata"].get("namespace", ""), manifest["metadata"]["name"])
        before = store.objects.get(key)
        if before is None:
            self._uids += 1
        uid = before["metadata"]["uid"] if before else f"uid-{self._uids}"
        after = {**manifest, "metadata": {"uid": uid, **manifest["metadata"]}}
        store.objects[key] = self._happen(kind, "MODIFIED" if before else "ADDED", after)
        return store.objects[key]

    def delete(self, kind: str, namespace: str, name: str) -> None:
        """Delete an object."""
        self._happen(kind, "DELETED", self._stores[kind].objects.pop((namespace, name)))

    def send(self, kind: str, line: bytes) -> None:
        """Send these bytes on the watches of the kind, as they are; nothing is kept."""
        self.version += 1
        self._stores[kind].events.append((self.version, line))
        self._wake()

    def bookmark(self, kind: str) -> str:
        """Send a bookmark, and give its version."""
        self.version += 1
        thing = {"metadata": {"resourceVersion": str(self.version)}}
        self.send(kind, as_line({"type": "BOOKMARK", "object": thing}))
        return str(self.version - 1)

    def lose(self, kind: str) -> None:
        """Lose all events of the kind: no watch that begins from now on hears of them."""
        self._stores[kind].events.clear()

    def end_watches(self, kind: str) -> None:
        """End the watches of the kind that are open now, as at the end of their time."""
        self._ended[kind] += 1
        self._wake()

    def _happen(self, kind: str, what: str, manifest: Manifest) -> Manifest:
        self.version += 1
        metadata = {**manifest["metadata"], "resourceVersion": str(self.version)}
        after = {**manifest, "metadata": metadata}
        line = as_line({"type": what, "object": after})
        self._stores[kind].events.append((self.version, line))
        self._wake()
        return after

    def _wake(self) -> None:
        for sleeper in self._sleepers:
            sleeper.set()

    # what it does wrong

    def once(self, verb: str, kind: str, *faults: Fault) -> None:
        """Let these answer the next requests of that verb and kind, one each."""
        self._once[verb, kind].extend(faults)

    def always(self, verb: str, kind: str, fault: Fault | None) -> None:
        """
        Let this answer all requests of that verb and kind; None: no more.

        What it gives no answer to is answered as usual.
        """
        if fault is None:
            self._always.pop((verb, kind), None)
        else:
            self._always[verb, kind] = fault

    # what was asked

    def requests(self, verb: str, kind: str = "rollouts") -> list[Asked]:
        return [asked for asked in self.asked if (asked.verb, asked.kind) == (verb, kind)]

    def count(self, verb: str, kind: str = "rollouts") -> int:
        return len(self.requests(verb, kind))

    # the answers

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        asked = await _read(request)
        self.asked.append(asked)
        key = (asked.verb, asked.kind)
        if self._once[key]:
            return await self._once[key].popleft()(request)
        if key in self._always and (answer := await self._always[key](request)):
            return answer
        if self.tokens and asked.headers.get("Authorization") not in self.tokens:
            return status(401, "Unauthorized")
        match asked.verb:
            case "list":
                return self._list(asked)
            case "watch":
                return await self._watch(request, asked)
            case "get":
                return self._get(asked)
            case _:
                return web.json_response({})

    def _list(self, asked: Asked) -> web.Response:
        space, _ = _names(asked)
        things = [
            thing
            for (namespace, _), thing in sorted(self._stores[asked.kind].objects.items())
            if space in {"", namespace}
        ]
        version, _, start = asked.query.get("continue", f"{self.version}:0").partition(":")
        end = int(start) + int(asked.query.get("limit", "1000000"))
        more = {"continue": f"{version}:{end}"} if end < len(things) else {}
        metadata = {"resourceVersion": version, **more}
        return web.json_response({"metadata": metadata, "items": things[int(start) : end]})

    async def _watch(self, request: web.Request, asked: Asked) -> web.StreamResponse:
        since = int(asked.query["resourceVersion"])
        response = web.StreamResponse()
        await response.prepare(request)
        sleeper = asyncio.Event()
        self._sleepers.add(sleeper)
        self.watching[asked.kind] += 1
        try:
            ended = self._ended[asked.kind]
            while ended == self._ended[asked.kind]:
                since = await self._send_since(asked.kind, since, response)
                await sleeper.wait()
                sleeper.clear()
        finally:
            self._sleepers.discard(sleeper)
            self.watching[asked.kind] -= 1
            self.watched[asked.kind] += 1
        return response

    async def _send_since(self, kind: str, since: int, response: web.StreamResponse) -> int:
        due = [(version, line) for version, line in self._stores[kind].events if version > since]
        if due:
            await response.write(b"".join(line for _, line in due))
        return due[-1][0] if due else since

    def _get(self, asked: Asked) -> web.Response:
        thing = self._stores[asked.kind].objects.get(_names(asked))
        return status(404, "not found") if thing is None else web.json_response(thing)


def status(
    code: int, message: str = "", headers: dict[str, str] | None = None, **more: Any
) -> web.Response:
    """What the API server says instead of an object."""
    body = {"kind": "Status", "status": "Failure", "code": code, "message": message, **more}
    return web.json_response(body, status=code, headers=headers)


def as_line(event: Manifest) -> bytes:
    return json.dumps(event, separators=(",", ":")).encode() + b"\n"


async def _read(request: web.Request) -> Asked:
    kind, name = _kind_and_name(request.path)
    verb = {"PATCH": "patch", "POST": "create"}.get(request.method, "get" if name else "list")
    if verb == "list" and request.query.get("watch"):
        verb = "watch"
    body = await request.json() if request.body_exists else None
    assert request.transport is not None
    peer = request.transport.get_extra_info("peername")
    return Asked(
        verb=verb,
        kind=kind,
        path=request.path,
        query=dict(request.query),
        headers=dict(request.headers),
        body=body,
        spelled=await request.text(),
        port=peer[1],
    )


def _kind_and_name(path: str) -> tuple[str, str]:
    parts = path.strip("/").split("/")
    parts = parts[2:] if parts[0] == "api" else parts[3:]
    parts = parts[2:] if parts[0] == "namespaces" else parts
    return parts[0], parts[1] if len(parts) > 1 else ""


def _names(asked: Asked) -> tuple[str, str]:
    parts = asked.path.strip("/").split("/")
    namespace = parts[parts.index("namespaces") + 1] if "namespaces" in parts else ""
    return namespace, _kind_and_name(asked.path)[1]
