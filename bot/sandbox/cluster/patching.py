"""
The four kinds of patches, each as a function from an object to the object that is wanted.

Source: apiserver `pkg/endpoints/handlers/patch.go`.
"""

from collections.abc import Callable

from bot.sandbox.cluster import errors, jsonpatch, strategic
from bot.sandbox.cluster.calls import Call
from bot.sandbox.cluster.kinds import Kind
from bot.sandbox.cluster.objects import Manifest, merged
from bot.sandbox.cluster.texts import Garbled, value_of

JSON = "application/json-patch+json"
MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
APPLY = "application/apply-patch+yaml"
_KINDS = (JSON, MERGE, STRATEGIC, APPLY)

Change = Callable[[Manifest], Manifest]


def content_of(kind: Kind, call: Call) -> str:
    """Tell which kind of patch it is. Raises Unsupported."""
    content = call.content_type.partition(";")[0].strip()
    if content in _KINDS and not (kind.custom and content == STRATEGIC):
        return content
    if kind.custom:
        taken = [one for one in _KINDS if one != STRATEGIC]
        raise errors.Unsupported(
            "the body of the request was in an unknown format - accepted media types include:"
            f" {', '.join(taken)}"
        )
    raise errors.Unsupported("415: Unsupported Media Type", details={})


def change_of(kind: Kind, call: Call, content: str) -> Change:
    """Read the patch, and give what it does to an object. Raises BadRequest, TooLarge."""
    if content == JSON:
        operations = jsonpatch.operations_in(call.body)
        return lambda thing: jsonpatch.applied(thing, operations)
    patch = _object_in(call)
    if content == MERGE:
        return lambda thing: merged(thing, patch)
    return lambda thing: strategic.applied(kind, thing, patch)


def _object_in(call: Call) -> Manifest:
    try:
        patch = value_of(call.body)
    except Garbled as error:
        raise errors.BadRequest(f"error decoding patch: {error}") from error
    if patch is None:
        raise errors.BadRequest("Invalid JSON Patch")
    if not isinstance(patch, dict):
        what = {str: "string", list: "array", bool: "bool"}.get(type(patch), "number")
        raise errors.BadRequest(
            f"error decoding patch: json: cannot unmarshal {what} into Go value of type"
            " map[string]interface {}"
        )
    return patch
