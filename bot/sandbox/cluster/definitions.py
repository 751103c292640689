"""
Kinds that are added by applying their CustomResourceDefinition.

Of a schema the types, lists with keys, required fields and defaults are kept; patterns, ranges and
rules (CEL) are not looked at. Source: apiextensions-apiserver `pkg/apiserver/schema`.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.sandbox.cluster.kinds import Kind
from bot.sandbox.cluster.objects import Manifest, at
from bot.sandbox.cluster.shapes import (
    ANY,
    BOOLEAN,
    DATE_TIME,
    INT_OR_STRING,
    INTEGER,
    METADATA,
    STRING,
    Shape,
)

_PLAIN = {"string": STRING, "integer": INTEGER, "boolean": BOOLEAN, "number": Shape(type="number")}
_EXTENSION = "x-kubernetes-"


def defined(definition: Manifest) -> Kind | None:
    """The kind that a definition defines; None: none of its versions is kept."""
    spec = definition["spec"]
    version = next((one for one in spec.get("versions") or () if one.get("storage")), None)
    if version is None:
        return None
    names = spec["names"]
    schema = at(version, "schema", "openAPIV3Schema", default={})
    return Kind(
        group=spec["group"],
        version=version["name"],
        plural=names["plural"],
        kind=names["kind"],
        short=next(iter(names.get("shortNames") or ()), ""),
        namespaced=spec.get("scope") == "Namespaced",
        status=at(version, "subresources", "status") is not None,
        generation="content",
        custom=True,
        unconditional=False,
        shape=_top(shape_from(schema)),
    )


def accepted(definition: Manifest, at_time: str) -> Manifest:
    """The status of a definition whose kind is served."""
    versions = [one["name"] for one in definition["spec"]["versions"] if one.get("storage")]
    said = (
        ("NamesAccepted", "NoConflicts", "no conflicts found"),
        ("Established", "InitialNamesAccepted", "the initial names have been accepted"),
    )
    conditions = [
        {
            "type": kind,
            "status": "True",
            "lastTransitionTime": at_time,
            "reason": reason,
            "message": message,
        }
        for kind, reason, message in said
    ]
    names = definition["spec"]["names"]
    return {"conditions": conditions, "acceptedNames": names, "storedVersions": versions}


def shape_from(schema: Mapping[str, Any]) -> Shape:
    """Read a schema."""
    default = schema.get("default")
    if schema.get(f"{_EXTENSION}int-or-string"):
        return replace(INT_OR_STRING, default=default)
    kind = schema.get("type")
    if kind == "string" and schema.get("format") == "date-time":
        return DATE_TIME
    if kind in _PLAIN:
        return replace(_PLAIN[kind], default=default)
    if kind == "array":
        return replace(_list_from(schema), default=default)
    if kind == "object":
        return replace(_object_from(schema), default=default)
    return ANY


def _list_from(schema: Mapping[str, Any]) -> Shape:
    ordering = schema.get(f"{_EXTENSION}list-type")
    keys = schema.get(f"{_EXTENSION}list-map-keys") or ()
    return Shape(
        type="list",
        element=shape_from(schema.get("items") or {}),
        keys=tuple(keys) if ordering == "map" else (),
        is_set=ordering == "set",
    )


def _object_from(schema: Mapping[str, Any]) -> Shape:
    more = schema.get("additionalProperties")
    is_atomic = schema.get(f"{_EXTENSION}map-type") == "atomic"
    if isinstance(more, Mapping):
        return Shape(type="map", element=shape_from(more), is_atomic=is_atomic)
    fields = schema.get("properties") or {}
    return Shape(
        type="object",
        fields={name: shape_from(each) for name, each in fields.items()},
        is_open=bool(schema.get(f"{_EXTENSION}preserve-unknown-fields") or more),
        is_atomic=is_atomic,
        needs=tuple(sorted(schema.get("required") or ())),
    )


def _top(shape: Shape) -> Shape:
    head = {"apiVersion": STRING, "kind": STRING, "metadata": METADATA}
    return replace(shape, type="object", fields={**shape.fields, **head})
