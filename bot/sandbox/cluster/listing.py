"""
Lists, page by page: each page of one list shows the same state.

A token is that of the real server: base64 of `{"v": "meta.k8s.io/v1", "rv": version, "start": …}`,
where *start* is the first key that the next page may hold. A version of -1 means: whatever is there
now. Source: apiserver `pkg/storage/continue.go`, `pkg/storage/etcd3/store.go`.
"""

import base64
import binascii
import json
import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.sandbox.cluster import errors, selectors
from bot.sandbox.cluster.calls import Call
from bot.sandbox.cluster.kinds import EVENTS, Kind
from bot.sandbox.cluster.objects import Manifest
from bot.sandbox.cluster.shelves import Key
from bot.sandbox.cluster.store import Store
from bot.sandbox.cluster.texts import Garbled, text_of, value_of

_V1 = "meta.k8s.io/v1"
_NOW = -1
_TOO_OLD = (
    "The provided continue parameter is too old to display a consistent list result. You can start"
    " a new list without the continue parameter, or use the continue token in this response to"
    " retrieve the remainder of the results. Continuing with the provided token results in an"
    " inconsistent list - objects that were created, modified, or deleted between the time the"
    " first chunk was returned and now may show up in the list."
)


@dataclass(frozen=True, kw_only=True)
class _Place:
    """Where a page begins: the version to show, and the first key."""

    version: int
    start: str = ""


@dataclass(frozen=True, kw_only=True)
class Page:
    """Objects, and how to go on; *left*: how many are still to come, None: not counted."""

    things: Sequence[Manifest]
    version: str
    token: str = ""
    left: int | None = None


def page(store: Store, kind: Kind, call: Call) -> Page:
    """Read what the call asks for. Raises BadRequest, Expired, Refused."""
    limit = _number(call.query.get("limit", ""))
    by_labels = selectors.by_labels(call.query.get("labelSelector", ""))
    by_fields = selectors.by_fields(kind, call.query.get("fieldSelector", ""))
    place = _place(store, call)
    objects = _objects_at(store, kind, place)
    keys = _keys(kind, objects, call.namespace)
    first = bisect_left(keys, (place.start,)) if place.start else 0
    tests = [test for test in (by_labels, by_fields) if test]
    found: list[Manifest] = []
    for index in range(first, len(keys)):
        thing = objects[keys[index][1]]
        if not all(test(thing) for test in tests):
            continue
        found.append(thing)
        if len(found) == limit and index + 1 < len(keys):
            token = _token(place.version, keys[index][0])
            left = None if tests else len(keys) - index - 1
            return Page(things=found, version=_shown(store, place), token=token, left=left)
    return Page(things=found, version=_shown(store, place))


def encoded(store: Store, kind: Kind, page: Page) -> bytes:
    """Write a page as the answer. Items of built-in kinds do not say their kind."""
    metadata: dict[str, object] = {"resourceVersion": page.version}
    if page.token:
        metadata["continue"] = page.token
    elif kind.custom:
        metadata["continue"] = ""
    if page.left is not None:
        metadata["remainingItemCount"] = page.left
    head = {"kind": f"{kind.kind}List", "apiVersion": kind.api_version, "metadata": metadata}
    texts = store.shelf(kind).texts
    items = [texts.of(thing) for thing in page.things]
    if not kind.custom:
        cut = len(f'{{"kind":"{kind.kind}","apiVersion":"{kind.api_version}",')
        items = [b"{" + item[cut:] for item in items]
    return text_of(head)[:-1] + b',"items":[' + b",".join(items) + b"]}"


def _keys(kind: Kind, objects: Mapping[Key, Manifest], namespace: str) -> list[tuple[str, Key]]:
    """The keys in the order of the real server's storage: `namespace/name` as one string."""
    slash = "" if kind == EVENTS else "/"  # of all, the real server keeps no copy of events
    if namespace:
        return sorted((slash + key[1], key) for key in objects if key[0] == namespace)
    return sorted((slash + "/".join(filter(None, key)), key) for key in objects)


def _place(store: Store, call: Call) -> _Place:
    token = call.query.get("continue", "")
    version = call.query.get("resourceVersion", "")
    if token:
        if version not in ("", "0"):
            raise errors.BadRequest(
                "specifying resource version is not allowed when using continue"
            )
        return _placed(token)
    number = _version(version)
    if number > store.version:
        raise _too_large(number, store.version)
    if call.query.get("resourceVersionMatch") == "Exact" and number:
        return _Place(version=number)
    return _Place(version=store.version)


def _objects_at(store: Store, kind: Kind, place: _Place) -> Mapping[Key, Manifest]:
    shelf = store.shelf(kind)
    if place.version == _NOW:
        return shelf.objects
    try:
        return shelf.as_of(place.version)
    except errors.Expired as expired:
        if place.start:
            raise errors.Expired(_TOO_OLD, token=_packed(_NOW, place.start)) from expired
        raise errors.Expired("The resourceVersion for the provided list is too old.") from expired


def _shown(store: Store, place: _Place) -> str:
    return str(store.version if place.version == _NOW else place.version)


def _token(version: int, last: str) -> str:
    return _packed(version, f"{last}\0")


def _packed(version: int, start: str) -> str:
    text = json.dumps({"v": _V1, "rv": version, "start": start}, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _placed(token: str) -> _Place:
    try:
        found = value_of(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except (Garbled, binascii.Error) as error:
        raise _no_token(str(error)) from error
    if not isinstance(found, dict) or found.get("v") != _V1:
        shown = found.get("v", "") if isinstance(found, dict) else ""
        raise _no_token(f"server does not recognize this encoded version {shown}")
    version, start = found.get("rv"), found.get("start")
    if not isinstance(version, int) or version == 0:
        raise _no_token("incorrect encoded start resourceVersion (version meta.k8s.io/v1)")
    if not isinstance(start, str) or not start:
        raise _no_token("encoded start key empty (version meta.k8s.io/v1)")
    return _Place(version=version, start=start)


def _no_token(why: str) -> errors.BadRequest:
    return errors.BadRequest(f"invalid continue token: continue key is not valid: {why}")


def _version(text: str) -> int:
    if not re.fullmatch(r"[0-9]*", text):
        raise errors.BadRequest(
            f'invalid resource version: resourceVersion: Invalid value: "{text}":'
            f' strconv.ParseUint: parsing "{text}": invalid syntax'
        )
    return int(text or "0")


def _number(text: str) -> int:
    if not re.fullmatch(r"[+-]?[0-9]+", text or "0"):
        raise errors.BadRequest(f'strconv.ParseInt: parsing "{text}": invalid syntax')
    return int(text or "0")


def _too_large(version: int, newest: int) -> errors.Timeout:
    cause = {"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}
    return errors.Timeout(
        f"Timeout: Too large resource version: {version}, current: {newest}",
        details={"causes": [cause], "retryAfterSeconds": 1},
    )
