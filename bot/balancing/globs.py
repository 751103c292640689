"""
Which requests a pattern of the balancer matches, compared with another pattern.

`*` stands for any number of letters, `?` for exactly one; there is no escape in
host, path and header patterns. Source: AWS on rule conditions.
"""

from collections.abc import Iterator
from functools import lru_cache

#: where the comparison gives up; real patterns need a few dozen
MAX_STATES = 1_000
#: AWS refuses longer ones; of those only equal ones are compared
LONGEST = 128

_OTHER = "\0"  #: stands for all letters that neither pattern names

Places = frozenset[int]


@lru_cache(maxsize=4_096)
def covers(wide: str, narrow: str) -> bool:
    """
    Tell whether all that *narrow* matches is matched by *wide* too.

    A pair of patterns too tangled to decide counts as not covered.
    """
    if wide == narrow or (not wide.strip("*") and wide):
        return True
    return max(len(wide), len(narrow)) <= LONGEST and _covers(wide, narrow)


@lru_cache(maxsize=4_096)
def meet(one: str, other: str) -> bool:
    """Tell whether some text is matched by both; too long ones meet when they are equal."""
    if (one and not one.strip("*")) or (other and not other.strip("*")):
        return True
    if max(len(one), len(other)) > LONGEST:
        return one == other
    if _ends_apart(one, other) or _ends_apart(one[::-1], other[::-1]):
        return False
    seen = {(0, 0)}
    todo = [(0, 0)]
    while todo:
        i, j = todo.pop()
        if i == len(one) and j == len(other):
            return True
        for pair in _steps_together(one, i, other, j):
            if pair not in seen:
                seen.add(pair)
                todo.append(pair)
    return False


def _ends_apart(one: str, other: str) -> bool:
    """Whether they differ in what stands before the first `*` or `?` of either."""
    for a, b in zip(one, other, strict=False):
        if a in "*?" or b in "*?":
            return False
        if a != b:
            return True
    return False


def _steps_together(one: str, i: int, other: str, j: int) -> Iterator[tuple[int, int]]:
    """Tell the pairs of places that are reached by reading nothing, or one letter."""
    a, b = one[i : i + 1], other[j : j + 1]
    if a == "*":
        yield i + 1, j
    if b == "*":
        yield i, j + 1
    if a and b and (a in "*?" or b in "*?" or a == b):
        yield (i if a == "*" else i + 1), (j if b == "*" else j + 1)


def _covers(wide: str, narrow: str) -> bool:
    letters = {*wide, *narrow, _OTHER} - {"*", "?"}
    start = (_rest(narrow, {0}), _rest(wide, {0}))
    seen = {start}
    todo = [start]
    while todo:
        inner, outer = todo.pop()
        if len(narrow) in inner and len(wide) not in outer:
            return False
        if len(seen) > MAX_STATES:
            return False
        for letter in letters:
            pair = (_read(narrow, inner, letter), _read(wide, outer, letter))
            if pair[0] and pair not in seen:
                seen.add(pair)
                todo.append(pair)
    return True


def _read(pattern: str, places: Places, letter: str) -> Places:
    """Tell the places reached by one letter."""
    reached = set()
    for place in places:
        match pattern[place : place + 1]:
            case "*":
                reached.add(place)
            case "?":
                reached.add(place + 1)
            case same if same == letter:
                reached.add(place + 1)
    return _rest(pattern, reached)


def _rest(pattern: str, places: set[int]) -> Places:
    """Add the places that are reached by letting a star match nothing."""
    reached = set(places)
    for place in places:
        at = place
        while pattern[at : at + 1] == "*":
            at += 1
            reached.add(at)
    return frozenset(reached)
