"""
Manifests, and how a new one is made out of an old one.

A manifest in the store is never changed: whoever keeps one keeps that version. A new version shares
with the old one all that did not change.
"""

from collections.abc import Mapping
from typing import Any

Manifest = dict[str, Any]


def name_of(thing: Mapping[str, Any]) -> tuple[str, str]:
    """Namespace and name; the namespace is empty for what lives in none."""
    metadata = thing["metadata"]
    return metadata.get("namespace", ""), metadata["name"]


def uid_of(thing: Mapping[str, Any]) -> str:
    """Its identity."""
    return str(thing["metadata"]["uid"])


def version_of(thing: Mapping[str, Any]) -> str:
    """Its resourceVersion."""
    return str(thing["metadata"].get("resourceVersion", ""))


def at(thing: Any, *path: str | int, default: Any = None) -> Any:
    """What stands at this path; the default where there is nothing, or null."""
    for part in path:
        if isinstance(thing, list):
            is_there = isinstance(part, int) and -len(thing) <= part < len(thing)
        else:
            is_there = isinstance(thing, Mapping) and part in thing
        if not is_there:
            return default
        thing = thing[part]
    return default if thing is None else thing


def put(thing: Manifest, value: Any, *path: str) -> Manifest:
    """Make a copy in which this value stands at the path; None takes away what stands there."""
    head, *rest = path
    inner = put(thing.get(head) or {}, value, *rest) if rest else value
    if inner is None:
        return {key: each for key, each in thing.items() if key != head}
    return {**thing, head: inner}


def merged(thing: Any, change: Any) -> Any:
    """
    Apply a JSON merge patch (RFC 7386), as the API server's library does.

    It takes null keys also out of objects that stand in a new list.
    """
    if not isinstance(change, Mapping):
        return change if isinstance(thing, Mapping) else _without_nulls(change)
    if not isinstance(thing, Mapping):
        return _without_nulls(change)
    result = dict(thing)
    for key, value in change.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), value)
    return result


def _without_nulls(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_nulls(each) for key, each in value.items() if each is not None}
    if isinstance(value, list):
        return [_without_nulls(each) for each in value]
    return value


def owner_of(thing: Mapping[str, Any]) -> str:
    """The uid of the controller that owns it; empty: nobody's."""
    for owner in at(thing, "metadata", "ownerReferences", default=()):
        if owner.get("controller"):
            return str(owner["uid"])
    return ""


def matches(labels: Mapping[str, str], selector: Mapping[str, str]) -> bool:
    """Whether all pairs of a plain selector are among the labels."""
    return all(labels.get(key) == value for key, value in selector.items())
