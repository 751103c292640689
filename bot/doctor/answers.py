"""Answers of the API server, as plain data."""

import json
from typing import Any

from bot.cluster.clients import Request
from bot.cluster.connect import Connection
from bot.cluster.refusals import Ask
from bot.release.errors import Unreachable

#: What to do where the server does not answer one question, and answers others.
AGAIN = "look at the log of the API server, then run me again"


async def answer_to(connection: Connection, request: Request) -> dict[str, Any]:
    """Send a request. Raises Refusal: also where the answer is none of an API server."""
    body = await connection.request(request)
    try:
        found = json.loads(body)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Unreachable("What answers is no API server: is there a proxy between?")
    return found


async def get(connection: Connection, path: str, ask: Ask, **query: str) -> dict[str, Any]:
    """Read what is at a path. Raises Refusal."""
    request = Request(method="GET", path=path, ask=ask, query=query)
    return await answer_to(connection, request)
