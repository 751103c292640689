"""What holds of the answers to any sequence, whichever server gives them."""

from collections.abc import Iterator, Sequence
from typing import Any

from tests.wire.steps import Outcome, Step

_NO_PAGE = "404 page not found"


def broken(steps: Sequence[Step], outcomes: Sequence[Outcome]) -> list[str]:
    """Name what does not hold."""
    return [*_refusals(steps, outcomes), *_versions(steps, outcomes), *_replays(steps, outcomes)]


def _refusals(steps: Sequence[Step], outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Every refusal is a Status that says why, with the code of the answer."""
    for step, outcome in zip(steps, outcomes, strict=True):
        body = outcome.body
        if 200 <= outcome.status < 300 or body == _NO_PAGE:
            continue
        if not isinstance(body, dict) or (body.get("kind"), body.get("code")) != (
            "Status",
            outcome.status,
        ):
            yield f"{step}: {outcome.status} {body}"
        elif not body.get("message"):
            yield f"{step}: it does not say why: {body}"


def _versions(steps: Sequence[Step], outcomes: Sequence[Outcome]) -> Iterator[str]:
    """The version of an object only grows."""
    newest: dict[tuple[str, str], int] = {}
    for step, outcome in zip(steps, outcomes, strict=True):
        metadata = outcome.body.get("metadata", {}) if isinstance(outcome.body, dict) else {}
        if "uid" not in metadata or "dryRun" in step.query or step.until:
            continue
        key, version = (step.kind, metadata["uid"]), int(metadata["resourceVersion"])
        if version < newest.get(key, 0):
            yield f"{step}: version {version} after {newest[key]}"
        newest[key] = max(version, newest.get(key, 0))


def _replays(steps: Sequence[Step], outcomes: Sequence[Outcome]) -> Iterator[str]:
    """What a watch told since a list makes the next list of it."""
    watch, heard = steps[-1], outcomes[-1]
    if not watch.until or "labelSelector" in watch.query or "fieldSelector" in watch.query:
        return
    lists = [
        outcome.body
        for step, outcome in zip(steps, outcomes, strict=True)
        if step.kind == watch.kind and step.method == "GET" and _is_whole(step, outcome)
    ]
    first, last = (_objects(lists[0]["items"]), _objects(lists[-1]["items"]))
    for event in heard.body[:-1]:
        uid = event["object"]["metadata"]["uid"]
        if event["type"] == "DELETED":
            first.pop(uid, None)
        else:
            first[uid] = event["object"]
    if _plain(first) != _plain(last):
        yield f"{watch}: replayed {_plain(first)}, listed {_plain(last)}"


def _is_whole(step: Step, outcome: Outcome) -> bool:
    return not step.query and isinstance(outcome.body, dict) and "items" in outcome.body


def _objects(items: list[Any]) -> dict[str, Any]:
    return {item["metadata"]["uid"]: item for item in items}


def _plain(objects: dict[str, Any]) -> dict[str, Any]:
    """Without what lists of built-in kinds leave out."""
    return {
        uid: {key: value for key, value in each.items() if key not in ("kind", "apiVersion")}
        for uid, each in objects.items()
    }
