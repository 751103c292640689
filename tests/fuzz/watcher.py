"""Whether anything went wrong meanwhile that nobody told us: by what was logged."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager


class Watcher(logging.Handler):
    """Keeps what tells of a bug: tracebacks, and errors of the libraries."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        is_ours = record.name.startswith("bot.") and not record.name.endswith((".bolt", ".sdk"))
        if record.exc_info or (record.levelno >= logging.ERROR and not is_ours):
            text = logging.Formatter().format(record)
            self.found.append(f"{record.name}: {text[-3_000:]}")


@contextmanager
def watched() -> Iterator[Watcher]:
    """Watch the log."""
    watcher = Watcher()
    root = logging.getLogger()
    root.addHandler(watcher)
    try:
        yield watcher
    finally:
        root.removeHandler(watcher)
