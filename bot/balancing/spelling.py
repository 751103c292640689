"""Which known word a misspelt one was probably meant to be."""

from collections.abc import Collection

from bot.balancing.structs import fold

_SHORT = 5  #: letters; of such words one may differ, of longer ones two
_TELLING = 5  #: letters by which the part of a word is known


def nearest(word: str, known: Collection[str]) -> str:
    """
    Find the known word that is meant; empty: none is near, or several are equally near.

    Other separators and one or two wrong letters count as near, and a word that leaves
    out the beginning or end of just one known word.
    """
    plain = _plain(word)
    same = [name for name in known if _plain(name) == plain]
    if same:
        return same[0]
    allowed = 1 if len(plain) <= _SHORT else 2
    by_distance = sorted((_distance(plain, _plain(name), allowed), name) for name in known)
    best = [name for far, name in by_distance if far <= allowed and far == by_distance[0][0]]
    if not best and len(plain) >= _TELLING:
        best = [n for n in known if _plain(n).startswith(plain) or _plain(n).endswith(plain)]
    return best[0] if len(best) == 1 else ""


def _plain(word: str) -> str:
    return fold(word).replace("_", "").replace("-", "").replace(" ", "").replace(".", "")


def _distance(one: str, other: str, limit: int) -> int:
    """Count the letters to add, drop, change or swap; above the limit only that it is above."""
    if abs(len(one) - len(other)) > limit:
        return limit + 1
    older: list[int] = []
    above = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        row = [i]
        for j, b in enumerate(other, 1):
            cost = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
        older, above = above, row
    return above[-1]
