"""What two servers answered differently."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tests.wire.normal import normal
from tests.wire.steps import Outcome, Step

_LONGEST = 400


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One step that was answered differently, and where."""

    seed: int
    number: int
    step: Step
    places: tuple[str, ...]

    def __str__(self) -> str:
        where = "\n    ".join(self.places)
        return f"seed {self.seed}, step {self.number}: {self.step}\n    {where}"


def differences(
    seed: int, steps: Sequence[Step], real: Sequence[Outcome], local: Sequence[Outcome]
) -> Iterator[Difference]:
    """Name the first step of a sequence that was answered differently; the rest follows from it."""
    bodies = zip(
        normal([one.body for one in real]), normal([one.body for one in local]), strict=True
    )
    for number, (step, (wanted, found)) in enumerate(zip(steps, bodies, strict=True)):
        codes = real[number].status, local[number].status
        places = [f"status: real {codes[0]}, local {codes[1]}"] if codes[0] != codes[1] else []
        places += _places(wanted, found, "")
        if places:
            yield Difference(seed=seed, number=number, step=step, places=tuple(places[:6]))
            return


def _places(wanted: Any, found: Any, where: str) -> Iterator[str]:
    if isinstance(wanted, dict) and isinstance(found, dict):
        for key in sorted(wanted.keys() | found.keys()):
            inner = f"{where}.{key}"
            if key not in found:
                yield f"{inner}: only real: {_shown(wanted[key])}"
            elif key not in wanted:
                yield f"{inner}: only local: {_shown(found[key])}"
            else:
                yield from _places(wanted[key], found[key], inner)
    elif isinstance(wanted, list) and isinstance(found, list) and len(wanted) == len(found):
        for index, pair in enumerate(zip(wanted, found, strict=True)):
            yield from _places(*pair, f"{where}[{index}]")
    elif wanted != found:
        yield f"{where}: real {_shown(wanted)}"
        yield f"{' ' * len(where)}  local {_shown(found)}"


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
