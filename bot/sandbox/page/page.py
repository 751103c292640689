"""
The page as routes on a local Slack.

    slack = LocalSlack(port=8080)
    Page(slack, cluster, verbs={"help": "this"}, roles={"U0ANN": "on call, may act"})
    await slack.start()        # then http://127.0.0.1:8080/?as=U0ANN
"""

from collections.abc import Mapping

from aiohttp import web

from bot.sandbox.page import files, guard, levers, picture
from bot.sandbox.page.deeds import Deeds
from bot.sandbox.page.frames import LARGEST
from bot.sandbox.page.notices import Notices
from bot.sandbox.page.ports import Cluster, Json
from bot.sandbox.page.visit import Visit
from bot.sandbox.slack import LocalSlack
from bot.sandbox.slack.people import Person

#: Why a WebSocket is closed for good: there is no such person.
NOBODY = 4004
HEARTBEAT = 20.0


class Page:
    """
    Serves the page, its files and its WebSockets; made before the local Slack starts.

    Args:
        slack: whose people, channels and messages are shown.
        cluster: what is shown beside them.
        command: the slash command of the app; any other is answered by Slackbot.
        verbs: what the box completes, each with what is said of it.
        roles: a word or two on each person, by id.

    """

    def __init__(
        self,
        slack: LocalSlack,
        cluster: Cluster,
        *,
        command: str = "/rollout",
        verbs: Mapping[str, str] | None = None,
        roles: Mapping[str, str] | None = None,
    ) -> None:
        self._slack = slack
        self._cluster = cluster
        self._command = command
        self._verbs = dict(verbs or {})
        self._roles = dict(roles or {})
        self._notices = Notices(slack.workspace)
        self._deeds = Deeds(slack, cluster, self._notices, command=command)
        self._sockets: set[web.WebSocketResponse] = set()
        slack.web.router.add_get("/", self._index)
        slack.web.router.add_get("/static/{name:.+}", self._file)
        slack.web.router.add_get("/live", self._live)
        slack.web.on_shutdown.append(self._close)

    def url(self, person: str) -> str:
        """Where somebody finds the page, once the local Slack has started."""
        return f"{self._slack.url}?as={person}"

    # --- files ----------------------------------------------------------------------------------

    async def _index(self, request: web.Request) -> web.Response:
        return self._send(request, files.INDEX)

    async def _file(self, request: web.Request) -> web.Response:
        return self._send(request, request.match_info["name"])

    @staticmethod
    def _send(request: web.Request, name: str) -> web.Response:
        guard.check(request)
        headers = guard.headers(request)
        found = files.read(name)
        if found is None:
            return web.Response(text="There is no such file.\n", status=404, headers=headers)
        text, kind = found
        return web.Response(text=text, content_type=kind, charset="utf-8", headers=headers)

    # --- the WebSocket --------------------------------------------------------------------------

    async def _live(self, request: web.Request) -> web.StreamResponse:
        guard.check(request)
        socket = web.WebSocketResponse(heartbeat=HEARTBEAT, max_msg_size=LARGEST)
        await socket.prepare(request)
        self._sockets.add(socket)
        try:
            await self._welcome(socket, request.query.get("as", ""))
        finally:
            self._sockets.discard(socket)
        return socket

    async def _welcome(self, socket: web.WebSocketResponse, wanted: str) -> None:
        """Serve somebody; a browser cannot read why a WebSocket was refused, so it is told."""
        people = self._people()
        if not wanted and people:
            wanted = next(iter(people))
        if wanted not in people:
            text = f"There is nobody called {wanted} in this sandbox."
            await socket.send_json({"type": "nobody", "text": text, "people": people})
            await socket.close(code=NOBODY)
            return
        person = self._slack.person(wanted)
        self._slack.workspace.direct_channel(wanted)  # as Slack shows it before anybody wrote
        visit = Visit(
            socket,
            person,
            look=lambda: self._picture(person),
            changes=self._slack.workspace.changes,
            cluster=self._cluster,
            deeds=self._deeds,
        )
        await visit.serve(self._greeting(person))

    def _picture(self, person: Person) -> picture.Picture:
        return picture.draw(self._slack.workspace, person.id, self._notices, self._roles)

    def _people(self) -> dict[str, str]:
        """Who can be played: everybody who is no bot."""
        users = self._slack.workspace.users.values()
        return {user.id: user.name for user in users if not (user.is_bot or user.deleted)}

    def _greeting(self, person: Person) -> Json:
        return {
            "type": "hello",
            "you": person.id,
            "command": self._command,
            "verbs": self._verbs,
            "levers": levers.as_json(),
        }

    async def _close(self, _app: web.Application) -> None:
        for socket in list(self._sockets):
            await socket.close(code=1001)
