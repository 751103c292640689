"""What an API server, or the line to it, does wrong: answers instead of the right one."""

import asyncio
from typing import Any

from aiohttp import web

from tests.clusterroom.apiserver import Fault, as_line, status


def says(code: int, message: str = "", headers: dict[str, str] | None = None, **more: Any) -> Fault:
    """This status, with a `Status` object."""

    async def answer(_: web.Request) -> web.StreamResponse:
        return status(code, message, headers, **more)

    return answer


def forbids(verb: str, resource: str) -> Fault:
    """403 in the words of RBAC."""
    return says(403, f'{resource} is forbidden: User "bot" cannot {verb} resource "{resource}"')


def body(code: int, content: bytes) -> Fault:
    """These bytes."""

    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(status=code, body=content)

    return answer


async def hangs(_: web.Request) -> web.StreamResponse:
    """No answer at all, as long as the client stays."""
    await asyncio.Event().wait()
    raise AssertionError


async def drops(request: web.Request) -> web.StreamResponse:
    """The connection breaks before the answer."""
    assert request.transport is not None
    request.transport.close()
    return web.Response()


def streams(*pieces: bytes, then: str = "ends") -> Fault:
    """
    A watch that sends these bytes, each in a piece of its own.

    Then it *ends* as it should, is *cut* off within the HTTP chunk, or stays open and *silent*.
    """

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for piece in pieces:
            await response.write(piece)
            await asyncio.sleep(0)
        if then == "silent":
            await asyncio.Event().wait()
        if then == "cut":
            assert request.transport is not None
            request.transport.close()
        return response

    return answer


def refuses_in_stream(code: int, message: str = "", **more: Any) -> Fault:
    """A watch that begins well, and then says that it cannot."""
    error = {"kind": "Status", "code": code, "message": message, **more}
    return streams(as_line({"type": "ERROR", "object": error}))
