"""
What was sent as the body of a request, as a manifest of the kind that the path names.

The words are those of apiserver `pkg/endpoints/handlers` and apimachinery `serializer`.
"""

import re
from collections.abc import Mapping
from typing import Any

from bot.sandbox.cluster import errors
from bot.sandbox.cluster.calls import Call
from bot.sandbox.cluster.kinds import Kind
from bot.sandbox.cluster.objects import Manifest
from bot.sandbox.cluster.texts import Garbled, value_of, value_of_yaml

_JSON = "application/json"
_YAML = "application/yaml"
_TAKEN = "application/json, application/yaml, application/vnd.kubernetes.protobuf"
_HEAD = (
    'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string'
    ' "json:\\"kind,omitempty\\"" }'
)


def manifest_of(kind: Kind, call: Call) -> Manifest:
    """
    Read the body of a creation or an update.

    Raises:
        Unsupported: it is neither JSON nor YAML.
        BadRequest: it is no object, or one of another kind.

    """
    value = _value(kind, call)
    if value is None and not kind.custom:
        value = {}
    if not isinstance(value, dict):
        raise _unrecognized(kind, call, _cannot(value, _HEAD))
    if kind.custom and not value.get("kind"):
        text = call.body.decode("utf-8", "replace")
        what = f"Object 'Kind' is missing in '{text}' ({text})"
        raise errors.BadRequest(
            f"the object provided is unrecognized (must be of type {kind.kind}): {what}"
        )
    _ensure_kind(kind, value)
    ensure_head(kind, value)
    return value


def ensure_head(kind: Kind, value: Mapping[str, Any]) -> None:
    """Refuse an object of a custom kind that says it is something else. Raises Invalid."""
    if not kind.custom:
        return
    for field, wanted in (("apiVersion", kind.api_version), ("kind", kind.kind)):
        if value.get(field) != wanted:
            raise _other_head(field, wanted, value)


def _other_head(field: str, wanted: str, value: Mapping[str, Any]) -> errors.Invalid:
    """What it says of itself is how it is called."""
    called, metadata = str(value.get("kind", "")), value.get("metadata")
    name = str(metadata.get("name", "")) if isinstance(metadata, Mapping) else ""
    group = str(value.get("apiVersion", "")).rpartition("/")[0]
    cause = errors.fault(field, f'Invalid value: "{value.get(field, "")}": must be {wanted}')
    details = {"name": name, "group": group, "kind": called, "causes": [cause]}
    title = f"{called}.{group}" if group else called
    return errors.Invalid(
        f'{title} "{name}" is invalid: {field}: {cause["message"]}',
        details={key: each for key, each in details.items() if each},
    )


def options_of(call: Call) -> Mapping[str, Any]:
    """Read the options in the body of a deletion; there may be none. Raises BadRequest."""
    if not call.body.strip():
        return {}
    try:
        value = value_of(call.body)
    except Garbled as error:
        raise errors.BadRequest(f"couldn't get version/kind; json parse error: {error}") from error
    return value if isinstance(value, dict) else {}


def _value(kind: Kind, call: Call) -> Any:
    content = call.content_type.partition(";")[0].strip().lower() or _JSON
    try:
        if content == _JSON:
            return value_of(call.body)
        if content == _YAML:
            return value_of_yaml(call.body)
    except Garbled as error:
        text = call.body.decode("utf-8", "replace") or "<empty>"
        raise _unrecognized(kind, call, f"{error} ({text})", whole=True) from error
    raise errors.Unsupported(
        f"the body of the request was in an unknown format - accepted media types include: {_TAKEN}"
    )


def _unrecognized(kind: Kind, call: Call, why: str, *, whole: bool = False) -> errors.BadRequest:
    shown = "" if whole else f" ({call.body.hex()})"
    return errors.BadRequest(
        f"the object provided is unrecognized (must be of type {kind.kind}):"
        f" couldn't get version/kind; json parse error: {why}{shown}"
    )


def _cannot(value: Any, into: str) -> str:
    what = {bool: "bool", str: "string", list: "array"}.get(type(value), "number")
    return f"json: cannot unmarshal {what} into Go value of type {into}"


def _ensure_kind(kind: Kind, value: Mapping[str, Any]) -> None:
    """Refuse a manifest that says it is something else; a built-in kind need not say anything."""
    found, version = value.get("kind", ""), value.get("apiVersion", "")
    if not kind.custom:
        found, version = found or kind.kind, version or kind.api_version
    if (found, version) == (kind.kind, kind.api_version):
        return
    if not isinstance(found, str) or not isinstance(version, str):
        raise errors.BadRequest("couldn't get version/kind; json parse error")
    if kind.custom and version == kind.api_version:
        return
    if kind.custom:
        raise errors.BadRequest(
            f"the API version in the data ({version}) does not match the expected API version"
            f" ({kind.api_version})"
        )
    short = re.sub(r".*/", "", version)
    raise errors.BadRequest(
        f'{found} in version "{short}" cannot be handled as a {kind.kind}: no kind "{found}" is'
        f' registered for version "{version}"'
    )
