"""
Logs on stderr: for people, or one JSON object a line. Tokens never pass (`slack/redact.py`).

Whatever foreign text is logged, a record stays one record: in lines for people a line end in it is
written as its escape, and the lines of a traceback are marked.
"""

import contextlib
import json
import logging
import sys
from datetime import UTC, datetime
from types import TracebackType

from bot.slack.redact import Redacting

_PLAIN = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}
_MARK = "    | "  #: before each line of a traceback
_LONGEST = 10_000  #: a message; what is longer is no message

_log = logging.getLogger(__name__)


class _Json(logging.Formatter):
    """One object a line, with what was given in `extra`."""

    def format(self, record: logging.LogRecord) -> str:
        extra = {key: value for key, value in record.__dict__.items() if key not in _PLAIN}
        line = {
            **extra,
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage()[:_LONGEST],
        }
        if record.exc_text:
            line["error"] = record.exc_text
        return json.dumps(line, default=str)


class _Text(logging.Formatter):
    """One line for each record, then its traceback, marked."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s  %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        record.message = record.getMessage()[:_LONGEST]
        record.asctime = self.formatTime(record, self.datefmt)
        more = (record.exc_text or "", record.stack_info or "")
        lines = [line for text in more for line in text.splitlines()]
        marked = (f"{_MARK}{_one_line(line)}" for line in lines)
        return "\n".join((_one_line(self.formatMessage(record)), *marked))


class _Stderr(logging.Handler):
    """Writes records; one that cannot be written is told without a word of what is in it."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            sys.stderr.write(f"{self.format(record)}\n")
            sys.stderr.flush()
        except Exception as error:  # noqa: BLE001 - a log that fails must stop nobody
            with contextlib.suppress(OSError, ValueError):
                what = type(error).__name__
                sys.stderr.write(f"A record of {record.name} could not be written: {what}\n")


def set_up(level: str, shape: str) -> None:
    """Send what is logged to stderr, and also what would end the process with a traceback."""
    handler = _Stderr()
    handler.setFormatter(_Json() if shape == "json" else _Text())
    handler.addFilter(Redacting())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    sys.excepthook = _uncaught


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    _log.critical("The bot ends: %s", kind.__name__, exc_info=(kind, error, trace))


def _one_line(text: str) -> str:
    """Write line ends, terminal controls and lone surrogates as people can read them."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
