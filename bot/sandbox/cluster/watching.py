"""
Watches: what happened since a version, line by line, for as long as somebody listens.

All watches of a kind send the same bytes for an event, unless a selector makes another event of it:
to one that chooses by label an object appears (ADDED) and goes (DELETED) with its labels.
Source: apiserver `pkg/storage/cacher`.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

from bot.sandbox.cluster import errors, selectors
from bot.sandbox.cluster.calls import Call
from bot.sandbox.cluster.kinds import Kind
from bot.sandbox.cluster.objects import Manifest, put
from bot.sandbox.cluster.shelves import Event, Shelf
from bot.sandbox.cluster.store import Store
from bot.sandbox.cluster.texts import text_of

#: seconds between two bookmarks, and from the last one to the end, as on the real server
BOOKMARKS = 60.0
_LAST_BOOKMARK = 2.0
#: seconds that a watch lives which names no end
_LONGEST = 1800.0


@dataclass(frozen=True, kw_only=True)
class Listener:
    """
    One watch.

    Attributes:
        since: the version from which on it wants to hear; None: first what there is.
        seconds: its life.
        bookmarks: whether it wants any.

    """

    kind: Kind
    namespace: str
    since: int | None
    seconds: float
    bookmarks: bool
    tests: tuple[selectors.Test, ...]

    def wants(self, thing: Manifest) -> bool:
        """Whether this object is one of those that it watches."""
        return all(test(thing) for test in self.tests)


def listener(kind: Kind, call: Call) -> Listener:
    """Read what the call wants to hear. Raises BadRequest, Refused."""
    version = call.query.get("resourceVersion", "")
    if not re.fullmatch(r"[0-9]*", version):
        raise errors.Broken(
            f'resourceVersion: Invalid value: "{version}": strconv.ParseUint: parsing "{version}":'
            " invalid syntax"
        )
    tests = (
        selectors.by_labels(call.query.get("labelSelector", "")),
        selectors.by_fields(kind, call.query.get("fieldSelector", "")),
    )
    return Listener(
        kind=kind,
        namespace=call.namespace,
        since=int(version) if version not in ("", "0") else None,
        seconds=_seconds(call.query.get("timeoutSeconds", "")),
        bookmarks=call.has("allowWatchBookmarks"),
        tests=tuple(test for test in tests if test),
    )


async def lines(store: Store, wanted: Listener, ended: asyncio.Event) -> AsyncIterator[bytes]:
    """
    Give what there is to send, many lines at a time, until its time is over or *ended* is set.

    A version that is not kept any more is an ERROR line, and the end.
    """
    now = asyncio.get_running_loop().time
    shelf = store.shelf(wanted.kind)
    end = now() + wanted.seconds
    version = store.version if wanted.since is None else wanted.since
    if wanted.since is None:
        yield b"".join(_present(shelf, wanted, version))
    bookmark = _next_bookmark(now(), end)
    while not ended.is_set() and now() < end:
        bell = shelf.bell
        try:
            news = shelf.since(version)
        except errors.Expired as expired:
            yield _line("ERROR", text_of(expired.body()))
            return
        if news:
            version = news[-1].version
            yield b"".join(_told(shelf, wanted, event) for event in news)
        elif not await _rings(bell, min(end, bookmark)) and bookmark <= now():
            version = max(version, store.version)
            bookmark = _next_bookmark(now(), end)
            if wanted.bookmarks:
                yield _bookmark(wanted.kind, version)


def _next_bookmark(now: float, end: float) -> float:
    """One a minute, and one shortly before the end."""
    last = end - _LAST_BOOKMARK
    return min(now + BOOKMARKS, last) if now < last else end + 1


def _present(shelf: Shelf, wanted: Listener, version: int) -> Iterator[bytes]:
    """What there is, each as ADDED, in the order of names; a bookmark says that this was it."""
    for key, thing in sorted(shelf.objects.items()):
        if wanted.namespace in ("", key[0]) and wanted.wants(thing):
            yield _line("ADDED", shelf.texts.of(thing))
    if wanted.bookmarks:
        yield _bookmark(wanted.kind, version, is_first=True)


def _told(shelf: Shelf, wanted: Listener, event: Event) -> bytes:
    """The line by which the watch hears of the event; empty: it does not."""
    if wanted.namespace not in ("", event.object["metadata"].get("namespace", "")):
        return b""
    if not wanted.tests:
        return _plain(shelf, event)
    before = event.before is not None and wanted.wants(event.before)
    after = event.type != "DELETED" and wanted.wants(event.object)
    match before, after:
        case (False, False):
            return b""
        case (False, True):
            return _line("ADDED", shelf.texts.of(event.object))
        case (True, False) if event.type != "DELETED":
            gone = put(event.before or {}, str(event.version), "metadata", "resourceVersion")
            return _line("DELETED", text_of(gone))
        case _:
            return _plain(shelf, event)


def _plain(shelf: Shelf, event: Event) -> bytes:
    if not event.line:
        is_gone = event.type == "DELETED"
        text = text_of(event.object) if is_gone else shelf.texts.of(event.object)
        event.line = _line(event.type, text)
    return event.line


def _line(what: str, text: bytes) -> bytes:
    return b'{"type":"%s","object":%s}\n' % (what.encode(), text)


def _bookmark(kind: Kind, version: int, *, is_first: bool = False) -> bytes:
    metadata: dict[str, Any] = {"resourceVersion": str(version)}
    if is_first:
        metadata["annotations"] = {"k8s.io/initial-events-end": "true"}
    thing = {"kind": kind.kind, "apiVersion": kind.api_version, "metadata": metadata}
    return _line("BOOKMARK", text_of(thing))


async def _rings(bell: asyncio.Event, until: float) -> bool:
    try:
        async with asyncio.timeout_at(until):
            await bell.wait()
    except TimeoutError:
        return False
    return True


def _seconds(text: str) -> float:
    if text and not re.fullmatch(r"[+-]?[0-9]+", text):
        raise errors.BadRequest(f'strconv.ParseInt: parsing "{text}": invalid syntax')
    return float(text) if text and int(text) > 0 else _LONGEST
