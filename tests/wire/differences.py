"""What two servers answered differently."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tests.wire.normal import normal
from tests.wire.steps import Outcome, Step

_LONGEST, _WHOLE = 400, 4_000


@dataclass(frozen=True, kw_only=True)
class Difference:
    """
    One step that was answered differently, and where.

    Attributes:
        answers: as they came, times and versions too: what a second run does not show again has to
            be understood from them.

    """

    seed: int
    number: int
    step: Step
    places: tuple[str, ...]
    answers: tuple[str, ...]

    def __str__(self) -> str:
        where = "\n    ".join((*self.places, *self.answers))
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
            yield Difference(
                seed=seed,
                number=number,
                step=step,
                places=tuple(places[:6]),
                answers=(
                    *_answers("real", real[: number + 1]),
                    *_answers("local", local[: number + 1]),
                ),
            )
            return


def _answers(who: str, outcomes: Sequence[Outcome]) -> Iterator[str]:
    """The last answer, and the one before it about the same object."""
    *earlier, last = outcomes
    uid = _uid(last)
    for outcome in reversed(earlier):
        if uid and _uid(outcome) == uid:
            yield f"{who} before: {_shown(outcome.body, _WHOLE)}"
            break
    yield f"{who} now: {_shown(last.body, _WHOLE)}"


def _uid(outcome: Outcome) -> str:
    metadata = outcome.body.get("metadata", {}) if isinstance(outcome.body, dict) else {}
    return str(metadata.get("uid", ""))


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


def _shown(value: Any, longest: int = _LONGEST) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= longest else f"{text[:longest]}…"
