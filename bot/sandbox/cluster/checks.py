"""
What must hold of an object before it is kept, whatever its kind; then what its kind wants.

Sources: apimachinery `pkg/api/validation/objectmeta.go`, kubernetes `pkg/apis/*/validation`,
apiextensions-apiserver `pkg/apiserver/validation`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from bot.sandbox.cluster import built_in_checks, errors, names
from bot.sandbox.cluster.custom_checks import custom_faults
from bot.sandbox.cluster.errors import Cause, fault, required
from bot.sandbox.cluster.kinds import EVENTS, LEASES, NAMESPACES, SERVICES, Kind
from bot.sandbox.cluster.objects import Manifest
from bot.sandbox.cluster.texts import text_of

_RBAC = "rbac.authorization.k8s.io"
_MOST_ANNOTATED = 256 * 1024
_IMMUTABLE = ("name", "namespace", "uid", "creationTimestamp", "deletionTimestamp")


def ensure_valid(kind: Kind, before: Manifest | None, after: Manifest, subresource: str) -> None:
    """Refuse what is not valid. Raises Invalid."""
    found = list(_metadata_faults(kind, before, after))
    if kind == EVENTS:  # their metadata is only looked at when the rest is right
        found = built_in_checks.faults(kind, before, after, subresource) or found
    elif kind.custom:
        found += custom_faults(kind, before, after, subresource, found)
    else:
        found += built_in_checks.faults(kind, before, after, subresource)
    if found:
        raise errors.invalid(kind, after["metadata"].get("name", ""), found)


def _metadata_faults(kind: Kind, before: Manifest | None, after: Manifest) -> Iterator[Cause]:
    metadata = after["metadata"]
    if before is None:
        yield from _name_faults(kind, metadata)
    yield from _label_faults(metadata.get("labels") or {}, "metadata.labels")
    yield from annotation_faults(metadata.get("annotations") or {}, "metadata.annotations")
    yield from _owner_faults(metadata.get("ownerReferences") or ())
    for finalizer in metadata.get("finalizers") or ():
        yield from _each(names.label_key_faults(finalizer), "metadata.finalizers", finalizer)
    if not kind.custom and kind not in (EVENTS, LEASES):
        for index, finalizer in enumerate(metadata.get("finalizers") or ()):
            wrong = names.finalizer_faults(finalizer)
            yield from _each(wrong, f"metadata.finalizers[{index}]", finalizer)
    if before is not None:
        yield from _change_faults(before["metadata"], metadata)


def _name_faults(kind: Kind, metadata: Mapping[str, Any]) -> Iterator[Cause]:
    name = metadata.get("name")
    if not name:
        yield required("metadata.name", "name or generateName is required")
        return
    yield from _each(_namer_of(kind)(name), "metadata.name", name)


def _namer_of(kind: Kind) -> Callable[[str], list[str]]:
    if kind == SERVICES:
        return names.service_faults
    if kind == NAMESPACES:
        return names.namespace_faults
    if kind == EVENTS or kind.group == _RBAC:
        return names.segment_faults
    return names.subdomain_faults


def _label_faults(labels: Mapping[str, str], field: str) -> Iterator[Cause]:
    for key, value in labels.items():
        yield from _each(names.label_key_faults(key), field, key)
        yield from _each(names.label_value_faults(value), field, value)


def annotation_faults(annotations: Mapping[str, str], field: str) -> Iterator[Cause]:
    """What is wrong with annotations: their keys, or that they are too many."""
    size = 0
    for key, value in annotations.items():
        size += len(key.encode()) + len(value.encode())
        yield from _each(names.label_key_faults(key.lower()), field, key)
    if size > _MOST_ANNOTATED:
        words = f"Too long: may not be more than {_MOST_ANNOTATED} bytes"
        yield fault(field, words, "FieldValueTooLong")


def _owner_faults(owners: Sequence[Mapping[str, Any]]) -> Iterator[Cause]:
    field = "metadata.ownerReferences"
    controllers = [one for one in owners if one.get("controller")]
    for owner in owners:
        if not owner.get("apiVersion"):
            yield fault(f"{field}.apiVersion", 'Invalid value: "": version must not be empty')
        for part in ("kind", "name", "uid"):
            if not owner.get(part):
                yield fault(f"{field}.{part}", 'Invalid value: "": must not be empty')
    if len(controllers) > 1:
        shown = text_of(list(owners)).decode()
        first, second = (f"{one['kind']}/{one['name']}" for one in controllers[:2])
        yield fault(
            field,
            f"Invalid value: {shown}: Only one reference can have Controller set to true. Found"
            f' "true" in references for {first} and {second}',
        )


def _change_faults(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Cause]:
    for key in _IMMUTABLE:
        if after.get(key) and before.get(key) != after.get(key):
            yield fault(f"metadata.{key}", f'Invalid value: "{after[key]}": field is immutable')
    if "deletionTimestamp" in before:
        known = before.get("finalizers") or ()
        new = [one for one in after.get("finalizers") or () if one not in known]
        if new:
            listed = ", ".join(f'"{one}"' for one in new)
            yield fault(
                "metadata.finalizers",
                "Forbidden: no new finalizers can be added if the object is being deleted, found"
                f" new finalizers []string{{{listed}}}",
                "FieldValueForbidden",
            )


def _each(words: list[str], field: str, value: str) -> Iterator[Cause]:
    for one in words:
        yield fault(field, f'Invalid value: "{value}": {one}')
