"""
The small checks that the tables in `grammar` are written with.

A check is called with a value and the json-pointer where it stands, and yields what is wrong with
it. It is a value itself, so that a test can walk the tables and compare every limit in them.
The wordings with "characters", "missing required field" and "unsupported type" were seen in public
reports of Slack's answers; those for items and additional properties are from memory.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias


@dataclass(frozen=True)
class Problem:
    """
    One thing that Slack would refuse, and where it stands.

    Attributes:
        message: what is wrong, in Slack's words where they are known.
        pointer: the json-pointer.
        missing: the name of the field that is not there.
        expected: the words of which one had to be there.
        got: what was there instead.

    """

    message: str
    pointer: str
    missing: str = ""
    expected: tuple[str, ...] = ()
    got: Any = None

    def __str__(self) -> str:
        return f"{self.message} [json-pointer:{self.pointer}]"


@dataclass(frozen=True)
class String:
    """A string of a length."""

    longest: int
    shortest: int = 0

    def __call__(self, value: Any, at: str) -> Iterator[Problem]:
        """Tell what is wrong with it."""
        if not isinstance(value, str):
            yield Problem("must be a string", at)
        elif len(value) > self.longest:
            yield Problem(f"must be less than {self.longest + 1} characters", at)
        elif len(value) < self.shortest:
            yield Problem(f"must be more than {self.shortest - 1} characters", at)


@dataclass(frozen=True)
class Flag:
    """True or false."""

    def __call__(self, value: Any, at: str) -> Iterator[Problem]:
        """Tell what is wrong with it."""
        if not isinstance(value, bool):
            yield Problem("must be a boolean", at)


@dataclass(frozen=True)
class Number:
    """A whole number in a range."""

    least: int
    most: int

    def __call__(self, value: Any, at: str) -> Iterator[Problem]:
        """Tell what is wrong with it."""
        if not isinstance(value, int) or isinstance(value, bool):
            yield Problem("must be an integer", at)
        elif not self.least <= value <= self.most:
            yield Problem(f"must be between {self.least} and {self.most}", at)


@dataclass(frozen=True)
class OneOf:
    """One of a few words."""

    words: tuple[str, ...]

    def __call__(self, value: Any, at: str) -> Iterator[Problem]:
        """Tell what is wrong with it."""
        if value not in self.words:
            said = f"must be one of {', '.join(self.words)}"
            yield Problem(said, at, expected=self.words, got=value)


def one_of(*words: str) -> OneOf:
    """Name the words."""
    return OneOf(words)


@dataclass(frozen=True)
class Many:
    """A list of so many items of a kind."""

    item: "Check"
    least: int
    most: int

    def __call__(self, value: Any, at: str) -> Iterator[Problem]:
        """Tell what is wrong with it."""
        if not isinstance(value, list):
            yield Problem("must be an array", at)
            return
        if len(value) > self.most:
            yield Problem(f"no more than {self.most} items allowed", at)
        if len(value) < self.least:
            yield Problem(f"no fewer than {self.least} items allowed", at)
        for index, one in enumerate(value):
            yield from self.item(one, f"{at}/{index}")


@dataclass(frozen=True)
class Shape:
    """An object with these fields and no others; *needs* must be there."""

    needs: Mapping[str, "Check"]
    may: Mapping[str, "Check"]

    @property
    def fields(self) -> Mapping[str, "Check"]:
        """Every field that it may have."""
        return {**self.needs, **self.may}

    def __call__(self, value: Any, at: str) -> Iterator[Problem]:
        """Tell what is wrong with it."""
        if not isinstance(value, dict):
            yield Problem("must be an object", at)
            return
        for name in self.needs:
            if name not in value:
                yield Problem(f"missing required field: {name}", at, missing=name)
        fields = self.fields
        for name, part in value.items():
            if name in fields:
                yield from fields[name](part, f"{at}/{name}")
            else:
                yield Problem(f"invalid additional property: {name}", at)


@dataclass(frozen=True)
class ByType:
    """An object that names its type, one of those in the table."""

    table: Mapping[str, "Check"]

    def __call__(self, value: Any, at: str) -> Iterator[Problem]:
        """Tell what is wrong with it."""
        kind = value.get("type") if isinstance(value, dict) else None
        if kind is None:
            yield Problem("missing required field: type", at, missing="type")
        elif isinstance(kind, str) and kind in self.table:
            yield from self.table[kind](value, at)
        else:
            known = tuple(self.table)
            yield Problem(f"unsupported type: {kind}", f"{at}/type", expected=known, got=kind)


Check: TypeAlias = String | Flag | Number | OneOf | Many | Shape | ByType
