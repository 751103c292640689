"""What is left of what was said when the bot's own memory is lost: Slack, and a number."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, kw_only=True)
class Posted:
    """
    A message of ours, as Slack has it.

    Attributes:
        kind, payload: its metadata.
        edition: the edition of the memory with which it was written last; 0: of an older version.
        is_open: it still has something to press.

    """

    channel: str
    ts: str
    kind: str
    payload: Mapping[str, Any] = field(default_factory=dict)
    edition: int = 0
    is_open: bool = False

    def says(self, name: str) -> str:
        """Give a field of its payload; "" where there is none."""
        return str(self.payload.get(name) or "")


class Archive(Protocol):
    """Our messages, read back from Slack."""

    async def posted(self, channel: str, since: datetime) -> tuple[Sequence[Posted], bool]:
        """Give our messages there since then, newest first; and whether that is all of them."""
        ...


class Editions(Protocol):
    """
    The number of the memory's edition: it grows while the bot lives, and is in the database first.

    So a database with a smaller number than a message in Slack is older than that message.
    """

    async def current(self) -> tuple[int, datetime | None]:
        """Tell the newest one, and when it began; 0: there was none."""
        ...

    async def begin(self, at_least: int = 0) -> int:
        """Begin another: greater than the newest one, and not smaller than this."""
        ...
