"""
Slack: does it answer, and then everything that it can be asked. Nothing is posted.

    api.test ─▶ bot token ─▶ channels, people, messages; scopes last: what they lack is known then
        └────▶ what the mode needs beside it
"""

from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from dataclasses import dataclass

from bot.config import Config, Secrets
from bot.doctor import channels, clocks, messages, people, scopes, tokens
from bot.doctor.asking import ask
from bot.doctor.verdict import Area, Line, missing, ok, unchecked
from bot.slack.calls import CallError, Calls, Json
from bot.slack.connection import open_calls
from bot.slack.credentials import BOT_TOKEN

_NAME = "Slack"
_ADDRESS = "SLACK_API_URL"
_OUTAGE = (
    "let this machine reach slack.com and wss-*.slack.com on port 443 (egress rule, NetworkPolicy, "
    "HTTPS_PROXY, NO_PROXY); SLACK_API_URL must be unset for Slack itself"
)


@dataclass(frozen=True)
class Visit:
    """
    One visit to Slack.

    Attributes:
        config: names channels, people and the mode.
        secrets: what the environment holds of tokens.
        faults: what is wrong with them there already, by variable.
        with_messages: whether Slack judges every kind of message.

    """

    config: Config
    secrets: Secrets
    faults: Mapping[str, str]
    with_messages: bool

    async def examine(self) -> AsyncGenerator[Line, None]:
        """Ask everything."""
        if fault := self.faults.get(_ADDRESS):
            mend = f"unset {_ADDRESS} for Slack itself, or write it as that says"
            yield missing(Area.SLACK, _NAME, f"{_ADDRESS} {fault}", mend)
            for line in self._silence(f"{_ADDRESS} is wrong"):
                yield line
            return
        calls = open_calls(self.secrets.bot_token.get_secret_value(), self.secrets.api_url)
        try:
            async for line in self._through(calls):
                yield line
        finally:
            await calls.close()

    async def _through(self, calls: Calls) -> AsyncIterator[Line]:
        try:
            await ask(calls, "api.test")
        except CallError as error:
            yield missing(Area.SLACK, _NAME, f"{calls.api_url} does not answer: {error}", _OUTAGE)
            for line in self._silence("Slack does not answer"):
                yield line
            return
        yield ok(Area.SLACK, _NAME, f"{calls.api_url} answers")
        yield clocks.compare(clocks.SLACK, calls.date)
        line, identity = await self._bot(calls)
        yield line
        app = await _app_of(calls, identity) if identity else ""
        async for line in tokens.examine_second(self.secrets, self.config, self.faults, app):
            yield line
        if identity is None:
            for line in self._without_token(f"{BOT_TOKEN} does not work"):
                yield line
            return
        async for line in self._with_token(calls, identity):
            yield line

    async def _bot(self, calls: Calls) -> tuple[Line, Json | None]:
        if BOT_TOKEN in self.faults:
            return tokens.lacking(BOT_TOKEN, self.faults), None
        return await tokens.examine_bot(calls, self.secrets)

    async def _with_token(self, calls: Calls, identity: Json) -> AsyncIterator[Line]:
        """Ask what needs the bot token."""
        looking = channels.Channels(calls, self.config, str(identity.get("user", "")))
        async for line in looking.examine():
            yield line
        async for line in people.examine(calls, self.config, str(identity.get("team_id", ""))):
            yield line
        needs = {scopes.PRIVATE} if looking.has_private else set()
        needs |= {scopes.GROUPS} if any(access.groups for access in self.config.access) else set()
        for line in scopes.judge(calls.scopes, needs):
            yield line
        if self.with_messages:
            async for line in messages.examine(calls):
                yield line

    def _silence(self, why: str) -> Iterator[Line]:
        """Give the lines of all that cannot be asked where there is no Slack."""
        yield unchecked(Area.CLOCK, clocks.SLACK, why)
        for name in (BOT_TOKEN, *tokens.second_of(self.config)):
            is_known = name in self.faults
            yield (
                tokens.lacking(name, self.faults) if is_known else unchecked(Area.SLACK, name, why)
            )
        yield from self._without_token(why)

    def _without_token(self, why: str) -> Iterator[Line]:
        """Give the lines of all that needs the bot token."""
        yield from scopes.unasked(why)
        yield from channels.unasked(self.config, why)
        yield from people.unasked(self.config, why)
        if self.with_messages:
            yield from messages.unasked(why)


async def _app_of(calls: Calls, identity: Json) -> str:
    """Tell the id of the bot's app; "": Slack does not say, such as without users:read."""
    try:
        answer = await ask(calls, "bots.info", bot=identity["bot_id"])
    except CallError:
        return ""
    return str(answer.get("bot", {}).get("app_id", ""))
