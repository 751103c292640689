"""
Keeping secrets out of logs: tokens, response URLs and links' tickets, whatever logs them.

A response URL is a bearer secret for thirty minutes, a ticket opens one link of the app.
"""

import logging
import re

#: What is kept of each tells the reader which secret stood there.
SECRETS = re.compile(
    r"""(?P<kept> \b xoxe \. xox[bp]- | \b xox[abeprs]- | \b xapp-
        | hooks\.slack(?:-gov)?\.com/ (?:commands|actions|services|workflows|triggers|app) /
        | \b ticket= | \b Bearer\s+ (?= [\w-]{8} )
        ) [^\s"'<>&,;)\]}\\]+""",
    re.VERBOSE,
)
PLACEHOLDER = r"\g<kept>…redacted"

_PLAIN = logging.Formatter()
#: Attributes of every record; what is not among them came with `extra`.
_STANDARD = frozenset(vars(logging.makeLogRecord({})))


def redact(text: str) -> str:
    """Blot out every secret in a text."""
    return SECRETS.sub(PLACEHOLDER, text)


class Redacting(logging.Filter):
    """A filter for handlers (a logger's own filter does not see what its children log)."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Blot out the secrets of a record, its traceback and its extra fields; keep the record."""
        record.msg, record.args = redact(record.getMessage()), ()
        if record.exc_info:
            record.exc_text = redact(record.exc_text or _PLAIN.formatException(record.exc_info))
        if record.stack_info:
            record.stack_info = redact(record.stack_info)
        for name, value in vars(record).items():
            if name not in _STANDARD and isinstance(value, str):
                setattr(record, name, redact(value))
        return True
