"""What a local Slack looks like at the moment: for the reader of a failed test."""

from collections.abc import Iterator, Sequence

from bot.sandbox.slack.webapi import Call
from bot.sandbox.slack.workspace import Workspace

_LAST = 10  #: calls that are told


def story(workspace: Workspace, calls: Sequence[Call]) -> str:
    """Tell what is on all screens, and the last calls."""
    return "\n".join([*_screens(workspace), *map(_told, calls[-_LAST:])])


def _screens(workspace: Workspace) -> Iterator[str]:
    for channel in workspace.channels.values():
        yield f"#{channel.name}"
        for message in workspace.messages(channel.id):
            yield f"  {message.ts} {message.user}: {message.plain}"
    for message in workspace.ephemerals:
        yield f"only {message.seen_by}: {message.plain}"


def _told(call: Call) -> str:
    answer = call.answer if isinstance(call.answer, dict) else {}
    brief = answer.get("error", "ok" if answer.get("ok") else call.answer)
    return f"{call.method} -> {call.status} {brief}"
