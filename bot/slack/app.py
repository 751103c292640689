"""
The Slack app: everything that comes in from Slack, by a socket or by signed requests.

    link or request ─▶ signature ─▶ doorman ─▶ slash | buttons | modals | home ─ack─▶ desk
                                                    ─▶ operate, answer ─▶ voice ─▶ the person

Every listener acknowledges first and works in a task of its own, so that the three seconds that
Slack gives are never used up by anything slow.
"""

import asyncio
import logging
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.flows.asking import Answer, Operate
from bot.flows.kept import Promise
from bot.flows.ports import Bulletin
from bot.messages.blocks import Message
from bot.messages.seal import Seal
from bot.slack.buttons import Buttons
from bot.slack.calls import Calls, Json
from bot.slack.credentials import Identity, app_id, who_am_i
from bot.slack.desk import Desk
from bot.slack.doorman import ARRIVED, Doorman
from bot.slack.entrance import Entrance
from bot.slack.home import Home
from bot.slack.http_mode import HttpMode
from bot.slack.limits import Limits, Rules
from bot.slack.links import PING_INTERVAL, Links
from bot.slack.modals import CALLBACK, PATIENCE, Modals
from bot.slack.people import TTL, People
from bot.slack.signatures import Signatures
from bot.slack.slash import Slash
from bot.slack.voice import Voice

_log = logging.getLogger(__name__)

ANYTHING = re.compile(r"")
#: Seconds that answers under way have at the end.
LAST_WORDS = 5.0

Handler = Callable[[AsyncAck, Json], Awaitable[None]]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """
    How Slack reaches the bot.

    Attributes:
        app_token: for socket mode.
        signing_secret, listen: for http mode.
        groups: user groups that the access policy names.
        people_ttl: seconds for which Slack's word about people is good.
        modal_patience: seconds after which a modal is opened empty.
        rules: how much one person may ask for.

    """

    mode: Literal["socket", "http"] = "socket"
    app_token: str = ""
    signing_secret: str = ""
    listen: str = "0.0.0.0:3000"
    command: str = "/rollout"
    groups: frozenset[str] = frozenset()
    ping_interval: float = PING_INTERVAL
    links: int = 2
    people_ttl: float = TTL
    modal_patience: float = PATIENCE
    rules: Rules = field(default_factory=Rules)


async def _nothing_owed() -> Sequence[tuple[Promise, Message]]:
    return ()


