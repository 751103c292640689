"""Every kind of message and form, judged by Slack itself (`blocks.validate`). Nothing is posted."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

from bot.doctor.asking import LATER, ask
from bot.doctor.specimens import LONG, SHORT, specimens
from bot.doctor.verdict import Area, Line, missing, ok, unchecked
from bot.messages.blocks import Message
from bot.slack.calls import CallError, Calls, Refused

_REPORT = (
    "that is a fault of rollout-bot: report it with this line. Until then such a message is posted "
    "as text alone, and such a form does not open"
)
#: Slack's words for a payload that it would refuse
_INVALID = frozenset({"invalid_blocks", "invalid_message", "invalid_view"})


async def examine(calls: Calls) -> AsyncIterator[Line]:
    """Let Slack judge each kind: one as it usually is, one as long as foreign text can make it."""
    for name, usual in specimens(SHORT).items():
        yield await _judged(calls, name, usual, specimens(LONG)[name])


def unasked(why: str) -> Iterator[Line]:
    """Give the same lines where they cannot be asked."""
    for name in specimens(SHORT):
        yield unchecked(Area.MESSAGES, name, why)


async def _judged(calls: Calls, name: str, *made: Message | dict[str, Any]) -> Line:
    for one in made:
        try:
            await ask(calls, "blocks.validate", **_payload(one))
        except Refused as error:
            if error.error in _INVALID:
                return missing(Area.MESSAGES, name, f"Slack refuses it: {_why(error)}", _REPORT)
            return missing(Area.MESSAGES, name, f"Slack does not judge it: {error.error}", LATER)
        except CallError as error:
            return missing(Area.MESSAGES, name, f"Slack does not judge it: {error}", LATER)
    return ok(Area.MESSAGES, name)


def _payload(made: Message | dict[str, Any]) -> dict[str, Any]:
    if isinstance(made, Message):
        blocks = {"blocks": list(made.blocks)} if made.blocks else {}
        return {"message": {"text": made.text, **blocks}}
    return {"view": made}


def _why(error: Refused) -> str:
    """Tell the first thing that Slack has against it."""
    told = error.answer.get("errors") or [{}]
    first = told[0] if isinstance(told[0], dict) else {"message": told[0]}
    return f"{first.get('pointer', '')} {first.get('message', error.error)}".strip()
