"""
Reading back what Slack has: messages are known by their metadata.

One reading serves all who ask for something that was posted before it began.
"""

import asyncio
import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from bot.slack.calls import Calls, Json, Refused
from bot.slack.posting import marks

_log = logging.getLogger(__name__)

PAGE = 100
#: A channel is told newest first, a thread oldest first: of that all has to be read.
MOST_PAGES = {"conversations.history": 3, "conversations.replies": 10}
_MOST_READINGS = 50
#: With these Slack says that it is a matter of rights, not of this channel or thread.
_NO_RIGHT = frozenset({"missing_scope", "no_permission", "access_denied", "not_allowed_token_type"})


@dataclass(eq=False)
class _Reading:
    """What was read of a channel or a thread; more is fetched when it is asked for."""

    args: Json
    at: float
    method: str
    found: list[tuple[str, Json]] = field(default_factory=list)
    pages: int = 0
    is_whole: bool = False
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Lookout:
    """Looks for messages; raises CallError. *clock* is the outbox's."""

    def __init__(self, calls: Calls, clock: Callable[[], float]) -> None:
        self._calls = calls
        self._clock = clock
        self._readings: dict[tuple[str, str], _Reading] = {}
        self._is_blind = False

    async def card(self, channel: str, metadata: Json, *, since: float) -> str:
        """Find a message by all its metadata, as Slack has had it since then; its ts, or ""."""
        reading = self._reading(channel, "", since)
        seen = 0
        while True:
            for ts, found in reading.found[seen:]:
                if _same(found, metadata):
                    return ts
            seen = len(reading.found)
            if not await self._more(reading, seen):
                return ""

    async def ids(
        self, channel: str, wanted: Collection[str], *, since: float, thread: str = ""
    ) -> list[str]:
        """Tell which of these ids Slack has, in a channel or a thread of it."""
        reading = self._reading(channel, thread, since)
        while True:
            known = {id_ for _, metadata in reading.found for id_ in marks(metadata)}
            if known.issuperset(wanted) or not await self._more(reading, len(reading.found)):
                return [id_ for id_ in wanted if id_ in known]

    def _reading(self, channel: str, thread: str, since: float) -> _Reading:
        """Give a reading that is new enough, or begin one."""
        kept = self._readings.get((channel, thread))
        if kept is not None and kept.at >= since:
            return kept
        method = "conversations.replies" if thread else "conversations.history"
        args: Json = {"channel": channel, "limit": PAGE, "include_all_metadata": True}
        if thread:
            args["ts"] = thread
        reading = _Reading(args, self._clock(), method)
        self._readings.pop((channel, thread), None)
        self._readings[channel, thread] = reading
        while len(self._readings) > _MOST_READINGS:
            del self._readings[next(iter(self._readings))]
        return reading

    async def _more(self, reading: _Reading, seen: int) -> bool:
        """Read a page more than *seen*; whether there was one."""
        async with reading.lock:
            if len(reading.found) > seen:
                return True  # somebody else has read on meanwhile
            while not reading.is_whole and len(reading.found) == seen:
                await self._page(reading)
            return len(reading.found) > seen

    async def _page(self, reading: _Reading) -> None:
        try:
            answer = await self._calls(reading.method, **reading.args)
        except Refused as error:
            if error.error in _NO_RIGHT:
                self._blind(error)
            reading.is_whole = True
            return
        for message in answer.get("messages", ()):
            reading.found.append((str(message["ts"]), message.get("metadata") or {}))
        reading.pages += 1
        cursor = answer.get("response_metadata", {}).get("next_cursor")
        reading.args["cursor"] = cursor
        reading.is_whole = not cursor or reading.pages >= MOST_PAGES[reading.method]

    def _blind(self, error: Refused) -> None:
        """Say once that nothing can be looked for."""
        if not self._is_blind:
            _log.warning(
                "I may not read back what I posted (%s): a post whose answer was lost may appear "
                "twice. The scopes channels:history and groups:history would mend that.",
                error,
                extra={"action": "history_refused"},
            )
        self._is_blind = True


def _same(one: Json, other: Json) -> bool:
    """Whether both are of the same message; it may be over in one of them."""
    return _essence(one) == _essence(other)


def _essence(metadata: Json) -> tuple[object, Json]:
    return metadata.get("event_type"), {**(metadata.get("event_payload") or {}), "over": 0}
