"""
Answers to one person: by response URL, else as an ephemeral message, else as a direct message.

Somebody who asked hears something, also while Slack is slow; a second copy is better than none.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

import aiohttp

from bot.messages.blocks import Message
from bot.slack.calls import CallError, Calls, Limited, Lost, Refused
from bot.slack.carrier import BAD_BLOCKS
from bot.slack.connection import proxy_for
from bot.slack.occasions import Occasion
from bot.slack.posting import QUIET, content

_log = logging.getLogger(__name__)

RESPONSE = "response_url"
#: Seconds between tries when no way leads to the person; then it is given up.
PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0)

Way = Callable[[Occasion, Message, bool], Awaitable[None]]


class Voice:
    """Speaks to one person at a time."""

    def __init__(
        self, calls: Calls, *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._calls = calls
        self._sleep = sleep

    async def tell(self, occasion: Occasion, message: Message) -> bool:
        """Answer; whether it came through."""
        for pause in (*PAUSES, None):
            if await self._try(occasion, message):
                return True
            if pause is not None:
                await self._sleep(pause)
        _log.error(
            "An answer to %s did not come through",
            occasion.user,
            extra={"action": "answer_lost", "user": occasion.user},
        )
        return False

    async def _try(self, occasion: Occasion, message: Message) -> bool:
        """Go through the ways once; a permanent refusal leads to the next one."""
        for way in self._ways(occasion):
            try:
                await self._plainer(way, occasion, message)
            except CallError as error:
                _log.debug("An answer found no way: %s", error, extra={"action": "answer_retry"})
            else:
                return True
        return False

    def _ways(self, occasion: Occasion) -> list[Way]:
        ways: list[Way] = []
        if occasion.response_url:
            ways.append(self._respond)
        if occasion.channel:
            ways.append(self._whisper)
        return [*ways, self._write]

    async def _plainer(self, way: Way, occasion: Occasion, message: Message) -> None:
        try:
            await way(occasion, message, False)  # noqa: FBT003 - plain
        except Refused as error:
            if error.error not in BAD_BLOCKS:
                raise
            _log.exception("Slack cannot show an answer", extra={"action": "blocks_refused"})
            await way(occasion, message, True)  # noqa: FBT003 - plain

    async def _respond(self, occasion: Occasion, message: Message, plain: bool) -> None:  # noqa: FBT001
        body: dict[str, Any] = {
            **content(message, plain=plain),
            "response_type": "ephemeral",
            "replace_original": False,  # else the card that was pressed would be gone
        }
        if occasion.thread:
            body["thread_ts"] = occasion.thread
        url = occasion.response_url
        try:
            async with self._calls.session.post(url, json=body, proxy=proxy_for(url)) as response:
                said = (await response.text())[:500]
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            self._calls.told(RESPONSE, "no_answer")
            raise Lost(RESPONSE, type(error).__name__, perhaps=True) from error
        if response.status == HTTPStatus.OK and _is_taken(said):
            self._calls.told(RESPONSE, "ok")
            return
        self._calls.told(RESPONSE, f"http_{response.status}")
        if response.status == HTTPStatus.TOO_MANY_REQUESTS:
            raise Limited(RESPONSE, 1.0)
        raise Refused(RESPONSE, next((word for word in BAD_BLOCKS if word in said), said))

    async def _whisper(self, occasion: Occasion, message: Message, plain: bool) -> None:  # noqa: FBT001
        await self._calls(
            "chat.postEphemeral",
            channel=occasion.channel,
            user=occasion.user,
            thread_ts=occasion.thread or None,
            **content(message, plain=plain),
        )

    async def _write(self, occasion: Occasion, message: Message, plain: bool) -> None:  # noqa: FBT001
        await self._calls(
            "chat.postMessage",
            channel=occasion.user,
            **content(message, plain=plain),
            **QUIET,
        )


def _is_taken(said: str) -> bool:
    """Whether that is what Slack says to an answer that it takes; a page of some proxy is not."""
    return said.strip(' "\n') in {"ok", ""} or '"ok":true' in said.replace(" ", "")
