"""A finding of which nobody wants to hear for a while, with who said so and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.release.ledger import By

#: for how long something may be muted, by the word of the form
SPANS: Mapping[str, timedelta] = {
    "1h": timedelta(hours=1),
    "8h": timedelta(hours=8),
    "1d": timedelta(days=1),
    "7d": timedelta(days=7),
}


@dataclass(frozen=True, kw_only=True)
class Mute:
    """
    One finding, muted.

    Attributes:
        key: of the finding.
        severity: what it was then: when it gets graver, it is told all the same.
        at: since when.
        until: it ends by itself then.

    """

    key: str
    severity: str
    by: By
    reason: str
    at: datetime
    until: datetime

    def is_over(self, now: datetime) -> bool:
        """Whether it has ended."""
        return now >= self.until
