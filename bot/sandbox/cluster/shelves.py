"""All objects of one kind, with what happened to them of late."""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import Literal

from bot.sandbox.cluster import errors
from bot.sandbox.cluster.objects import Manifest, name_of, owner_of
from bot.sandbox.cluster.texts import Texts

#: events of one kind that are kept for watches that come back, and for pages of an old list
KEPT_EVENTS = 10_000
_FRESH = 200  #: of these the lines are kept too: all watches send the same bytes

Happening = Literal["ADDED", "MODIFIED", "DELETED"]
Key = tuple[str, str]  #: namespace and name


@dataclass(slots=True, eq=False)
class Event:
    """One write, as watches and controllers hear of it. *line*: as watches send it."""

    type: Happening
    version: int
    object: Manifest
    before: Manifest | None = None
    line: bytes = field(default=b"", init=False)


class Shelf:
    """
    All objects of one kind.

    Attributes:
        objects: by namespace and name.
        owned: those that a controller owns, by its uid.
        events: what happened, oldest first.
        forgotten: events up to this version are not kept.
        bell: rings at the next event; then there is another one.
        texts: the JSON of the objects.

    """

    def __init__(self) -> None:
        self.objects: dict[Key, Manifest] = {}
        self.owned: dict[str, dict[Key, Manifest]] = {}
        self.events: deque[Event] = deque(maxlen=KEPT_EVENTS)
        self.forgotten = 0
        self.bell = asyncio.Event()
        self.texts = Texts()

    def happen(self, event: Event) -> None:
        """Let it be so, keep the event, and wake those who wait for it."""
        key = name_of(event.object)
        self._disown(key)
        if event.type == "DELETED":
            del self.objects[key]
            self.texts.forget(key)
        else:
            self.objects[key] = event.object
            if owner := owner_of(event.object):
                self.owned.setdefault(owner, {})[key] = event.object
        if len(self.events) == self.events.maxlen:
            self.forgotten = self.events[0].version
        self.events.append(event)
        if len(self.events) > _FRESH:
            self.events[-_FRESH].line = b""
        self.ring()

    def _disown(self, key: Key) -> None:
        before = self.objects.get(key)
        owner = owner_of(before) if before is not None else ""
        if owner:
            del self.owned[owner][key]
            if not self.owned[owner]:
                del self.owned[owner]

    def ring(self) -> None:
        """Wake those who wait."""
        self.bell.set()
        self.bell = asyncio.Event()

    def since(self, version: int) -> list[Event]:
        """The events after this version, oldest first. Raises Expired."""
        if version < self.forgotten:
            raise errors.Expired(f"too old resource version: {version} ({self.forgotten})")
        found: list[Event] = []
        for event in reversed(self.events):
            if event.version <= version:
                break
            found.append(event)
        return found[::-1]

    def as_of(self, version: int) -> dict[Key, Manifest]:
        """The objects as they were at this version. Raises Expired."""
        later = self.since(version)
        if not later:
            return self.objects
        objects = dict(self.objects)
        for event in reversed(later):
            if event.before is None:
                del objects[name_of(event.object)]
            else:
                objects[name_of(event.object)] = event.before
        return objects

    def forget(self, version: int) -> None:
        """Compact: watches and page tokens from before this version are too old now."""
        self.forgotten = version
        self.events.clear()
