"""
JSON into fixed structs, by the rules of Go's `encoding/json`.

A decoder takes a value of the text, what is already known from an earlier
duplicate of its key, and the path for messages; it gives what is known now. A
struct becomes a dict by field name, with its position under `AT`; what was never
set is not in it. Source: Go 1.26 `encoding/json/decode.go`, `k8s.io/apimachinery`
`intstr.go`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from bot.balancing.gojson import Kind, Node, parse

AT = "@"  #: where a struct began; no field has such a name

_FOLDED = {"\u017f": "s", "\u212a": "k"}
_INT32 = range(-(2**31), 2**31)
_WHOLE = re.compile(r"-?[0-9]+\Z")
_GO_INT = re.compile(r"[+-]?[0-9]+\Z")


class Flaw(StrEnum):
    """What sort of mistake it is, where that tells how to mend it."""

    SLIP = "a number, text or truth value was written as another of the three"
    NO_WEIGHT = "one of several target groups has no weight"
    OTHER = "anything else"


class Misfit(Exception):  # noqa: N818 - what the value is
    """A value is not what its field takes."""

    def __init__(self, path: str, at: int, reason: str, flaw: Flaw = Flaw.OTHER) -> None:
        super().__init__(path, at, reason)
        self.path = path
        self.at = at
        self.reason = reason
        self.flaw = flaw


class Decoder(Protocol):
    """Reads one value over what is known already (None: nothing)."""

    def __call__(self, node: Node, known: Any, path: str) -> Any:
        """Give what is known now. Raises Misfit."""
        ...


@dataclass(frozen=True)
class Shaped:
    """
    A decoder that tells what it is made of, so that a text can be walked along with it.

    Attributes:
        fields: by name, of an object.
        item: of a list.
        base: what is read where null may stand instead.

    """

    decode: Decoder
    fields: Mapping[str, Decoder] = field(default_factory=dict)
    item: Decoder | None = None
    base: Decoder | None = None

    def __call__(self, node: Node, known: Any, path: str) -> Any:
        """Decode. Raises Misfit."""
        return self.decode(node, known, path)


class Cells:
    """
    A Go slice: what a shorter duplicate hides comes back with a longer one.

    A repeated list is read over the members of the earlier one, position by
    position, so a null or a half object keeps what stood there.
    """

    def __init__(self) -> None:
        self._cells: list[Any] = []
        self._size = 0

    def items(self) -> tuple[Any, ...]:
        """Give the members in sight."""
        return tuple(self._cells[: self._size])

    def overwrite(self, nodes: tuple[Node, ...], item: Decoder, path: str) -> "Cells":
        """Read the members over the earlier ones."""
        after = Cells()
        after._cells = list(self._cells) if nodes else []
        after._size = len(nodes)
        for i, node in enumerate(nodes):
            known = after._cells[i] if i < len(after._cells) else None
            after._cells[i : i + 1] = [item(node, known, f"{path}[{i}]")]
        return after


def read(text: str, decoder: Decoder) -> Any:
    """Read a text. Raises BadJson, Misfit."""
    return decoder(parse(text), None, "")


def fold(key: str) -> str:
    """Fold a key as Go does: ASCII, the long s and the Kelvin sign, nothing else."""
    if key.isascii():
        return key.lower()
    return "".join(_FOLDED.get(c, c.lower() if c.isascii() else c) for c in key)


def string(node: Node, known: Any, path: str) -> str:
    """Read a string; null leaves what was there."""
    if node.kind is Kind.NULL:
        return known or ""
    if node.kind is not Kind.STRING:
        hint = " (put it in quotes)" if node.kind is Kind.NUMBER else ""
        raise _misfit(node, path, f"a string{hint}", _slip(node))
    return str(node.value)


def boolean(node: Node, known: Any, path: str) -> bool:
    """Read true or false; null leaves what was there."""
    if node.kind is Kind.NULL:
        return bool(known)
    if node.kind is not Kind.BOOL:
        raise _misfit(node, path, "true or false without quotes", _slip(node))
    return bool(node.value)


def int32(node: Node, known: Any, path: str) -> int:
    """Read a whole number of 32 bits; null leaves what was there."""
    if node.kind is Kind.NULL:
        return known or 0
    if node.kind is not Kind.NUMBER or not _WHOLE.match(node.value):
        wanted = "a whole number without quotes or decimals"
        raise _misfit(node, path, wanted, _slip(node))
    if len(node.value) > 11 or int(node.value) not in _INT32:
        raise _misfit(node, path, "a number of at most 32 bits")
    return int(node.value)


def port(node: Node, known: Any, path: str) -> int | str:  # noqa: ARG001 - a Decoder
    """Read a port: a number or a name. Digits in quotes are a number, as the controller has it."""
    if node.kind is Kind.STRING:
        return _parse_int32(node.value)
    if node.kind is not Kind.NUMBER:
        raise _misfit(node, path, "a port number or a port name in quotes", _slip(node))
    return int32(node, None, path)


def optional(decoder: Decoder) -> Decoder:
    """Make null take the value away."""

    def decode(node: Node, known: Any, path: str) -> Any:
        return None if node.kind is Kind.NULL else decoder(node, known, path)

    return Shaped(decode, base=decoder)


def list_of(item: Decoder) -> Decoder:
    """Read a list; null takes it away."""

    def decode(node: Node, known: Any, path: str) -> Cells | None:
        if node.kind is Kind.NULL:
            return None
        if node.kind is not Kind.ARRAY:
            raise _misfit(node, path, "a list in [ ]")
        return (known or Cells()).overwrite(node.value, item, path)

    return Shaped(decode, item=item)


def struct(fields: Mapping[str, Decoder]) -> Decoder:
    """Read an object: known keys in any case, later ones over earlier ones."""
    by_fold = {fold(name): (name, decoder) for name, decoder in fields.items()}

    def decode(node: Node, known: Any, path: str) -> dict[str, Any]:
        state = {AT: node.at} | (known or {})
        for key, member in _pairs(node, path):
            if found := by_fold.get(fold(key)):
                name, decoder = found
                state[name] = decoder(member, state.get(name), _join(path, name))
        return state

    return Shaped(_over_null(decode), fields=fields)


def mapping(item: Decoder) -> Decoder:
    """Read an object of any keys, case and all; null takes it away."""

    def decode(node: Node, known: Any, path: str) -> dict[str, Any]:
        state = dict(known or {})
        for key, member in _pairs(node, path):
            state[key] = item(member, None, _join(path, key))
        return state

    return optional(decode)


def _over_null(decode: Callable[[Node, Any, str], dict[str, Any]]) -> Decoder:
    """Make null leave a struct as it was."""

    def over(node: Node, known: Any, path: str) -> dict[str, Any]:
        if node.kind is Kind.NULL:
            return known or {AT: node.at}
        return decode(node, known, path)

    return over


def _pairs(node: Node, path: str) -> tuple[tuple[str, Node], ...]:
    if node.kind is not Kind.OBJECT:
        raise _misfit(node, path, "an object in { }")
    pairs: tuple[tuple[str, Node], ...] = node.value
    return pairs


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _slip(node: Node) -> Flaw:
    return Flaw.SLIP if node.kind in {Kind.STRING, Kind.NUMBER, Kind.BOOL} else Flaw.OTHER


def _misfit(node: Node, path: str, wanted: str, flaw: Flaw = Flaw.OTHER) -> Misfit:
    found = str(node.kind)
    if node.kind in {Kind.STRING, Kind.NUMBER}:
        text = f'"{node.value}"' if node.kind is Kind.STRING else node.value
        found = text if len(text) <= 40 else f"{text[:40]}…"
    return Misfit(path, node.at, f"must be {wanted}, not {found}", flaw)


def _parse_int32(text: str) -> int | str:
    """Read as `intstr.Parse`: what is no 32-bit number stays text."""
    digits = text.lstrip("+-0") or "0"
    if not _GO_INT.match(text) or len(digits) > 10:
        return text
    number = -int(digits) if text.startswith("-") else int(digits)
    return number if number in _INT32 else text
