"""The table for people, JSON for machines."""

from collections.abc import Iterator, Sequence
from typing import Any

from bot.doctor.verdict import Area, Line, Verdict
from bot.paper import Paper, clean

_SIGN = {Verdict.OK: "ok", Verdict.MISSING: "MISSING", Verdict.UNCHECKED: "not checked"}
_STYLE = {Verdict.OK: "dim", Verdict.MISSING: "alert", Verdict.UNCHECKED: "warn"}
_SIGNS = max(map(len, _SIGN.values()))
_WIDEST = 28  #: of the column of things


def as_text(lines: Sequence[Line], paper: Paper) -> Iterator[str]:
    """Write the table, area by area; under each fault how to mend it."""
    column = min(_WIDEST, max((len(line.what) for line in lines), default=0))
    for area in Area:
        own = [line for line in lines if line.area is area]
        if own:
            yield paper.style(area.value, "bold")
        for line in own:
            yield from _row(line, column, paper)
        if own:
            yield ""
    yield _summary(lines)


def _row(line: Line, column: int, paper: Paper) -> Iterator[str]:
    head = f"  {_SIGN[line.verdict]:{_SIGNS}}  {clean(line.what):{column}}  "
    indent = " " * (_SIGNS + column + 6)
    first, *rest = paper.wrap(line.detail, head, indent)
    sign = first[2 : 2 + _SIGNS]
    yield f"  {paper.style(sign, _STYLE[line.verdict])}{first[2 + _SIGNS :]}".rstrip()
    yield from rest
    yield from _mend(line.mend, paper)


def _mend(text: str, paper: Paper) -> Iterator[str]:
    """Say what to do: a sentence, and then what is to be copied, which is not broken."""
    first, *rest = clean(text).splitlines() or [""]
    margin = " " * (_SIGNS + 4)
    if first:
        yield from paper.wrap(first, f"{margin}→ ", f"{margin}  ")
    for line in rest:
        yield f"{margin}  {line}"


def _summary(lines: Sequence[Line]) -> str:
    faults = sum(line.is_fault for line in lines)
    skipped = sum(line.verdict is Verdict.UNCHECKED for line in lines)
    rest = f", {skipped} not checked" if skipped else ""
    well = len(lines) - faults - skipped
    return f"{faults} missing, {well} ok{rest}." if faults else f"All is well: {well} ok{rest}."


def as_data(lines: Sequence[Line]) -> dict[str, Any]:
    """Give the same as data."""
    return {
        "ok": not any(line.is_fault for line in lines),
        "checks": [
            {
                "area": line.area.value,
                "what": line.what,
                "verdict": line.verdict.value,
                "detail": line.detail,
                "mend": line.mend,
            }
            for line in lines
        ],
    }
