"""Cursors: a list in pages, as Slack gives it."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import TypeVar

from bot.sandbox.slack.arguments import Arguments
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.model import Json

T = TypeVar("T")

#: "no more than 1000 in one page", most list methods; 999 for history.
LARGEST_PAGE = 1000


def page(
    items: Sequence[T], args: Arguments, key: Callable[[T], str], *, usual: int
) -> tuple[Sequence[T], str]:
    """
    The page that was asked for, and the cursor of the next one, "" after the last.

    A cursor names the first item of its page, so that what is added meanwhile moves nothing.
    """
    size = args.number("limit", usual) or usual
    if not 0 < size <= LARGEST_PAGE:
        raise SlackError("invalid_limit")
    start = _place(items, args.text("cursor"), key)
    following = items[start + size : start + size + 1]
    return items[start : start + size], _cursor(key(following[0])) if following else ""


def with_cursor(cursor: str) -> Json:
    """The cursor as it stands in an answer."""
    return {"response_metadata": {"next_cursor": cursor}}


def _cursor(name: str) -> str:
    return base64.b64encode(f"next:{name}".encode()).decode()


def _place(items: Sequence[T], cursor: str, key: Callable[[T], str]) -> int:
    if not cursor:
        return 0
    try:
        name = base64.b64decode(cursor, validate=True).decode().removeprefix("next:")
        return [key(item) for item in items].index(name)
    except (binascii.Error, ValueError) as error:
        raise SlackError("invalid_cursor") from error
