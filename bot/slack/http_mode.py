"""
HTTP mode: one address that takes Slack's signed requests, and nothing else.

    connection ─gate─▶ path, method, size ─▶ signature ─▶ seen before? ─▶ parsed ─▶ Bolt

Nothing is parsed before the signature is known to be right, and no request counts twice: Bolt would
take the same one again for five minutes.
"""

import json
import logging
import time
from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import parse_qsl

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response

from bot.gate import Gate, Patience
from bot.slack.entrance import Entrance
from bot.slack.signatures import FRESH, Signatures

_log = logging.getLogger(__name__)

PATH = "/slack/events"
LARGEST_BODY = 2**20
JSON = "application/json"
TYPES = frozenset({JSON, "application/x-www-form-urlencoded"})
MOST_FIELDS = 100
REMEMBERED = 2.0 * FRESH
MOST_REMEMBERED = 50_000


class Seen:
    """Signatures that were used, for ten minutes."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._used: dict[str, float] = {}  # in the order of time

    def use(self, signature: str) -> bool:
        """Use a signature that is right; False: it was used before."""
        now = self._clock()
        while self._used:
            oldest = next(iter(self._used))
            if now - self._used[oldest] < REMEMBERED and len(self._used) < MOST_REMEMBERED:
                break
            del self._used[oldest]
        is_new = signature not in self._used
        self._used.setdefault(signature, now)
        return is_new


class HttpMode:
    """Listens for Slack."""

    def __init__(
        self,
        entrance: Entrance,
        listen: str,
        signatures: Signatures,
        *,
        patience: Patience | None = None,
    ) -> None:
        host, _, port = listen.rpartition(":")
        self._entrance = entrance
        self._host = host.strip("[]") or None
        self._port = int(port)
        self._signatures = signatures
        self._seen = Seen()
        self._gate = Gate(patience)
        served = web.Application(client_max_size=LARGEST_BODY, middlewares=[self._gate.middleware])
        served.router.add_post(PATH, self._take)
        self._runner = web.AppRunner(
            served, access_log=None, shutdown_timeout=2.0, lingering_time=1.0
        )

    @property
    def is_connected(self) -> bool:
        """Whether it listens."""
        return self._gate.address is not None

    @property
    def port(self) -> int:
        """Where it listens, also if the system chose."""
        return self._gate.address[1] if self._gate.address else self._port

    async def start(self) -> None:
        """Listen; raises OSError if somebody else does."""
        await self._runner.setup()
        await self._gate.open(self._runner, self._host, self._port)

    async def stop(self) -> None:
        """Listen no more; what is under way is answered."""
        self._gate.close()
        await self._runner.cleanup()

    async def _take(self, request: web.Request) -> web.StreamResponse:
        if request.content_type not in TYPES:
            return web.Response(status=HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
        body = await request.read()
        signature = request.headers.get("X-Slack-Signature", "")
        moment = request.headers.get("X-Slack-Request-Timestamp", "")
        if not self._signatures.are_right(body, moment, signature):
            return web.Response(status=HTTPStatus.UNAUTHORIZED)
        if not self._seen.use(signature):
            # Slack itself may send an event again within the same second: this satisfies it
            _log.warning("A request was replayed", extra={"action": "replayed"})
            return web.Response()
        try:
            payload = parsed(request.content_type, body)
        except (ValueError, RecursionError):
            return web.Response(status=HTTPStatus.BAD_REQUEST)
        return await to_aiohttp_response(await self._entrance.take(payload))


def parsed(kind: str, body: bytes) -> object:
    """
    Read a body: JSON, or a form, or a form with JSON in its `payload`.

    Bolt's own way takes any form in which the word "payload" stands for one with JSON in it: the
    command `status payload-api` would have no text.

    Raises:
        ValueError, RecursionError: it cannot be read.

    """
    if kind == JSON:
        return json.loads(body)
    form = dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS))
    return json.loads(form["payload"]) if "payload" in form else form
