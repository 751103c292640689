"""
Server-side apply: a manifest says what its manager wants, and of nothing else.

What the manifest names is merged into the object and belongs to the manager; what it named the last
time and does not name any more is taken away, unless somebody else owns it too. What others own and
have otherwise is a conflict, which *force* decides. Source: structured-merge-diff
`merge/update.go`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.sandbox.cluster import errors, typed
from bot.sandbox.cluster.fieldsets import (
    Fields,
    applied,
    compared,
    difference,
    element_key,
    intersection,
    paths,
    with_parents,
)
from bot.sandbox.cluster.kinds import Kind
from bot.sandbox.cluster.managed import (
    SERVERS_OWN,
    Writer,
    content_of,
    entry_of,
    is_of,
    nothing_of,
    with_entries,
)
from bot.sandbox.cluster.objects import Manifest
from bot.sandbox.cluster.shape_tables import shape_of
from bot.sandbox.cluster.shapes import Shape

_BEFORE = "before-first-apply"


def apply(
    kind: Kind, live: Manifest, wanted: Manifest, writer: Writer, at: str, *, force: bool
) -> Manifest:
    """Make the object that results, with its entries. Raises Conflict."""
    shape, before = shape_of(kind), content_of(live)
    entries = live["metadata"].get("managedFields") or _first_entries(kind, live, writer, at)
    last = next((one for one in entries if is_of(one, writer)), {})
    others = [one for one in entries if not is_of(one, writer)]
    own = _owned(kind, wanted, writer)
    lost = _lost(shape, last.get("fieldsV1", {}), [own, *(one["fieldsV1"] for one in others)])
    after = _pruned(shape, _merged(shape, before, content_of(wanted)), lost) or {}
    written, gone = compared(shape, before, after)
    others = _yielded(others, written, gone, force=force)
    entry = entry_of(kind, writer, own, at)
    if after == before and not _says_more(wanted, live):  # then nothing was written now
        if own == last.get("fieldsV1"):
            return live
        entry = {**entry, "time": last.get("time")}
    entry = {key: value for key, value in entry.items() if value is not None}
    after = {**after, "metadata": after.get("metadata") or {}}
    whole = _with_content(live, after)
    whole = {**whole, "metadata": whole["metadata"] | _identity(wanted)}
    return with_entries(whole, [*others, entry])


def _first_entries(kind: Kind, live: Manifest, writer: Writer, at: str) -> list[Manifest]:
    """What nobody was noted for belongs to whoever was there before."""
    owned, _ = compared(shape_of(kind), nothing_of(kind), content_of(live))
    owned = _written_there(kind, owned, writer)
    return [entry_of(kind, Writer(manager=_BEFORE), owned, at)] if owned else []


def _lost(shape: Shape, last: Fields, owned: Sequence[Fields]) -> Fields:
    """What the manager does not name any more and nobody else owns."""
    lost = with_parents(shape, last)
    for fields in owned:
        lost = difference(lost, with_parents(shape, fields))
    return lost


def ensure_typed(kind: Kind, wanted: Manifest) -> None:
    """Refuse a manifest with fields or types that the kind does not have. Raises Broken."""
    found = list(typed.faults(shape_of(kind), content_of(wanted)))
    if not found:
        return
    metadata = wanted["metadata"]
    called = f"{metadata.get('namespace', '')}/{metadata['name']}"
    words = found[0] if len(found) == 1 else "\n  ".join(("errors:", *found))
    raise errors.Broken(
        f"failed to create typed patch object ({called}; {kind.group}/{kind.version},"
        f" Kind={kind.kind}): {words}"
    )


def _yielded(
    entries: Sequence[Manifest], written: Fields, gone: Fields, *, force: bool
) -> list[Manifest]:
    """Take the fields from those who own them. Raises Conflict."""
    conflicts = [
        (entry, both) for entry in entries if (both := intersection(entry["fieldsV1"], written))
    ]
    if conflicts and not force:
        raise _conflict(conflicts)
    return [
        {**entry, "fieldsV1": difference(difference(entry["fieldsV1"], written), gone)}
        for entry in entries
    ]


def _conflict(conflicts: Sequence[tuple[Manifest, Fields]]) -> errors.Conflict:
    causes: list[errors.Cause] = []
    parts: list[str] = []
    for entry, fields in sorted(conflicts, key=lambda one: _named(one[0])):
        who = _named(entry)
        found = list(paths(fields))
        causes += (
            errors.fault(path, f"conflict with {who}", "FieldManagerConflict") for path in found
        )
        parts.append(f"conflicts with {who}:\n" + "\n".join(f"- {path}" for path in found))
    count = len(causes)
    if count == 1:
        words = f"Apply failed with 1 conflict: {causes[0]['message']}: {causes[0]['field']}"
    else:
        words = f"Apply failed with {count} conflicts: " + "\n".join(parts)
    return errors.Conflict(words, details={"causes": causes})


def _named(entry: Manifest) -> str:
    name = f'"{entry["manager"]}"'
    if entry.get("subresource"):
        name += f' with subresource "{entry["subresource"]}"'
    if entry["operation"] == "Update":
        name += f" using {entry['apiVersion']}"
    return name


def _merged(shape: Shape | None, live: Any, wanted: Any) -> Any:
    """Put what is wanted into what there is; null wants nothing of an object or a list."""
    if wanted is None and isinstance(live, (Mapping, list)):
        return live
    if isinstance(wanted, Mapping) and isinstance(live, Mapping):
        if shape and shape.is_atomic:
            return wanted
        result = dict(live)
        for key, value in wanted.items():
            inner = shape.field(key) if shape else None
            result[key] = _merged(inner, live.get(key), value)
        return result
    are_lists = isinstance(wanted, list) and isinstance(live, list)
    if are_lists and shape and (shape.keys or shape.is_set):
        return _merged_lists(shape, live, wanted)
    return wanted


def _merged_lists(shape: Shape, live: list[Any], wanted: list[Any]) -> list[Any]:
    """What is wanted keeps its order; what is not stays before that which it stood before."""
    known = {element_key(shape, each): each for each in live}
    new = {element_key(shape, each): each for each in wanted}
    left, coming = list(known), list(new)
    shared = [key for key in coming if key in known]
    result: dict[str, Any] = {}
    while left or coming:
        if left and left[0] not in new:
            result[left[0]] = known[left[0]]
            left.pop(0)
        elif left and (left[0] in result or not coming or left[0] != shared[0]):
            left.pop(0)  # it comes, or came, at its place among those that are wanted
        else:
            key = coming.pop(0)
            result[key] = _merged(shape.element, known[key], new[key]) if key in known else new[key]
            if shared and shared[0] == key:
                shared.pop(0)
    return list(result.values())


class _Gone:
    """In the place of a value that was taken away."""


def _pruned(shape: Shape | None, value: Any, lost: Fields) -> Any:
    """Take fields away; an object or a list of which nothing is left becomes null."""
    if isinstance(value, Mapping):
        rests = {
            key: _rest(shape.field(key) if shape else None, inner, lost.get(f"f:{key}"))
            for key, inner in value.items()
        }
        return {key: rest for key, rest in rests.items() if rest is not _Gone} or None
    if isinstance(value, list) and shape:
        found = [_rest(shape.element, each, lost.get(element_key(shape, each))) for each in value]
        return [rest for rest in found if rest is not _Gone] or None
    return value


def _rest(shape: Shape | None, value: Any, node: Fields | None) -> Any:
    """What is left of a value of which this is lost."""
    if node is None:
        return value
    if not node or "." in node:
        return _Gone
    return _pruned(shape, value, node)


def _with_content(live: Manifest, content: Manifest) -> Manifest:
    own = {k: v for k, v in live["metadata"].items() if k not in content_of(live)["metadata"]}
    head = {key: live[key] for key in ("kind", "apiVersion")}
    return {**head, **content, "metadata": {**own, **content.get("metadata", {})}}


def first(kind: Kind, wanted: Manifest, writer: Writer, at: str) -> list[Manifest]:
    """The entries of an object that is created by applying it."""
    return [entry_of(kind, writer, _owned(kind, wanted, writer), at)]


def _says_more(wanted: Manifest, live: Manifest) -> bool:
    """Whether the manifest names something of the server's own, and otherwise than it is."""
    mine = wanted["metadata"].keys() & (SERVERS_OWN - {"name", "namespace", "managedFields"})
    return any(wanted["metadata"][name] != live["metadata"].get(name) for name in mine)


def _identity(wanted: Manifest) -> Manifest:
    """What a manifest says about which object it means."""
    names = ("uid", "resourceVersion", "deletionTimestamp")
    return {name: wanted["metadata"][name] for name in names if name in wanted["metadata"]}


def _owned(kind: Kind, wanted: Manifest, writer: Writer) -> Fields:
    fields = _written_there(kind, applied(shape_of(kind), content_of(wanted)), writer)
    return {key: inner for key, inner in fields.items() if inner or key != "f:metadata"}


def _written_there(kind: Kind, fields: Fields, writer: Writer) -> Fields:
    """What may not be written there is not owned either."""
    ignored = "f:spec" if writer.subresource else "f:status"
    return {key: inner for key, inner in fields.items() if not kind.status or key != ignored}
