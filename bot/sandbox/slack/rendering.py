"""How Slack writes people, channels, messages and views in answers and payloads."""

from bot.sandbox.slack.model import Channel, Json, Message, User, UserGroup, View
from bot.sandbox.slack.workspace import Workspace


def user_json(user: User) -> Json:
    """A user as in users.info."""
    return {
        "id": user.id,
        "team_id": user.team_id,
        "name": user.name,
        "real_name": user.name.title(),
        "deleted": user.deleted,
        "tz": "Europe/Berlin",
        "tz_offset": 3600,
        "is_bot": user.is_bot,
        "is_app_user": False,
        "is_restricted": user.is_restricted,
        "is_ultra_restricted": user.is_ultra_restricted,
        "is_stranger": user.is_stranger,
        "profile": {"display_name": user.name, "real_name": user.name.title()},
    }


def group_json(workspace: Workspace, group: UserGroup, *, with_users: bool = False) -> Json:
    """A user group as in usergroups.list."""
    body = {
        "id": group.id,
        "team_id": workspace.id,
        "is_usergroup": True,
        "name": group.handle,
        "handle": group.handle,
        "date_delete": 0,
        "user_count": len(group.users),
    }
    return body | ({"users": list(group.users)} if with_users else {})


def channel_json(workspace: Workspace, channel: Channel) -> Json:
    """A conversation as in conversations.info."""
    body: Json = {
        "id": channel.id,
        "is_im": channel.is_im,
        "is_mpim": False,
        "is_archived": channel.archived,
        "is_private": channel.is_private or channel.is_im,
    }
    if channel.is_im:
        return body | {"user": next(m for m in channel.members if m != workspace.app.user)}
    return body | {
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": not channel.is_private,
        "is_group": channel.is_private,
        "is_member": workspace.is_in(channel),
        "is_read_only": channel.is_read_only,
        "is_thread_only": channel.is_thread_only,
        "is_non_threadable": channel.is_non_threadable,
        "num_members": len(channel.members),
    }


def message_json(workspace: Workspace, message: Message, *, all_metadata: bool = True) -> Json:
    """A message; without *all_metadata* only the event_type of its metadata is told."""
    body: Json = {
        "type": "message",
        "user": message.user,
        "ts": message.ts,
        "team": workspace.id,
        "text": message.text,
    }
    if message.deleted:
        body |= {"subtype": "tombstone", "hidden": True, "user": "USLACKBOT"}
    if message.bot_id:
        body |= {"bot_id": message.bot_id, "app_id": workspace.app.id}
    if message.blocks:
        body["blocks"] = list(message.blocks)
    if message.edited:
        body["edited"] = {"user": message.user, "ts": message.edited}
    if message.metadata:
        metadata = dict(message.metadata)
        body["metadata"] = metadata if all_metadata else {"event_type": metadata["event_type"]}
    return body | _thread_json(workspace, message)


def _thread_json(workspace: Workspace, message: Message) -> Json:
    """What a message tells about its thread: a reply its parent, a parent its replies."""
    if message.thread_ts:
        subtype = {"subtype": "thread_broadcast"} if message.broadcast else {}
        return {"thread_ts": message.thread_ts, **subtype}
    if message.seen_by or not (replies := workspace.thread(message.channel, message.ts)):
        return {}
    return {
        "thread_ts": message.ts,
        "reply_count": len(replies),
        "reply_users": list(dict.fromkeys(reply.user for reply in replies)),
        "latest_reply": replies[-1].ts,
    }


def view_json(workspace: Workspace, view: View, *, values: Json | None = None) -> Json:
    """A view with everything that Slack adds to it; *values* is what was filled in."""
    defaults: Json = {"private_metadata": "", "callback_id": "", "external_id": ""}
    if view.type == "modal":
        defaults |= {"submit": None, "close": None}
        defaults |= {"clear_on_close": False, "notify_on_close": False, "submit_disabled": False}
    return (
        defaults
        | view.body
        | {
            "id": view.id,
            "team_id": workspace.id,
            "state": {"values": values or {}},
            "hash": view.hash,
            "root_view_id": view.root,
            "previous_view_id": view.previous,
            "app_id": workspace.app.id,
            "app_installed_team_id": workspace.id,
            "bot_id": workspace.app.bot,
        }
    )
