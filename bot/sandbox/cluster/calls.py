"""
What a request asks for, read from its line and headers.

    GET /apis/argoproj.io/v1alpha1/namespaces/shop/rollouts/web/status?…
             └ group ──┘ └ version ┘        └ ns ┘ └ plural ┘└ name ┘└ subresource

Source: apiserver `pkg/endpoints/request/requestinfo.go`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

_TRUE = ("1", "t", "T", "true", "TRUE", "True", "")
_VERBS = {"POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
#: of a namespace these follow its name; anything else is the plural of what lives in it
_OF_NAMESPACES = ("status", "finalize")
_MANAGER_LENGTH = 128


@dataclass(frozen=True, kw_only=True)
class User:
    """A name as RBAC knows it, and the groups."""

    name: str
    groups: tuple[str, ...] = ()


ANONYMOUS = User(name="system:anonymous", groups=("system:unauthenticated",))


@dataclass(frozen=True, kw_only=True)
class Call:
    """
    One request.

    Attributes:
        verb: get, list, watch, create, update, patch, delete or deletecollection; for a path that
            is no resource's, the method.
        plural: empty: the path is no resource's.

    """

    method: str
    path: str
    verb: str
    user: User = ANONYMOUS
    group: str = ""
    version: str = ""
    plural: str = ""
    namespace: str = ""
    name: str = ""
    subresource: str = ""
    query: Mapping[str, str] = field(default_factory=dict)
    content_type: str = ""
    accept: str = ""
    agent: str = ""
    body: bytes = b""

    @property
    def manager(self) -> str:
        """Who writes, for metadata.managedFields."""
        return self.query.get("fieldManager") or self.agent.partition("/")[0][:_MANAGER_LENGTH]

    @property
    def dry_run(self) -> bool:
        """Whether nothing is to be kept."""
        return bool(self.query.get("dryRun"))

    def has(self, option: str) -> bool:
        """Whether this option is switched on."""
        return option in self.query and self.query[option] in _TRUE


def parts_of(path: str) -> dict[str, str]:
    """Name the parts of a resource's path; empty for another path."""
    parts = [unquote(part) for part in path.strip("/").split("/")]
    if parts[0] == "api" and len(parts) > 2:
        group, version, *rest = "", *parts[1:]
    elif parts[0] == "apis" and len(parts) > 3:
        group, version, *rest = parts[1:]
    else:
        return {}
    found = {"group": group, "version": version}
    if rest[0] == "namespaces" and len(rest) > 1:
        found["namespace"] = rest[1]
        if len(rest) > 2 and rest[2] not in _OF_NAMESPACES:
            rest = rest[2:]
    names = ("plural", "name", "subresource")
    return found | dict(zip(names, rest, strict=False)) | _too_long(rest)


def _too_long(rest: list[str]) -> dict[str, str]:
    return {"subresource": "/".join(rest[2:])} if len(rest) > 3 else {}


def verb_of(method: str, name: str, query: Mapping[str, str]) -> str:
    """Give the verb, as RBAC knows it, of a request for a resource."""
    if method in ("GET", "HEAD"):
        if query.get("watch", "false") in _TRUE:
            return "watch"
        return "get" if name else "list"
    if method == "DELETE" and not name:
        return "deletecollection"
    return _VERBS.get(method, method.lower())
