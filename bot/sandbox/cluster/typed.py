"""
Whether a manifest has the fields and the types that its shape says, without reading it.

Source: structured-merge-diff `typed/validate.go`; apimachinery `serializer/json` (strict).
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from bot.sandbox.cluster.shapes import Shape

_EXPECTED: Mapping[str, tuple[str, type | tuple[type, ...]]] = {
    "object": ("map", Mapping),
    "map": ("map", Mapping),
    "list": ("list", list),
    "string": ("string", str),
    "date-time": ("string", str),
    "boolean": ("boolean", bool),
    "integer": ("numeric (int or float)", (int, float)),
}


def faults(shape: Shape | None, value: Any, where: str = "") -> Iterator[str]:
    """Name what the kind does not have, and what has another type."""
    if shape is None or value is None or shape.type == "any":
        return
    wanted = _EXPECTED.get(shape.type)
    if wanted and (not isinstance(value, wanted[1]) or _is_misplaced(shape, value)):
        yield f"{where}: expected {wanted[0]}, got {json.dumps(value)}"
    elif isinstance(value, Mapping):
        for name in sorted(value):
            field = shape.field(name)
            if field is None and not shape.is_open:
                yield f"{where}.{name}: field not declared in schema"
            yield from faults(field, value[name], f"{where}.{name}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            if _has_no_key(shape, inner):
                yield (
                    f"{where}: element {index}: associative list with keys has an element that"
                    f" omits all key fields {json.dumps(list(shape.keys))} (and doesn't have"
                    " default values for any key fields)"
                )
                continue
            yield from faults(shape.element, inner, f"{where}[{index}]")


def unknown(shape: Shape | None, value: Any, where: str = "") -> Iterator[str]:
    """Name the fields that the kind does not have, as strict validation does."""
    if shape is None or shape.type == "any":
        return
    if isinstance(value, Mapping):
        for name, inner in value.items():
            here = f"{where}.{name}" if where else name
            field = shape.field(name)
            if field is None and not shape.is_open:
                yield f'unknown field "{here}"'
            yield from unknown(field, inner, here)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from unknown(shape.element, inner, f"{where}[{index}]")


def _is_misplaced(shape: Shape, value: Any) -> bool:
    return isinstance(value, bool) and shape.type != "boolean"


def _has_no_key(shape: Shape, element: Any) -> bool:
    if not shape.keys or not isinstance(element, Mapping):
        return False
    known = shape.element.fields if shape.element else {}
    has_default = any(known[key].default is not None for key in shape.keys if key in known)
    return not has_default and not any(key in element for key in shape.keys)
