"""The channels that are named: there, with the bot in them, and open for what it posts."""

from collections.abc import AsyncIterator, Collection, Iterator, Mapping

from bot.config import Config
from bot.doctor.asking import LATER, ask
from bot.doctor.scopes import named
from bot.doctor.verdict import Area, Line, missing, ok, unchecked
from bot.slack.calls import CallError, Calls, Json, Refused
from bot.slack.channels import UnknownChannel, resolve
from bot.slack.credentials import Denied

_CHANNELS_READ, _GROUPS_READ = "channels:read", "groups:read"
#: what a channel may be set to, what that means for the bot, and what to do
_CLOSED = {
    "is_archived": (
        "is archived: nothing can be posted there",
        "unarchive it, or take it out of `channels`",
    ),
    "is_read_only": (
        "is read-only: nothing can be posted there",
        "let an owner of the workspace take that restriction away, or name another channel",
    ),
    "is_thread_only": (
        "takes replies only: no card can be posted there",
        "let an owner of the workspace take that restriction away, or name another channel",
    ),
    "is_non_threadable": (
        "takes no replies: the steps of a release go into the thread of its card",
        "let an owner of the workspace take that restriction away, or name another channel",
    ),
}


class Channels:
    """
    Looks at them.

    Attributes:
        has_private: whether one of them is private, as far as was seen.

    """

    def __init__(self, calls: Calls, config: Config, bot: str) -> None:
        self._calls = calls
        self._heard = frozenset(channel.channel for channel in config.channels)
        self._names = sorted(config.channel_names)
        self._bot = bot
        self.has_private = False

    async def examine(self) -> AsyncIterator[Line]:
        """Look at each."""
        try:
            found, unknown = await self._resolved()
        except Denied as error:
            for line in self._withheld(error):
                yield line
            return
        except CallError as error:
            for name in self._names:
                yield missing(Area.CHANNELS, name, f"Slack does not tell: {error}", LATER)
            return
        for name in self._names:
            if name in found:
                yield await self._seen(name, found[name])
            elif self._calls.scopes and _CHANNELS_READ not in self._calls.scopes:
                yield unchecked(Area.CHANNELS, name, f"{named(_CHANNELS_READ)} is missing")
            else:
                yield _absent(name, unknown[name])

    async def _resolved(self) -> tuple[Mapping[str, str], Mapping[str, Collection[str]]]:
        """Find the ids of those that are there; of the others, names that are like theirs."""
        try:
            return await resolve(self._calls, self._names), {}
        except UnknownChannel as error:
            rest = [name for name in self._names if name not in error.suggestions]
            return await resolve(self._calls, rest), error.suggestions

    def _withheld(self, denied: Denied) -> Iterator[Line]:
        """Tell that a scope is missing, which is told elsewhere; or what else Slack has said."""
        self.has_private = _GROUPS_READ in denied.missing
        why = f"{' or '.join(map(named, sorted(denied.missing)))} is missing"
        for name in self._names:
            if denied.missing:
                yield unchecked(Area.CHANNELS, name, why)
            else:
                yield missing(Area.CHANNELS, name, str(denied), LATER)

    async def _seen(self, name: str, channel_id: str) -> Line:
        try:
            answer = await ask(self._calls, "conversations.info", channel=channel_id)
        except Refused as error:
            needed = str(error.answer.get("needed", ""))
            if error.error != "missing_scope":
                return missing(Area.CHANNELS, name, f"Slack says: {error.error}", LATER)
            self.has_private |= _GROUPS_READ in needed
            return unchecked(Area.CHANNELS, name, f"{named(needed)} is missing")
        except CallError as error:
            return missing(Area.CHANNELS, name, f"Slack does not tell: {error}", LATER)
        channel: Json = answer.get("channel", {})
        self.has_private |= bool(channel.get("is_private"))
        return self._judged(name, channel)

    def _judged(self, name: str, channel: Json) -> Line:
        called = f"#{channel.get('name', '')}"
        detail = "" if name == called else called
        if name not in self._heard:
            return ok(Area.CHANNELS, name, f"{detail} is there; people may act in it".strip())
        for setting, (what, mend) in _CLOSED.items():
            if channel.get(setting):
                return missing(Area.CHANNELS, name, f"{detail} {what}".strip(), mend)
        if channel.get("is_member") is False:
            told = f"{detail} does not have the bot as a member".strip()
            return missing(Area.CHANNELS, name, told, f"in {called}: /invite @{self._bot}")
        return ok(Area.CHANNELS, name, f"{detail} has the bot in it, and takes posts".strip())


def unasked(config: Config, why: str) -> Iterator[Line]:
    """Give the same lines where they cannot be asked."""
    for name in sorted(config.channel_names):
        yield unchecked(Area.CHANNELS, name, why)


def _absent(name: str, near: Collection[str]) -> Line:
    hint = f"; did you mean {' or '.join(near)}?" if near else ""
    return missing(
        Area.CHANNELS,
        name,
        f"I see no channel of that name or id{hint}",
        "correct it in the configuration; a private channel must invite the bot first: /invite it "
        "there, and grant groups:read and groups:history",
    )
