"""
Where what is written differs from what was asked.

A Finding is told once with its evidence, and once again when it is gone; `key`
is the same for as long as it is the same finding.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Severity(StrEnum):
    """How much it matters; the words of `--fail-on`."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """
    A place where the cluster no longer does what the rollout says.

    Attributes:
        id: of the catalogue (`WGT-01`).
        message: what is wrong, one sentence.
        evidence: what was wanted and what was found.
        writer: the field manager that wrote it last, if known.
        heals: whether the controller will put it back by itself; None: not known.
        since: when it was first seen.

    """

    id: str
    severity: Severity
    namespace: str
    rollout: str
    kind: str
    name: str
    message: str
    evidence: str
    writer: str = ""
    heals: bool | None = None
    fix: str = ""
    since: datetime | None = None

    @property
    def key(self) -> str:
        """The identity of this finding: the same place, the same kind."""
        return f"{self.id}:{self.namespace}/{self.rollout}:{self.kind}/{self.name}"