class SlackApp:
    """
    Takes what comes from Slack, and has it done.

    Args:
        calls: the Web API with the bot's token; shared with the outbox, closed by its maker.
        seal: opens what buttons and modals carry.
        owed: tells which answers are owed by those who are no more.
        owner: our name, where several replicas make promises.
        on_ack: told after how many seconds each payload was acknowledged.

    """

    def __init__(
        self,
        settings: Settings,
        *,
        calls: Calls,
        seal: Seal,
        bulletin: Bulletin,
        operate: Operate,
        answer: Answer,
        owed: Callable[[], Awaitable[Sequence[tuple[Promise, Message]]]] = _nothing_owed,
        owner: str = "",
        on_ack: Callable[[float], None] = lambda _seconds: None,
    ) -> None:
        self._settings = settings
        self._calls = calls
        self._on_ack = on_ack
        self._identity: Identity | None = None
        people = People(calls, settings.groups, self._team, ttl=settings.people_ttl)
        self._owed = owed
        limits = Limits(settings.rules)
        self.desk = Desk(people, operate, answer, Voice(calls), bulletin, limits, owner)
        self._doorman = Doorman()
        self._bolt = _bolt(calls, self._doorman)
        self._entrance = Entrance(self._bolt)
        self.signatures = Signatures(settings.signing_secret)
        modals = Modals(calls, self.desk, seal, patience=settings.modal_patience)
        self._listen(modals, Buttons(self.desk, modals, seal, bulletin))
        self._way: Links | HttpMode = self._make_way()

    def _team(self) -> str:
        return self._identity.team if self._identity else ""

    async def reconnect(self, app_token: str) -> None:
        """
        Change to links that are opened with this token; until they are open the others stay.

        Raises:
            Denied: Slack refuses it.

        """
        before = self._settings
        self._settings = replace(before, app_token=app_token)
        fresh = self._make_way()
        if not isinstance(fresh, Links):
            return
        try:
            await fresh.start(self._calls.session)
        except BaseException:
            self._settings = before
            await fresh.stop()
            raise
        old, self._way = self._way, fresh
        await old.stop()

    def _make_way(self) -> Links | HttpMode:
        settings = self._settings
        if settings.mode == "http":
            return HttpMode(self._entrance, settings.listen, self.signatures)
        return Links(
            self._bolt,
            self._entrance,
            settings.app_token,
            self._calls.api_url,
            self._doorman.knows,
            count=settings.links,
            ping_interval=settings.ping_interval,
        )

    # --- running --------------------------------------------------------------------------------

    async def check(self) -> Identity:
        """
        Ask Slack who we are, however long it takes; once.

        Raises:
            Denied: Slack refuses the bot's token.

        """
        if self._identity is None:
            self._identity = await who_am_i(self._calls)
            self.desk.team = self._identity.team
        return self._identity

    async def start(self) -> None:
        """
        Be reachable for Slack; returns once that is so, however long it takes.

        Raises:
            Denied: Slack refuses a token.

        """
        identity = await self.check()
        if isinstance(self._way, Links):
            await self._way.start(self._calls.session)
        else:
            self._doorman.knows(await app_id(self._calls, identity))
            await self._way.start()
        _log.info(
            "Connected to %s as %s",
            identity.team_name,
            identity.user,
            extra={"action": "slack_connected", "team": identity.team},
        )
        await self.keep_promises()

    async def keep_promises(self) -> None:
        """Give the answers that are owed by those who are no more."""
        for promise, message in await self._owed():
            self.desk.apologise(promise, message)

    async def close(self) -> None:
        """Take nothing more."""
        await self._way.stop()

    async def stop(self) -> None:
        """Take nothing more, and finish what is under way."""
        await self.close()
        await self.desk.finish(LAST_WORDS)

    @property
    def is_connected(self) -> bool:
        """Whether commands and presses arrive now."""
        return self._way.is_connected

    @property
    def port(self) -> int | None:
        """Where it listens in HTTP mode."""
        return self._way.port if isinstance(self._way, HttpMode) else None

    # --- listening ------------------------------------------------------------------------------

    def _listen(self, modals: Modals, buttons: Buttons) -> None:
        bolt = self._bolt
        bolt.command(self._settings.command)(self._timed(Slash(self.desk, modals).typed))
        bolt.action(ANYTHING)(self._timed(buttons.pressed))
        bolt.view(CALLBACK)(self._timed(modals.submitted))
        bolt.view_closed(ANYTHING)(self._timed(_nothing))
        bolt.event("app_home_opened")(Home(self._calls, self.desk).opened)
        bolt.event(ANYTHING)(_no_event)

    def _timed(self, handler: Handler) -> Callable[..., Awaitable[None]]:
        """Measure how long acknowledging takes, from the door on."""

        # Bolt passes arguments by their names.
        async def listener(ack: AsyncAck, body: Json, context: AsyncBoltContext) -> None:
            try:
                await handler(ack, body)
            finally:
                self._on_ack(time.monotonic() - context[ARRIVED])

        return listener


def _bolt(calls: Calls, doorman: Doorman) -> AsyncApp:
    """Make Bolt's app: it knows which listener is meant, no more."""
    token_free = AsyncWebClient(base_url=calls.api_url, retry_handlers=[])
    return AsyncApp(
        name="rollout-bot",
        logger=_bolt_log,
        client=token_free,
        authorize=_authorize,
        before_authorize=doorman,
        process_before_response=True,  # listeners acknowledge and return at once
        ssl_check_enabled=False,  # it would be answered before anything is checked
        request_verification_enabled=False,  # before Bolt parses it: see http_mode
    )


_bolt_log = logging.getLogger("bot.slack.bolt")
_bolt_log.setLevel(logging.ERROR)  # it warns with payloads and advice of many lines


async def _authorize(**_: Any) -> AuthorizeResult:
    """Spare Bolt its own auth.test: who we are was asked at the start, by `check`."""
    return AuthorizeResult(enterprise_id=None, team_id=None)


async def _nothing(ack: AsyncAck, _body: Json) -> None:
    await ack()


async def _no_event() -> None:
    """Acknowledge events that mean nothing to us."""
    await asyncio.sleep(0)
