"""
What Slack remembers, as values: people, channels, messages, views.

A message and a view are frozen: whoever keeps one keeps what was on the screen at that moment,
like somebody who has not looked since. The newest one comes from the workspace.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.slack import reading

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class User:
    """A person or a bot; fields as in users.info."""

    id: str
    name: str
    team_id: str
    is_bot: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_stranger: bool = False
    deleted: bool = False


@dataclass(frozen=True, kw_only=True)
class UserGroup:
    """A user group, `@handle`; fields as in usergroups.list."""

    id: str
    handle: str
    users: tuple[str, ...] = ()


@dataclass(kw_only=True)
class Channel:
    """
    A conversation of any type; members and archived may change under our feet.

    Attributes:
        is_read_only, is_thread_only, is_non_threadable: what may be posted there: nothing, replies
            only, no replies; fields as in conversations.info.

    """

    id: str
    name: str
    members: list[str] = field(default_factory=list)
    is_private: bool = False
    is_im: bool = False
    archived: bool = False
    is_read_only: bool = False
    is_thread_only: bool = False
    is_non_threadable: bool = False


@dataclass(frozen=True, kw_only=True)
class Content:
    """What a message shows: a text, and blocks that are shown instead of it."""

    text: str = ""
    blocks: tuple[Json, ...] = ()

    @property
    def plain(self) -> str:
        """All its words, one line for each block: text first, then what the blocks show."""
        lines = [reading.plain_mrkdwn(self.text), *reading.lines(self.blocks)]
        return "\n".join(line for line in lines if line)

    @property
    def buttons(self) -> dict[str, str]:
        """Its buttons: label -> action_id."""
        return {
            element["text"]["text"]: element["action_id"]
            for _, element in reading.interactive(self.blocks)
            if element["type"] == "button"
        }

    @property
    def options(self) -> dict[str, str]:
        """What its overflow and select menus offer: label -> value."""
        return {
            option["text"]["text"]: option.get("value", "")
            for _, element in reading.interactive(self.blocks)
            for option in reading.options_of(element)
        }

    def element(self, action_id: str) -> Json:
        """The button, menu or input of that name, as it was sent."""
        return reading.find(self.blocks, action_id)[1]

    def confirm(self, action_id: str) -> str:
        """What Slack asks before the press counts: title, then text; "" if it asks nothing."""
        dialog = self.element(action_id).get("confirm", {})
        asked = (reading.words(dialog.get(part)) for part in ("title", "text"))
        return "\n".join("".join(words) for words in asked).strip()


@dataclass(frozen=True, kw_only=True)
class Message(Content):
    """One version of a message; an ephemeral one is *seen_by* one person only."""

    channel: str
    ts: str
    user: str
    bot_id: str | None = None
    thread_ts: str | None = None
    broadcast: bool = False
    metadata: Mapping[str, Any] | None = None
    edited: str | None = None
    deleted: bool = False
    seen_by: str | None = None
    at: float = field(default_factory=time.monotonic)
    before: "Message | None" = field(default=None, repr=False, compare=False)

    @property
    def history(self) -> tuple["Message", ...]:
        """Every version so far, this one last; `at` tells when each was shown (monotonic)."""
        versions, version = [self], self
        while version.before:
            version = version.before
            versions.append(version)
        return tuple(reversed(versions))

    @property
    def is_top_level(self) -> bool:
        """Whether it stands in the channel itself."""
        return self.thread_ts in (None, self.ts) or self.broadcast


@dataclass(frozen=True, kw_only=True)
class View(Content):
    """One version of a modal or of somebody's Home tab; *body* is what the app sent."""

    id: str
    user: str
    body: Json = field(repr=False)
    hash: str
    root: str
    previous: str | None = None

    @property
    def type(self) -> str:
        """Either modal or home."""
        return str(self.body["type"])

    @property
    def callback_id(self) -> str:
        """The name by which the app knows it again."""
        return str(self.body.get("callback_id", ""))

    @property
    def private_metadata(self) -> str:
        """What the app wants to get back."""
        return str(self.body.get("private_metadata", ""))

    @property
    def title(self) -> str:
        """Its title; a Home tab has none."""
        return str(self.body.get("title", {}).get("text", ""))

    @property
    def plain(self) -> str:
        """All its words, title first."""
        return "\n".join(line for line in (self.title, *reading.lines(self.blocks)) if line)

    @property
    def inputs(self) -> dict[str, str]:
        """What can be filled in: action_id -> label."""
        return {
            block["element"]["action_id"]: block["label"]["text"]
            for block in self.blocks
            if block["type"] == "input"
        }
