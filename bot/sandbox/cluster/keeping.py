"""
What controllers of the real cluster do besides: clearing up, and serving new kinds.

The garbage collector deletes what belonged to something that is gone, the namespace controller
empties namespaces that are on their way out, and a CustomResourceDefinition that was applied is
served from then on. Source: kubernetes `pkg/controller/garbagecollector` and `namespace`,
apiextensions-apiserver `pkg/controller`.
"""

import asyncio
from collections import defaultdict
from contextlib import suppress

from bot.sandbox.cluster import definitions, rules
from bot.sandbox.cluster.errors import NotFound
from bot.sandbox.cluster.kinds import BUILT_IN, DEFINITIONS, NAMESPACES, Kind
from bot.sandbox.cluster.managed import Writer
from bot.sandbox.cluster.objects import Manifest, name_of, put
from bot.sandbox.cluster.shelves import Event
from bot.sandbox.cluster.store import Store

_SERVER = Writer(manager="kube-apiserver", subresource="status")
_Place = tuple[tuple[str, str], str, str]  # key of the kind, namespace, name


class Housekeeping:
    """All of them, as one task."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._uids: set[str] = set()
        self._owned: defaultdict[str, set[_Place]] = defaultdict(set)
        self._orphans: set[_Place] = set()
        self._ending: set[str] = set()
        self._defined: list[tuple[Manifest, bool]] = []
        self._more = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin; what is there already is looked at."""
        for kind in list(self._store.kinds.values()):
            for thing in self._store.all(kind):
                self._hear(kind, Event("ADDED", 0, thing))
        self._store.hear(self._hear)
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """End."""
        if self._task is None:
            return
        self._store.unhear(self._hear)
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task
        self._task = None

    def _hear(self, kind: Kind, event: Event) -> None:
        """Note what there is to do; another task does it."""
        metadata = event.object["metadata"]
        is_gone = event.type == "DELETED"
        if is_gone:
            self._uids.discard(metadata["uid"])
            self._orphans |= self._owned.pop(metadata["uid"], set())
        else:
            self._uids.add(metadata["uid"])
            self._note_owners(kind, event.object)
        if kind == DEFINITIONS:
            self._defined.append((event.object, is_gone))
        if kind == NAMESPACES and not is_gone and "deletionTimestamp" in metadata:
            self._ending.add(metadata["name"])
        if self._orphans or self._ending or self._defined:
            self._more.set()

    def _note_owners(self, kind: Kind, thing: Manifest) -> None:
        owners = thing["metadata"].get("ownerReferences") or ()
        place = (kind.key, *name_of(thing))
        for owner in owners:
            self._owned[owner.get("uid", "")].add(place)
        if owners and not any(owner.get("uid") in self._uids for owner in owners):
            self._orphans.add(place)

    async def _run(self) -> None:
        while True:
            await self._more.wait()
            self._more.clear()
            await asyncio.sleep(0)  # as there: not at once
            defined, self._defined = self._defined, []
            for definition, is_gone in defined:
                self._define(definition, is_gone=is_gone)
            orphans, self._orphans = self._orphans, set()
            for place in orphans:
                self._collect(*place)
            for name in list(self._ending):
                self._empty(name)

    def _define(self, definition: Manifest, *, is_gone: bool) -> None:
        """Serve what is defined, or do not serve it any more."""
        kind = definitions.defined(definition)
        if kind is None:
            return
        known = self._store.kinds.get(kind.key)
        if is_gone:
            for thing in list(self._store.all(kind)):
                self._store.remove(kind, *name_of(thing))
            if known not in BUILT_IN:
                self._store.kinds.pop(kind.key, None)
            return
        self._store.kinds[kind.key] = kind
        if known is None:
            status = definitions.accepted(definition, rules.timestamp(self._store.clock()))
            name = definition["metadata"]["name"]
            with suppress(NotFound):
                self._store.update(
                    DEFINITIONS, "", name, lambda now: put(now, status, "status"), _SERVER
                )

    def _collect(self, key: tuple[str, str], namespace: str, name: str) -> None:
        """Delete one whose owners are all gone."""
        kind = self._store.kinds.get(key)
        thing = self._store.find(kind, namespace, name) if kind else None
        if kind is None or thing is None:
            return
        owners = thing["metadata"].get("ownerReferences") or ()
        if owners and not any(owner.get("uid") in self._uids for owner in owners):
            self._delete(kind, thing)

    def _empty(self, name: str) -> None:
        """Delete what is in a namespace; then the namespace."""
        kinds = [kind for kind in self._store.kinds.values() if kind.namespaced]
        for kind in kinds:
            for thing in list(self._store.all(kind, name)):
                self._delete(kind, thing)
        if any(True for kind in kinds for _ in self._store.all(kind, name)):
            return  # what takes time to end is heard of when it has
        self._ending.discard(name)
        with suppress(NotFound):
            self._store.remove(NAMESPACES, "", name)

    def _delete(self, kind: Kind, thing: Manifest) -> None:
        graceful = not rules.ends_at_once(kind, thing)
        self._store.delete(kind, *name_of(thing), graceful=graceful)
