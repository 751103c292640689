"""
blocks.validate: what Slack would refuse, told without posting it.

From docs.slack.dev/reference/methods/blocks.validate: one of three payloads, no token, and errors
as objects, other than those of chat.* and views.*. The code of unknown fields and of lengths is not
told there: here it is `failed_constraint` for all but a missing field. Pointers begin at the
payload, so the first block is `/0` in `blocks` and `/blocks/0` in a message or a view.
"""

from typing import Any

from bot.sandbox.slack.arguments import Arguments
from bot.sandbox.slack.checks import Problem
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.judge import judge_message, judge_view
from bot.sandbox.slack.model import Json
from bot.sandbox.slack.workspace import Workspace

PAYLOADS = ("blocks", "view", "message")


def validate(_: Workspace, args: Arguments) -> Json:
    """blocks.validate: nothing to say if all is well."""
    given = [name for name in PAYLOADS if args.has(name)]
    if len(given) != 1:
        said = "must provide exactly one of `blocks`, `view`, or `message`"
        raise SlackError("invalid_arguments", response_metadata={"messages": [said]})
    (name,) = given
    if problems := _judge(name, args.values[name]):
        raise SlackError(f"invalid_{name}", errors=[_told(problem) for problem in problems])
    return {}


def _judge(name: str, payload: Any) -> list[Problem]:
    if name == "view":
        return judge_view(payload, at="")
    if name == "blocks":
        return judge_message(payload, at="")
    if not isinstance(payload, dict):
        return [Problem("must be an object", "")]
    return judge_message(payload.get("blocks", []))


def _told(problem: Problem) -> Json:
    """One mistake as this method tells it."""
    told: Json = {
        "code": "missing_field" if problem.missing else "failed_constraint",
        "message": problem.message,
        "pointer": problem.pointer,
    }
    if problem.missing:
        told["field"] = problem.missing
    if problem.expected:
        expected = {"expected": list(problem.expected), "got": problem.got}
        told["constraint"] = {"type": "enum", **expected}
    return told
