"""Lines of a width, with or without colours."""

import io
import os
import shutil
import sys
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TextIO

WIDEST = 100
_NARROWEST = 40
_STYLES = {"bold": "1", "dim": "2", "alert": "1;31", "warn": "33"}


@dataclass(frozen=True, kw_only=True)
class Paper:
    """
    What is written on.

    Attributes:
        width: columns.
        colours: whether escape sequences may be used.

    """

    width: int = WIDEST
    colours: bool = False

    def style(self, text: str, name: str) -> str:
        """Write in a style: bold, dim, alert, warn."""
        if not self.colours or not text:
            return text
        return f"\x1b[{_STYLES[name]}m{text}\x1b[0m"

    def wrap(self, text: str, first: str = "", rest: str | None = None) -> Iterator[str]:
        """Break a text into lines that begin with *first*, and then with *rest*."""
        after = " " * len(first) if rest is None else rest
        for paragraph in clean(text).splitlines() or [""]:
            yield from textwrap.wrap(
                paragraph,
                max(self.width, len(after) + 20),
                initial_indent=first,
                subsequent_indent=after,
                break_on_hyphens=False,
            ) or [first.rstrip()]
            first = after


def paper(stream: TextIO, environ: Mapping[str, str]) -> Paper:
    """Make the paper that a stream is."""
    is_terminal = stream.isatty()
    width = shutil.get_terminal_size((WIDEST, 24)).columns if is_terminal else WIDEST
    is_plain = bool(environ.get("NO_COLOR")) or environ.get("TERM") == "dumb" or os.name == "nt"
    return Paper(width=max(_NARROWEST, min(width, WIDEST)), colours=is_terminal and not is_plain)


def put(lines: Iterable[str]) -> None:
    """Write lines on stdout; that nobody reads them any more (`| head`) is no fault."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal that knows no such sign
    try:
        sys.stdout.write("".join(f"{line}\n" for line in lines))
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def clean(text: str) -> str:
    """Make foreign text safe for a terminal: no control signs but the end of a line."""
    return "".join(sign if sign.isprintable() or sign == "\n" else "�" for sign in text)
