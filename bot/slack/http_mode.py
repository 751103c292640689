"""
HTTP mode: one address that takes Slack's signed requests, and nothing else.

Bolt checks the signature; what it would stumble over or wave through is kept from it.
"""

import logging

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncApp

_log = logging.getLogger(__name__)

PATH = "/slack/events"
LARGEST_BODY = 2**20


class HttpMode:
    """Listens for Slack."""

    def __init__(self, app: AsyncApp, listen: str) -> None:
        host, _, port = listen.rpartition(":")
        self._app = app
        self._host = host.strip("[]") or None
        self._port = int(port)
        served = web.Application(client_max_size=LARGEST_BODY)
        served.router.add_post(PATH, self._take)
        self._runner = web.AppRunner(served, access_log=None, shutdown_timeout=2.0)

    @property
    def is_connected(self) -> bool:
        """Whether it listens."""
        return bool(self._runner.addresses)

    @property
    def port(self) -> int:
        """Where it listens, also if the system chose."""
        return int(self._runner.addresses[0][1]) if self._runner.addresses else self._port

    async def start(self) -> None:
        """Listen; raises OSError if somebody else does."""
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self._port).start()

    async def stop(self) -> None:
        """Listen no more; what is under way is answered."""
        await self._runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        moment = request.headers.get("X-Slack-Request-Timestamp", "")
        if not (moment.isascii() and moment.isdecimal()):  # Bolt would answer with a traceback
            return web.Response(status=401)
        try:
            asked = await to_bolt_request(request)
        except ValueError:  # not UTF-8, or not JSON
            return web.Response(status=400)
        return await to_aiohttp_response(await self._app.async_dispatch(asked))
