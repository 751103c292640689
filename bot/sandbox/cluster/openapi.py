"""
As much of OpenAPI as kubectl asks for: that the server itself looks at the fields of a manifest.

Without it, `kubectl apply` refuses to send anything.
"""

from typing import Any

from bot.sandbox.cluster.kinds import Kind
from bot.sandbox.cluster.store import Store

_INFO = {"title": "Kubernetes", "version": "v1.34.4"}
_OPTIONS = [
    {"name": name, "in": "query", "schema": {"type": "string"}}
    for name in ("dryRun", "fieldManager", "fieldValidation")
]


def answer(store: Store, parts: list[str]) -> dict[str, Any] | None:
    """Answer for `/openapi/v3` and what is under it; None: there is no such page."""
    if not parts:
        found = {_root(kind) for kind in store.kinds.values()}
        links = {root: {"serverRelativeURL": f"/openapi/v3/{root}"} for root in sorted(found)}
        return {"paths": links}
    root = "/".join(parts)
    kinds = [kind for kind in store.kinds.values() if _root(kind) == root]
    if not kinds:
        return None
    paths = {kind.path("{namespace}", "{name}"): _operations(kind) for kind in kinds}
    return {"openapi": "3.0.0", "info": _INFO, "paths": paths, "components": {"schemas": {}}}


def _root(kind: Kind) -> str:
    return f"apis/{kind.api_version}" if kind.group else f"api/{kind.version}"


def _operations(kind: Kind) -> dict[str, Any]:
    meant = {"group": kind.group, "kind": kind.kind, "version": kind.version}
    operation = {
        "responses": {"200": {"description": "OK"}},
        "parameters": _OPTIONS,
        "x-kubernetes-action": "patch",
        "x-kubernetes-group-version-kind": meant,
    }
    return {"patch": operation}
