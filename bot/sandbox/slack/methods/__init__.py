"""
The Web API methods, one table: what runs, which arguments it needs, which scope it takes.

    blocks         would Slack take this
    chat           messages of the app
    conversations  channels and their history
    views          modals and Home tabs
    directory      who is who

How often each may be called is in `limits`. A method that is not in the table is `unknown_method`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from bot.sandbox.slack.arguments import Arguments
from bot.sandbox.slack.methods import blocks, chat, conversations, directory, views
from bot.sandbox.slack.model import Json
from bot.sandbox.slack.workspace import Workspace


@dataclass(frozen=True)
class Method:
    """
    One Web API method.

    Attributes:
        run: does it, and gives the answer without "ok".
        needs: arguments without which the answer is `invalid_arguments`.
        scopes: one of these is needed; none: no scope is.
        public: anybody may call it, without a token.

    """

    run: Callable[[Workspace, Arguments], Json]
    needs: str = ""
    scopes: str = ""
    public: bool = False


READ = "channels:read groups:read im:read mpim:read"
HISTORY = "channels:history groups:history im:history mpim:history"
WRITE = "chat:write"

METHODS = {
    "api.test": Method(directory.api_test, public=True),
    "auth.test": Method(directory.auth_test),
    "blocks.validate": Method(blocks.validate, public=True),
    "bots.info": Method(directory.bots_info, "", "users:read"),
    "chat.delete": Method(chat.delete, "channel ts", WRITE),
    "chat.getPermalink": Method(chat.get_permalink, "channel message_ts"),
    "chat.postEphemeral": Method(chat.post_ephemeral, "channel user", WRITE),
    "chat.postMessage": Method(chat.post_message, "channel", WRITE),
    "chat.update": Method(chat.update, "channel ts", WRITE),
    "conversations.history": Method(conversations.history, "channel", HISTORY),
    "conversations.info": Method(conversations.info, "channel", READ),
    "conversations.list": Method(conversations.list_all, "", READ),
    "conversations.members": Method(conversations.members, "channel", READ),
    "conversations.open": Method(conversations.open_direct, "", "im:write mpim:write"),
    "conversations.replies": Method(conversations.replies, "channel ts", HISTORY),
    "team.info": Method(directory.team_info, "", "team:read"),
    "usergroups.list": Method(directory.usergroups_list, "", "usergroups:read"),
    "usergroups.users.list": Method(
        directory.usergroups_users_list, "usergroup", "usergroups:read"
    ),
    "users.info": Method(directory.users_info, "user", "users:read"),
    "views.open": Method(views.open_modal, "trigger_id view"),
    "views.publish": Method(views.publish, "user_id view"),
    "views.push": Method(views.push, "trigger_id view"),
    "views.update": Method(views.update, "view"),
}
