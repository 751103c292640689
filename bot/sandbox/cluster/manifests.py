"""
A body on its way to become an object: read as its kind, put into its place, given a name.

Source: apiserver `pkg/endpoints/handlers` (create.go, update.go, patch.go).
"""

import random
from collections.abc import Mapping

from bot.sandbox.cluster import errors, refusals, typed
from bot.sandbox.cluster.calls import Call
from bot.sandbox.cluster.kinds import Kind
from bot.sandbox.cluster.objects import Manifest, put
from bot.sandbox.cluster.reading_shapes import Misshapen, read
from bot.sandbox.cluster.shape_tables import shape_of
from bot.sandbox.cluster.texts import Garbled, value_of_yaml

_LONGEST_START = 58
_SUFFIX = "bcdfghjklmnpqrstvwxz2456789"  # the real server's: no vowels, nothing that looks alike


def applied(kind: Kind, call: Call) -> Manifest:
    """Read a manifest that is applied. Raises BadRequest."""
    try:
        manifest = value_of_yaml(call.body)
    except Garbled as error:
        raise errors.BadRequest(f"error decoding YAML: {error}") from error
    if not isinstance(manifest, dict):
        raise errors.BadRequest("error decoding YAML: it is no object")
    found = str(manifest.get("apiVersion", "")), str(manifest.get("kind", ""))
    if found != (kind.api_version, kind.kind):
        version = found[0] if "/" in found[0] else f"/{found[0]}"
        raise errors.BadRequest(f"invalid object type: {version}, Kind={found[1]}")
    if (manifest.get("metadata") or {}).get("managedFields"):
        raise errors.BadRequest("metadata.managedFields must be nil")
    return {**manifest, "metadata": manifest.get("metadata") or {}}


def shaped(kind: Kind, call: Call, manifest: Manifest) -> Manifest:
    """Read a manifest as its kind says. Raises BadRequest."""
    try:
        after = read(kind, manifest)
        _ensure_known(kind, call, manifest)
    except Misshapen as error:
        raise errors.BadRequest(
            f'{kind.kind} in version "{kind.version}" cannot be handled as a {kind.kind}: {error}'
        ) from error
    return after


def patched(kind: Kind, call: Call, manifest: Manifest) -> Manifest:
    """The same of what a patch has made. Raises Invalid."""
    try:
        after = read(kind, manifest)
        _ensure_known(kind, call, manifest)
    except Misshapen as error:
        raise refusals.garbled_patch(manifest, str(error)) from error
    return after


def _ensure_known(kind: Kind, call: Call, manifest: Manifest) -> None:
    """Refuse fields that the kind does not have, if the caller wants that. Raises Misshapen."""
    if call.query.get("fieldValidation") != "Strict":
        return
    content = {key: each for key, each in manifest.items() if key not in ("apiVersion", "kind")}
    found = list(typed.unknown(shape_of(kind), content))
    if found:
        raise Misshapen(f"strict decoding error: {', '.join(found)}")


def converted(kind: Kind, manifest: Manifest) -> Manifest:
    """The same of a manifest that was applied, for which the server has no better word."""
    try:
        return read(kind, manifest, keep_nulls=True)
    except Misshapen as error:
        raise errors.Broken(str(error)) from error


def with_name(manifest: Manifest) -> Manifest:
    """Make up a name where only its beginning is given."""
    metadata = manifest["metadata"]
    start = metadata.get("generateName", "")[:_LONGEST_START]
    if metadata.get("name") or not start:
        return manifest
    rest = "".join(random.choices(_SUFFIX, k=5))  # noqa: S311 - a name is no secret
    return put(manifest, start + rest, "metadata", "name")


def in_its_place(kind: Kind, call: Call, manifest: Manifest) -> Manifest:
    """Put the namespace of the path into the manifest. Raises BadRequest."""
    metadata = manifest.get("metadata")
    metadata = dict(metadata) if isinstance(metadata, Mapping) else {}
    namespace = call.namespace if kind.namespaced else ""
    if metadata.get("namespace", "") not in ("", None, namespace):
        raise errors.BadRequest(
            "the namespace of the provided object does not match the namespace sent on the request"
        )
    metadata.pop("namespace", None)
    return {**manifest, "metadata": metadata | ({"namespace": namespace} if namespace else {})}


def ensure_name(call: Call, manifest: Manifest) -> None:
    """Refuse another name than that in the path. Raises BadRequest."""
    name = (manifest.get("metadata") or {}).get("name")
    if not name:
        raise errors.BadRequest(
            f"the name of the object ({call.name} based on URL) was undeterminable:"
            " name must be provided"
        )
    if name != call.name:
        raise errors.BadRequest(
            f"the name of the object ({name}) does not match the name on the URL ({call.name})"
        )
