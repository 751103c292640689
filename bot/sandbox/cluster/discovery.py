"""
What is served, as clients ask for it before anything else.

Source: the answers of a real server to the same questions.
"""

from collections.abc import Iterator
from typing import Any

from bot.sandbox.cluster import openapi, reviews
from bot.sandbox.cluster.kinds import Kind
from bot.sandbox.cluster.store import Store

VERSION = {
    "major": "1",
    "minor": "34",
    "gitVersion": "v1.34.4+sandbox",
    "gitCommit": "",
    "gitTreeState": "",
    "buildDate": "1970-01-01T00:00:00Z",
    "goVersion": "",
    "compiler": "",
    "platform": "sandbox",
}
HEALTHY = ("/healthz", "/readyz", "/livez")
_VERBS = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]
_PART_VERBS = ["get", "patch", "update"]
Answer = dict[str, Any]


def answer(store: Store, path: str) -> Answer | None:
    """Answer one question about what is served; None: there is no such question."""
    match [part for part in path.split("/") if part]:
        case ["version"]:
            return VERSION
        case ["api"]:
            return {"kind": "APIVersions", "versions": ["v1"]}
        case ["apis"]:
            groups = [_group(group, version) for group, version in _groups(store) if group]
            return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}
        case ["apis", group]:
            found = dict(_groups(store)).get(group)
            return (
                {"kind": "APIGroup", "apiVersion": "v1"} | _group(group, found) if found else None
            )
        case ["api", "v1"]:
            return _resources(store, "", "v1")
        case ["openapi", "v3", *rest]:
            return openapi.answer(store, rest)
        case ["apis", group, version] if (group, version) in _groups(store):
            return _resources(store, group, version)
        case _:
            return None


def _groups(store: Store) -> list[tuple[str, str]]:
    found = {(kind.group, kind.version) for kind in store.kinds.values()}
    return sorted(found | {(group, "v1") for group, _ in reviews.ALL})


def _group(group: str, version: str) -> Answer:
    known = {"groupVersion": f"{group}/{version}", "version": version}
    return {"name": group, "versions": [known], "preferredVersion": known}


def _resources(store: Store, group: str, version: str) -> Answer:
    kinds = [
        kind for kind in store.kinds.values() if (kind.group, kind.version) == (group, version)
    ]
    found = [each for kind in kinds for each in _entries(kind)]
    found += [_review(one) for one in reviews.ALL.values() if one.group == group]
    return {
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": f"{group}/{version}" if group else version,
        "resources": found,
    }


def _entries(kind: Kind) -> Iterator[Answer]:
    entry: Answer = {
        "name": kind.plural,
        "singularName": kind.kind.lower(),
        "namespaced": kind.namespaced,
        "kind": kind.kind,
        "verbs": _VERBS,
    }
    yield entry | ({"shortNames": [kind.short]} if kind.short else {})
    if kind.status:
        yield entry | {"name": f"{kind.plural}/status", "singularName": "", "verbs": _PART_VERBS}


def _review(one: reviews.Review) -> Answer:
    return {
        "name": one.plural,
        "singularName": one.kind.lower(),
        "namespaced": False,
        "kind": one.kind,
        "verbs": ["create"],
    }
