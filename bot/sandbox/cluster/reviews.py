"""May I? The reviews that are answered and not kept."""

from collections.abc import Mapping
from typing import Any

from bot.sandbox.cluster import errors
from bot.sandbox.cluster.calls import Call
from bot.sandbox.cluster.objects import Manifest
from bot.sandbox.cluster.rights import Rights, Wish
from bot.sandbox.cluster.texts import Garbled, value_of_yaml

GROUP = "authorization.k8s.io"
PLURAL = "selfsubjectaccessreviews"
_KIND = "SelfSubjectAccessReview"


def review(rights: Rights, call: Call) -> Manifest:
    """Answer what the caller may do. Raises BadRequest, Invalid."""
    try:
        sent = value_of_yaml(call.body)
    except Garbled as error:
        raise errors.BadRequest(f"the object provided is unrecognized: {error}") from error
    spec = sent.get("spec") if isinstance(sent, dict) else None
    wish = _wish(spec if isinstance(spec, dict) else {})
    return {
        "kind": _KIND,
        "apiVersion": f"{GROUP}/v1",
        "metadata": {},
        "spec": spec,
        "status": {"allowed": rights.has(call.user, wish)},
    }


def _wish(spec: Mapping[str, Any]) -> Wish:
    resource, path = spec.get("resourceAttributes"), spec.get("nonResourceAttributes")
    if isinstance(path, dict) and resource is None:
        return Wish(verb=str(path.get("verb", "")), path=str(path.get("path", "")))
    if not isinstance(resource, dict) or path is not None:
        cause = errors.fault(
            "spec.resourceAttributes",
            "Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must"
            " be specified",
        )
        raise errors.Invalid(
            f'.{GROUP} "" is invalid: {cause["field"]}: {cause["message"]}',
            details={"group": GROUP, "causes": [cause]},
        )
    asked = {key: str(value) for key, value in resource.items()}
    names = ("verb", "group", "resource", "subresource", "namespace", "name")
    return Wish(**{name: asked.get(name, "") for name in names})
