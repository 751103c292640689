"""
What somebody did in Slack, as far as every handler needs it. Pure.

Payloads come from outside: nothing in them is taken to have the shape, the length or the letters
that Slack's pages promise. What is no text is "", what is no part is empty.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.slack.calls import Json

#: No field that we read is longer, save what people type.
LONGEST_FIELD = 3_000
#: Slack's ids are much shorter; forms carry some, and have no room for more.
LONGEST_ID = 64


@dataclass(frozen=True, kw_only=True)
class Occasion:
    """
    One command, press or submission; where and how it may be answered.

    Attributes:
        user: who did it.
        team: of which workspace, by Slack's word.
        channel: where; "" on the Home tab and in modals.
        thread: ts of the thread in which the pressed message stands.
        response_url: where an answer may be posted; a secret.
        trigger: the right to open a modal within three seconds.
        about: what the pressed message's metadata says of its rollout.
        key: by what it is recognised when it comes again; "": by nothing.

    """

    user: str
    team: str
    channel: str = ""
    thread: str = ""
    response_url: str = ""
    trigger: str = ""
    about: Mapping[str, str] | None = None
    key: str = ""


def of_command(body: Json) -> Occasion:
    """Read a slash command."""
    return Occasion(
        user=text(body, "user_id", LONGEST_ID),
        team=team_of(body),
        channel=text(body, "channel_id", LONGEST_ID),
        response_url=text(body, "response_url"),
        trigger=text(body, "trigger_id"),
        key=key_of(body),
    )


def of_interaction(body: Json) -> Occasion:
    """Read a press or a submission."""
    return Occasion(
        user=text(part(body, "user"), "id", LONGEST_ID),
        team=team_of(body),
        channel=text(part(body, "channel"), "id", LONGEST_ID),
        thread=text(part(body, "container"), "thread_ts", LONGEST_ID),
        response_url=text(body, "response_url"),
        trigger=text(body, "trigger_id"),
        about=_about(body),
        key=key_of(body),
    )


def team_of(body: Json) -> str:
    """Tell of which workspace a payload is; "" where it does not say."""
    return (
        text(body, "team_id")
        or text(part(body, "team"), "id")
        or text(part(body, "user"), "team_id")
    )


def key_of(body: Json) -> str:
    """Tell by what a payload is recognised when it comes again; "" if by nothing."""
    return text(body, "event_id") or text(body, "trigger_id")


def part(body: Any, name: str) -> Json:
    """Give an object in an object; empty where there is none."""
    found = body.get(name) if isinstance(body, dict) else None
    return found if isinstance(found, dict) else {}


def parts(body: Any, name: str) -> list[Json]:
    """Give the objects of a list in an object."""
    found = body.get(name) if isinstance(body, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def text(body: Any, name: str, longest: int = LONGEST_FIELD) -> str:
    """Give a text in an object, such that every program can write it; "" where there is none."""
    found = body.get(name) if isinstance(body, dict) else None
    if not isinstance(found, str):
        return ""
    kept = found[:longest]
    return kept if kept.isprintable() else _writable(kept)


def _writable(found: str) -> str:
    """Take out what no database takes: lone surrogates, and NUL."""
    return found.encode("utf-8", "replace").decode().replace("\0", "")


def _about(body: Json) -> Mapping[str, str] | None:
    payload = part(part(part(body, "message"), "metadata"), "event_payload")
    return {name: text(payload, name, 300) for name in payload if text(payload, name)} or None
