"""
Read a manifest as its shape says.

Built-in kinds are read as the server's own structs are: a wrong type is refused, unknown fields and
empty values are left out, times are written in one way. Of custom kinds only the metadata is;
otherwise unknown fields and nulls are left out, and types are looked at later (`checks`).
Sources: apimachinery `serializer/json`, apiextensions-apiserver `pkg/apiserver/schema/pruning` and
`defaulting/prune.go`.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from bot.sandbox.cluster.defaults import complete
from bot.sandbox.cluster.kinds import Kind
from bot.sandbox.cluster.objects import Manifest
from bot.sandbox.cluster.shape_tables import shape_of
from bot.sandbox.cluster.shapes import METADATA, Shape, zero_of

_MICRO_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}(Z|[+-]\d\d:\d\d)")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_QUANTITY = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?\d+)?")
_GO_NAMES = {str: "string", bool: "bool", int: "number", float: "number", list: "array"}


class Misshapen(ValueError):  # noqa: N818 - how the manifest is
    """It is not what the kind looks like. Args: the first thing that is wrong."""


def read(kind: Kind, manifest: Manifest, *, keep_nulls: bool = False) -> Manifest:
    """
    Give the manifest as it is kept, with its defaults.

    *keep_nulls*: of a custom kind, for the checks to find. Raises Misshapen.
    """
    metadata = manifest.get("metadata")
    if not isinstance(metadata, (dict, type(None))):
        raise _wrong(metadata, "metadata", "v1.ObjectMeta")
    if kind.custom:
        read_metadata = _object(METADATA, metadata or {}, "ObjectMeta")
        kept = _pruned(shape_of(kind), manifest, keep_nulls=keep_nulls)
        return {**kept, "metadata": read_metadata}
    head = {key: manifest[key] for key in ("kind", "apiVersion") if key in manifest}
    return complete(kind, head | _object(shape_of(kind), manifest, kind.kind))


def _object(shape: Shape, value: Any, where: str) -> Manifest:
    if not isinstance(value, dict):
        raise _wrong(value, where, "an object")
    result: Manifest = {}
    for name, inner in value.items():
        field = shape.fields.get(name)
        if field is None:
            if shape.is_open:
                result[name] = inner
            continue
        found = _value(field, inner, f"{where}.{name}")
        if found is None and field.zero == "always":
            found = zero_of(field)
        if not _is_left_out(field, found):
            result[name] = found
    for name, field in shape.fields.items():
        if name not in result and (field.zero == "always" or field.is_part):
            result[name] = zero_of(field)
    return result


def _value(shape: Shape, value: Any, where: str) -> Any:
    """Read one value; None: it is as good as not there. Raises Misshapen."""
    if value is None or shape.type == "any":
        return value
    match shape.type:
        case "object":
            return _object(shape, value, where)
        case "map":
            if not isinstance(value, dict):
                raise _wrong(value, where, "map[string]string")
            element = shape.element or shape
            return {key: _item(element, each, where) for key, each in value.items()}
        case "list":
            if not isinstance(value, list):
                raise _wrong(value, where, "[]")
            element = shape.element or shape
            return [_item(element, each, where) for each in value]
        case "time" | "micro-time":
            return _time(shape, value, where)
        case "bytes":
            return _bytes(value, where)
    if not _is_of(shape, value):
        raise _wrong(value, where, shape.type)
    return value


def _item(shape: Shape, value: Any, where: str) -> Any:
    """Read an element of a list or a map: null is the empty value of its type."""
    found = _value(shape, value, where)
    if found is None and shape.type == "object":
        return _object(shape, {}, where)
    return zero_of(shape) if found is None else found


def _is_left_out(shape: Shape, value: Any) -> bool:
    if value is None:
        return shape.zero != "always"
    if shape.zero != "left out" or shape.type == "object":
        return False
    return value in ("", 0, [], {}) and shape.type != "any"


def _is_of(shape: Shape, value: Any) -> bool:
    match shape.type:
        case "string":
            return isinstance(value, str)
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "int-or-string":
            return isinstance(value, (int, str)) and not isinstance(value, bool)
        case "quantity":
            return isinstance(value, (int, float)) or bool(_QUANTITY.fullmatch(str(value)))
        case _:
            return True


def _time(shape: Shape, value: Any, where: str) -> str:
    """Write a time as the server does: in UTC, in whole seconds or microseconds."""
    if not isinstance(value, str):
        raise _wrong(value, where, "string")
    is_micro = shape.type == "micro-time"
    moment = _moment(value) if (_MICRO_TIME if is_micro else _TIME).fullmatch(value) else None
    if moment is None:
        layout = "2006-01-02T15:04:05.000000Z07:00" if is_micro else "2006-01-02T15:04:05Z07:00"
        raise Misshapen(f'parsing time "{value}" as "{layout}": cannot parse')
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ" if is_micro else "%Y-%m-%dT%H:%M:%SZ")


def _moment(text: str) -> datetime | None:
    """Read a time that looks like one; None: there is no such day or hour."""
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        return None


def _bytes(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise _wrong(value, where, "[]uint8")
    try:
        base64.b64decode(value, validate=True)
    except binascii.Error as error:
        raise Misshapen("illegal base64 data") from error
    return value


def _wrong(value: Any, where: str, wanted: str) -> Misshapen:
    found = _GO_NAMES.get(type(value), "object")
    return Misshapen(
        f"json: cannot unmarshal {found} into Go struct field {where} of type {wanted}"
    )


def _pruned(shape: Shape | None, value: Any, *, keep_nulls: bool) -> Any:
    """Leave out what the definition of a custom kind does not know."""
    if shape is None or shape.type == "any":
        return value
    if isinstance(value, Mapping):
        kept = {
            name: _pruned(shape.field(name), inner, keep_nulls=keep_nulls)
            for name, inner in value.items()
            if _is_known(shape, name, inner, keep_nulls=keep_nulls)
        }
        defaults = ((name, each.default) for name, each in shape.fields.items())
        return {name: value for name, value in defaults if value is not None} | kept
    if isinstance(value, list):
        return [_pruned(shape.element, each, keep_nulls=keep_nulls) for each in value]
    return value


def _is_known(shape: Shape, name: str, value: Any, *, keep_nulls: bool) -> bool:
    if shape.field(name) is None:
        return shape.is_open
    return value is not None or keep_nulls
