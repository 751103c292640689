"""
An API server for benchmarks: as little as a bot needs, and nothing that slows it down.

It keeps objects as they are sent, pages lists, streams watches, and carries out guarded patches.
Every account may do everything.
"""

import asyncio
import json
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.json_patches import DoesNotFit, patched

Manifest = dict[str, Any]
Key = tuple[str, str]

#: events that a watch can begin with; more than happen between a list and its watch
_REMEMBERED = 20_000
_YES = {"kind": "SelfSubjectAccessReview", "status": {"allowed": True}}


@dataclass
class Shelf:
    """The objects of one kind, and who watches them."""

    objects: dict[Key, Manifest] = field(default_factory=dict)
    events: deque[tuple[int, bytes]] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))
    watches: set["asyncio.Queue[bytes]"] = field(default_factory=set)


class Api:
    """
    The server; use `start` and `stop`.

    Attributes:
        hear: called with namespace and name after a rollout was patched.

    """

    def __init__(self) -> None:
        self.version = 1000
        self.requests = 0
        self.hear: Callable[[str, str], None] = lambda _namespace, _name: None
        self._shelves: defaultdict[str, Shelf] = defaultdict(Shelf)
        self._owned: defaultdict[str, set[Key]] = defaultdict(set)
        self._runner: web.AppRunner | None = None

    async def start(self) -> str:
        """Listen; the address."""
        app = web.Application(client_max_size=2**24)
        app.router.add_route("*", "/{tail:.*}", self._handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        """Listen no more."""
        if self._runner is not None:
            await self._runner.cleanup()

    # --- objects --------------------------------------------------------------------------------

    def get(self, plural: str, namespace: str, name: str) -> Manifest:
        """Give an object; not to be changed."""
        return self._shelves[plural].objects[namespace, name]

    def put(self, plural: str, manifest: Manifest) -> None:
        """Create or replace an object, and tell those who watch."""
        shelf, metadata = self._shelves[plural], manifest["metadata"]
        key = (metadata.get("namespace", ""), metadata["name"])
        what = "MODIFIED" if key in shelf.objects else "ADDED"
        self.version += 1
        after = {**manifest, "metadata": {**metadata, "resourceVersion": str(self.version)}}
        shelf.objects[key] = after
        for owner in metadata.get("ownerReferences", ()):
            self._owned[owner["uid"]].add(key)
        if shelf.watches:
            line = compact({"type": what, "object": after}) + b"\n"
            shelf.events.append((self.version, line))
            for watch in shelf.watches:
                watch.put_nowait(line)

    # --- requests -------------------------------------------------------------------------------

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        self.requests += 1
        plural, namespace, name = _parts(request.path)
        if request.method == "PATCH":
            return self._patch(plural, namespace, name, json.loads(await request.read()))
        if request.method == "POST":
            return _answer(_YES)
        if name:
            found = self._shelves[plural].objects.get((namespace, name))
            return _answer(found) if found else _status(404, "not found")
        if request.query.get("watch"):
            return await self._watch(request, plural)
        return self._list(plural, namespace, dict(request.query))

    def _list(self, plural: str, namespace: str, query: dict[str, str]) -> web.Response:
        shelf = self._shelves[plural]
        version, _, start = query.get("continue", f"{self.version}:0").partition(":")
        if plural == "replicasets" and namespace:  # of one rollout, by its labels
            found = [one for one in self._labelled(query) if one["metadata"]["namespace"]]
        else:
            found = list(shelf.objects.values())
        end = int(start) + int(query.get("limit", "1000000"))
        more = {"continue": f"{version}:{end}"} if end < len(found) else {}
        listed = {
            "metadata": {"resourceVersion": version, **more},
            "items": found[int(start) : end],
        }
        return _answer(listed)

    def _labelled(self, query: dict[str, str]) -> list[Manifest]:
        """Give the ReplicaSets of the rollout that a selector `app=<name>` names."""
        wanted = dict(one.split("=") for one in query["labelSelector"].split(",") if "=" in one)
        objects = self._shelves["replicasets"].objects
        return [objects[key] for key in self._owned.get(f"uid-{wanted['app']}", ())]

    async def _watch(self, request: web.Request, plural: str) -> web.StreamResponse:
        shelf, since = self._shelves[plural], int(request.query["resourceVersion"])
        queue: asyncio.Queue[bytes] = asyncio.Queue()
        for version, line in shelf.events:
            if version > since:
                queue.put_nowait(line)
        shelf.watches.add(queue)
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        try:
            await response.prepare(request)
            while True:
                lines = [await queue.get()]
                while not queue.empty():
                    lines.append(queue.get_nowait())
                await response.write(b"".join(lines))
        except ConnectionError:
            return response  # the bot is gone
        finally:
            shelf.watches.discard(queue)

    def _patch(
        self, plural: str, namespace: str, name: str, operations: list[Manifest]
    ) -> web.Response:
        before = self._shelves[plural].objects.get((namespace, name))
        if before is None:
            return _status(404, "not found")
        try:
            after = patched(before, operations)
        except DoesNotFit as error:
            return _status(422, str(error))
        self.put(plural, after)
        self.hear(namespace, name)
        return _answer(self._shelves[plural].objects[namespace, name])


def compact(thing: Any) -> bytes:
    """Write it as the API server does."""
    return json.dumps(thing, separators=(",", ":")).encode()


def _answer(thing: Any) -> web.Response:
    return web.Response(body=compact(thing), content_type="application/json")


def _status(code: int, message: str) -> web.Response:
    body = {"kind": "Status", "status": "Failure", "code": code, "message": message}
    return web.Response(body=compact(body), status=code, content_type="application/json")


def _parts(path: str) -> tuple[str, str, str]:
    """Give plural, namespace and name of a path."""
    parts = path.strip("/").split("/")
    parts = parts[2:] if parts[0] == "api" else parts[3:]
    namespace = ""
    if parts[0] == "namespaces" and len(parts) > 2:
        namespace, parts = parts[1], parts[2:]
    return parts[0], namespace, parts[1] if len(parts) > 1 else ""
