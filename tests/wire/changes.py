"""Steps that write."""

import json
import random
from collections.abc import Iterator
from typing import Any

from tests.wire.built_in_words import EVENTS, SERVICES
from tests.wire.steps import Step, first_version_of, uid_of, version_of
from tests.wire.vocabulary import METADATA, Manifest, Vocabulary

NAMES = ("one", "two", "three")
PATCHES = {
    "json": "application/json-patch+json",
    "merge": "application/merge-patch+json",
    "strategic": "application/strategic-merge-patch+json",
    "apply": "application/apply-patch+yaml",
}
_NEVER_MOVED = ("/spec/restartAt", "/metadata/resourceVersion", "/metadata/generateName")
_NOT_AT_FIRST = ("/metadata/name", "/metadata/deletionTimestamp")


def created(kind: Vocabulary, rng: random.Random, name: str) -> Step:
    return post(kind, named(kind, kind.make(rng), name))


def post(kind: Vocabulary, manifest: Any, **query: str) -> Step:
    path, body = kind.path(), json.dumps(manifest, ensure_ascii=False)
    return Step(method="POST", kind=kind.plural, path=path, query=query, body=body)


def named(kind: Vocabulary, manifest: Manifest, name: str) -> Manifest:
    metadata = {"name": name, **manifest["metadata"]}
    return {"apiVersion": kind.version, "kind": kind.kind, **manifest, "metadata": metadata}


def create(kind: Vocabulary, rng: random.Random) -> Iterator[Step]:
    manifest = named(kind, kind.make(rng), rng.choice((*NAMES, "four")))
    query = {"dryRun": "All"} if kind is not SERVICES and rng.random() < 0.1 else {}
    if rng.random() < 0.5:
        _spoil(kind, manifest, rng)
    yield post(kind, manifest, **query)


def _spoil(kind: Vocabulary, manifest: Manifest, rng: random.Random) -> None:
    """Change one thing, which may make it wrong."""
    case = rng.randrange(8)
    if kind is SERVICES and case in (1, 2):
        return
    match case:
        case 0:
            manifest["metadata"]["name"] = rng.choice(("Upper", "a_b", "-x", "x" * 254, "a..b"))
        case 1:
            del manifest["metadata"]["name"]
            manifest["metadata"]["generateName"] = f"made-up-{rng.randrange(10**6)}-"
        case 2:
            manifest.pop(rng.choice(("kind", "apiVersion", "metadata")))
        case 3:
            manifest[rng.choice(("kind", "apiVersion"))] = "Other"
        case 4:
            manifest["metadata"]["namespace"] = "elsewhere"
        case _:
            path, value = _field(kind, rng)
            _place(manifest, path, value)


def _field(kind: Vocabulary, rng: random.Random) -> tuple[str, Any]:
    fields = METADATA if rng.random() < 0.25 else kind.fields
    path = rng.choice([one for one in fields if one not in _NOT_AT_FIRST])
    return path, rng.choice(fields[path])


def _place(manifest: Manifest, path: str, value: Any) -> None:
    """Put a value where a pointer leads, as far as there are objects on the way."""
    *way, last = (part.replace("~1", "/") for part in path.split("/")[1:])
    place: Any = manifest
    for part in way:
        if not isinstance(place, dict):
            return
        place = place.setdefault(part, {})
    if isinstance(place, dict):
        place[last] = value


def write(kind: Vocabulary, rng: random.Random) -> Iterator[Step]:
    yield from rng.choice((patch_json, patch_merge, delete, create))(kind, rng)


def _target(kind: Vocabulary, rng: random.Random) -> tuple[str, dict[str, tuple[Any, ...]]]:
    """Choose an object or its status, and what there is to change."""
    name = rng.choice((*NAMES, *NAMES, "nobody"))
    if kind.status and rng.random() < 0.4:
        return kind.path(name, "status"), kind.status
    fields = METADATA if rng.random() < 0.25 else kind.fields
    left_out = "/metadata/deletionTimestamp" if kind is EVENTS else ""
    return kind.path(name), {path: values for path, values in fields.items() if path != left_out}


def patch(kind: Vocabulary, path: str, body: Any, patch: str, **query: str) -> Step:
    return Step(
        method="PATCH",
        kind=kind.plural,
        path=path,
        query=query,
        content=PATCHES[patch],
        body=body if isinstance(body, str) else json.dumps(body, ensure_ascii=False),
    )


def patch_json(kind: Vocabulary, rng: random.Random) -> Iterator[Step]:
    path, fields = _target(kind, rng)
    if rng.random() < 0.03:
        yield patch(kind, path, rng.choice(_ODD_PATCHES), "json")
        return
    operations: list[Manifest] = []
    for _ in range(rng.randint(1, 3)):
        operations.append(_operation(kind, fields, path, rng))
        if operations[-1].get("value", "") is None:
            break
    yield patch(kind, path, operations, "json", **_options(rng))


_ODD_PATCHES = ("null", "{}", "[null]", "[3]", '"x"', "", "[", '[{"op":1}]', '[{"op":"odd"}]', "[]")


