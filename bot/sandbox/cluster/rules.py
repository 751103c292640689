"""
What the API server does to every object that is written.

Identity and times on creation; on an update what must not change, which part counts (`status` at
`…/status` only), and when `metadata.generation` grows. Sources: apiserver `registry/rest`
(create.go, update.go), apiextensions-apiserver `customresource/strategy.go`; held against the real
server by the comparison of generated requests.
"""

import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from bot.sandbox.cluster import errors, typed
from bot.sandbox.cluster.defaults import complete
from bot.sandbox.cluster.finishing import finished_pod, finished_service
from bot.sandbox.cluster.kinds import NAMESPACES, PODS, SERVICES, Kind
from bot.sandbox.cluster.managed import Writer, managed
from bot.sandbox.cluster.objects import Manifest, at, put
from bot.sandbox.cluster.shape_tables import shape_of
from bot.sandbox.cluster.shapes import zero_of

#: the server's own fields, which no writer changes
_KEPT = (
    "uid",
    "creationTimestamp",
    "generation",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "resourceVersion",
    "managedFields",
)
_GRACE = 30  #: seconds that a pod is given to end
_ENDED = ("Succeeded", "Failed")


def timestamp(seconds: float) -> str:
    """A time as manifests have it: RFC 3339, UTC, whole seconds."""
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def created(kind: Kind, manifest: Manifest, writer: Writer, now: float) -> Manifest:
    """Make a manifest into a new object. Raises Invalid."""
    metadata = {
        key: value
        for key, value in manifest["metadata"].items()
        if key not in _KEPT and key != "selfLink"
    }
    if "generation" in manifest["metadata"]:  # nobody counts it there
        metadata["generation"] = manifest["metadata"]["generation"]
    metadata |= {"uid": str(uuid.uuid4()), "creationTimestamp": timestamp(now)}
    if kind.generation != "none":
        metadata["generation"] = 1
    thing = _titled(kind, complete(kind, {**manifest, "metadata": metadata}))
    if kind.status:
        thing.pop("status", None)
    if "status" in shape_of(kind).fields and not kind.custom:
        thing["status"] = zero_of(shape_of(kind).fields["status"])
    if writer.operation == "Apply":
        thing = put(thing, manifest["metadata"].get("managedFields"), "metadata", "managedFields")
    else:
        thing = managed(kind, None, thing, writer, timestamp(now))
    finish = _FINISHERS.get(kind.key)
    return finish(None, thing) if finish else thing


def updated(
    kind: Kind,
    before: Manifest,
    wanted: Manifest,
    writer: Writer,
    now: float,
    check: Callable[[Manifest, Manifest], None] | None = None,
) -> Manifest:
    """Make the new version; *before* itself when nothing changes. Raises Conflict, Invalid."""
    if wanted is before:
        return before
    _ensure_newest(kind, before, wanted)
    after = _allowed_part(kind, before, wanted, writer)
    after = _titled(kind, {**after, "metadata": _own_fields(before, after)})
    asked = after
    if writer.subresource and kind.custom:
        asked = {**after, "metadata": _own_fields(before, wanted)}
    finish = _FINISHERS.get(kind.key)
    if finish:
        after = finish(before, after)
    if check is not None:
        check(before, {**after, "metadata": _as_wanted(after, wanted)})
    if _grows(kind, before, after):
        generation = before["metadata"].get("generation", 0) + 1
        after = put(after, generation, "metadata", "generation")
    if writer.operation == "Apply":
        entries = wanted["metadata"].get("managedFields")
    elif _is_misshapen(kind, wanted, writer):
        entries = None
    else:  # what the server made of it in the end is nobody's
        entries = managed(kind, before, asked, writer, timestamp(now))["metadata"].get(
            "managedFields"
        )
    after = put(after, entries, "metadata", "managedFields")
    return before if _without_times(after) == _without_times(before) else after


def marked(kind: Kind, before: Manifest, now: float, grace: int | None) -> Manifest:
    """Mark for deletion; one that is marked already only gets less time than it had."""
    metadata = before["metadata"]
    if kind == NAMESPACES:
        if "deletionTimestamp" in metadata:
            return before
        after = put(before, timestamp(now), "metadata", "deletionTimestamp")
        return put(after, "Terminating", "status", "phase")
    seconds = _grace_of(before) if grace is None else grace
    if metadata.get("deletionGracePeriodSeconds", seconds + 1) <= seconds:
        return before
    mark: Manifest = {
        "deletionTimestamp": timestamp(now + seconds),
        "deletionGracePeriodSeconds": seconds,
    }
    if "deletionTimestamp" not in metadata and "generation" in metadata:
        mark["generation"] = metadata["generation"] + 1
    return {**before, "metadata": {**metadata, **mark}}


