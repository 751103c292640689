"""
Writes of the programs that run in the cluster itself.

They take no wire, but the same way: defaults are filled in, and a webhook that cannot be reached
stops them too.
"""

from bot.sandbox.cluster import admission
from bot.sandbox.cluster.kinds import Kind
from bot.sandbox.cluster.managed import Writer
from bot.sandbox.cluster.objects import Manifest, name_of
from bot.sandbox.cluster.reading_shapes import read
from bot.sandbox.cluster.store import Change, Store


def create(store: Store, kind: Kind, manifest: Manifest, writer: Writer) -> Manifest:
    """Create an object. Raises Exists, Invalid, Internal."""

    def check(_: Manifest | None, after: Manifest) -> None:
        admission.ensure_written(store, kind, "CREATE", after)

    return store.create(kind, read(kind, manifest), writer, check=check)


def update(store: Store, kind: Kind, thing: Manifest, change: Change, writer: Writer) -> Manifest:
    """Change the newest version of an object. Raises NotFound, Conflict, Invalid, Internal."""

    def check(_: Manifest | None, after: Manifest) -> None:
        admission.ensure_written(store, kind, "UPDATE", after, writer.subresource)

    return store.update(kind, *name_of(thing), change, writer, check=check)
