"""
What we have posted in a channel, read back from Slack: for a memory that was lost.

Slack's word on how often is kept to; what cannot be read within a minute is left, and said.
"""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import datetime

from bot.flows.archive import Archive, Posted
from bot.slack.calls import CallError, Calls, Json, Limited, Lost

_log = logging.getLogger(__name__)

PAGE = 200  #: Slack advises no more
MOST_PAGES = 10
PATIENCE = 60.0  #: seconds for one channel


class History(Archive):
    """Reads channels back, newest first."""

    def __init__(
        self,
        calls: Calls,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._calls = calls
        self._sleep = sleep
        self._clock = clock

    async def posted(self, channel: str, since: datetime) -> tuple[Sequence[Posted], bool]:
        """Give our messages there since then, newest first; and whether that is all of them."""
        found: list[Posted] = []
        args: Json = {
            "channel": channel,
            "limit": PAGE,
            "include_all_metadata": True,
            "oldest": f"{since.timestamp():.6f}",
        }
        until = self._clock() + PATIENCE
        for _ in range(MOST_PAGES):
            try:
                answer = await self._patiently(args, until)
            except CallError as error:
                _log.warning(
                    "I cannot read back what I posted in %s: %s",
                    channel,
                    error,
                    extra={"action": "history_unread", "channel": channel},
                )
                return found, False
            found += self._ours(channel, answer)
            args["cursor"] = answer.get("response_metadata", {}).get("next_cursor")
            if not args["cursor"]:
                return found, True
        return found, False

    async def _patiently(self, args: Json, until: float) -> Json:
        """Read one page. Raises CallError: Slack says no, or time is up."""
        pause = 0.5
        while True:
            try:
                return await self._calls("conversations.history", **args)
            except (Limited, Lost) as error:
                seconds = error.seconds if isinstance(error, Limited) else pause
                if self._clock() + seconds > until:
                    raise
                jitter = random.uniform(1.0, 1.2)  # noqa: S311 - no secret
                await self._sleep(seconds * jitter)
                pause = min(10.0, 2 * pause)

    def _ours(self, channel: str, answer: Json) -> Iterator[Posted]:
        for message in answer.get("messages") or ():
            metadata = message.get("metadata") or {}
            is_ours = not self._calls.bot or message.get("bot_id") == self._calls.bot
            if is_ours and metadata.get("event_type"):
                yield Posted(
                    channel=channel,
                    ts=str(message["ts"]),
                    kind=str(metadata["event_type"]),
                    payload=metadata.get("event_payload") or {},
                    edition=message.get("edition", 0),
                    is_open=_has_buttons(message),
                )


def _has_buttons(message: Json) -> bool:
    for block in message.get("blocks") or ():
        if block.get("type") == "actions" or "accessory" in block:
            return True
    return False