def is_released(thing: Manifest) -> bool:
    """Whether the last finalizer of something marked for deletion is gone."""
    metadata = thing["metadata"]
    return "deletionTimestamp" in metadata and not (
        metadata.get("finalizers")
        or metadata.get("deletionGracePeriodSeconds")
        or at(thing, "spec", "finalizers")
    )


def ends_at_once(kind: Kind, thing: Manifest) -> bool:
    """Whether it needs no time to end: only a pod on a node that has not ended does."""
    return (
        kind != PODS or not at(thing, "spec", "nodeName") or at(thing, "status", "phase") in _ENDED
    )


def _grace_of(thing: Manifest) -> int:
    return int(at(thing, "spec", "terminationGracePeriodSeconds", default=_GRACE))


def _titled(kind: Kind, thing: Mapping[str, Any]) -> Manifest:
    """Put version and kind first: the texts of lists of built-in kinds are cut behind them."""
    return {"kind": kind.kind, "apiVersion": kind.api_version} | {
        key: value for key, value in thing.items() if key not in ("kind", "apiVersion")
    }


def _own_fields(before: Manifest, after: Manifest) -> Manifest:
    metadata = {k: v for k, v in after["metadata"].items() if k not in (*_KEPT, "selfLink")}
    return metadata | {key: before["metadata"][key] for key in _KEPT if key in before["metadata"]}


def _is_misshapen(kind: Kind, wanted: Manifest, writer: Writer) -> bool:
    """
    Whether the part that is not written here has a wrong type.

    Nobody refuses it, but the real server then forgets who manages what.
    """
    if not (kind.custom and kind.status):
        return False
    ignored = "spec" if writer.subresource else "status"
    return any(typed.faults(shape_of(kind).field(ignored), wanted.get(ignored)))


def _without_times(thing: Manifest) -> Manifest:
    """When something was written is no reason to write it again."""
    entries = [{**one, "time": ""} for one in thing["metadata"].get("managedFields") or ()]
    return put(thing, entries, "metadata", "managedFields")


def _as_wanted(after: Manifest, wanted: Manifest) -> Manifest:
    """The metadata with the identity that the writer thinks it has; empty: whichever it has."""
    named = ((key, wanted["metadata"].get(key)) for key in ("uid", "deletionTimestamp"))
    return {**after["metadata"], **{key: value for key, value in named if value}}


def _ensure_newest(kind: Kind, before: Manifest, wanted: Manifest) -> None:
    """Refuse another version than the newest."""
    name = before["metadata"]["name"]
    version = wanted["metadata"].get("resourceVersion")
    if version and not str(version).isdecimal():
        raise errors.Broken(f'strconv.ParseUint: parsing "{version}": invalid syntax')
    if version not in (None, "", before["metadata"]["resourceVersion"]):
        raise errors.modified(kind, name)


def _allowed_part(kind: Kind, before: Manifest, wanted: Manifest, writer: Writer) -> Manifest:
    """Take from *wanted* only what may be written at this place."""
    if not kind.status:
        return wanted
    if writer.subresource == "status":
        after = put(before, wanted.get("status"), "status")
        if kind == PODS:  # old kubelets wrote wrong ones
            owners = before["metadata"].get("ownerReferences")
            return {**after, "metadata": put(wanted["metadata"], owners, "ownerReferences")}
        return after if kind.custom else {**after, "metadata": wanted["metadata"]}
    return put(wanted, before.get("status"), "status")


def _grows(kind: Kind, before: Manifest, after: Manifest) -> bool:
    if kind.generation == "none":
        return False
    if kind.generation == "spec":
        return bool(before.get("spec") != after.get("spec"))
    left_out = ("metadata", "status") if kind.status else ("metadata",)
    return any(
        before.get(key) != after.get(key) for key in {*before, *after} if key not in left_out
    )


def _finished_namespace(before: Manifest | None, thing: Manifest) -> Manifest:
    """A namespace waits to be emptied before it goes."""
    if before is None:
        return {**thing, "spec": {"finalizers": ["kubernetes"]}, "status": {"phase": "Active"}}
    return {**thing, "spec": before["spec"]}


_FINISHERS: dict[tuple[str, str], Callable[[Manifest | None, Manifest], Manifest]] = {
    NAMESPACES.key: _finished_namespace,
    PODS.key: finished_pod,
    SERVICES.key: finished_service,
}
