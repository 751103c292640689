"""chat.*: what the app says, changes and takes back."""

from bot.sandbox.slack.arguments import Arguments
from bot.sandbox.slack.content import read_content
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.model import Channel, Json, Message
from bot.sandbox.slack.rendering import message_json
from bot.sandbox.slack.workspace import Workspace

#: chat.update refuses longer texts; chat.postMessage cuts them much later.
LONGEST_UPDATE = 4_000


def post_message(workspace: Workspace, args: Arguments) -> Json:
    """chat.postMessage: to a channel by id or name, or to a person."""
    channel = _postable(workspace, args.text("channel"))
    _ensure_allowed(channel, is_reply=args.has("thread_ts"))
    message = workspace.post(
        channel,
        read_content(args),
        thread_ts=args.text("thread_ts"),
        broadcast=bool(args.flag("reply_broadcast")),
        metadata=args.metadata(),
    )
    return _shown(workspace, message)


def update(workspace: Workspace, args: Arguments) -> Json:
    """chat.update: own messages only; metadata stays unless new is given."""
    message = _own(workspace, args, "ts", otherwise="cant_update_message")
    if workspace.channels[message.channel].archived:
        raise SlackError("is_inactive")
    content = read_content(args, longest_text=LONGEST_UPDATE)
    message = workspace.update(message, content, metadata=args.metadata())
    return _shown(workspace, message) | {"text": message.text}


def delete(workspace: Workspace, args: Arguments) -> Json:
    """chat.delete: own messages only."""
    message = _own(workspace, args, "ts", otherwise="cant_delete_message")
    workspace.remove(message)
    return {"channel": message.channel, "ts": message.ts}


def post_ephemeral(workspace: Workspace, args: Arguments) -> Json:
    """chat.postEphemeral: to one person, who must be in the channel."""
    channel = _postable(workspace, args.text("channel"))
    content = read_content(args)
    if args.text("user") not in channel.members:
        raise SlackError("user_not_in_channel")
    message = workspace.whisper(
        channel, content, to=args.text("user"), thread_ts=args.text("thread_ts")
    )
    return {"message_ts": message.ts}


def get_permalink(workspace: Workspace, args: Arguments) -> Json:
    """chat.getPermalink: where a browser finds the message."""
    channel = workspace.channel(args.text("channel"))
    message = workspace.message(channel.id, args.text("message_ts"))
    link = f"{workspace.url}archives/{channel.id}/p{message.ts.replace('.', '')}"
    if message.thread_ts:
        link += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return {"channel": channel.id, "permalink": link}


def _postable(workspace: Workspace, name: str) -> Channel:
    """The channel of that id or name, or the direct messages with that person."""
    if name in workspace.users:
        return workspace.direct_channel(name)
    channel = workspace.channel(workspace.channel_id(name))
    if channel.archived:
        raise SlackError("is_archived")
    if not workspace.is_in(channel) and "chat:write.public" not in workspace.scopes:
        raise SlackError("not_in_channel")
    return channel


def _ensure_allowed(channel: Channel, *, is_reply: bool) -> None:
    """Refuse what the channel's settings do not let anybody post."""
    if channel.is_read_only:
        raise SlackError("restricted_action_read_only_channel")
    if channel.is_thread_only and not is_reply:
        raise SlackError("restricted_action_thread_only_channel")
    if channel.is_non_threadable and is_reply:
        raise SlackError("restricted_action_non_threadable_channel")


def _own(workspace: Workspace, args: Arguments, ts: str, *, otherwise: str) -> Message:
    channel = workspace.channel(args.text("channel"))
    message = workspace.message(channel.id, args.text(ts))
    if message.bot_id != workspace.app.bot:
        raise SlackError(otherwise)
    return message


def _shown(workspace: Workspace, message: Message) -> Json:
    return {
        "channel": message.channel,
        "ts": message.ts,
        "message": message_json(workspace, message),
    }
