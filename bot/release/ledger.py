"""
The audit record: who did what, where, why, and how it ended.

An entry is written as `pending` before anything is patched and completed when
the effect was seen. One entry for each press or command, also refused ones.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

PENDING = "pending"
DONE = "done"


def refused(why: str) -> str:
    """Name an outcome: nothing was patched."""
    return f"refused:{why}"


def failed(why: str) -> str:
    """Name an outcome: a patch was tried or sent, and the effect did not come."""
    return f"failed:{why}"


@dataclass(frozen=True, kw_only=True, slots=True)
class By:
    """Who acted: a person in Slack, somebody in the cluster, or the schedule."""

    kind: str  #: slack, cluster or schedule
    id: str
    name: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One line of the ledger."""

    id: str
    at: datetime
    actor: By
    verb: str
    channel: str = ""
    cluster: str = ""
    namespace: str = ""
    name: str = ""
    uid: str = ""
    revision: str = ""
    step: int | None = None
    reason: str = ""
    outcome: str = PENDING
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def is_pending(self) -> bool:
        """Whether its effect has not been seen yet."""
        return self.outcome == PENDING

    def ends(self, outcome: str, **detail: Any) -> "Entry":
        """Make the completed entry; details are added to what is known."""
        return replace(self, outcome=outcome, detail={**self.detail, **detail})
