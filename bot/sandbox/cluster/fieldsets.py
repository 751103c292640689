"""
Sets of fields, as metadata.managedFields has them, and how they are made of objects.

    {"f:spec": {"f:replicas": {}, "f:template": {".": {}, "f:metadata": {…}}}}

holds `spec.replicas` and `spec.template`, but not `spec`: what is empty is in the set, and so is
what has a `.` beside its inner fields. Elements of lists with keys are `k:{"name":"web"}`, those of
sets `v:"a"`. Source: structured-merge-diff `fieldpath` and `typed`.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from bot.sandbox.cluster.shapes import Shape

Fields = dict[str, Any]
_SELF = "."


def union(one: Fields, other: Fields) -> Fields:
    """All fields that are in one of them."""
    if not other:
        return one
    result = dict(one)
    for key, inner in other.items():
        result[key] = _joined(result[key], inner) if key in result else inner
    return result


def difference(one: Fields, other: Fields) -> Fields:
    """The fields of the first that are not in the second."""
    if not other:
        return one
    result = dict(one)
    for key in one.keys() & other.keys() - {_SELF}:
        rest = difference(_inner(one[key]), _inner(other[key]))
        kept = _node(rest, itself=_has_itself(one[key]) and not _has_itself(other[key]))
        if kept is None:
            del result[key]
        else:
            result[key] = kept
    return result


def intersection(one: Fields, other: Fields) -> Fields:
    """The fields that are in both."""
    result: Fields = {}
    for key in one.keys() & other.keys() - {_SELF}:
        both = intersection(_inner(one[key]), _inner(other[key]))
        kept = _node(both, itself=_has_itself(one[key]) and _has_itself(other[key]))
        if kept is not None:
            result[key] = kept
    return result


def with_parents(shape: Shape | None, fields: Fields) -> Fields:
    """The same, and all fields that have one of these inside; keys of maps and lists are none."""
    result: Fields = {}
    for key, node in fields.items():
        name = key.removeprefix("f:")
        if key == _SELF or not _inner(node):
            result[key] = node
        elif key.startswith("f:"):
            below = with_parents(shape.field(name) if shape else None, _inner(node))
            is_declared = bool(shape and name in shape.fields)
            result[key] = _joined(below, {} if is_declared or _has_itself(node) else below)
        else:
            below = with_parents(shape.element if shape else None, _inner(node))
            result[key] = _joined(below, {} if _has_itself(node) else below)
    return result


def paths(fields: Fields, above: str = "") -> Iterator[str]:
    """Name the fields as conflicts do: `.spec.template.spec.containers[name="web"].image`."""
    for key in sorted(fields):
        if key == _SELF:
            continue
        kind, _, name = key.partition(":")
        if kind == "f":
            here = f"{above}.{name}"
        elif kind == "k":
            pairs = json.loads(name).items()
            here = f"{above}[{','.join(f'{k}={json.dumps(v)}' for k, v in pairs)}]"
        else:
            here = f"{above}[={name}]"
        if _has_itself(fields[key]):
            yield here
        yield from paths(_inner(fields[key]), here)


def compared(shape: Shape | None, before: Any, after: Any) -> tuple[Fields, Fields]:
    """The fields that were written, and those that are gone, when one object becomes another."""
    old, new = _elements(shape, before), _elements(shape, after)
    written: Fields = {}
    gone: Fields = {}
    for key, (inner, value) in new.items():
        if key not in old:
            written[key] = _all(inner, value)
        elif value is not old[key][1] and value != old[key][1]:
            _note(key, inner, old[key][1], value, written, gone)
    for key, (inner, value) in old.items():
        if key not in new:
            gone[key] = _all(inner, value)
    return written, gone


def applied(shape: Shape | None, thing: Any) -> Fields:
    """The fields that somebody owns who applies this value."""
    result: Fields = {}
    for key, (inner, value) in _elements(shape, thing).items():
        fields = applied(inner, value) if _is_divided(inner, value) else {}
        is_declared = key.startswith("f:") and shape and key[2:] in shape.fields
        node = _node(fields, itself=not is_declared or not _is_divided(inner, value) or value == {})
        if node is not None:
            result[key] = node
    return result


def _note(key: str, shape: Shape | None, old: Any, new: Any, written: Fields, gone: Fields) -> None:
    """Say what became of a value that is another one now."""
    if _is_divided(shape, old) and _is_divided(shape, new):
        inner_written, inner_gone = compared(shape, old, new)
        if inner_written:
            written[key] = inner_written
        if inner_gone:
            gone[key] = inner_gone
        return
    if _is_divided(shape, old) and (lost := _elements(shape, old)):
        gone[key] = {name: _all(inner, value) for name, (inner, value) in lost.items()}
    if new is None and _is_divided(shape, old):
        return
    found = _all(shape, new)
    written[key] = _inner(found) if old is None else found


def _all(shape: Shape | None, value: Any) -> Fields:
    """All fields of a value that was not there."""
    if not _is_divided(shape, value):
        return {}
    inner = {key: _all(each, thing) for key, (each, thing) in _elements(shape, value).items()}
    return {_SELF: {}, **inner} if inner else {}


def _is_divided(shape: Shape | None, value: Any) -> bool:
    """Whether the fields inside of it have owners of their own."""
    if isinstance(value, dict):
        return not (shape and shape.is_atomic)
    return isinstance(value, list) and bool(shape and (shape.keys or shape.is_set))


def _elements(shape: Shape | None, value: Any) -> dict[str, tuple[Shape | None, Any]]:
    """What is in it, by the names that sets of fields have for it."""
    if isinstance(value, dict):
        return {
            f"f:{name}": (shape.field(name) if shape else None, inner)
            for name, inner in value.items()
        }
    if not isinstance(value, list) or not shape:
        return {}
    return {element_key(shape, each): (shape.element, each) for each in value}


def element_key(shape: Shape, element: Any) -> str:
    """The name of an element of a list with keys, or of a set."""
    if shape.is_set or not isinstance(element, Mapping):
        return f"v:{json.dumps(element, separators=(',', ':'))}"
    known = shape.element.fields if shape.element else {}
    keys = {
        key: element.get(key, known[key].default if key in known else None)
        for key in sorted(shape.keys)
    }
    keys = {key: value for key, value in keys.items() if value is not None}
    return f"k:{json.dumps(keys, separators=(',', ':'))}"


def _joined(one: Fields, other: Fields) -> Fields:
    itself = _has_itself(one) or _has_itself(other)
    node = _node(union(_inner(one), _inner(other)), itself=itself)
    return {} if node is None else node


def _has_itself(node: Fields) -> bool:
    return not node or _SELF in node


def _inner(node: Fields) -> Fields:
    return {key: value for key, value in node.items() if key != _SELF} if _SELF in node else node


def _node(inner: Fields, *, itself: bool) -> Fields | None:
    """Put a node together; None: it holds nothing."""
    if not inner:
        return {} if itself else None
    return {_SELF: {}, **inner} if itself else inner
