"""
List and watch of one kind, for ever.

A list says what is, a watch says what changes from there on. When the watch cannot go on (410),
when a line is lost, and every quarter of an hour anyway, everything is listed again and compared
with what is known: changes and deletions that were missed are told late, but they are told.

A watch lasts 240 to 300 s. The server sends a bookmark every minute (`allowWatchBookmarks`): 75 s
without a byte mean that the line may be dead, and we connect anew from where we are. That costs
nothing when it was alive. Rounds of 60 s without bookmarks would find a dead line as fast, but cost
five times the requests.
"""

import asyncio
import logging
from collections.abc import Set as AbstractSet
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol

from bot.cluster.clients import Request
from bot.cluster.connect import Connection
from bot.cluster.decoding import Bookmark, Decoder, Drop, Failure, Garbled, Illegible, Put
from bot.cluster.kinds import Kind, T
from bot.cluster.lines import Lines, TooLong
from bot.cluster.listing import pages
from bot.cluster.pace import Pace
from bot.cluster.refusals import Busy, Denied, Expired, Forbidden, Silent, from_answer
from bot.release.errors import NotFound, Refusal, Unreachable

log = logging.getLogger(__name__)

#: the loop gets a turn after so many events: a burst must not keep people waiting for their answer
_EVENTS_AT_A_TIME = 10
_SHORTEST_ROUND = 60.0  #: seconds, also when a list is due sooner
#: then it may be our version that the server cannot serve (etcd restored from a backup): list again
_FAILURES_OF_A_VERSION = 3


class Hearer(Protocol[T]):
    """Who is told what a watch hears."""

    def put(self, after: T) -> None:
        """An object is so now."""

    def drop(self, uid: str, last: T | None = None) -> None:
        """An object is gone."""

    def put_listed(self, objects: list[T]) -> None:
        """These objects are so now; a page of a list says it."""

    def keep_only(self, uids: AbstractSet[str]) -> None:
        """The list is complete: there are no others."""

    def missing(self, why: str) -> None:
        """It may not be read, for now."""


@dataclass(slots=True)
class Counters:
    """What a watch has been through, for the metrics."""

    events: int = 0
    bookmarks: int = 0
    lists: int = 0
    connects: int = 0
    silences: int = 0
    failures: int = 0
    expired: int = 0
    garbled: int = 0
    illegible: int = 0


