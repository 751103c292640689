"""What each fault has cost: the table at the end of a run."""

import os
import random
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from tests.faults.violation import Violation

T = TypeVar("T")
Number = TypeVar("Number", int, float)

#: NIGHTLY=1: the full numbers
NIGHTLY = os.environ.get("NIGHTLY", "") not in {"", "0"}
#: FAULT_SEED=… repeats a run, FAULT_SEED=random makes a new one; by default it is always the same
_SEED = os.environ.get("FAULT_SEED", "1")
SEED = random.randrange(10**6) if _SEED == "random" else int(_SEED)
os.environ["FAULT_SEED"] = str(SEED)  # for processes among whom the tests are shared out


def rng_for(fault: str) -> random.Random:
    """Give the generator of one fault: the same for the same seed."""
    return random.Random(SEED * 1_000_003 + zlib.crc32(fault.encode()))


def times(ci: Number, nightly: Number) -> Number:
    """How often, or for how long: less while somebody waits for it."""
    return nightly if NIGHTLY else ci


def acts(nightly: int) -> list[int]:
    """In how many tests the full numbers of a fault are shared out, to be done at the same time."""
    return list(range(times(1, nightly)))


def shared(cases: Sequence[T], act: int, nightly: int) -> Sequence[T]:
    """Give the cases of one of these tests."""
    return cases[act :: times(1, nightly)]


@dataclass
class Line:
    """What one fault has cost."""

    fault: str
    what: str
    tried: int = 0
    lost: int = 0
    doubled: int = 0
    late: int = 0
    grown: int = 0
    recoveries: list[float] = field(default_factory=list)

    def __str__(self) -> str:
        times = sorted(self.recoveries)
        middle = f"{times[len(times) // 2]:5.1f} s" if times else "      –"
        worst = f"{times[-1]:5.1f} s" if times else "      –"
        return (
            f"{self.fault:4} {self.what:44.44} {self.tried:5} {self.lost:5} {self.doubled:8}"
            f" {self.late:5} {self.grown:5} {middle} {worst}"
        )


HEAD = (
    f"{'':4} {'fault':44} {'tried':>5} {'lost':>5} {'doubled':>8} {'late':>5}"
    f" {'grown':>5} {'middle':>7} {'worst':>7}"
)


class Tally:
    """All lines of a run."""

    def __init__(self) -> None:
        self.lines: dict[str, Line] = {}

    def count(
        self,
        fault: str,
        what: str,
        *,
        tried: int = 1,
        violations: Iterable[Violation] = (),
        recovery: Iterable[float] = (),
    ) -> None:
        """Add what was tried, and what it has cost."""
        line = self.lines.setdefault(fault, Line(fault=fault, what=what))
        line.tried += tried
        line.recoveries += recovery
        for violation in violations:
            setattr(line, violation.kind, getattr(line, violation.kind) + 1)

    def add(self, other: Line) -> None:
        """Add what was counted elsewhere."""
        line = self.lines.setdefault(other.fault, Line(fault=other.fault, what=other.what))
        line.recoveries += other.recoveries
        for number in ("tried", "lost", "doubled", "late", "grown"):
            setattr(line, number, getattr(line, number) + getattr(other, number))
