"""The door to the API server: it writes down what is written, and looks at the ledger meanwhile."""

import json
import sqlite3
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from tests.faults.doors import Door, Failing, abort, kept
from tests.faults.history import History, Write


class ClusterDoor(Door):
    """
    The door to the API server.

    Args:
        target: its address.
        history: where writes are written down.
        replica: whose door it is.
        ledger: the bot's SQLite file, looked at when a write arrives.

    """

    def __init__(
        self, target: str, history: History, replica: str, ledger: Path | None = None
    ) -> None:
        super().__init__(target, history, replica)
        self._ledger = ledger

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """See `Door`."""
        name, query = f"{request.method} {request.path}", dict(request.query)
        body = await request.read()
        began, audited = time.monotonic(), self._audited(request)
        failing = self.struck(name, query)
        if failing is not None:
            await self.delayed(failing.delay)
            if failing.drop == "before":
                failing.hit()
                self._write(request, body, began, 0, audited)
                return abort(request)
            if failing.status:
                failing.hit()
                self._write(request, body, began, failing.status, audited)
                return web.Response(
                    status=failing.status, body=failing.body, headers=failing.headers or {}
                )
        return await self._pass(request, body, failing, began, audited)

    async def _pass(
        self,
        request: web.Request,
        body: bytes,
        failing: Failing | None,
        began: float,
        audited: int,
    ) -> web.StreamResponse:
        state = self.history.latest(_key(request.path)) if "/rollouts/" in request.path else None
        async with self.session.request(
            request.method,
            f"{self.target}{request.path_qs}",
            data=body or None,
            headers=self.forwarded(request),
        ) as answer:
            if request.method != "GET":
                content = await answer.read()
                self._write(request, body, began, answer.status, audited, state)
                if failing is not None and failing.drop == "after":
                    failing.hit()
                    return abort(request)
                return web.Response(status=answer.status, body=content, headers=kept(answer))
            return await self._stream(request, answer, failing)

    async def _stream(
        self, request: web.Request, answer: aiohttp.ClientResponse, failing: Failing | None
    ) -> web.StreamResponse:
        response = web.StreamResponse(status=answer.status, headers=kept(answer))
        await response.prepare(request)
        left = failing.pass_first if failing is not None else -1
        async for piece in answer.content.iter_any():
            await self.passing.wait()
            if 0 <= left < len(piece):
                await response.write(piece[:left])
                if failing is not None:
                    failing.hit()
                return abort(request)
            left -= len(piece) if left >= 0 else 0
            await response.write(piece)
        return response

    def _write(
        self,
        request: web.Request,
        body: bytes,
        began: float,
        status: int,
        audited: int,
        before: Any = None,
    ) -> None:
        if request.method == "GET" or "/selfsubject" in request.path:
            return
        with suppress(ValueError):
            body = json.loads(body)
        self.history.writes.append(
            Write(
                at=began,
                ended=time.monotonic(),
                replica=self.replica,
                method=request.method,
                path=request.path,
                body=body,
                status=status,
                before=before,
                audited=audited,
            )
        )

    def _audited(self, request: web.Request) -> int:
        """Count the entries about this rollout that stand in the ledger now."""
        if self._ledger is None or request.method != "PATCH" or "/rollouts/" not in request.path:
            return -1
        namespace, _, name = _key(request.path).partition("/")
        question = "select count(*) from ledger where namespace = ? and name = ?"
        try:
            with closing(sqlite3.connect(f"file:{self._ledger}?mode=ro", uri=True)) as database:
                return int(database.execute(question, (namespace, name)).fetchone()[0])
        except sqlite3.Error:
            return -1


def _key(path: str) -> str:
    parts = path.split("/")
    if "rollouts" not in parts or len(parts) <= parts.index("rollouts") + 1:
        return ""
    return f"{parts[parts.index('namespaces') + 1]}/{parts[parts.index('rollouts') + 1]}"
