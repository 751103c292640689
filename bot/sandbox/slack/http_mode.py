"""
HTTP mode: payloads as signed requests to the app's own URL.

docs.slack.dev/authentication/verifying-requests-from-slack: v0=HMAC-SHA256 over version, time and
raw body. Forms for commands and interactions, JSON for events.
"""

import hashlib
import hmac
import json
import time
from http import HTTPStatus
from urllib.parse import urlencode

import aiohttp

from bot.sandbox.slack.delivery import Delivery
from bot.sandbox.slack.errors import NoAck, NoApp
from bot.sandbox.slack.model import Json


def signed(secret: str, body: bytes, *, at: float | None = None) -> dict[str, str]:
    """The headers with which Slack proves that a body is its own."""
    moment = str(int(time.time() if at is None else at))
    base = b"v0:" + moment.encode() + b":" + body
    digest = hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": moment, "X-Slack-Signature": f"v0={digest}"}


def written(delivery: Delivery) -> tuple[str, bytes]:
    """Content type and body of the request that carries a delivery."""
    if delivery.kind == "events_api":
        return "application/json", json.dumps(delivery.payload).encode()
    fields = delivery.payload
    if delivery.kind == "interactive":
        fields = {"payload": json.dumps(delivery.payload)}
    return "application/x-www-form-urlencoded", urlencode(fields).encode()


class HttpMode:
    """Brings deliveries to one URL."""

    def __init__(self, url: str, signing_secret: str, *, ack_deadline: float) -> None:
        self._url = url
        self._secret = signing_secret
        self._deadline = ack_deadline

    async def bring(self, delivery: Delivery) -> None:
        """Bring a payload; anything but a 200 in time is no acknowledgement."""
        await self.send(delivery)
        if delivery.status != HTTPStatus.OK:
            raise NoAck(f"{delivery.kind}: the app answered HTTP {delivery.status}")
        delivery.acknowledge(delivery.answer)

    async def send(self, delivery: Delivery, headers: dict[str, str] | None = None) -> None:
        """Send the request, with *headers* over or beside the signed ones; any answer is kept."""
        kind, body = written(delivery)
        sent = {"Content-Type": kind, **signed(self._secret, body), **_retry(delivery)}
        timeout = aiohttp.ClientTimeout(total=self._deadline)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.post(self._url, data=body, headers=sent | (headers or {})) as response,
            ):
                delivery.answer = _answer(response.content_type, await response.text())
                delivery.status = response.status
        except TimeoutError as error:
            raise NoAck(f"{delivery.kind}: no answer in {self._deadline} s") from error
        except aiohttp.ClientConnectionError as error:
            raise NoApp(f"nobody answers at {self._url}") from error


def _answer(kind: str, body: str) -> Json | None:
    if not body:
        return None
    found = json.loads(body) if kind == "application/json" else {"text": body}
    return found if isinstance(found, dict) and found else None


def _retry(delivery: Delivery) -> dict[str, str]:
    if delivery.retry is None:
        return {}
    attempt, reason = delivery.retry
    return {"X-Slack-Retry-Num": str(attempt), "X-Slack-Retry-Reason": reason}
