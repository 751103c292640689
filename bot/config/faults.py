"""What is wrong with a configuration, where, and what would be right."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

#: how to come to a place in the file: keys of mappings and positions in lists
Loc = tuple[str | int, ...]

_READABLE = 60


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong."""

    file: str
    line: int  #: 0: of no line in particular
    field: str  #: such as `channels[0].digest.cron`; empty: the file as a whole
    message: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        return _one_line(": ".join(filter(None, (where, self.field, self.message))))


def _one_line(text: str) -> str:
    """Write what no terminal shows as its escape."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


class ConfigError(Exception):
    """The configuration cannot be used; all that is wrong with it."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__(*self.faults)

    def __str__(self) -> str:
        return "\n".join(str(fault) for fault in self.faults)


def field_name(loc: Loc) -> str:
    """Write a place as people do: `channels[0].tell`."""
    name = ""
    for part in loc:
        name += f"[{part}]" if isinstance(part, int) else f".{part}"
    return name.removeprefix(".")


def shown(value: Any) -> str:
    """Quote what was written, at a length that can be read."""
    match value:
        case str():
            text = repr(value)
        case bool():
            text = str(value).lower()  # as YAML writes it
        case None:
            text = "nothing"
        case _:
            text = str(value)
    return text if len(text) <= _READABLE else f"{text[: _READABLE - 1]}…"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Suggest the known word that is meant, or nothing."""
    by_folded = {one.casefold(): one for one in known}
    close = difflib.get_close_matches(word.casefold(), by_folded, n=1, cutoff=0.6)
    return f"; did you mean {by_folded[close[0]]}?" if close else ""


def one_of(known: Iterable[str]) -> str:
    """List what is allowed."""
    return f"allowed: {', '.join(known)}"
