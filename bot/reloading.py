"""
Configuration and secrets that change while the bot runs take effect without a restart.

    every 2 s, and on SIGHUP ─▶ the file, the secrets' files ─▶ valid? ─▶ new channels at Slack
    ─▶ in force for all that is asked from then on

Everything is checked before anything changes, and then it changes at once, without a pause in which
somebody could see half of it. Who was allowed something before goes on with it. What is made at the
start only (`_FIXED`) stays as it is until the next one, and that is said.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial

from pydantic import SecretStr

from bot import meaning
from bot.cluster.rollouts import KubernetesCluster
from bot.config import Config, Secrets, Sources
from bot.flows.board import Board
from bot.flows.breath import one_a_turn
from bot.flows.follow import Follow
from bot.flows.settings import Settings
from bot.followed import Followed
from bot.release.errors import Refusal
from bot.slack import rotation
from bot.slack.app import SlackApp
from bot.slack.calls import Calls
from bot.slack.credentials import Denied
from bot.slack.outbox import Outbox
from bot.timetable import Timetable

_log = logging.getLogger(__name__)

#: Seconds between two looks.
POLL = 2.0
#: Of these sections only the fields named here change while the bot runs; of all others all do.
_FIXED: Mapping[str, frozenset[str]] = {
    "slack": frozenset(),
    "kubernetes": frozenset({"writes"}),
    "health": frozenset(),
}


@dataclass(frozen=True)
class Rooms:
    """What changes with the configuration and the secrets."""

    calls: Calls
    slack: SlackApp
    outbox: Outbox
    board: Board
    follow: Follow
    cluster: KubernetesCluster
    timetable: Timetable


@dataclass
class Reloading:
    """
    Keeps the running bot as the configuration and the secrets want it.

    Args:
        config: what is in force.
        channels: the ids of the channels that it names.
        secrets: what is in use.
        on_look: told after each look whether all that stands in the files is in force.

    """

    config: Config
    channels: Mapping[str, str]
    secrets: Secrets
    rooms: Rooms
    on_look: Callable[[bool], None]
    _bell: asyncio.Event = field(default_factory=asyncio.Event)
    _before: Settings | None = None  #: what was in force until a moment ago

    @asynccontextmanager
    async def running(self, sources: Sources) -> AsyncIterator[None]:
        """Follow what stands there while the context is open."""
        task = asyncio.create_task(self._run(sources), name="reloading")
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def ring(self) -> None:
        """Look now, and say what comes of it."""
        self._bell.set()

    async def _run(self, sources: Sources) -> None:
        config, secrets = (
            partial(self._adopt_config, sources),
            partial(self._adopt_secrets, sources),
        )
        followed = (
            Followed("The configuration", sources.config_print, config),
            Followed("A secret", sources.secrets_print, secrets),
        )
        while True:
            asked = await self._is_rung()
            for one in followed:
                await one.look(asked=asked)
            self.on_look(not any(one.wrong for one in followed))
            before, self._before = self._before, None
            if before:
                try:
                    await self._show(before)
                except Refusal as refusal:  # the database; cards are shown again as they change
                    _log.warning("not all cards were moved: %s", refusal.text)

    async def _is_rung(self) -> bool:
        try:
            async with asyncio.timeout(POLL):
                await self._bell.wait()
        except TimeoutError:
            return False
        self._bell.clear()
        return True

    # --- the configuration ----------------------------------------------------------------------

    async def _adopt_config(self, sources: Sources) -> str:
        """Put the file in force; tell what of it changed. Raises ConfigError, Denied."""
        wanted = await asyncio.to_thread(sources.config)  # a long file takes a while
        new, later = _as_far_as_possible(wanted, self.config)
        changed = _differences(new, self.config)
        said = [f"in force now: {', '.join(changed)}"] if changed else []
        if later:
            said.append(f"takes effect at the next start: {', '.join(later)}")
        if changed:
            channels = await meaning.channel_ids(new, self.rooms.calls, self.channels)
            self._put_in_force(new, channels)
        return "; ".join(said)

    def _put_in_force(self, config: Config, channels: Mapping[str, str]) -> None:
        """Change everything at once: nothing here waits, so nobody sees half of it."""
        settings = meaning.settings(config, channels)
        self.rooms.slack.desk.people.watch_groups(meaning.groups(config))
        self._before, self.rooms.board.settings = self.rooms.board.settings, settings
        self.rooms.cluster.writes = self.rooms.follow.settling.tidying.writes = settings.writes
        self.rooms.timetable.change(config.drift.every, config.digests(channels))
        self.config, self.channels = config, channels

    async def _show(self, before: Settings) -> None:
        """Bring the cards of what is on its way to where they belong now."""
        routing = self.rooms.board.settings.routing
        releasing = (rollout for rollout in self.rooms.cluster.known() if rollout.is_releasing)
        async for rollout in one_a_turn(releasing):
            now = set(routing.channels(rollout))
            for channel in set(before.routing.channels(rollout)) - now:
                await self.rooms.board.leave(rollout, channel)
            self.rooms.follow.refresh(rollout.uid)

    # --- the secrets ----------------------------------------------------------------------------

    async def _adopt_secrets(self, sources: Sources) -> str:
        """Use the new ones, each that can be used. Raises ConfigError, Denied."""
        fresh, known = sources.secrets(self.config.slack.mode), self.secrets
        used: list[str] = []
        refused: Denied | None = None
        if fresh.signing_secret and fresh.signing_secret != known.signing_secret:
            rotation.use_signing_secret(self.rooms.slack, fresh.signing_secret.get_secret_value())
            self._uses("signing_secret", fresh.signing_secret, used)
        try:
            if fresh.bot_token != known.bot_token:
                token = fresh.bot_token.get_secret_value()
                await rotation.use_bot_token(self.rooms.slack, self.rooms.calls, token)
                self._uses("bot_token", fresh.bot_token, used)
                self.rooms.outbox.hurry()
        except Denied as error:
            refused = error
        if fresh.app_token and fresh.app_token != known.app_token:
            await rotation.use_app_token(self.rooms.slack, fresh.app_token.get_secret_value())
            self._uses("app_token", fresh.app_token, used)
        if refused:
            raise refused
        return f"in use now: {', '.join(used)}" if used else ""

    def _uses(self, name: str, secret: SecretStr, used: list[str]) -> None:
        self.secrets = self.secrets.model_copy(update={name: secret})
        used.append(f"SLACK_{name.upper()}")


def _as_far_as_possible(wanted: Config, current: Config) -> tuple[Config, list[str]]:
    """Take from a configuration what can change now; name what cannot."""
    kept, later = {}, []
    for section, free in _FIXED.items():
        old, new = getattr(current, section), getattr(wanted, section)
        names = type(old).model_fields.keys() - free
        later += [f"{section}.{n}" for n in sorted(names) if getattr(old, n) != getattr(new, n)]
        kept[section] = new.model_copy(update={name: getattr(old, name) for name in names})
    return wanted.model_copy(update=kept), later


def _differences(new: Config, old: Config) -> list[str]:
    """Name the sections that differ."""
    return [name for name in type(old).model_fields if getattr(new, name) != getattr(old, name)]
