"""
The reviews, which are answered and not kept: what the caller may do, and who that is.

Source: kubernetes `pkg/registry/authorization/selfsubjectaccessreview`,
`pkg/registry/authentication/selfsubjectreview`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.sandbox.cluster import errors
from bot.sandbox.cluster.calls import Call
from bot.sandbox.cluster.objects import Manifest
from bot.sandbox.cluster.rights import Rights, Wish
from bot.sandbox.cluster.texts import Garbled, value_of_yaml

GROUP = "authorization.k8s.io"


@dataclass(frozen=True)
class Review:
    """A kind of review, as discovery names it."""

    group: str
    kind: str

    @property
    def plural(self) -> str:
        """As in its path."""
        return f"{self.kind.lower()}s"


ACCESS = Review(GROUP, "SelfSubjectAccessReview")
SELF = Review("authentication.k8s.io", "SelfSubjectReview")
ALL = {(one.group, one.plural): one for one in (ACCESS, SELF)}


def review(rights: Rights, call: Call) -> Manifest:
    """Answer the review that the path names. Raises BadRequest, Invalid."""
    if ALL[call.group, call.plural] == SELF:
        return _headed(SELF) | {"status": {"userInfo": _who(call)}}
    return _access(rights, call)


def _headed(kind: Review) -> Manifest:
    return {"kind": kind.kind, "apiVersion": f"{kind.group}/v1", "metadata": {}}


def _who(call: Call) -> Manifest:
    return {"username": call.user.name, "groups": list(call.user.groups)}


def _access(rights: Rights, call: Call) -> Manifest:
    """Answer what the caller may do."""
    try:
        sent = value_of_yaml(call.body)
    except Garbled as error:
        raise errors.BadRequest(f"the object provided is unrecognized: {error}") from error
    spec = sent.get("spec") if isinstance(sent, dict) else None
    wish = _wish(spec if isinstance(spec, dict) else {})
    return _headed(ACCESS) | {"spec": spec, "status": {"allowed": rights.has(call.user, wish)}}


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
