"""Rows of cells that fit a width: what is too long is broken, not cut."""

import textwrap
from collections.abc import Iterator, Sequence

_GAP = "  "
_LEAST = 12  #: columns of a cell that is broken


def widths(rows: Sequence[Sequence[str]], room: int) -> list[int]:
    """Tell how wide each column is; the widest give way first."""
    natural = [
        max(max(map(len, cell.split("\n"))) for cell in column)
        for column in zip(*rows, strict=True)
    ]
    room -= len(_GAP) * (len(natural) - 1)
    while sum(natural) > room:
        place = max(range(len(natural)), key=natural.__getitem__)
        if natural[place] <= _LEAST:
            break
        natural[place] -= 1
    return natural


def lines(row: Sequence[str], columns: Sequence[int]) -> Iterator[str]:
    """Write one row."""
    cells = [list(_broken(cell, width)) for cell, width in zip(row, columns, strict=True)]
    for place in range(max(map(len, cells))):
        parts = (
            (cell[place] if place < len(cell) else "").ljust(width)
            for cell, width in zip(cells, columns, strict=True)
        )
        yield _GAP.join(parts).rstrip()


def _broken(cell: str, width: int) -> Iterator[str]:
    for line in cell.split("\n"):
        yield from textwrap.wrap(line, max(width, 1), break_on_hyphens=False) or [""]
