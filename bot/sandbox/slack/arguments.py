"""
The arguments of a Web API call, however they came.

slack_sdk sends a JSON body for chat.* and views.*, and a query for everything that only reads;
curl and older clients send forms, where structures are JSON in a string.
"""

import contextlib
import json
from typing import Any

from aiohttp import web

from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.model import Json

#: Arguments that are structures, and come as JSON in a string when they come by form.
STRUCTURES = ("attachments", "blocks", "message", "metadata", "view")


class Arguments:
    """Named arguments; an empty string, an empty list and null count as not given."""

    def __init__(self, values: Json) -> None:
        self.values = values

    def has(self, name: str) -> bool:
        """Whether the argument was given."""
        return self.values.get(name) not in (None, "", [])

    def text(self, name: str, default: str = "") -> str:
        """A string."""
        return str(self.values[name]) if self.has(name) else default

    def flag(self, name: str) -> bool | None:
        """True or false in any of the forms in which it travels; None if it was not given."""
        return self.text(name).lower() in ("true", "1") if self.has(name) else None

    def number(self, name: str, default: int) -> int:
        """A whole number."""
        try:
            return int(self.values[name]) if self.has(name) else default
        except ValueError as error:
            raise SlackError(f"invalid_{name}") from error

    def objects(self, name: str) -> list[Any]:
        """A list, empty if it was not given."""
        found = self.values[name] if self.has(name) else []
        if not isinstance(found, list):
            raise SlackError(f"invalid_{name}_format")
        return found

    def metadata(self) -> Json | None:
        """Message metadata; None if it was not given, empty if it shall be removed."""
        if not self.has("metadata"):
            return None
        found = self.values["metadata"]
        if found == {}:
            return {}
        if not isinstance(found, dict) or found.keys() != {"event_type", "event_payload"}:
            raise SlackError("invalid_metadata_format")
        return found


async def read_arguments(request: web.Request) -> Arguments:
    """Query, form and JSON body of a request together."""
    values: Json = dict(request.query)
    if request.content_type == "application/json":
        values |= _json_object(await request.text())
    else:
        values |= dict(await request.post())
    for name in STRUCTURES:
        if isinstance(values.get(name), str) and values[name]:
            with contextlib.suppress(json.JSONDecodeError):  # refused where it is read
                values[name] = json.loads(values[name])
    return Arguments(values)


def _json_object(body: str) -> Json:
    try:
        found = json.loads(body or "{}")
    except json.JSONDecodeError as error:
        raise SlackError("invalid_json") from error
    if not isinstance(found, dict):
        raise SlackError("json_not_object")
    return found
