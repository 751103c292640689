"""
The front door for everything that the app sends: Web API calls and posts to response URLs.

    request ─▶ record ─▶ fault? ─▶ token, limits, arguments, scope ─▶ method ─▶ answer
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any

from aiohttp import web

from bot.sandbox.slack.arguments import Arguments, read_arguments
from bot.sandbox.slack.errors import RateLimited, SlackError
from bot.sandbox.slack.faults import SLACK_ERRORS, Fault, Faults
from bot.sandbox.slack.limits import Limits
from bot.sandbox.slack.methods import METHODS
from bot.sandbox.slack.model import Json
from bot.sandbox.slack.workspace import Workspace

#: Takes the app-level token, and no other; takes both.
CONNECT, WHO = "apps.connections.open", "auth.test"


@dataclass
class Call:
    """
    One call that arrived, also one that went wrong.

    Attributes:
        method: a Web API method, or `response_url`.
        at: when it arrived, on the monotonic clock.
        args: its arguments, structures read.
        answer: what was answered; None as long as it was not, or if it was lost.

    """

    method: str
    args: Json
    at: float = field(default_factory=time.monotonic)
    answer: Any = None
    status: int | None = None


@dataclass(frozen=True)
class Reply:
    """An answer on its way."""

    body: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


class FrontDoor:
    """Records every call, lets faults happen, and sends the answer."""

    def __init__(self, workspace: Workspace) -> None:
        self.calls: list[Call] = []
        self.faults = Faults()
        self._workspace = workspace
        self._changes = workspace.changes

    async def serve(
        self, request: web.Request, method: str, perform: Callable[[Arguments], Reply]
    ) -> web.Response:
        """Take a call through the door; *perform* does it, unless a fault is in the way."""
        call = Call(method, {})
        self.calls.append(call)
        try:
            args = await read_arguments(request)
        except SlackError as error:
            return self._send(call, Reply(error.as_json()))
        call.args = args.values
        self._changes.announce()
        fault = self.faults.take(method, args.values)
        if fault is None:
            return self._send(call, perform(args))
        return await self._go_wrong(fault, request, call, lambda: perform(args))

    async def _go_wrong(
        self, fault: Fault, request: web.Request, call: Call, perform: Callable[[], Reply]
    ) -> web.Response:
        await asyncio.sleep(fault.delay)
        if fault.drop == "before":
            return _cut(request)
        reply = _error_reply(fault) if fault.answers else perform()
        if fault.drop == "after":
            self._changes.announce()
            return _cut(request)
        return self._send(call, reply)

    def _send(self, call: Call, reply: Reply) -> web.Response:
        call.answer, call.status = reply.body, reply.status
        self._changes.announce()
        headers = {"Date": formatdate(self._workspace.clock(), usegmt=True), **reply.headers}
        if isinstance(reply.body, str):
            kind = "text/html" if reply.body.startswith("<") else "text/plain"
            return web.Response(
                text=reply.body, status=reply.status, headers=headers, content_type=kind
            )
        return web.json_response(reply.body, status=reply.status, headers=headers)


class WebApi:
    """
    `/api/<method>`: checks what Slack checks before a method runs.

    Args:
        tokens: the app's bot token and app-level token as they are now.

    """

    def __init__(
        self,
        workspace: Workspace,
        door: FrontDoor,
        *,
        tokens: Callable[[], tuple[str, str]],
        limits: Limits | None,
        connect: Callable[[], str],
    ) -> None:
        self._workspace = workspace
        self._door = door
        self._tokens = tokens
        self._limits = limits
        self._connect = connect

    async def handle(self, request: web.Request) -> web.Response:
        """Answer one call."""
        method = request.match_info["method"]
        bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")

        def perform(args: Arguments) -> Reply:
            try:
                token = bearer or args.text("token")
                return self._reply({"ok": True, **self._run(method, token, args)})
            except RateLimited as error:
                return Reply(error.as_json(), 429, {"Retry-After": str(error.seconds)})
            except SlackError as error:
                return self._reply(error.as_json())

        return await self._door.serve(request, method, perform)

    def _reply(self, body: Json) -> Reply:
        return Reply(body, headers={"x-oauth-scopes": ",".join(sorted(self._workspace.scopes))})

    def _run(self, method: str, token: str, args: Arguments) -> Json:
        if method not in METHODS and method != CONNECT:
            raise SlackError("unknown_method", req_method=method)
        self._check_token(method, token)
        channel = self._workspace.channel_id(args.text("channel"))
        if self._limits and (seconds := self._limits.admit(method, channel)):
            raise RateLimited(seconds)
        if method == CONNECT:
            return {"url": self._connect()}
        if missing := [name for name in METHODS[method].needs.split() if not args.has(name)]:
            raise SlackError(
                "invalid_arguments", *(f"missing required field: {name}" for name in missing)
            )
        if method == WHO and token == self._tokens()[1]:
            return {"app_id": self._workspace.app.id, "app_name": self._workspace.app.name}
        self._workspace.ensure_scopes(METHODS[method].scopes)
        return METHODS[method].run(self._workspace, args)

    def _check_token(self, method: str, token: str) -> None:
        if method in METHODS and METHODS[method].public:
            return
        if not token:
            raise SlackError("not_authed")
        if token not in (tokens := self._tokens()):
            raise SlackError("invalid_auth")
        if method != WHO and (token == tokens[1]) != (method == CONNECT):
            raise SlackError("not_allowed_token_type")


def _cut(request: web.Request) -> web.Response:
    """Cut the connection; what is returned goes nowhere."""
    if request.transport:
        request.transport.abort()
    return web.Response()


def _error_reply(fault: Fault) -> Reply:
    status = fault.http_status or 200
    headers = {"Retry-After": fault.retry_after} if fault.retry_after is not None else {}
    error = fault.error or SLACK_ERRORS.get(status)
    if error is None:
        return Reply(f"<html><body><h1>{status}</h1></body></html>", status, headers)
    return Reply({"ok": False, "error": error}, status, headers)
