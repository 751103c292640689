"""A Finding: a place where the cluster does not do what the rollout says, or cannot."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Severity(StrEnum):
    """How much it matters; the words of `--fail-on`."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"

    @property
    def rank(self) -> int:
        """How far down it stands, from 0: the smaller, the graver."""
        return list(Severity).index(self)

    def reaches(self, least: "Severity") -> bool:
        """Whether it is at least as grave."""
        return self.rank <= least.rank


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """
    A place where the cluster no longer does what the rollout says, or is wired so that it cannot.

    Attributes:
        id: of the catalogue (`WIRE-08`).
        namespace: of the object.
        rollout: the rollout that it is about; empty: none, or several.
        kind: of the object (`Ingress`).
        name: of the object.
        message: what is wrong, one sentence.
        evidence: what was wanted and what was found.
        writer: the field manager that wrote it last, if known.
        heals: whether the controller will put it back by itself; None: not known.
        fix: how to mend it, for people.
        patch: the same as YAML, where it can be written down.
        place: tells apart findings of one kind at one object; empty: there is only one.
        origin: where the object was read (`shop.yaml:12`); empty: in the cluster.
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
    patch: str = ""
    place: str = ""
    origin: str = ""
    since: datetime | None = None

    @property
    def key(self) -> str:
        """The identity of this finding: the same place, the same kind."""
        place = f"#{self.place}" if self.place else ""
        return f"{self.id}:{self.namespace}/{self.rollout}:{self.kind}/{self.name}{place}"

    @property
    def place_in_order(self) -> tuple[int, str]:
        """Where it stands in a list: the gravest first, then by key."""
        return self.severity.rank, self.key

    @property
    def fingerprint(self) -> str:
        """The key in 16 hexadecimal digits, for where there is little room."""
        return hashlib.sha256(self.key.encode(errors="replace")).hexdigest()[:16]

    @property
    def about(self) -> str:
        """Name what it is about: the rollout, else the object."""
        if self.rollout:
            return f"{self.namespace}/{self.rollout}"
        where = f"{self.namespace}/{self.name}" if self.namespace else self.name
        return f"{self.kind} {where}"
