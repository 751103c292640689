"""The last known objects of one kind, and what counts as a change."""

from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from dataclasses import fields
from operator import attrgetter
from typing import Any, Generic, cast

from bot.cluster.kinds import Kind, T
from bot.cluster.slim import Slimmer
from bot.release.numbers import is_whole

#: what changes with every write, whatever was written
_ALWAYS_NEW = ("resource_version", "managed_fields")

#: deletions that are remembered
_MOST_GONE = 1000

#: hears of each change: what was and what is; None: was not, or is not any more
Tell = Callable[[T | None, T | None], None]


class Shelf(Generic[T]):
    """The last known objects of one kind, by identity and by name."""

    def __init__(self, kind: Kind[T], tell: Tell[T]) -> None:
        self.kind = kind
        self._wanted = kind.wanted
        self._tell = tell
        self._differ = differ(kind.model)
        self._slimmer = Slimmer()
        self._by_uid: dict[str, T] = {}
        self._by_name: dict[str, dict[str, str]] = {}  # by namespace
        self._gone: dict[str, str] = {}  # identity -> its last version, in order

    def __len__(self) -> int:
        return len(self._by_uid)

    def all(self) -> tuple[T, ...]:
        """Give all objects."""
        return tuple(self._by_uid.values())

    def by_uid(self, uid: str) -> T | None:
        """Give the object of that identity."""
        return self._by_uid.get(uid)

    def named(self, namespace: str, name: str) -> T | None:
        """Give the object that has this name now."""
        return self._by_uid.get(self._by_name.get(namespace, {}).get(name, ""))

    def put(self, after: T) -> None:
        """
        Keep this state, unless a later one of the same object, or of its successor, is known.

        That an object is gone is its last state: what comes late does not bring it back.
        """
        known = self._by_uid.get(after.uid) or self.named(after.namespace, after.name)
        last = known.resource_version if known else self._gone.get(after.uid, "")
        is_over = not known and after.resource_version == last  # said once more after its end
        if not is_over and not _is_older(after.resource_version, last):
            self._keep(after)

    def put_listed(self, objects: Iterable[T]) -> None:
        """
        Keep these states, from one page of a list.

        A list is right also where its versions are older than ours: etcd may have been restored
        from a backup.
        """
        for thing in objects:
            self._keep(thing)

    def keep_only(self, namespace: str, uids: AbstractSet[str]) -> None:
        """Forget what is not on a complete list of one namespace (empty: of all)."""
        for known in self.all():
            if known.uid not in uids and namespace in {"", known.namespace}:
                self.drop(known.uid)

    def drop(self, uid: str, last: T | None = None) -> None:
        """Forget the object; *last* is what it was in the end, if that is known."""
        before = self._by_uid.pop(uid, None)
        if before is None:
            return
        self._remember(uid, (last or before).resource_version)
        self._free_name(before)
        self._tell(last or before, None)

    def _remember(self, uid: str, version: str) -> None:
        self._gone[uid] = version
        if len(self._gone) > _MOST_GONE:
            del self._gone[next(iter(self._gone))]

    def leave(self, uid: str) -> None:
        """Keep an object no longer that is still there; nobody is told."""
        known = self._by_uid.pop(uid, None)
        if known:
            self._free_name(known)

    def _keep(self, after: T) -> None:
        if not self._wanted(after):
            self.drop(after.uid, after)
            return
        before = self._by_uid.get(after.uid)
        if before is None:
            self._take_name(after)
        self._slimmer.slim(after)
        self._by_uid[after.uid] = after
        if before is None or self._differ(before, after):
            self._tell(before, after)

    def _take_name(self, new: T) -> None:
        """Who has a new object's name must be gone, and is told so first."""
        self.drop(self._by_name.get(new.namespace, {}).get(new.name, ""))
        self._by_name.setdefault(new.namespace, {})[new.name] = new.uid

    def _free_name(self, old: T) -> None:
        """Nobody has an old object's name, unless a new one has taken it already."""
        names = self._by_name.get(old.namespace, {})
        if names.get(old.name) == old.uid:
            del names[old.name]
            if not names:
                del self._by_name[old.namespace]


def differ(model: type[T]) -> Callable[[T, T], bool]:
    """
    Make the comparison of two states of one object, by what we read of it.

    The version is always new, and so are the times in managedFields: a controller that writes the
    same again is no news.
    """
    names = [field.name for field in fields(cast("Any", model))]
    read = attrgetter(*(name for name in names if name not in _ALWAYS_NEW))

    def facts(before: T, after: T) -> bool:
        return bool(read(before) != read(after))

    def facts_and_hands(before: T, after: T) -> bool:
        return facts(before, after) or _hands(before) != _hands(after)

    return facts_and_hands if "managed_fields" in names else facts


def _hands(thing: Any) -> list[dict[str, Any]]:
    return [
        {key: value for key, value in entry.items() if key != "time"}
        for entry in thing.managed_fields
    ]


def _is_older(one: str, other: str) -> bool:
    """
    Whether *one* is an earlier version than *other* of the same object; False when not known.

    Versions of the API server are decimal numbers that grow (Kubernetes 1.35 promises it). Where
    they are not, nothing may be left out.
    """
    return is_whole(one) and is_whole(other) and int(one) < int(other)