class Watch(Generic[T]):
    """
    Keeps a hearer told about one kind in one namespace (empty: in all).

    Attributes:
        last_heard: when the last byte came, on the clock of *pace*; None: never yet.
        failing_since: since when it has been down, UTC; None: it is well.
        counters: for the metrics.

    """

    def __init__(
        self,
        connection: Connection,
        kind: Kind[T],
        hearer: Hearer[T],
        *,
        namespace: str = "",
        selector: str = "",
        pace: Pace | None = None,
    ) -> None:
        self.kind = kind
        self.namespace = namespace
        self.last_heard: float | None = None
        self.failing_since: datetime | None = None
        self.counters = Counters()
        self._connection = connection
        self._hearer = hearer
        self._labels = ",".join(filter(None, (kind.labels, selector)))
        self._pace = pace or Pace()
        self._decoder = Decoder(kind.model)
        self._version = ""  # empty: list first
        self._listed_at: float | None = None
        self._connected_at: float | None = None
        self._failures = 0
        self._outages = 0  # those before which the failures were counted
        self._complained: set[str] = set()

    def __str__(self) -> str:
        return str(self.kind.ask("watch", self.namespace))

    async def run(self) -> None:
        """Go on until cancelled. Only a bug ends it otherwise."""
        while True:
            try:
                if self._must_list():
                    await self._list()
                await self._listen()
            except Silent:
                self.counters.silences += 1
                self._failures = 0
            except Expired as expired:
                await self._start_over(expired)
            except Refusal as refusal:
                await self._back_off(refusal)

    def _must_list(self) -> bool:
        return not self._version or self._until_list() <= 0

    def _until_list(self) -> float:
        """Tell the seconds until the next list is due."""
        if self._listed_at is None:
            return 0.0
        return self._listed_at + self._pace.relist - self._pace.monotonic()

    async def _list(self) -> None:
        """Read everything, and tell it page by page: all at once would keep the loop too long."""
        await self._wait_for_turn(self._listed_at)
        self._listed_at = self._pace.monotonic()
        self._version = ""  # a list that fails half-way leaves nothing to go on from
        present: set[str] = set()
        illegible: set[str] = set()
        version = ""
        query = self._query()
        async with aclosing(
            pages(self._connection, self.kind, self._decoder, self.namespace, query)
        ) as all_pages:
            async for page in all_pages:
                self._heard()
                self._hearer.put_listed(page.objects)
                present.update(thing.uid for thing in page.objects)
                illegible |= {self._complain(one) for one in page.illegible}
                version = version or page.version
        self._hearer.keep_only(present | illegible)  # what cannot be read is not gone
        self._complained &= illegible
        self._version = version
        self.counters.lists += 1
        self._is_well()

    async def _wait_for_turn(self, last: float | None) -> None:
        gap = 0.0 if last is None else last + self._pace.gap - self._pace.monotonic()
        if gap > 0:
            await self._pace.sleep(gap)

    async def _listen(self) -> None:
        """Hear one watch to its end."""
        await self._wait_for_turn(self._connected_at)
        self._connected_at = began = self._pace.monotonic()
        heard = 0
        self.counters.connects += 1
        async with self._connection.stream(
            self._request(), opening=self._pace.opening, silence=self._pace.silence
        ) as pieces:
            self._heard()
            self._is_well()
            lines = Lines()
            async for piece in pieces:
                self._heard()
                for line in self._cut(lines, piece):
                    self._hear(line)
                    heard += 1
                    self._failures = 0
                    if heard % _EVENTS_AT_A_TIME == 0:
                        await asyncio.sleep(0)
        if not heard and self._pace.monotonic() - began < self._pace.young:
            raise Unreachable(f"The cluster ends at once: {self}.")  # else this would be a hot loop
        self._failures = 0

    def _request(self) -> Request:
        least, most = self._pace.round
        seconds = min(self._pace.uniform(least, most), max(_SHORTEST_ROUND, self._until_list()))
        watch = {
            "watch": "true",
            "allowWatchBookmarks": "true",
            "resourceVersion": self._version,
            "timeoutSeconds": str(round(seconds)),
        }
        return Request(
            method="GET",
            path=self.kind.path(self.namespace),
            ask=self.kind.ask("watch", self.namespace),
            query=self._query() | watch,
        )

    def _query(self) -> dict[str, str]:
        return {"labelSelector": self._labels} if self._labels else {}

    def _cut(self, lines: Lines, piece: bytes) -> list[bytes]:
        try:
            return lines.feed(piece)
        except TooLong as error:
            self._version = ""
            raise Unreachable(f"A line without an end: {self}: {error}.") from error

    def _hear(self, line: bytes) -> None:
        """Tell one event, and remember where we are."""
        try:
            event = self._decoder.event(line)
        except Garbled as garbled:
            self.counters.garbled += 1
            self._version = ""  # what was in it is lost: only a list can tell
            raise Unreachable(f"A line that makes no sense: {self}: {garbled}") from garbled
        match event:
            case Put(after):
                self.counters.events += 1
                self._version = after.resource_version or self._version
                self._hearer.put(after)
            case Drop(uid, version, last):
                self.counters.events += 1
                self._version = version or self._version
                self._hearer.drop(uid, last)
            case Bookmark(version):
                self.counters.bookmarks += 1
                self._version = version
            case Illegible():
                self._version = event.version or self._version
                self._complain(event)
            case Failure(code, wait, body):
                ask = self.kind.ask("watch", self.namespace)
                raise from_answer(code, body, str(round(wait)), ask)

    def _complain(self, one: Illegible) -> str:
        """Log it once for each object; the others go on."""
        self.counters.illegible += 1
        if one.uid not in self._complained:
            self._complained.add(one.uid)
            log.error(
                "I cannot read %s %s, and go on with what I knew of it: %s",
                self.kind.plural,
                one.called,
                one.why,
                extra={"action": "illegible", "uid": one.uid},
            )
        return one.uid

    async def _start_over(self, expired: Expired) -> None:
        """List again: at once the first time, with patience when that does not help."""
        self.counters.expired += 1
        self._version = ""
        if self._failures:
            await self._back_off(expired)
        self._failures = max(self._failures, 1)

    async def _back_off(self, refusal: Refusal) -> None:
        if self._outages != self._connection.outage.count:
            self._outages, self._failures = self._connection.outage.count, 0
        self._failures += 1
        self.counters.failures += 1
        self.failing_since = self.failing_since or self._connection.now()
        if self._failures >= _FAILURES_OF_A_VERSION:
            self._version = ""
        if isinstance(refusal, (Forbidden, NotFound)):
            self._hearer.missing(refusal.text)
        if self._failures & (self._failures - 1) == 0:  # 1, 2, 4, 8 …: a long night, a short log
            log.log(
                logging.ERROR if isinstance(refusal, (Denied, Forbidden)) else logging.WARNING,
                "I cannot %s (try %d): %s",
                self,
                self._failures,
                refusal.text,
                extra={"action": "watch-failed"},
            )
        at_least = refusal.wait if isinstance(refusal, Busy) else 0.0
        nap = self._pace.sleep(self._pace.backoff(self._failures, at_least))
        await self._connection.outage.rest(nap)

    def _heard(self) -> None:
        self.last_heard = self._pace.monotonic()

    def _is_well(self) -> None:
        if self.failing_since is not None:
            log.info("I can %s again.", self, extra={"action": "watch-back"})
        self.failing_since = None
