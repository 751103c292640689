"""
Who may come in: payloads for this app, each once.

Bolt runs a listener again for the same event or the same signed request. A retry may be the only
delivery, so nothing is dropped by its number, only by what was seen here before.
"""

import logging
import time
from collections.abc import Awaitable, Callable

from slack_bolt import BoltResponse
from slack_bolt.context.async_context import AsyncBoltContext

from bot.slack.calls import Json
from bot.slack.occasions import key_of

_log = logging.getLogger(__name__)

#: Slack tells an event again for up to an hour.
REMEMBERED = 3600.0
MOST_REMEMBERED = 100_000

#: When the doorman first saw a payload, in Bolt's context.
ARRIVED = "arrived"

Next = Callable[[], Awaitable[BoltResponse]]


class Doorman:
    """Bolt's middleware before everything else, after the signature."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._app = ""
        self._clock = clock
        self._seen: dict[str, float] = {}  # in the order of time

    def knows(self, app: str) -> None:
        """Learn the id of our app; as long as nobody tells it, the app is not checked."""
        self._app = app or self._app

    # Bolt passes arguments by their names.
    async def __call__(
        self,
        body: Json,
        context: AsyncBoltContext,
        next: Next,  # noqa: A002
    ) -> BoltResponse | None:
        """Let a payload in, or answer in its place."""
        context[ARRIVED] = self._clock()
        is_ours = body.get("api_app_id") == self._app or body.get("type") == "url_verification"
        if self._app and not is_ours:
            _log.warning("A payload for another app was refused", extra={"action": "foreign_app"})
            return BoltResponse(status=403)
        key = key_of(body)
        if key and not self._is_new(key):
            return BoltResponse(status=200)
        await next()
        return None

    def _is_new(self, key: str) -> bool:
        now = self._clock()
        while self._seen:
            oldest = next(iter(self._seen))
            if now - self._seen[oldest] < REMEMBERED and len(self._seen) < MOST_REMEMBERED:
                break
            del self._seen[oldest]
        is_new = key not in self._seen
        self._seen.setdefault(key, now)
        return is_new
