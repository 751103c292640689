"""
Message content and views as the app sends them: judged, and completed as Slack completes them.

Slack gives ids to blocks that have none, and echoes text objects with their defaults, so what is
read back never equals what was sent.
"""

import json
from collections.abc import Sequence
from typing import Any

from bot.sandbox.slack import reading
from bot.sandbox.slack.arguments import Arguments
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.judge import (
    LARGEST_VIEW,
    LONGEST_MESSAGE,
    judge_message,
    judge_view,
    text_length,
)
from bot.sandbox.slack.model import Content, Json

#: chat.postMessage cuts a text here, without an error.
CUT_TEXT = 40_000


def read_content(args: Arguments, *, longest_text: int | None = None) -> Content:
    """
    What a message shall show; raises what Slack would answer instead.

    A text beyond *longest_text* is refused, without that limit it is cut.
    """
    if args.has("attachments"):
        raise SlackError("invalid_attachments", "the sandbox does not show attachments")
    text, blocks = args.text("text"), args.objects("blocks")
    if not text and not blocks:
        raise SlackError("no_text")
    if longest_text is not None and len(text) > longest_text:
        raise SlackError("msg_too_long")
    if problems := judge_message(blocks):
        raise SlackError("invalid_blocks", *map(str, problems))
    if text_length(blocks) > LONGEST_MESSAGE:
        raise SlackError("msg_blocks_too_long")
    return Content(text=text[:CUT_TEXT], blocks=completed(blocks))


def read_view(view: Any, *allowed: str) -> Json:
    """A view of one of the allowed types; raises what Slack would answer instead."""
    if len(json.dumps(view)) > LARGEST_VIEW:
        raise SlackError("view_too_large")
    if problems := judge_view(view):
        raise SlackError("invalid_arguments", *map(str, problems))
    if view["type"] not in allowed:
        raise SlackError("invalid_arguments", f"unsupported type: {view['type']}")
    return {**view, "blocks": list(completed(view["blocks"]))}


def completed(blocks: Sequence[Json]) -> tuple[Json, ...]:
    """Blocks as Slack echoes them; nothing of the originals is shared."""
    copies: list[Json] = [_with_defaults(block) for block in blocks]
    for index, block in enumerate(copies):
        block.setdefault("block_id", f"~{index}")
    for index, (_, element) in enumerate(reading.interactive(copies)):
        element.setdefault("action_id", f"~{index}")
    return tuple(copies)


def _with_defaults(part: Any) -> Any:
    """A deep copy in which text objects carry their default fields."""
    if isinstance(part, list):
        return [_with_defaults(item) for item in part]
    if not isinstance(part, dict):
        return part
    copy = {name: _with_defaults(value) for name, value in part.items()}
    if copy.get("type") == "plain_text":
        copy.setdefault("emoji", True)
    elif copy.get("type") == "mrkdwn":
        copy.setdefault("verbatim", False)
    return copy
