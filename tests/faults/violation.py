"""What the checker finds."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Violation:
    """A promise that was broken, and how."""

    invariant: str
    at: float
    words: str
    kind: str = "lost"  #: lost, doubled, late or grown
    key: str = ""  #: the rollout that it is about
    person: str = ""  #: who was wronged

    def __str__(self) -> str:
        return f"{self.invariant} at {self.at:.3f}: {self.words}"
