"""
What one person sees of the workspace, and how two such pictures differ.

Pure: a workspace in, values out. Messages and views are frozen, so one that is the same object as
before looks the same as before, and nothing of it has to be written again.
"""

from dataclasses import dataclass

from bot.sandbox.page.notices import Notices
from bot.sandbox.slack.model import Channel, Json, Message, View
from bot.sandbox.slack.workspace import Workspace

Key = tuple[str, str]


@dataclass(frozen=True, eq=False)
class Shown:
    """A message on the screen, with the last reply below it."""

    message: Message
    replies: tuple[Message, ...] = ()

    def looks_like(self, other: "Shown | None") -> bool:
        """Whether nobody would see a difference."""
        if other is None or self.message is not other.message:
            return False
        return [one.ts for one in self.replies] == [one.ts for one in other.replies]


@dataclass(frozen=True, kw_only=True)
class Picture:
    """Everything that one person sees at one moment."""

    directory: Json
    channels: list[Json]
    messages: dict[Key, Shown]
    modals: tuple[View, ...]
    home: View | None


def draw(workspace: Workspace, user_id: str, notices: Notices, roles: dict[str, str]) -> Picture:
    """Look with somebody's eyes."""
    channels = [one for one in workspace.channels.values() if user_id in one.members]
    names = {channel.id for channel in channels}
    own = [m for m in workspace.ephemerals if m.seen_by == user_id] + notices.of(user_id)
    messages = {(m.channel, m.ts): Shown(m) for m in own if m.channel in names}
    for channel in channels:
        for message in workspace.messages(channel.id):
            replies = workspace.thread(channel.id, message.ts)
            messages[channel.id, message.ts] = Shown(message, tuple(replies))
    return Picture(
        directory=_directory(workspace, roles),
        channels=[_channel(workspace, channel) for channel in channels],
        messages=messages,
        modals=workspace.screens.modals(user_id),
        home=workspace.screens.home(user_id),
    )


def changes(before: Picture | None, after: Picture) -> Json:
    """What must be told so that a page which shows *before* shows *after*; empty: nothing."""
    told: Json = {}
    old = before.messages if before else {}
    newer = [s for key, s in after.messages.items() if not s.looks_like(old.get(key))]
    if newer:
        told["messages"] = [_message(shown) for shown in newer]
    if gone := old.keys() - after.messages.keys():
        told["gone"] = [{"channel": channel, "ts": ts} for channel, ts in sorted(gone)]
    if before is None or before.directory != after.directory:
        told["directory"] = after.directory
    if before is None or before.channels != after.channels:
        told["channels"] = after.channels
    if before is None or before.modals != after.modals:
        told["modals"] = [_view(view) for view in after.modals]
    if before is None or before.home != after.home:
        told["home"] = _view(after.home) if after.home else None
    return told


def _directory(workspace: Workspace, roles: dict[str, str]) -> Json:
    """Who there is, so that mentions can be shown by name."""
    people = {
        user.id: {
            "name": user.name,
            "bot": user.is_bot,
            "guest": user.is_restricted or user.is_ultra_restricted,
            "role": roles.get(user.id, ""),
        }
        for user in workspace.users.values()
        if not user.deleted
    }
    return {
        "app": workspace.app.user,
        "people": people,
        "groups": {group.id: group.handle for group in workspace.groups.values()},
        "channels": {c.id: c.name for c in workspace.channels.values() if not c.is_im},
    }


def _channel(workspace: Workspace, channel: Channel) -> Json:
    return {
        "id": channel.id,
        "name": channel.name,
        "private": channel.is_private,
        "direct": channel.is_im,
        "archived": channel.archived,
        "members": len(channel.members),
        "with_app": workspace.is_in(channel),
    }


def _message(shown: Shown) -> Json:
    message, replies = shown.message, shown.replies
    return {
        "channel": message.channel,
        "ts": message.ts,
        "user": message.user,
        "text": message.text,
        "blocks": list(message.blocks),
        "thread": message.thread_ts,
        "broadcast": message.broadcast,
        "edited": message.edited is not None,
        "deleted": message.deleted,
        "ephemeral": message.seen_by is not None,
        "version": len(message.history),
        "replies": len(replies),
        "repliers": list(dict.fromkeys(reply.user for reply in replies)),
        "last_reply": replies[-1].ts if replies else None,
    }


def _view(view: View) -> Json:
    """A modal or Home tab; its private_metadata is between Slack and the app."""
    return {
        "id": view.id,
        "hash": view.hash,
        "title": view.title,
        "submit": (view.body.get("submit") or {}).get("text"),
        "close": (view.body.get("close") or {}).get("text"),
        "submit_disabled": bool(view.body.get("submit_disabled")),
        "blocks": list(view.blocks),
    }
