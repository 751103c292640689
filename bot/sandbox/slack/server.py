"""
The local Slack as one thing: start it, point the bot at it, break it, wait for it.

    async with LocalSlack() as slack:
        ann = slack.add_person("U0ANN", "ann")
        slack.add_channel("C0RELEASES", "releases", members=[ann.id])
        …start the bot with SLACK_API_URL=slack.api_url…
        await slack.connected()
        await ann.types("/rollout status shop/api", channel="C0RELEASES")
"""

import asyncio
import time
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any, Self, TypeVar

from aiohttp import web

from bot.sandbox.slack.delivery import Delivery, Kind, Way
from bot.sandbox.slack.errors import NeverHappened
from bot.sandbox.slack.faults import Drop, Fault
from bot.sandbox.slack.http_mode import HttpMode
from bot.sandbox.slack.limits import Limits
from bot.sandbox.slack.model import Channel, Json, Message, User, UserGroup
from bot.sandbox.slack.outage import Outage
from bot.sandbox.slack.payloads import Payloads
from bot.sandbox.slack.people import Person
from bot.sandbox.slack.responses import Responses
from bot.sandbox.slack.room import Room
from bot.sandbox.slack.socket import SocketMode
from bot.sandbox.slack.story import story
from bot.sandbox.slack.webapi import Call, FrontDoor, WebApi
from bot.sandbox.slack.workspace import Clock, Workspace

T = TypeVar("T")

HOST = "127.0.0.1"
LARGEST_BODY = 4 * 2**20


