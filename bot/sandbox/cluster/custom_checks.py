"""
What must hold of an object of a custom kind: the types that its definition names.

Source: kube-openapi `pkg/validation/validate` and apiextensions-apiserver `pkg/registry/…/
customresource/validator.go`, which looks at `status` only where that is written.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.sandbox.cluster.errors import Cause, fault, required
from bot.sandbox.cluster.kinds import ROLLOUTS, Kind
from bot.sandbox.cluster.objects import Manifest, at
from bot.sandbox.cluster.shape_tables import shape_of
from bot.sandbox.cluster.shapes import Shape
from bot.sandbox.cluster.texts import text_of

_UNCHECKED = fault(
    "<nil>",
    "Invalid value: null: some validation rules were not checked because the object was invalid;"
    " correct the existing errors to complete validation",
)
#: as long as something like this is wrong, rules are not looked at
_BLOCKING = (
    "FieldValueRequired",
    "FieldValueNotSupported",
    "FieldValueTooLong",
    "FieldValueTypeInvalid",
)
_GO = {
    str: "string",
    bool: "bool",
    int: "int64",
    float: "float64",
    list: "[]interface {}",
    dict: "map[string]interface {}",
}
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)", re.IGNORECASE)
_NAMES = {
    "date-time": "string",
    "map": "object",
    "list": "array",
    "int-or-string": "integer,string",
}


def custom_faults(
    kind: Kind,
    before: Manifest | None,
    after: Manifest,
    subresource: str,
    known: Sequence[Cause] = (),
) -> list[Cause]:
    """Name what is wrong; *known*: what is known to be wrong already."""
    shape = shape_of(kind)
    if subresource == "status":
        status = shape.field("status")
        present = status is not None and "status" in after
        found = list(_faults(status, after["status"], "status", "")) if present else []
        if kind == ROLLOUTS:
            found += _accessor_faults(after.get("status"), "status", "HPAReplicas", "selector")
    else:
        found = list(_top_faults(shape, after))
        if kind == ROLLOUTS:
            found += _accessor_faults(after.get("spec"), "spec", "replicas")
            found += _replicas_faults(after)
    if shape.has_rules and any(one["reason"] in _BLOCKING for one in (*known, *found)):
        return [*found, _UNCHECKED]
    if kind == ROLLOUTS and before is not None and not subresource:
        return [*found, *_selector_faults(before, after)]
    return found


def _top_faults(shape: Shape, after: Manifest) -> Iterator[Cause]:
    for name in shape.needs:
        if name not in after:
            yield required(name)
    for name, value in after.items():
        field = shape.field(name)
        if field is not None and name != "metadata":
            yield from _faults(field, value, name, name)


def _faults(shape: Shape | None, value: Any, field: str, body: str) -> Iterator[Cause]:
    """Name what is wrong with a value; *body*: its path as the sentence names it."""
    if shape is None or shape.type == "any":
        return
    if not _is_of(shape, value):
        yield from _type_faults(shape, value, field, body)
    elif shape.type == "date-time" and not _DATE_TIME.fullmatch(value):
        words = f'Invalid value: "{value}": {body} in body must be of type date-time: "{value}"'
        yield fault(field, words, "FieldValueTypeInvalid")
    elif isinstance(value, Mapping):
        for name in shape.needs:
            if name not in value:
                yield required(f"{field}.{name}")
        for name, inner in value.items():
            under = f"{body}.{name}" if body else name
            yield from _faults(shape.field(name), inner, f"{field}.{name}", under)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _faults(shape.element, inner, f"{field}[{index}]", f"{body}[{index}]")
        yield from _duplicates(shape, value, field)


def _duplicates(shape: Shape, elements: list[Any], field: str) -> Iterator[Cause]:
    """Name elements of a list with keys that cannot be told from another."""
    seen: list[Any] = []
    for index, each in enumerate(elements if shape.keys else ()):
        if not isinstance(each, Mapping):
            continue
        keys = {key: each[key] for key in shape.keys if key in each}
        if keys in seen:
            words = f"Duplicate value: {text_of(keys).decode()}"
            yield fault(f"{field}[{index}]", words, "FieldValueDuplicate")
        seen.append(keys)


def _type_faults(shape: Shape, value: Any, field: str, body: str) -> Iterator[Cause]:
    wanted, found = _NAMES.get(shape.type, shape.type), _type_of(value)
    words = f'Invalid value: "{found}": {body} in body must be of type {wanted}: "{found}"'
    yield fault(field, words, "FieldValueTypeInvalid")
    if shape.type == "int-or-string":
        yield from _neither(field, body, found)


def _neither(field: str, body: str, found: str) -> Iterator[Cause]:
    """Say once more that it is neither of both."""
    words = f'Invalid value: "": "{body}" must validate at least one schema (anyOf)'
    yield fault("<nil>", words)
    words = f'Invalid value: "{found}": {body} in body must be of type integer: "{found}"'
    yield fault(field, words, "FieldValueTypeInvalid")


def _is_of(shape: Shape, value: Any) -> bool:
    match shape.type:
        case "object" | "map":
            return isinstance(value, Mapping)
        case "list":
            return isinstance(value, list)
        case "string" | "date-time":
            return isinstance(value, str)
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
            return whole and not isinstance(value, bool)
        case "number":
            return isinstance(value, (int, float)) and not isinstance(value, bool)
        case "int-or-string" | "quantity":
            return isinstance(value, (int, str)) and not isinstance(value, bool)
        case _:
            return True


def _type_of(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"


def _accessor_faults(value: Any, part: str, *fields: str) -> Iterator[Cause]:
    """What is scaled is looked for once more where there is nothing to look into."""
    if value is None or isinstance(value, Mapping):
        return
    for field in fields:
        nothing = '""' if field == "selector" else "0"
        wrong = f"{value} is of the type {_GO.get(type(value), '')}"
        yield fault(
            f".{part}.{field}",
            f"Invalid value: {nothing}: .{part}.{field} accessor error: {wrong},"
            " expected map[string]interface{}",
        )


def _replicas_faults(after: Manifest) -> Iterator[Cause]:
    """The count that is scaled is looked at once more."""
    replicas = at(after, "spec", "replicas")
    if replicas is None:
        return
    if isinstance(replicas, bool) or not isinstance(replicas, int):
        wrong = f"{replicas} is of the type {_GO.get(type(replicas), '')}"
        yield fault(
            ".spec.replicas",
            f"Invalid value: 0: .spec.replicas accessor error: {wrong}, expected int64",
        )
    elif replicas < 0:
        words = f"Invalid value: {replicas}: should be a non-negative integer"
        yield fault(".spec.replicas", words)
    elif replicas > 2**31 - 1:
        words = f"Invalid value: {replicas}: should be less than or equal to {2**31 - 1}"
        yield fault(".spec.replicas", words)


def _selector_faults(before: Manifest, after: Manifest) -> Iterator[Cause]:
    old, new = at(before, "spec", "selector"), at(after, "spec", "selector")
    if old is not None and new is not None and old != new:
        yield fault("spec.selector", 'Invalid value: "object": .spec.selector is immutable')
