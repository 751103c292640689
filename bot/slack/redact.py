"""
Keeping secrets out of logs: tokens, response URLs, links' tickets, passwords, whatever logs them.

A response URL is a bearer secret for thirty minutes, a ticket opens one link of the app. What has
a shape is known by its shape; what has none (a signing secret) is learned by `keep_secret`.
"""

import logging
import re
from collections.abc import Mapping

#: What is kept of each tells the reader which secret stood there.
SECRETS = re.compile(
    r"""(?P<kept> (?: \b xox [a-z] (?: \. xox [a-z] )? - | \b xapp- ) (?= [\w%] )
        | hooks\.slack(?:-gov)?\.com (?:/|%2F)
          (?:commands|actions|services|workflows|triggers|app) (?:/|%2F)
        | \b ticket= | \b (?i:bearer)\s+ (?= [\w-]{8} )
        | \b eyJ (?= [\w-]{8,} \. eyJ )
        | \b v0= (?= [0-9a-f]{64} )
        ) [^\s"'<>&,;)\]}\\]+
        | (?P<before> \b [a-z][\w+.-]{0,30} :// [^\s"'<>:/@?#]{0,200} : )
          [^\s"'<>]{1,500} (?= @ )""",
    re.VERBOSE,
)
PLACEHOLDER = "…redacted"

#: Attributes of every record; what is not among them came with `extra`.
_STANDARD = frozenset(vars(logging.makeLogRecord({})))
_PLAIN = logging.Formatter()
_DEEPEST = 8
_SHORTEST_SECRET = 8
_LONGEST = 20_000  #: of a text; what is longer is not read to its end, by nobody

_known: set[str] = set()


def keep_secret(*secrets: str) -> None:
    """Learn secrets that no shape tells; they are blotted out wherever they stand."""
    _known.update(secret for secret in secrets if len(secret) >= _SHORTEST_SECRET)


def redact(text: str) -> str:
    """Blot out every secret in a text."""
    for secret in _known:
        if secret in text:
            text = text.replace(secret, PLACEHOLDER)
    return SECRETS.sub(_blotted, text)


def _blotted(found: re.Match[str]) -> str:
    return f"{found['kept'] or found['before']}{PLACEHOLDER}"


class Redacting(logging.Filter):
    """A filter for handlers (a logger's own filter does not see what its children log)."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Blot out the secrets of a record, its traceback and its extra fields; keep the record."""
        record.msg, record.args = redact(_said(record)[:_LONGEST]), ()
        if record.exc_info:
            record.exc_text = redact(
                (record.exc_text or _PLAIN.formatException(record.exc_info))[-_LONGEST:]
            )
            record.exc_info = None  # else a formatter would write the traceback anew
        if record.stack_info:
            record.stack_info = redact(record.stack_info)
        for name, value in list(vars(record).items()):
            if name not in _STANDARD:
                setattr(record, name, _without(value))
        return True


def _said(record: logging.LogRecord) -> str:
    """Give the message; words that do not fit their arguments must not stop who logs them."""
    try:
        return record.getMessage()
    except Exception:  # noqa: BLE001 - arguments are anybody's objects
        return f"{record.msg!s} (a message whose arguments do not fit)"


def _without(value: object, depth: int = 0) -> object:
    """Blot out the secrets in what was given in `extra`, however deep."""
    match value:
        case None | bool() | int() | float():
            return value
        case Mapping() if depth < _DEEPEST:
            return {redact(str(key)): _without(one, depth + 1) for key, one in value.items()}
        case list() | tuple() | set() | frozenset() if depth < _DEEPEST:
            return [_without(one, depth + 1) for one in value]
        case _:
            return redact(_text(value)[:_LONGEST])


def _text(value: object) -> str:
    try:
        return str(value)
    except Exception:  # noqa: BLE001 - anybody's object
        return f"a {type(value).__name__} that cannot be shown"
