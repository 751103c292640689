"""
What Slack tells the app when somebody does something: payloads, field by field.

Sources: docs.slack.dev implementing-slash-commands, interaction-payloads, using-socket-mode,
app_home_opened. Fields that only other kinds of apps get are left out.
"""

import re
import secrets
from collections.abc import Mapping

from bot.sandbox.slack import forms
from bot.sandbox.slack.model import Channel, Json, Message, User, View
from bot.sandbox.slack.rendering import message_json, view_json
from bot.sandbox.slack.responses import Occasion, Responses
from bot.sandbox.slack.workspace import Workspace

VERIFICATION = "sandbox-verification"  # the old token in each payload, which nobody should trust
NAMED = re.compile(r"(?<![\w<])([@#])([a-z0-9][\w.-]*)")


class Payloads:
    """Writes payloads for one workspace."""

    def __init__(self, workspace: Workspace, responses: Responses) -> None:
        self._workspace = workspace
        self._responses = responses

    def slash_command(
        self, user: User, channel: Channel, command: str, text: str
    ) -> tuple[Json, Occasion]:
        """A command, and the occasion on which the app may answer."""
        url, occasion = self._responses.issue(user.id, channel.id)
        payload = {
            "token": VERIFICATION,
            "team_id": self._workspace.id,
            "team_domain": self._workspace.domain,
            "channel_id": channel.id,
            "channel_name": "privategroup" if channel.is_private else channel.name,
            "user_id": user.id,
            "user_name": user.name,
            "command": command,
            "text": self._escaped(text),
            "api_app_id": self._workspace.app.id,
            "is_enterprise_install": "false",
            "response_url": url,
            "trigger_id": self._workspace.screens.trigger(user.id),
        }
        return payload, occasion

    def press_on_message(self, user: User, message: Message, action: Json) -> Json:
        """A button, menu or input of a message; of an ephemeral one the message is not told."""
        channel = self._workspace.channels[message.channel]
        url, _ = self._responses.issue(user.id, channel.id, message)
        container: Json = {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": channel.id,
            "is_ephemeral": bool(message.seen_by),
        }
        if message.thread_ts:
            container["thread_ts"] = message.thread_ts
        payload = self._interaction("block_actions", user) | {
            "container": container,
            "channel": {"id": channel.id, "name": channel.name},
            "state": {"values": forms.state(message.blocks, {})},
            "response_url": url,
            "actions": [action],
        }
        if not message.seen_by:
            payload["message"] = message_json(self._workspace, message)
        return payload

    def press_in_view(
        self, user: User, view: View, action: Json, filled: Mapping[str, forms.Filled]
    ) -> Json:
        """A button, menu or input of a modal or Home tab."""
        values = forms.state(view.blocks, filled)
        return self._interaction("block_actions", user) | {
            "container": {"type": "view", "view_id": view.id},
            "view": view_json(self._workspace, view, values=values),
            "actions": [action],
        }

    def view_submission(self, user: User, view: View, values: Json) -> Json:
        """A modal was submitted."""
        return self._interaction("view_submission", user) | {
            "view": view_json(self._workspace, view, values=values),
            "response_urls": [],
        }

    def view_closed(self, user: User, view: View, *, is_cleared: bool) -> Json:
        """A modal was closed, or a whole stack of them."""
        payload = self._interaction("view_closed", user)
        del payload["trigger_id"]
        return payload | {"view": view_json(self._workspace, view), "is_cleared": is_cleared}

    def event(self, event: Json, event_id: str | None = None) -> Json:
        """Something happened in the workspace."""
        workspace = self._workspace
        return {
            "token": VERIFICATION,
            "team_id": workspace.id,
            "api_app_id": workspace.app.id,
            "event": event,
            "type": "event_callback",
            "event_id": event_id or f"Ev{secrets.token_hex(5).upper()}",
            "event_time": int(workspace.clock()),
            "authorizations": [
                {
                    "enterprise_id": None,
                    "team_id": workspace.id,
                    "user_id": workspace.app.user,
                    "is_bot": True,
                    "is_enterprise_install": False,
                }
            ],
            "is_ext_shared_channel": False,
        }

    def _interaction(self, kind: str, user: User) -> Json:
        return {
            "type": kind,
            "user": {
                "id": user.id,
                "username": user.name,
                "name": user.name,
                "team_id": user.team_id,
            },
            "api_app_id": self._workspace.app.id,
            "token": VERIFICATION,
            "trigger_id": self._workspace.screens.trigger(user.id),
            "team": {"id": self._workspace.id, "domain": self._workspace.domain},
            "enterprise": None,
            "is_enterprise_install": False,
        }

    def _escaped(self, text: str) -> str:
        """Names of people, groups and channels as ids: `should_escape` in the app's manifest."""
        names: dict[str, str] = {}
        for user in self._workspace.users.values():
            names[f"@{user.name}"] = f"<@{user.id}|{user.name}>"
        for group in self._workspace.groups.values():
            names[f"@{group.handle}"] = f"<!subteam^{group.id}|@{group.handle}>"
        for channel in self._workspace.channels.values():
            names[f"#{channel.name}"] = f"<#{channel.id}|{channel.name}>"
        return NAMED.sub(lambda found: names.get(found[0], found[0]), text)


def action(
    block: Json, element: Json, *, at: str, option: str | None = None, value: str | None = None
) -> Json:
    """
    What was pressed, as it stands in `actions`.

    *option* begins the value of what was chosen in a menu. *value* is a forgery: it goes out as
    the value of the button or option, whatever was on the screen.
    """
    kept = ("action_id", "type", "text", "value", "style", "confirm", "placeholder")
    pressed: Json = {name: element[name] for name in kept if name in element}
    pressed |= {"block_id": block["block_id"], "action_ts": at}
    match element["type"]:
        case "button":
            forged: Json = {} if value is None else {"value": value}
        case "checkboxes":
            forged = {"selected_options": [forms.choose(element, option)]}
        case "plain_text_input":
            forged = {"value": value or ""}
        case _:
            chosen = forms.choose(element, option)
            forged = {"selected_option": chosen | ({} if value is None else {"value": value})}
    return pressed | forged
