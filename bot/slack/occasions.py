"""What somebody did in Slack, as far as every handler needs it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.slack.calls import Json


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

    """

    user: str
    team: str
    channel: str = ""
    thread: str = ""
    response_url: str = ""
    trigger: str = ""
    about: Mapping[str, Any] | None = None


def of_command(body: Json) -> Occasion:
    """Read a slash command."""
    return Occasion(
        user=_text(body, "user_id"),
        team=team_of(body),
        channel=_text(body, "channel_id"),
        response_url=_text(body, "response_url"),
        trigger=_text(body, "trigger_id"),
    )


def of_interaction(body: Json) -> Occasion:
    """Read a press or a submission."""
    container = _part(body, "container")
    return Occasion(
        user=_text(_part(body, "user"), "id"),
        team=team_of(body),
        channel=_text(_part(body, "channel"), "id"),
        thread=_text(container, "thread_ts"),
        response_url=_text(body, "response_url"),
        trigger=_text(body, "trigger_id"),
        about=_about(body),
    )


def team_of(body: Json) -> str:
    """Tell of which workspace a payload is; "" where it does not say."""
    return (
        _text(body, "team_id")
        or _text(_part(body, "team"), "id")
        or _text(_part(body, "user"), "team_id")
    )


def key_of(body: Json) -> str:
    """Tell by what a payload is recognised when it comes again; "" if by nothing."""
    return _text(body, "event_id") or _text(body, "trigger_id")


def _about(body: Json) -> Mapping[str, Any] | None:
    metadata = _part(_part(body, "message"), "metadata")
    return _part(metadata, "event_payload") or None


def _part(body: Json, name: str) -> Json:
    found = body.get(name)
    return found if isinstance(found, dict) else {}


def _text(body: Json, name: str) -> str:
    found = body.get(name)
    return found if isinstance(found, str) else ""
