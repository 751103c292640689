"""
JSON as Go's `encoding/json` reads it, kept as a tree with positions.

Python's `json` is another dialect: it accepts NaN, keeps only the last of two
equal keys, makes `10.0` and `10` comparable, and tells no position of a value.
Here every pair of an object is kept in order, numbers stay text, and each value
knows at which character it stands. Source: Go 1.26 `encoding/json/scanner.go`.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

MAX_DEPTH = 10_000  # Go: scanner.go, maxNestingDepth

_SPACE = re.compile(r"[ \t\r\n]*")
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]+|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*')
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_NUMBER_LETTERS = re.compile(r"[0-9.eE+-]")
_ESCAPES = re.compile(r"(?:\\u[0-9a-fA-F]{4})+|\\.|[\ud800-\udfff]")
_SHORT = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


class BadJson(Exception):  # noqa: N818 - what the text is
    """The text is not JSON. Args: the reason in words, and the character (from 0) where."""

    def __init__(self, reason: str, at: int) -> None:
        super().__init__(reason, at)
        self.reason = reason
        self.at = at


class Kind(StrEnum):
    """The kinds of JSON values, in words for messages."""

    OBJECT = "an object"
    ARRAY = "a list"
    STRING = "a string"
    NUMBER = "a number"
    BOOL = "true or false"
    NULL = "null"


@dataclass(frozen=True, slots=True)
class Node:
    """
    One value.

    Attributes:
        kind: what it is.
        at: the character at which it begins, from 0.
        value: the text of a string (unescaped) or number (as written), a bool,
            None, the members of a list, or the (key, member) pairs of an object.

    """

    kind: Kind
    at: int
    value: Any


@dataclass(slots=True)
class _Open:
    """A list or object that is not closed yet."""

    kind: Kind
    at: int
    members: list[Any]
    key: str = ""

    def add(self, node: Node) -> None:
        self.members.append((self.key, node) if self.kind is Kind.OBJECT else node)


@lru_cache(maxsize=256)  # one annotation is read by several checks, one after the other
def parse(text: str) -> Node:
    """Read a JSON text. Raises BadJson; never anything else, whatever the text."""
    return _Reader(text).read()


class _Reader:
    """Reads without recursion, so that deep nesting is no fault of ours."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._open: list[_Open] = []

    def read(self) -> Node:
        node = self._begin()
        while node is None or self._open:
            if node is None:
                node = self._first_member()
            else:
                self._open[-1].add(node)
                node = self._next_member()
        if self._peek():
            raise BadJson("there is more text after the value", self._at)
        return node

    def _peek(self) -> str:
        """Skip white space; give the next character, or nothing at the end."""
        letter = self._text[self._at : self._at + 1]
        if letter and letter in " \t\r\n" and (found := _SPACE.match(self._text, self._at)):
            self._at = found.end()
            letter = self._text[self._at : self._at + 1]
        return letter

    def _begin(self) -> Node | None:
        """Read a plain value; open a list or object and give None."""
        letter, at = self._peek(), self._at
        match letter:
            case "{" | "[":
                if len(self._open) >= MAX_DEPTH:
                    raise BadJson("it is nested too deeply", at)
                self._at += 1
                self._open.append(_Open(Kind.OBJECT if letter == "{" else Kind.ARRAY, at, []))
                return None
            case '"':
                return Node(Kind.STRING, at, self._string())
            case "t" | "f" | "n":
                return self._word()
        if letter and letter in "-0123456789":
            return self._number()
        raise self._unexpected("a value")

    def _first_member(self) -> Node | None:
        if self._peek() == self._closing():
            return self._close()
        return self._member()

    def _next_member(self) -> Node | None:
        letter = self._peek()
        if letter == self._closing():
            return self._close()
        if letter != ",":
            raise self._unexpected(f"a comma or {self._closing()}")
        self._at += 1
        return self._member()

    def _member(self) -> Node | None:
        """Read a key, where one is wanted, and begin the value."""
        if self._open[-1].kind is Kind.OBJECT:
            if self._peek() != '"':
                raise self._unexpected('a key in "')
            self._open[-1].key = self._string()
            if self._peek() != ":":
                raise self._unexpected("a colon")
            self._at += 1
        return self._begin()

    def _closing(self) -> str:
        return "}" if self._open[-1].kind is Kind.OBJECT else "]"

    def _close(self) -> Node:
        self._at += 1
        done = self._open.pop()
        return Node(done.kind, done.at, tuple(done.members))

    def _string(self) -> str:
        begin, found = self._at, _STRING.match(self._text, self._at)
        end = found.end() if found else begin
        match self._text[end : end + 1]:
            case '"':
                self._at = end + 1
                return _unescape(self._text[begin + 1 : end])
            case "":
                raise BadJson("the text ends inside a string", end)
            case "\\":
                raise BadJson("there is an escape that JSON does not know", end)
        raise BadJson("a line break, tab or control character stands inside a string", end)

    def _word(self) -> Node:
        at = self._at
        for word, kind, value in (
            ("true", Kind.BOOL, True),
            ("false", Kind.BOOL, False),
            ("null", Kind.NULL, None),
        ):
            if self._text.startswith(word, at):
                self._at += len(word)
                return Node(kind, at, value)
        raise self._unexpected("a value")

    def _number(self) -> Node:
        at, found = self._at, _NUMBER.match(self._text, self._at)
        end = found.end() if found else at + 1
        if not found or _NUMBER_LETTERS.match(self._text, end):
            raise BadJson("there is a number that JSON does not know", at)
        self._at = end
        return Node(Kind.NUMBER, at, found.group())

    def _unexpected(self, wanted: str) -> BadJson:
        letter = self._text[self._at : self._at + 1]
        if not letter:
            return BadJson("the text is empty or ends too early", self._at)
        return BadJson(f"{wanted} is wanted, not {letter!r}", self._at)


def _unescape(inner: str) -> str:
    if inner.isascii() and "\\" not in inner:
        return inner
    return _ESCAPES.sub(_unescape_run, inner)


def _unescape_run(found: re.Match[str]) -> str:
    """Replace one escape, or a run of Unicode escapes, of which two may form one letter."""
    text = found.group()
    if not text.startswith("\\"):
        return "\N{REPLACEMENT CHARACTER}"  # half a letter: Go never sees it
    if not text.startswith("\\u"):
        return _SHORT.get(text[1], text[1])
    units = b"".join(bytes.fromhex(code) for code in text.split("\\u")[1:])
    return units.decode("utf-16-be", errors="replace")
