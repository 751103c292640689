"""conversations.*: channels, who is in them, and what was said there."""

from bot.sandbox.slack.arguments import Arguments
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.methods.paging import page, with_cursor
from bot.sandbox.slack.model import Channel, Json, Message
from bot.sandbox.slack.rendering import channel_json, message_json
from bot.sandbox.slack.workspace import Workspace

#: Of each type of channel, how its scopes begin.
FAMILIES = {"public_channel": "channels", "private_channel": "groups", "im": "im", "mpim": "mpim"}


def info(workspace: Workspace, args: Arguments) -> Json:
    """conversations.info."""
    return {"channel": channel_json(workspace, _seen(workspace, args, "read"))}


def list_all(workspace: Workspace, args: Arguments) -> Json:
    """conversations.list: the types asked for; all of them must be allowed, or there is nothing."""
    types = {name.strip() for name in args.text("types", "public_channel").split(",")}
    if not types <= FAMILIES.keys():
        raise SlackError("invalid_types")
    for kind in sorted(types):
        workspace.ensure_scopes(f"{FAMILIES[kind]}:read")
    found = [
        channel
        for channel in workspace.channels.values()
        if workspace.is_visible(channel)
        and _type_of(channel) in types
        and not (channel.archived and args.flag("exclude_archived"))
    ]
    channels, cursor = page(found, args, lambda channel: channel.id, usual=100)
    return {"channels": [channel_json(workspace, c) for c in channels], **with_cursor(cursor)}


def members(workspace: Workspace, args: Arguments) -> Json:
    """conversations.members."""
    channel = _seen(workspace, args, "read")
    found, cursor = page(channel.members, args, str, usual=100)
    return {"members": list(found), **with_cursor(cursor)}


def open_direct(workspace: Workspace, args: Arguments) -> Json:
    """conversations.open: direct messages with one person."""
    users = [name for name in args.text("users").split(",") if name]
    if not users:
        raise SlackError("users_list_not_supplied")
    if len(users) > 1:
        raise SlackError("method_not_supported_for_channel_type", "the sandbox has no group DMs")
    if workspace.user(users[0]).deleted:
        raise SlackError("user_disabled")
    channel = workspace.direct_channel(users[0])
    return {
        "channel": channel_json(workspace, channel)
        if args.flag("return_im")
        else {"id": channel.id}
    }


def history(workspace: Workspace, args: Arguments) -> Json:
    """conversations.history: the channel itself, newest first."""
    channel = _readable(workspace, args)
    said = [m for m in workspace.messages(channel.id) if m.is_top_level]
    return _said(workspace, args, list(reversed(_between(said, args))))


def replies(workspace: Workspace, args: Arguments) -> Json:
    """conversations.replies: a message and its thread, oldest first."""
    channel = _readable(workspace, args)
    ts = args.text("ts")
    parent = [m for m in workspace.messages(channel.id) if m.ts == ts]
    if not parent:
        raise SlackError("thread_not_found")
    thread = parent + workspace.thread(channel.id, ts)
    return _said(workspace, args, _between(thread, args))


def _type_of(channel: Channel) -> str:
    if channel.is_im:
        return "im"
    return "private_channel" if channel.is_private else "public_channel"


def _seen(workspace: Workspace, args: Arguments, right: str) -> Channel:
    """The channel, if there is a scope for its type. One that is hidden is not there at all."""
    channel = workspace.channel(args.text("channel"))
    workspace.ensure_scopes(f"{FAMILIES[_type_of(channel)]}:{right}")
    return channel


def _readable(workspace: Workspace, args: Arguments) -> Channel:
    channel = _seen(workspace, args, "history")
    if not workspace.is_in(channel):
        raise SlackError("not_in_channel")
    return channel


def _between(said: list[Message], args: Arguments) -> list[Message]:
    """Messages after *oldest* and before *latest*; with *inclusive* also those two."""
    oldest, latest = (_moment(args, name) for name in ("oldest", "latest"))
    inclusive = bool(args.flag("inclusive"))

    def fits(message: Message) -> bool:
        ts = float(message.ts)
        after = oldest is None or ts > oldest or (inclusive and ts == oldest)
        return after and (latest is None or ts < latest or (inclusive and ts == latest))

    return [message for message in said if fits(message)]


def _moment(args: Arguments, name: str) -> float | None:
    try:
        return float(args.text(name)) if args.has(name) else None
    except ValueError as error:
        raise SlackError(f"invalid_ts_{name}") from error


def _said(workspace: Workspace, args: Arguments, said: list[Message]) -> Json:
    found, cursor = page(said, args, lambda message: message.ts, usual=100)
    everything = bool(args.flag("include_all_metadata"))
    return {
        "messages": [message_json(workspace, m, all_metadata=everything) for m in found],
        "has_more": bool(cursor),
        **(with_cursor(cursor) if cursor else {}),
    }