class LocalSlack:
    """
    A Slack on loopback, with one workspace.

    Attributes:
        workspace: what it remembers.
        calls, deliveries: what arrived at Web API and response_urls; what was brought to the app.
        socket: the Socket Mode links; disconnect, drop and mute them here.
        web: the aiohttp application, for more routes (a page) before it starts.
        bot_token, app_token: what it takes; a new one takes the place of the old one at once.

    """

    bot_token = "xoxb-sandbox-bot"  # noqa: S105 - opens nothing but this sandbox
    app_token = "xapp-sandbox-app"  # noqa: S105 - the same
    signing_secret = "sandbox-signing-secret"  # noqa: S105 - the same

    def __init__(
        self,
        *,
        port: int = 0,
        limits: bool = False,
        clock: Clock = time.time,
        ack_deadline: float = 3.0,
    ) -> None:
        self.workspace = Workspace(clock=clock)
        self.deliveries: list[Delivery] = []
        self.socket = SocketMode(
            self.workspace.app.id, self.workspace.changes, ack_deadline=ack_deadline
        )
        self._outage = Outage()
        self.web = web.Application(
            client_max_size=LARGEST_BODY, middlewares=[self._outage.middleware]
        )
        self._port = port
        self._deadline = ack_deadline
        self._way: Way = self.socket
        self._people: dict[str, Person] = {}
        self._door = FrontDoor(self.workspace)
        counted = Limits(clock) if limits else None
        self._responses = Responses(self.workspace, self._door, counted)
        self._add_routes(counted)
        self._runner = web.AppRunner(self.web, shutdown_timeout=0.1, access_log=None)

    def _add_routes(self, limits: Limits | None) -> None:
        api = WebApi(
            self.workspace,
            self._door,
            tokens=lambda: (self.bot_token, self.app_token),
            limits=limits,
            connect=lambda: f"ws://{HOST}:{self._port}/link?ticket={self.socket.ticket()}",
        )
        for verb in ("GET", "POST"):
            self.web.router.add_route(verb, "/api/{method}", api.handle)
        self.web.router.add_post("/response/{key}", self._responses.handle)
        self.web.router.add_get("/link", self.socket.accept)

    # --- running --------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        """Where it is, with a slash at the end."""
        return self.workspace.url

    @property
    def api_url(self) -> str:
        """What SLACK_API_URL must be."""
        return f"{self.url}api/"

    async def start(self) -> Self:
        """Listen."""
        await self._runner.setup()
        site = web.TCPSite(self._runner, HOST, self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]
        self.workspace.url = f"http://{HOST}:{self._port}/"
        return self

    async def stop(self) -> None:
        """Cut all links and listen no more."""
        self.socket.drop()
        await self._runner.cleanup()

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    # --- who and where --------------------------------------------------------------------------

    def add_person(self, user_id: str, name: str, **details: Any) -> Person:
        """Let somebody join, or be known differently; *details* are fields of User."""
        fields = {"team_id": self.workspace.id, **details}
        self.workspace.add_user(User(id=user_id, name=name, **fields))
        return self.person(user_id)

    def person(self, user_id: str) -> Person:
        """Somebody who has joined."""
        self.workspace.user(user_id)
        return self._people.setdefault(
            user_id, Person(user_id, self.workspace, self._responses, self.deliver)
        )

    def add_channel(
        self,
        channel_id: str,
        name: str,
        *,
        members: Iterable[str] = (),
        is_private: bool = False,
        with_app: bool = True,
    ) -> Room:
        """Make a channel, with the app in it unless told otherwise."""
        app = [self.workspace.app.user] if with_app else []
        channel = Channel(id=channel_id, name=name, members=[*app, *members], is_private=is_private)
        return Room(self.workspace, self.workspace.add_channel(channel))

    def channel(self, channel_id: str) -> Room:
        """A channel as people see it now."""
        return Room(self.workspace, self.workspace.channels[channel_id])

    def add_group(self, group_id: str, handle: str, users: Iterable[str]) -> None:
        """Make a user group, or change who is in it."""
        self.workspace.add_group(UserGroup(id=group_id, handle=handle, users=tuple(users)))

    def current(self, message: Message) -> Message | None:
        """What a message looks like now; None once it is gone."""
        if message.seen_by:
            return next((m for m in self.workspace.ephemerals if m.ts == message.ts), None)
        return self.channel(message.channel).message(message.ts)

    # --- to the app -----------------------------------------------------------------------------

    async def deliver(
        self, kind: Kind, payload: Json, *, retry: tuple[int, str] | None = None
    ) -> Delivery:
        """Bring a payload to the app and wait for its acknowledgement; raises Unanswered."""
        delivery = Delivery(
            kind=kind, payload=payload, accepts_answer=kind != "events_api", retry=retry
        )
        self.deliveries.append(delivery)
        await self._way.bring(delivery)
        self.workspace.changes.announce()
        return delivery

    async def tell(self, event: Json) -> Delivery:
        """Bring an event of any type to the app."""
        payload = Payloads(self.workspace, self._responses).event(event)
        return await self.deliver("events_api", payload)

    async def tell_again(
        self, delivery: Delivery, *, attempt: int = 1, reason: str = "http_timeout"
    ) -> Delivery:
        """Bring the same payload again, as Slack does with events: new envelope, same event_id."""
        return await self.deliver(delivery.kind, delivery.payload, retry=(attempt, reason))

    def use_http(self, url: str, signing_secret: str | None = None) -> None:
        """From now on bring everything as signed requests to this URL."""
        secret = self.signing_secret if signing_secret is None else signing_secret
        self._way = HttpMode(url, secret, ack_deadline=self._deadline)

    async def post_to(
        self,
        url: str,
        signing_secret: str,
        kind: Kind,
        payload: Json,
        *,
        headers: dict[str, str] | None = None,
    ) -> Delivery:
        """Send one signed request, keep whatever is answered; *headers* replace the true ones."""
        delivery = Delivery(kind=kind, payload=payload)
        self.deliveries.append(delivery)
        await HttpMode(url, signing_secret, ack_deadline=self._deadline).send(delivery, headers)
        return delivery

    # --- from the app ---------------------------------------------------------------------------

    @property
    def calls(self) -> list[Call]:
        """Every call that arrived, in order."""
        return self._door.calls

    def called(self, method: str) -> list[Call]:
        """The calls of one method, in order."""
        return [call for call in self.calls if call.method == method]

    def fail_next(
        self,
        method: str,
        *,
        http_status: int | None = None,
        error: str | None = None,
        retry_after: str | None = None,
        drop: Drop | None = None,
        delay: float = 0.0,
        times: float = 1,
        where: Callable[[Json], bool] = lambda _: True,
    ) -> None:
        """Let the next calls of a method (or `response_url`) go wrong; see faults.Fault."""
        self._door.faults.add(
            Fault(
                method=method,
                http_status=http_status,
                error=error,
                retry_after=retry_after,
                drop=drop,
                delay=delay,
                times=times,
                where=where,
            )
        )

    @property
    def is_cut(self) -> bool:
        """Whether the app is cut off."""
        return self._outage.lasts

    def cut(self) -> None:
        """Cut the app off, both ways, until `mend`."""
        self._outage.lasts = True
        self.socket.drop()

    def mend(self) -> None:
        """Let the app in again."""
        self._outage.lasts = False

    def heal(self) -> None:
        """Forget all faults that have not happened yet."""
        self._door.faults.clear()

    # --- waiting --------------------------------------------------------------------------------

    async def until(
        self,
        condition: Callable[[], T],
        what: str = "it",
        *,
        timeout: float = 10,  # noqa: ASYNC109
    ) -> T:
        """Wait until the condition is true, and give what it gave; looks again at every change."""
        try:
            async with asyncio.timeout(timeout):
                while not (found := condition()):
                    await self.workspace.changes.wait()
                return found
        except TimeoutError:
            told = story(self.workspace, self.calls)
            raise NeverHappened(f"{what}: not in {timeout} s\n{told}") from None

    async def connected(self, links: int = 1) -> None:
        """Wait until so many links are open."""
        await self.until(lambda: len(self.socket.open_links) >= links, f"{links} open link(s)")
