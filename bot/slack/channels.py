"""The channels of the configuration: names and ids, looked up in Slack."""

import asyncio
import logging
import re
from collections.abc import Collection, Mapping
from difflib import get_close_matches

from bot.slack.calls import Calls, Json, Refused
from bot.slack.credentials import BOT_TOKEN, Sleep, patiently

_log = logging.getLogger(__name__)

ID = re.compile(r"[CGD][A-Z0-9]{6,}")
PAGE = 1000
#: The types of channels, and the scope with which each is listed. Slack refuses the whole list if
#: one of the types that are asked for may not be seen.
KINDS = {"public_channel": "channels:read", "private_channel": "groups:read"}


class UnknownChannel(Exception):  # noqa: N818 - what it is
    """
    Channels that do not exist, or that the bot cannot see.

    Attributes:
        names: as they were given.
        suggestions: for each of them, names that are like it.

    """

    def __init__(self, suggestions: Mapping[str, Collection[str]]) -> None:
        self.names = tuple(suggestions)
        self.suggestions = {name: tuple(near) for name, near in suggestions.items()}
        said = "; ".join(_said(name, near) for name, near in self.suggestions.items())
        super().__init__(f"{said}. To a private channel I must be invited before I can see it.")


async def resolve(
    calls: Calls, names: Collection[str], sleep: Sleep = asyncio.sleep
) -> dict[str, str]:
    """
    Tell the id of each channel.

    Args:
        names: ids, or names with or without `#`.

    Raises:
        UnknownChannel: naming all those that are not found.
        Denied: the token may not look.

    """
    ids = [name for name in names if ID.fullmatch(name)]
    found = {name: name for name in ids if await _exists(calls, name, sleep)}
    left = [name for name in names if name not in found]
    if not left:
        return found
    listed = await _list(calls, sleep)
    for name in left:
        channel = listed.get(_plain(name))
        if channel:
            _warn(channel)
            found[name] = str(channel["id"])
    if unknown := [name for name in left if name not in found]:
        raise UnknownChannel({name: _near(name, listed) for name in unknown})
    return found


async def _exists(calls: Calls, channel_id: str, sleep: Sleep) -> bool:
    try:
        answer = await patiently(
            calls, "conversations.info", token=BOT_TOKEN, sleep=sleep, channel=channel_id
        )
    except Refused:
        return False
    _warn(answer.get("channel", {}))
    return True


async def _list(calls: Calls, sleep: Sleep) -> dict[str, Json]:
    """List all channels that the bot can see, by name; living ones before archived ones."""
    listed: dict[str, Json] = {}
    cursor = None
    while cursor != "":
        answer = await patiently(
            calls,
            "conversations.list",
            token=BOT_TOKEN,
            sleep=sleep,
            types=_kinds(calls.scopes),
            limit=PAGE,
            cursor=cursor,
        )
        for channel in answer.get("channels", ()):
            name = str(channel.get("name", ""))
            if name not in listed or listed[name].get("is_archived"):
                listed[name] = channel
        cursor = answer.get("response_metadata", {}).get("next_cursor") or ""
    return listed


def _kinds(scopes: Collection[str]) -> str:
    """Name the types that may be listed; all of them where the scopes are not known."""
    return ",".join([kind for kind, scope in KINDS.items() if scope in scopes] or KINDS)


def _warn(channel: Json) -> None:
    """Say what will keep messages from appearing."""
    why = ""
    if channel.get("is_archived"):
        why = "is archived"
    elif channel.get("is_member") is False:
        why = "does not have me as a member: invite me"
    if why:
        _log.warning(
            "The channel %s %s",
            channel.get("name") or channel.get("id"),
            why,
            extra={"action": "channel_unusable", "channel": channel.get("id")},
        )


def _near(name: str, listed: Collection[str]) -> list[str]:
    return [f"#{near}" for near in get_close_matches(_plain(name), listed, n=3)]


def _plain(name: str) -> str:
    return name.removeprefix("#").lower()


def _said(name: str, near: Collection[str]) -> str:
    hint = f" (did you mean {' or '.join(near)}?)" if near else ""
    return f"There is no channel {name} in this workspace{hint}"
