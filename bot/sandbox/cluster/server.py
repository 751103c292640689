"""The server: `LocalCluster`."""

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable
from email.utils import formatdate
from pathlib import Path
from typing import Any, Self

from aiohttp import web

from bot.sandbox.cluster import errors, watching
from bot.sandbox.cluster.answers import JSON, Answer, Desk, NoPage, in_place
from bot.sandbox.cluster.calls import Call, User, parts_of, verb_of
from bot.sandbox.cluster.keeping import Housekeeping
from bot.sandbox.cluster.kinds import Kind
from bot.sandbox.cluster.people import People, settle
from bot.sandbox.cluster.rights import Rights
from bot.sandbox.cluster.store import Store
from bot.sandbox.cluster.texts import text_of

_LOOPBACK = "127.0.0.1"
_LARGEST_BODY = 3 * 1024 * 1024
_PLAIN = "text/plain; charset=utf-8"
_AS = "/as/"  #: the token follows, and then the path
_ADMIN = User(name="admin", groups=("system:masters",))
#: answers instead of the server, once; None: it lets the server answer
Fault = Callable[[web.BaseRequest], Awaitable[web.StreamResponse | None]]


class LocalCluster:
    """
    The API server. Use it as an async context manager.

    Args:
        store: what is in the cluster; None: a new one.
        port: where to listen on this machine; 0: wherever there is room.
        keeps_house: whether it clears up and serves new kinds, as controllers of a real one do.

    Attributes:
        store: what is in the cluster; controllers write there.
        people: who has which token; `admin` may everything.
        watches: how many watches of each plural are open.
        faults: they answer the next requests, one each, the first one first.

    """

    def __init__(
        self, store: Store | None = None, *, port: int = 0, keeps_house: bool = True
    ) -> None:
        self.store = store or Store()
        self.people = People()
        self.people.add(_ADMIN)
        self.watches: Counter[str] = Counter()
        self.faults: list[Fault] = []
        self.port = port
        self._rights = Rights(self.store)
        self._desk = Desk(self.store, self._rights)
        self._keeping = Housekeeping(self.store) if keeps_house else None
        self._runner: web.ServerRunner | None = None
        self._server: web.Server | None = None
        self._cut = asyncio.Event()
        if not self.store.version > 1:
            settle(self.store)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def url(self) -> str:
        """Where it listens, also while it is cut off."""
        return f"http://{_LOOPBACK}:{self.port}"

    @property
    def is_cut(self) -> bool:
        """Whether nobody is answered."""
        return self._runner is None

    async def start(self) -> None:
        """Begin to listen, and to keep house. Raises OSError when the port is taken."""
        await self.mend()
        if self._keeping is not None:
            self._keeping.start()

    async def stop(self) -> None:
        """End everything."""
        if self._keeping is not None:
            await self._keeping.stop()
        await self.cut()

    async def cut(self) -> None:
        """Stop listening and break all connections; what is in the cluster stays."""
        self._cut.set()
        if self._server is not None:
            for connection in list(self._server.connections):
                if connection.transport is not None:
                    connection.transport.abort()
        if self._runner is not None:
            await self._runner.cleanup()
        self._runner = self._server = None

    async def mend(self) -> None:
        """Listen again, at the same port as before."""
        if self._runner is not None:
            return
        self._cut = asyncio.Event()
        self._server = web.Server(
            self._handle, request_factory=_request, handler_cancellation=True, access_log=None
        )
        self._runner = web.ServerRunner(self._server, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, _LOOPBACK, self.port, reuse_address=True).start()
        self.port = self._runner.addresses[0][1]

    def expire(self, kind: Kind) -> None:
        """Forget what happened to a kind: all versions that anybody knows are too old now (410)."""
        self.store.version += 1  # as by a write of something else
        self.store.shelf(kind).forget(self.store.version)
        self.store.shelf(kind).ring()

    def kubeconfig(self, user: str, path: Path, *, for_kubectl: bool = False) -> Path:
        """
        Write a kubeconfig of this user. Raises KeyError for one whom nobody let in.

        kubectl shows no token where there is no TLS: *for_kubectl* puts it into the address.
        """
        token = self.people.token(user)
        server = f"{self.url}{_AS}{token}" if for_kubectl else self.url
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "sandbox",
            "clusters": [{"name": "sandbox", "cluster": {"server": server}}],
            "users": [{"name": user, "user": {"token": token}}],
            "contexts": [{"name": "sandbox", "context": {"cluster": "sandbox", "user": user}}],
        }
        path.write_text(json.dumps(config, indent=1))  # JSON is YAML too
        return path

    # --- answering ------------------------------------------------------------------------------

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        if self.faults and (answer := await self.faults.pop(0)(request)) is not None:
            return answer
        try:
            call = await self._read(request)
            self._rights.ensure(call)
            if call.verb == "watch" and call.plural:
                return await self._watch(request, call)
            return self._response(self._desk.answer(call))
        except NoPage as missing:
            text = f"{missing.message}\n".encode()
            return self._response(Answer(body=text, status=404, content_type=_PLAIN))
        except errors.Refused as refused:
            body = text_of(refused.body())
            return self._response(Answer(body=body, status=refused.code))

    def _response(self, answer: Answer) -> web.Response:
        date = formatdate(self.store.clock(), usegmt=True)
        headers = {"Content-Type": answer.content_type, "Date": date}
        return web.Response(body=answer.body, status=answer.status, headers=headers)

    async def _read(self, request: web.BaseRequest) -> Call:
        """Read the request. Raises Unauthorized, TooLarge."""
        headers, query = request.headers, dict(request.rel_url.query)
        path, shown = request.rel_url.raw_path, headers.get("Authorization", "")
        if path.startswith(_AS):
            token, _, rest = path.removeprefix(_AS).partition("/")
            path, shown = f"/{rest}", f"Bearer {token}"
        parts = parts_of(path)
        try:
            body = await request.read() if request.body_exists else b""
        except web.HTTPRequestEntityTooLarge as error:
            raise errors.TooLarge(f"limit is {_LARGEST_BODY}") from error
        return Call(
            method=request.method,
            path=path,
            verb=verb_of(request.method, parts.get("name", ""), query),
            user=self.people.who(shown),
            query=query,
            content_type=headers.get("Content-Type", ""),
            agent=headers.get("User-Agent", ""),
            body=body,
            **parts,
        )

    async def _watch(self, request: web.BaseRequest, call: Call) -> web.StreamResponse:
        kind = self._desk.kind_of(call)
        wanted = watching.listener(kind, in_place(kind, call))
        response = web.StreamResponse(headers={"Content-Type": JSON})
        await response.prepare(request)
        self.watches[kind.plural] += 1
        try:
            async for lines in watching.lines(self.store, wanted, self._cut):
                if lines:
                    await response.write(lines)
        except ConnectionResetError:
            pass  # whoever watched has gone
        finally:
            self.watches[kind.plural] -= 1
        return response


def _request(
    message: Any, payload: Any, protocol: Any, writer: Any, task: asyncio.Task[None]
) -> web.BaseRequest:
    """Make a request that may be as large as the real server takes it."""
    loop = asyncio.get_running_loop()
    return web.BaseRequest(
        message, payload, protocol, writer, task, loop, client_max_size=_LARGEST_BODY
    )
