"""Logs on stderr: for people, or one JSON object a line. Tokens never pass (`slack/redact.py`)."""

import json
import logging
import sys
from datetime import UTC, datetime

from bot.slack.redact import Redacting

_PLAIN = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}


class _Json(logging.Formatter):
    """One object a line, with what was given in `extra`."""

    def format(self, record: logging.LogRecord) -> str:
        extra = {key: value for key, value in record.__dict__.items() if key not in _PLAIN}
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **extra,
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def set_up(level: str, shape: str) -> None:
    """Send what is logged to stderr."""
    handler = logging.StreamHandler(sys.stderr)
    text = logging.Formatter("%(asctime)s %(levelname)-7s %(name)s  %(message)s")
    handler.setFormatter(_Json() if shape == "json" else text)
    handler.addFilter(Redacting())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
