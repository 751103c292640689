"""
Where payloads go on to Bolt, by whichever way they came: of each only what is read here.

    payload ─▶ of which kind? ─▶ the fields of that kind, of the right type, as text that can be
    written ─▶ Bolt ─▶ doorman ─▶ slash | buttons | modals | home

Bolt looks into payloads without asking what is there, and answers what surprises it with a
traceback; what is not read cannot surprise anybody.
"""

import logging
from typing import Any

from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest

from bot.slack.calls import Json
from bot.slack.commands import LONGEST_LINE
from bot.slack.occasions import part, parts, text

_log = logging.getLogger(__name__)

#: Payloads that are taken care of at the same time, up to their acknowledgement.
MOST_AT_ONCE = 500

UNREADABLE, UNKNOWN, FULL = 400, 404, 503

#: What a shape says of a field: text, or whatever it is (who reads it looks what it is).
TEXT, ANY = "text", "any"
Shape = dict[str, Any]

_WHO: Shape = {
    "type": TEXT,
    "api_app_id": TEXT,
    "team_id": TEXT,
    "trigger_id": TEXT,
    "response_url": TEXT,
    "user": {"id": TEXT, "team_id": TEXT},
    "team": {"id": TEXT},
}
_VIEW: Shape = {"callback_id": TEXT, "private_metadata": TEXT, "blocks": ANY, "state": ANY}
_ACTION: Shape = {"action_id": TEXT, "value": TEXT, "url": ANY}
_IDS = ("command", "user_id", "team_id", "channel_id", "response_url", "trigger_id", "api_app_id")
COMMAND: Shape = dict.fromkeys(_IDS, TEXT) | {"text": LONGEST_LINE + 1}
#: By `type`; where something is required, it is the last part of the path.
SHAPES: dict[str, tuple[Shape, tuple[str, str]]] = {
    "block_actions": (
        _WHO
        | {
            "channel": {"id": TEXT},
            "container": {"thread_ts": TEXT},
            "message": {"metadata": {"event_payload": ANY}},
            "actions": [_ACTION | {"selected_option": {"value": TEXT, "url": ANY}}],
        },
        ("actions", "action_id"),
    ),
    "view_submission": (_WHO | {"view": _VIEW}, ("view", "callback_id")),
    "view_closed": (_WHO | {"view": {"callback_id": TEXT}}, ("view", "callback_id")),
    "event_callback": (
        {"type": TEXT, "api_app_id": TEXT, "team_id": TEXT, "event_id": TEXT}
        | {"event": {"type": TEXT, "user": TEXT, "tab": TEXT}},
        ("event", "type"),
    ),
    "url_verification": ({"type": TEXT, "challenge": TEXT}, ("", "challenge")),
}


class Entrance:
    """The door behind which Bolt is."""

    def __init__(self, app: AsyncApp) -> None:
        self._app = app
        self._inside = 0

    async def take(self, body: object) -> BoltResponse:
        """Give the answer to one payload whose sender is known to be Slack."""
        known = understood(body)
        if known is None:
            _log.warning("A payload that cannot be read", extra={"action": "unreadable"})
            return BoltResponse(status=UNREADABLE)
        if self._inside >= MOST_AT_ONCE:
            _log.error("More payloads than I can acknowledge", extra={"action": "overrun"})
            return BoltResponse(status=FULL)
        self._inside += 1
        try:
            # "socket_mode" means: parsed, and known to be Slack's
            asked = AsyncBoltRequest(mode="socket_mode", body=known, headers={})
            answer = await self._app.async_dispatch(asked)
            if answer.status == UNKNOWN:
                _log.warning("A payload that nobody here takes", extra={"action": "untaken"})
            return answer
        finally:
            self._inside -= 1


def understood(body: object) -> Json | None:
    """Give what is read of a payload; None: nobody here knows what it is."""
    if not isinstance(body, dict):
        return None
    if "type" not in body:
        found = picked(body, COMMAND)
        return found if found.get("command") else None
    shape, (where, name) = SHAPES.get(text(body, "type"), ({}, ("", "")))
    found = picked(body, shape)
    if "view" in found:
        found["view"]["type"] = "modal"  # Bolt asks for it
    listed = isinstance(found.get(where), list)
    holder = next(iter(parts(found, where)), {}) if listed else part(found, where)
    return found if (holder if where else found).get(name) else None


def picked(body: Json, shape: Shape) -> Json:
    """Give the fields of a shape, as far as they are there and of that kind."""
    found: Json = {}
    for name, kind in shape.items():
        if name not in body:
            continue
        match kind:
            case "text":
                found[name] = text(body, name)
            case int():
                found[name] = text(body, name, kind)
            case "any":
                found[name] = body[name]
            case dict():
                found[name] = picked(part(body, name), kind)
            case _:
                found[name] = [picked(one, kind[0]) for one in parts(body, name)[:1]]
    return found