def _operation(
    kind: Vocabulary, fields: dict[str, tuple[Any, ...]], path: str, rng: random.Random
) -> Manifest:
    pointer = rng.choice(list(fields))
    value = rng.choice(fields[pointer])
    name = path.removeprefix(kind.path() + "/").removesuffix("/status")
    match rng.randrange(12):
        case 0 | 1:
            return {"op": "test", "path": pointer, "value": value}
        case 2:
            return {"op": "test", "path": "/metadata/uid", "value": uid_of(kind.plural, name)}
        case 3:
            return {"op": "remove", "path": pointer}
        case 4:
            other = rng.choice(list(fields))
            if other in _NEVER_MOVED or pointer in _NEVER_MOVED:
                return {"op": "remove", "path": pointer}
            return {"op": rng.choice(("move", "copy")), "from": other, "path": pointer}
        case 5:
            return {
                "op": rng.choice(("add", "replace")),
                "path": pointer + "/deeper",
                "value": "x" if value is None and pointer == "/binaryData" else value,
            }
        case 6 | 7 | 8:
            return {"op": "replace", "path": pointer, "value": value}
        case _:
            return {"op": "add", "path": pointer, "value": value}


def patch_merge(kind: Vocabulary, rng: random.Random) -> Iterator[Step]:
    path, fields = _target(kind, rng)
    if rng.random() < 0.03:
        yield patch(kind, path, rng.choice(("null", "[]", '"x"', "", "{", "3")), "merge")
        return
    how = "strategic" if rng.random() < 0.15 else "merge"
    yield patch(kind, path, _merge_body(kind, fields, path, rng), how, **_options(rng))


def _merge_body(
    kind: Vocabulary, fields: dict[str, tuple[Any, ...]], path: str, rng: random.Random
) -> Manifest:
    body: Manifest = {}
    for _ in range(rng.randint(1, 2)):
        pointer = rng.choice([one for one in fields if not one.endswith(("/-", "/0", "/7", "/-1"))])
        if any(part.isdecimal() for part in pointer.split("/")):
            continue
        _place(body, pointer, rng.choice(fields[pointer]))
    name = path.removeprefix(kind.path() + "/").removesuffix("/status")
    if rng.random() < 0.15 and isinstance(body.setdefault("metadata", {}), dict):
        version = rng.choice((version_of, first_version_of))(kind.plural, name)
        body["metadata"]["resourceVersion"] = version
    return body


def _options(rng: random.Random) -> dict[str, str]:
    query = {"fieldManager": rng.choice(("bot", "argo", "person"))} if rng.random() < 0.6 else {}
    return query | ({"dryRun": "All"} if rng.random() < 0.05 else {})


def apply(kind: Vocabulary, rng: random.Random) -> Iterator[Step]:
    name = rng.choice((*NAMES, "five"))
    manifest = named(kind, kind.make(rng), name)
    if kind.is_custom:
        manifest["metadata"] |= {"labels": {"app": "a"}, "annotations": {"note": rng.choice("xy")}}
    path, value = _field(kind, rng)
    if value not in (None, [], {}) and rng.random() < 0.4:
        _place(manifest, path, value)
    query = {"fieldManager": rng.choice(("bot", "git"))}
    if rng.random() < 0.5:
        query["force"] = "true"
    if rng.random() < 0.05:
        del query["fieldManager"]
    yield patch(kind, kind.path(name), manifest, "apply", **query)


def update(kind: Vocabulary, rng: random.Random) -> Iterator[Step]:
    name = rng.choice((*NAMES, "six"))
    manifest = named(kind, kind.make(rng), name)
    if rng.random() < 0.3:
        _place(manifest, *_field(kind, rng))
    metadata = manifest.get("metadata")
    if isinstance(metadata, dict) and rng.random() < 0.8:
        version = rng.choice((version_of, version_of, version_of, first_version_of))
        metadata.setdefault("resourceVersion", version(kind.plural, name))
    if isinstance(metadata, dict) and rng.random() < 0.2:
        metadata.setdefault("uid", rng.choice((uid_of(kind.plural, name), "0-0-0")))
    subresource = "status" if kind.status and rng.random() < 0.15 else ""
    path = kind.path(name, "" if kind is SERVICES else subresource)
    body = json.dumps(manifest, ensure_ascii=False)
    query = _options(rng)
    if kind is SERVICES:
        query.pop("dryRun", None)
    yield Step(method="PUT", kind=kind.plural, path=path, query=query, body=body)


def delete(kind: Vocabulary, rng: random.Random) -> Iterator[Step]:
    name = rng.choice((*NAMES, "nobody"))
    body, query = None, {}
    match rng.randrange(6):
        case 0:
            known = rng.choice((uid_of(kind.plural, name), "0-0-0"))
            body = json.dumps({"preconditions": {"uid": known}})
        case 1:
            known = rng.choice((version_of, first_version_of))(kind.plural, name)
            body = json.dumps({"preconditions": {"resourceVersion": known}})
        case 2:
            query = {"dryRun": "All"}
        case _:
            pass
    yield Step(method="DELETE", kind=kind.plural, path=kind.path(name), query=query, body=body)
