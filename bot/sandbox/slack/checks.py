"""
The small checks that the tables in `grammar` are written with.

A check takes a value and the json-pointer where it stands, and yields what is wrong with it.
The wordings with "characters", "missing required field" and "unsupported type" were seen in public
reports of Slack's answers; those for items and additional properties are from memory.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Problem:
    """One thing that Slack would refuse, and where it stands."""

    message: str
    pointer: str

    def __str__(self) -> str:
        return f"{self.message} [json-pointer:{self.pointer}]"


Check = Callable[[Any, str], Iterator[Problem]]


def string(longest: int, shortest: int = 0) -> Check:
    """A string of a length."""

    def check(value: Any, at: str) -> Iterator[Problem]:
        if not isinstance(value, str):
            yield Problem("must be a string", at)
        elif len(value) > longest:
            yield Problem(f"must be less than {longest + 1} characters", at)
        elif len(value) < shortest:
            yield Problem(f"must be more than {shortest - 1} characters", at)

    return check


def flag(value: Any, at: str) -> Iterator[Problem]:
    """True or false."""
    if not isinstance(value, bool):
        yield Problem("must be a boolean", at)


def number(least: int, most: int) -> Check:
    """A whole number in a range."""

    def check(value: Any, at: str) -> Iterator[Problem]:
        if not isinstance(value, int) or isinstance(value, bool):
            yield Problem("must be an integer", at)
        elif not least <= value <= most:
            yield Problem(f"must be between {least} and {most}", at)

    return check


def one_of(*allowed: str) -> Check:
    """One of a few words."""

    def check(value: Any, at: str) -> Iterator[Problem]:
        if value not in allowed:
            yield Problem(f"must be one of {', '.join(allowed)}", at)

    return check


def many(item: Check, least: int, most: int) -> Check:
    """A list of so many items of a kind."""

    def check(value: Any, at: str) -> Iterator[Problem]:
        if not isinstance(value, list):
            yield Problem("must be an array", at)
            return
        if len(value) > most:
            yield Problem(f"no more than {most} items allowed", at)
        if len(value) < least:
            yield Problem(f"no fewer than {least} items allowed", at)
        for index, one in enumerate(value):
            yield from item(one, f"{at}/{index}")

    return check


def shape(needs: Mapping[str, Check], may: Mapping[str, Check]) -> Check:
    """An object with these fields and no others; *needs* must be there."""
    fields = {**needs, **may}

    def check(value: Any, at: str) -> Iterator[Problem]:
        if not isinstance(value, dict):
            yield Problem("must be an object", at)
            return
        for name in needs:
            if name not in value:
                yield Problem(f"missing required field: {name}", at)
        for name, part in value.items():
            if name in fields:
                yield from fields[name](part, f"{at}/{name}")
            else:
                yield Problem(f"invalid additional property: {name}", at)

    return check


def by_type(table: Mapping[str, Check]) -> Check:
    """An object that names its type, one of those in the table."""

    def check(value: Any, at: str) -> Iterator[Problem]:
        kind = value.get("type") if isinstance(value, dict) else None
        if kind is None:
            yield Problem("missing required field: type", at)
        elif isinstance(kind, str) and kind in table:
            yield from table[kind](value, at)
        else:
            yield Problem(f"unsupported type: {kind}", f"{at}/type")

    return check
