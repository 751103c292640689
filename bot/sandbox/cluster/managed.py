"""
metadata.managedFields: who wrote which field last.

An update takes what it writes from all others; what it takes away nobody owns any more, and it
leaves no other trace; when nobody owns anything any more, nobody is noted until somebody applies.
Applying owns what the manifest names. Not done: of more than ten managers the oldest are put
together (`ancient-changes`). Source: apimachinery `pkg/util/managedfields`, structured-merge-diff
`merge/update.go`.
"""

from dataclasses import dataclass

from bot.sandbox.cluster.fieldsets import Fields, compared, difference, union
from bot.sandbox.cluster.kinds import Kind
from bot.sandbox.cluster.objects import Manifest, put
from bot.sandbox.cluster.shape_tables import shape_of
from bot.sandbox.cluster.shapes import zero_of

#: nobody manages these: the server writes them
SERVERS_OWN = frozenset(
    (
        "managedFields",
        "resourceVersion",
        "generation",
        "uid",
        "creationTimestamp",
        "deletionTimestamp",
        "deletionGracePeriodSeconds",
        "name",
        "namespace",
        "selfLink",
    )
)


@dataclass(frozen=True, kw_only=True)
class Writer:
    """Who writes: the field manager, how, and to which part of the object."""

    manager: str
    operation: str = "Update"
    subresource: str = ""


def managed(
    kind: Kind, before: Manifest | None, after: Manifest, writer: Writer, at: str
) -> Manifest:
    """Give *after* with the entries that result when *writer* turns *before* into it."""
    old = before["metadata"].get("managedFields", []) if before else []
    if before and not old:  # nobody has been noted before, so nobody is until somebody applies
        return put(after, None, "metadata", "managedFields")
    start = content_of(before) if before else nothing_of(kind)
    written, gone = compared(shape_of(kind), start, content_of(after))
    if not written and not gone:
        return put(after, old or None, "metadata", "managedFields")
    own: Fields = {}
    entries: list[Manifest] = []
    for entry in old:
        fields = difference(entry["fieldsV1"], gone)
        if is_of(entry, writer) and written:
            own = fields
        else:
            entries.append({**entry, "fieldsV1": difference(fields, written)})
    if written:
        entries.append(entry_of(kind, writer, union(own, written), at))
    return with_entries(after, entries)


def nothing_of(kind: Kind) -> Manifest:
    """What can be managed of an object that says nothing; `metadata` itself is nobody's."""
    return content_of(zero_of(shape_of(kind)) or {"metadata": {}})


def with_entries(thing: Manifest, entries: list[Manifest]) -> Manifest:
    """Give the object these entries, in the order of the real server; empty ones are left out."""
    kept = sorted((one for one in entries if one["fieldsV1"]), key=_order)
    return put(thing, kept or None, "metadata", "managedFields")


def entry_of(kind: Kind, writer: Writer, fields: Fields, at: str) -> Manifest:
    """Make one entry."""
    entry: Manifest = {
        "manager": writer.manager,
        "operation": writer.operation,
        "apiVersion": kind.api_version,
        "time": at,
        "fieldsType": "FieldsV1",
        "fieldsV1": fields,
    }
    return entry | ({"subresource": writer.subresource} if writer.subresource else {})


def is_of(entry: Manifest, writer: Writer) -> bool:
    """Whether an entry is that of the writer."""
    return (entry["manager"], entry["operation"], entry.get("subresource", "")) == (
        writer.manager,
        writer.operation,
        writer.subresource,
    )


def content_of(thing: Manifest) -> Manifest:
    """What can be managed of an object."""
    metadata = {k: v for k, v in thing["metadata"].items() if k not in SERVERS_OWN}
    content = {k: v for k, v in thing.items() if k not in ("apiVersion", "kind", "metadata")}
    return {"metadata": metadata, **content}


def _order(entry: Manifest) -> tuple[str, ...]:
    return (
        entry["operation"],
        entry.get("time", ""),
        entry["manager"],
        entry["apiVersion"],
        entry.get("subresource", ""),
    )
