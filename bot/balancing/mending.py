"""
The JSON of an annotation put right: what is plainly a slip, written as it must be.

Nothing is written anywhere: the text is shown to people. A value is a tree of `gojson`;
it is walked along the structs of `schema`, so depth is bounded by these.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.balancing.gojson import BadJson, Kind, Node, parse
from bot.balancing.spelling import nearest
from bot.balancing.structs import Decoder, Shaped, boolean, fold, int32, port, string

Keys = tuple[str | int, ...]

_MOST_COMMAS = 20  #: repairs of one text
_SCALARS = {Kind.STRING, Kind.NUMBER, Kind.BOOL}
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,2})?\Z")
_REDIRECTS = re.compile(r"30[12]\Z")
_STATUS = ("redirectConfig", "statusCode")


@dataclass(frozen=True, kw_only=True)
class Level:
    """
    One object within an annotation, and the keys that are read in it.

    Attributes:
        path: of the object, such as `forwardConfig.targetGroups[0]`.

    """

    path: str
    node: Node
    fields: Mapping[str, Decoder]

    @property
    def unknown(self) -> tuple[tuple[str, Node, str], ...]:
        """The keys that are ignored, each with its value and the known key that is near."""
        keys = [(key, member) for key, member in self.node.value if not _named(key, self.fields)]
        return tuple((key, member, self.meant(key)) for key, member in keys)

    @property
    def repeated(self) -> Mapping[str, tuple[tuple[str, Node], ...]]:
        """The known keys that stand several times, as written, with their values."""
        found: dict[str, list[tuple[str, Node]]] = {}
        for key, member in self.node.value:
            if name := _named(key, self.fields):
                found.setdefault(name, []).append((key, member))
        return {name: tuple(pairs) for name, pairs in found.items() if len(pairs) > 1}

    def meant(self, key: str) -> str:
        """Tell which known key an unknown one was meant to be; empty: none."""
        return nearest(key, self.fields)

    def has(self, name: str) -> bool:
        """Whether a known key is written, in any case."""
        return any(fold(key) == fold(name) for key, _ in self.node.value)


def levels(node: Node, decoder: Decoder, path: str = "") -> Iterator[Level]:
    """Walk the objects of an annotation that the controller reads."""
    shape = _bare(decoder)
    if not isinstance(shape, Shaped):
        return
    if shape.item and node.kind is Kind.ARRAY:
        for i, member in enumerate(node.value):
            yield from levels(member, shape.item, f"{path}[{i}]")
    elif shape.fields and node.kind is Kind.OBJECT:
        yield Level(path=path, node=node, fields=shape.fields)
        for key, member in node.value:
            if name := _named(key, shape.fields):
                yield from levels(member, shape.fields[name], f"{path}.{name}" if path else name)


def parse_kindly(text: str) -> Node | None:
    """Read a JSON text, commas before a closing bracket left out; None: it is beyond that."""
    for _ in range(_MOST_COMMAS):
        try:
            return parse(text)
        except BadJson as bad:
            before = text[: bad.at].rstrip()
            if text[bad.at : bad.at + 1] not in {"}", "]"} or not before.endswith(","):
                return None
            text = before[:-1] + text[bad.at :]
    return None


def mend(node: Node, decoder: Decoder, path: Keys = ()) -> Node:
    """
    Write slips as they must be; what is not understood stays.

    Numbers, texts and truth values that stand for one another; a single value where a list
    is wanted; misspelt keys; keys that are written again further on.
    """
    shape = _bare(decoder)
    if not isinstance(shape, Shaped):
        return _mend_scalar(node, shape, path)
    if shape.item:
        return _mend_list(node, shape.item, path)
    if shape.fields and node.kind is Kind.OBJECT:
        return _mend_object(node, shape.fields, path)
    return node


def put(node: Node, keys: Keys, value: Node) -> Node:
    """Write a value at a place; objects on the way that are not there are made."""
    if not keys:
        return value
    first, rest = keys[0], keys[1:]
    if isinstance(first, int):
        members = [put(m, rest, value) if i == first else m for i, m in enumerate(node.value)]
        return replace(node, value=tuple(members))
    pairs = node.value if node.kind is Kind.OBJECT else ()
    done = tuple((k, put(m, rest, value) if fold(k) == fold(first) else m) for k, m in pairs)
    if not any(fold(k) == fold(first) for k, _ in pairs):
        done = (*done, (first, put(Node(Kind.OBJECT, node.at, ()), rest, value)))
    return Node(Kind.OBJECT, node.at, done)


def number(value: int) -> Node:
    """Make a number."""
    return Node(Kind.NUMBER, 0, str(value))


def text(value: str) -> Node:
    """Make a string."""
    return Node(Kind.STRING, 0, value)


def render(node: Node) -> str:
    """Write a tree as JSON, in one line."""
    parts: list[str] = []
    todo: list[str | Node] = [node]
    while todo:
        match todo.pop():
            case str() as part:
                parts.append(part)
            case Node(Kind.OBJECT, _, pairs):
                inner: list[str | Node] = []
                for i, (key, member) in enumerate(pairs):
                    inner += (", " if i else "", f"{_quote(key)}: ", member)
                todo += reversed(["{", *inner, "}"])
            case Node(Kind.ARRAY, _, members):
                inner = [x for i, m in enumerate(members) for x in (", " if i else "", m)]
                todo += reversed(["[", *inner, "]"])
            case Node(Kind.STRING, _, value):
                parts.append(_quote(value))
            case Node(Kind.NUMBER, _, value):
                parts.append(value)
            case Node(_, _, value):
                parts.append("null" if value is None else str(value).lower())
    return "".join(parts)


def _quote(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _bare(decoder: Decoder) -> Decoder:
    """Look through what only allows null."""
    while isinstance(decoder, Shaped) and decoder.base:
        decoder = decoder.base
    return decoder


def _named(key: str, fields: Mapping[str, Any]) -> str:
    """Give the known key that a key is read as; empty: it is ignored."""
    if key in fields:
        return key
    folded = fold(key)
    return next((name for name in fields if fold(name) == folded), "")


def _mend_list(node: Node, item: Decoder, path: Keys) -> Node:
    if node.kind is Kind.ARRAY:
        members = tuple(mend(m, item, (*path, i)) for i, m in enumerate(node.value))
        return replace(node, value=members)
    shape = _bare(item)
    wanted = {Kind.OBJECT} if isinstance(shape, Shaped) and shape.fields else _SCALARS
    if node.kind not in wanted:
        return node
    return Node(Kind.ARRAY, node.at, (mend(node, item, (*path, 0)),))


def _mend_object(node: Node, fields: Mapping[str, Decoder], path: Keys) -> Node:
    level = Level(path="", node=node, fields=fields)
    renamed = []
    for written, member in node.value:
        key, name = written, _named(written, fields)
        if not name and (meant := level.meant(written)) and not level.has(meant):
            key, name = meant, meant
        renamed.append((key, mend(member, fields[name], (*path, name)) if name else member))
    last = {_named(key, fields): i for i, (key, _) in enumerate(renamed)}
    kept = (
        (key, member)
        for i, (key, member) in enumerate(renamed)
        if not (name := _named(key, fields))
        or last[name] == i
        or not {member.kind, renamed[last[name]][1].kind} <= _SCALARS
    )
    return replace(node, value=tuple(kept))


def _mend_scalar(node: Node, decoder: Decoder, path: Keys) -> Node:
    value = node.value
    if decoder is string and node.kind in {Kind.NUMBER, Kind.STRING}:
        is_status = path == _STATUS and _REDIRECTS.match(value)
        return Node(Kind.STRING, node.at, f"HTTP_{value}" if is_status else value)
    if decoder is string and node.kind is Kind.BOOL:
        return Node(Kind.STRING, node.at, str(value).lower())
    if decoder is boolean and node.kind is Kind.STRING and value.lower() in {"true", "false"}:
        return Node(Kind.BOOL, node.at, value.lower() == "true")
    is_number = node.kind is Kind.NUMBER or (node.kind is Kind.STRING and decoder is int32)
    if decoder in {int32, port} and is_number and (whole := _whole(value)):
        return Node(Kind.NUMBER, node.at, whole)
    return node


def _whole(value: str) -> str:
    """Write a number without its decimals or exponent; empty: it has some, or is no number."""
    stripped = value.strip()
    exact = float(stripped) if _NUMBER.match(stripped) else 0.5
    return str(int(exact)) if exact.is_integer() and abs(exact) < 2**31 else ""
