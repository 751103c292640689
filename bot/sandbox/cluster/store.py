"""
The objects of the local cluster, their versions, and who hears of them.

    create, update, delete ─▶ rules ─▶ a new version ─▶ shelf of its kind ─▶ events ─▶ watches
                                                                                └─▶ controllers

One number counts the writes of all kinds, as etcd's does. Everything happens between two awaits:
whoever reads twice in a row reads the same cluster.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bot.sandbox.cluster import errors, rules
from bot.sandbox.cluster.kinds import BUILT_IN, Kind
from bot.sandbox.cluster.managed import Writer
from bot.sandbox.cluster.objects import Manifest, at, name_of, put, version_of
from bot.sandbox.cluster.shelves import Event, Happening, Shelf

Clock = Callable[[], float]
Hearer = Callable[[Kind, Event], None]
Change = Callable[[Manifest], Manifest]
#: raises Refused when the second may not follow on the first (None: there was nothing)
Check = Callable[[Manifest | None, Manifest], None]


class Store:
    """
    The cluster's memory.

    Attributes:
        version: of the last write.
        clock: seconds since the epoch; all times in manifests come from it.
        kinds: those that are served, by group and plural.

    """

    def __init__(self, clock: Clock = time.time) -> None:
        self.version = 1
        self.clock = clock
        self.kinds: dict[tuple[str, str], Kind] = {kind.key: kind for kind in BUILT_IN}
        self._shelves: dict[tuple[str, str], Shelf] = {}
        self._hearers: list[Hearer] = []

    # --- reading --------------------------------------------------------------------------------

    def shelf(self, kind: Kind) -> Shelf:
        """All objects of a kind."""
        found = self._shelves.get(kind.key)
        if found is None:
            found = self._shelves[kind.key] = Shelf()
        return found

    def get(self, kind: Kind, namespace: str, name: str) -> Manifest:
        """One object. Raises NotFound."""
        found = self.find(kind, namespace, name)
        if found is None:
            raise errors.not_found(kind, name)
        return found

    def find(self, kind: Kind, namespace: str, name: str) -> Manifest | None:
        """One object, or None."""
        return self.shelf(kind).objects.get((namespace, name))

    def all(self, kind: Kind, namespace: str = "") -> Iterator[Manifest]:
        """All objects of a kind, in one namespace or everywhere, in no order."""
        for (space, _), thing in self.shelf(kind).objects.items():
            if not namespace or space == namespace:
                yield thing

    def owned(self, kind: Kind, uid: str) -> list[Manifest]:
        """The objects of a kind that a controller owns."""
        return list(self.shelf(kind).owned.get(uid, {}).values())

    def is_current(self, kind: Kind, thing: Manifest) -> bool:
        """Whether this is the newest version of its object."""
        now = self.find(kind, *name_of(thing))
        return now is not None and version_of(now) == version_of(thing)

    # --- writing --------------------------------------------------------------------------------

    def create(
        self,
        kind: Kind,
        manifest: Manifest,
        writer: Writer,
        *,
        dry_run: bool = False,
        check: Check | None = None,
    ) -> Manifest:
        """Put a new object there. Raises Exists, Invalid, and what *check* raises."""
        thing = rules.created(kind, manifest, writer, self.clock())
        if check is not None:
            check(None, thing)
        namespace, name = name_of(thing)
        if (other := self.find(kind, namespace, name)) is not None:
            is_made_up = "generateName" in thing["metadata"]
            is_ending = "deletionTimestamp" in other["metadata"]
            raise errors.exists(kind, name, is_made_up=is_made_up, is_ending=is_ending)
        return thing if dry_run else self._write(kind, "ADDED", thing, None)

    def update(
        self,
        kind: Kind,
        namespace: str,
        name: str,
        change: Change,
        writer: Writer,
        *,
        dry_run: bool = False,
        check: Check | None = None,
    ) -> Manifest:
        """
        Replace an object by what *change* makes of it; nothing is written if that is the same.

        Raises:
            NotFound: there is none.
            Conflict: the result names another version, or another identity.
            Invalid: the result breaks a rule.
            Refused: what *change* and *check* raise.

        """
        before = self.get(kind, namespace, name)
        after = rules.updated(kind, before, change(before), writer, self.clock(), check)
        if after is before or dry_run:
            return after
        if rules.is_released(after):
            self._write(kind, "DELETED", before, before)  # the last version that was kept
            return after
        return self._write(kind, "MODIFIED", after, before)

    def delete(
        self,
        kind: Kind,
        namespace: str,
        name: str,
        *,
        graceful: bool = False,
        grace: int | None = None,
    ) -> Manifest:
        """
        Take an object away, and return its last version.

        One with finalizers, or a graceful deletion, is only marked: *grace* is the seconds it has
        to end. A namespace is always only marked. Raises NotFound.
        """
        before = self.get(kind, namespace, name)
        metadata = before["metadata"]
        if not (graceful or metadata.get("finalizers") or at(before, "spec", "finalizers")):
            return self.remove(kind, namespace, name)
        after = rules.marked(kind, before, self.clock(), grace if graceful else 0)
        return before if after is before else self._write(kind, "MODIFIED", after, before)

    def remove(self, kind: Kind, namespace: str, name: str) -> Manifest:
        """Take an object away whatever holds it. Raises NotFound."""
        before = self.get(kind, namespace, name)
        return self._write(kind, "DELETED", before, before)

    def hear(self, hearer: Hearer) -> None:
        """Tell somebody of every write, at once; it must not write itself."""
        self._hearers.append(hearer)

    def unhear(self, hearer: Hearer) -> None:
        """Tell somebody no more."""
        self._hearers.remove(hearer)

    @contextmanager
    def heard_by(self, hearer: Hearer) -> Iterator[None]:
        """Tell somebody as long as this lasts."""
        self.hear(hearer)
        try:
            yield
        finally:
            self.unhear(hearer)

    def _write(
        self, kind: Kind, what: Happening, thing: Manifest, before: Manifest | None
    ) -> Manifest:
        self.version += 1
        after = put(thing, str(self.version), "metadata", "resourceVersion")
        event = Event(what, self.version, after, before)
        self.shelf(kind).happen(event)
        for hearer in self._hearers:
            hearer(kind, event)
        return after
