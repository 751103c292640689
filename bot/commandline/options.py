"""Options that several commands have, and how a moment is read."""

import argparse
from datetime import UTC, datetime, timedelta

_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def logging_options(level: str) -> argparse.ArgumentParser:
    """
    Make the parent of a parser that takes how to log.

    Args:
        level: the default: how grave it must be to be logged.

    """
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument(
        "--log-level",
        default=level,
        choices=["debug", "info", "warning", "error"],
        help="how grave it must be to be logged",
    )
    parser.add_argument(
        "--log-format", default="text", choices=["text", "json"], help="json: an object a line"
    )
    return parser


def add_output(parser: argparse.ArgumentParser, *shapes: str) -> None:
    """Let a command write its result in one of these ways; the first is the default."""
    parser.add_argument("--output", choices=shapes, default=shapes[0], help="how it is written")


def moment(text: str) -> datetime:
    """Read RFC 3339, or a span before now (`90m`, `36h`, `7d`). Raises ArgumentTypeError."""
    if text[:-1].isdecimal() and text[-1:] in _UNITS:
        return datetime.now(UTC) - timedelta(**{_UNITS[text[-1]]: int(text[:-1])})
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        message = f"{text!r} is neither a time such as 2026-01-31T09:00Z nor a span such as 36h"
        raise argparse.ArgumentTypeError(message) from None
    return read if read.tzinfo else read.astimezone()
