"""What a person reads of a message, and whether Slack would take it."""

import re
from collections.abc import Iterator
from typing import Any

from bot.messages.blocks import Message
from bot.messages.seal import Seal
from bot.sandbox.slack import reading
from bot.sandbox.slack.judge import LONGEST_MESSAGE, judge_message, judge_view, text_length

SEAL = Seal(b"a key for tests, never used elsewhere")

OURS = re.compile(
    r"<!date\^\d+\^[^|<>]*\|[^<>]*>|<@U0(?:ANN|BEN)>|<!subteam\^S0ONCALL>|<#C0RELEASES>"
)
ENTITY = re.compile(r"&(?:amp|lt|gt);")
SIGNS = set("⏸⚠✔✖→")
PICTURE = re.compile("[\u2190-\u21ff\u2300-\u23ff\u2600-\u27bf\U0001f000-\U0001faff]")


def read(message: Message) -> str:
    """Read the blocks as a person does, after asking the judge."""
    assert message.text.strip()
    assert "\n" not in message.text
    assert judge_message(list(message.blocks)) == []
    assert text_length(list(message.blocks)) <= LONGEST_MESSAGE
    return "\n".join(reading.lines(message.blocks))


def read_view(view: dict[str, Any]) -> str:
    """Read a modal or a Home tab, after asking the judge."""
    assert judge_view(view) == []
    return "\n".join(reading.lines(view["blocks"]))


def marked_up(part: Any) -> Iterator[str]:
    """Give every text in which Slack reads markup."""
    if isinstance(part, dict):
        if part.get("type") == "mrkdwn":
            yield part["text"]
            assert part["verbatim"] is True
        for value in part.values():
            yield from marked_up(value)
    elif isinstance(part, list | tuple):
        for item in part:
            yield from marked_up(item)


def undated(message: Message) -> list[str]:
    """Give its texts without what stands in for the times that Slack shows, and keeps true."""
    return [re.sub(r"\|[^>]*>", ">", text) for text in marked_up(message.blocks)]


def is_harmless(text: str) -> bool:
    """Whether nothing in it is a mention, a link or a half entity, except our own."""
    rest = ENTITY.sub("", OURS.sub("", text))
    return not re.search(r"[<>&]|@(?:channel|here|everyone)", rest, re.IGNORECASE)


def buttons(message: Message) -> dict[str, dict[str, Any]]:
    """Give everything that can be pressed, by its action id."""
    return {element["action_id"]: element for _, element in reading.interactive(message.blocks)}
