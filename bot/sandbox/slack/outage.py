"""Slack and the app cannot reach each other: connections are cut, new ones too."""

from collections.abc import Awaitable, Callable

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

#: where the app comes in; the page of a person is not cut off
_OF_THE_APP = ("/api/", "/response/", "/link")


class Outage:
    """While it lasts, no request of the app is answered."""

    def __init__(self) -> None:
        self.lasts = False

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Cut the connection of the app, instead of an answer."""
        if self.lasts and request.path.startswith(_OF_THE_APP):
            if request.transport is not None:
                request.transport.abort()
            raise web.HTTPServiceUnavailable
        return await handler(request)
