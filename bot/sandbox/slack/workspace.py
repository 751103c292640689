"""
What Slack remembers: who there is, where they meet, what was said.

    directory   users, groups, channels; who the app is and what it may do
    messages    posted, updated, removed; ephemeral ones apart, each for one person

Modals and Home tabs are in `screens`. Nothing here knows HTTP; a refusal is a SlackError.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from bot.sandbox.slack.changes import Changes
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.model import Channel, Content, Json, Message, User, UserGroup
from bot.sandbox.slack.screens import Screens

Clock = Callable[[], float]

TEAM = "T0SANDBOX"

#: What the app's manifest asks for; take one away to see `missing_scope`.
SCOPES = (
    "chat:write commands channels:history channels:read groups:history groups:read users:read "
    "usergroups:read"
)


@dataclass(frozen=True, kw_only=True)
class App:
    """Who the app is in this workspace."""

    id: str = "A0ROLLOUTS"
    user: str = "U0BOT"
    bot: str = "B0BOT"
    name: str = "rollouts"


class Workspace:
    """One team with its people, channels and messages."""

    def __init__(self, *, clock: Clock = time.time) -> None:
        self.id, self.name, self.domain = TEAM, "Sandbox", "sandbox"
        self.url = "http://127.0.0.1/"
        self.app = App()
        self.scopes = set(SCOPES.split())
        self.clock = clock
        self.changes = Changes()
        self.screens = Screens(clock, self.changes)
        self.users: dict[str, User] = {}
        self.groups: dict[str, UserGroup] = {}
        self.channels: dict[str, Channel] = {}
        self.ephemerals: list[Message] = []
        self._messages: dict[str, dict[str, Message]] = {}
        self._replies: dict[tuple[str, str], list[str]] = {}
        self._last_stamp = 0
        self.add_user(User(id=self.app.user, name=self.app.name, team_id=self.id, is_bot=True))

    def ensure_scopes(self, needed: str) -> None:
        """Make sure that the app has one of these scopes, if any is needed."""
        if needed and not self.scopes & set(needed.split()):
            raise SlackError(
                "missing_scope",
                needed=needed.replace(" ", ","),
                provided=",".join(sorted(self.scopes)),
            )

    # --- directory ------------------------------------------------------------------------------

    def add_user(self, user: User) -> User:
        """Let somebody join, or be known differently from now on."""
        self.users[user.id] = user
        self.changes.announce()
        return user

    def add_group(self, group: UserGroup) -> UserGroup:
        """Make a user group, or change it."""
        self.groups[group.id] = group
        self.changes.announce()
        return group

    def add_channel(self, channel: Channel) -> Channel:
        """Make a channel."""
        self.channels[channel.id] = channel
        self._messages.setdefault(channel.id, {})
        self.changes.announce()
        return channel

    def user(self, user_id: str) -> User:
        """Somebody known."""
        try:
            return self.users[user_id]
        except KeyError:
            raise SlackError("user_not_found") from None

    def channel(self, name: str) -> Channel:
        """A channel that the app can see: public ones, and those in which it is."""
        channel = self.channels.get(name)
        if channel is None or not self.is_visible(channel):
            raise SlackError("channel_not_found")
        return channel

    def channel_id(self, name: str) -> str:
        """The id of what is named by an id, a channel's name or a person; else the name itself."""
        if name in self.users:
            return f"D{name[1:]}"
        spoken = name.removeprefix("#")
        named = (c.id for c in self.channels.values() if c.name == spoken and not c.is_im)
        return name if name in self.channels else next(named, name)

    def is_visible(self, channel: Channel) -> bool:
        """Whether the app knows of the channel at all."""
        return self.is_in(channel) or not (channel.is_private or channel.is_im)

    def is_in(self, channel: Channel) -> bool:
        """Whether the app is a member."""
        return self.app.user in channel.members

    def direct_channel(self, user_id: str) -> Channel:
        """The direct messages between the app and one person; made on first use."""
        user = self.user(user_id)
        name = self.channel_id(user.id)
        if name not in self.channels:
            members = [self.app.user, user.id]
            self.add_channel(Channel(id=name, name="directmessage", members=members, is_im=True))
        return self.channels[name]

    # --- messages -------------------------------------------------------------------------------

    def stamp(self) -> str:
        """A message's ts: the time in Slack's form, never given twice, always later."""
        self._last_stamp = max(int(self.clock() * 1_000_000), self._last_stamp + 1)
        seconds, micros = divmod(self._last_stamp, 1_000_000)
        return f"{seconds}.{micros:06d}"

    def messages(self, channel_id: str) -> Iterator[Message]:
        """Everything said in a channel and its threads, oldest first."""
        return iter(self._messages[channel_id].values())

    def message(self, channel_id: str, ts: str) -> Message:
        """What a message looks like now."""
        found = self._messages[channel_id].get(ts)
        if found is None or found.deleted:
            raise SlackError("message_not_found")
        return found

    def thread(self, channel_id: str, ts: str) -> list[Message]:
        """The replies to a message, oldest first."""
        said = self._messages[channel_id]
        return [said[reply] for reply in self._replies.get((channel_id, ts), ()) if reply in said]

    def post(
        self,
        channel: Channel,
        content: Content,
        *,
        user: str = "",
        thread_ts: str | None = None,
        broadcast: bool = False,
        metadata: Json | None = None,
    ) -> Message:
        """Say something; the app does unless a *user* is named."""
        by_app = user in ("", self.app.user)
        message = Message(
            channel=channel.id,
            ts=self.stamp(),
            user=user or self.app.user,
            bot_id=self.app.bot if by_app else None,
            text=content.text,
            blocks=content.blocks,
            thread_ts=self._parent(channel.id, thread_ts),
            broadcast=broadcast,
            metadata=metadata or None,
        )
        self._messages[channel.id][message.ts] = message
        if message.thread_ts:
            self._replies.setdefault((channel.id, message.thread_ts), []).append(message.ts)
        self.changes.announce()
        return message

    def update(
        self, message: Message, content: Content, *, metadata: Json | None = None
    ) -> Message:
        """
        Show something else in a message's place.

        Metadata stays unless new is given; an empty one removes it. Only an edit of the text is
        marked "(edited)", new blocks are not (docs: chat.update).
        """
        newer = replace(
            message,
            text=content.text,
            blocks=content.blocks,
            metadata=message.metadata if metadata is None else (metadata or None),
            edited=message.edited if content.blocks else self.stamp(),
            at=time.monotonic(),
            before=message,
        )
        return self._put(newer)

    def remove(self, message: Message) -> None:
        """Take a message away; one with replies leaves a stone, so that the thread stays."""
        if message.seen_by:
            self.ephemerals = [one for one in self.ephemerals if one.ts != message.ts]
        elif self.thread(message.channel, message.ts):
            text = "This message was deleted."
            self._put(replace(message, text=text, blocks=(), metadata=None, deleted=True))
        else:
            self._messages[message.channel].pop(message.ts, None)
        self.changes.announce()

    def whisper(
        self, channel: Channel, content: Content, *, to: str, thread_ts: str | None = None
    ) -> Message:
        """Say something that only one person sees."""
        message = Message(
            channel=channel.id,
            ts=self.stamp(),
            user=self.app.user,
            bot_id=self.app.bot,
            text=content.text,
            blocks=content.blocks,
            thread_ts=thread_ts or None,
            seen_by=to,
        )
        self.ephemerals.append(message)
        self.changes.announce()
        return message

    def _put(self, message: Message) -> Message:
        if message.seen_by:
            self.ephemerals = [message if m.ts == message.ts else m for m in self.ephemerals]
        else:
            self._messages[message.channel][message.ts] = message
        self.changes.announce()
        return message

    def _parent(self, channel_id: str, thread_ts: str | None) -> str | None:
        """The message at the top of a thread, also when a reply to a reply was asked for."""
        if not thread_ts:
            return None
        above = self._messages[channel_id].get(thread_ts)
        return above.thread_ts or above.ts if above else thread_ts
