"""
Answers of two servers made comparable: what must differ gets the same name on both sides.

* uids, addresses and ports that a server gives out: `uid#1`, `address#1`, in the order in which
  they are first seen
* versions: `version#1` …, by size: that they grow in the same places is part of what is compared
* times that are now: `now`
* made-up names: without what was made up
* tokens of pages: what is in them
* the version of a list counts the writes of everybody, so it is only looked at for being newer
"""

import base64
import json
import re
from datetime import UTC, datetime
from typing import Any

Value = Any
_UID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_ADDRESS = re.compile(r"\b10\.\d+\.\d+\.\d+\b")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z")
_MADE_UP = re.compile(r"\b(made-up-\d+)-[a-z0-9]{5}\b")
#: how a body that cannot be understood is described says which structs the server is made of
_OF_DECODING = re.compile(
    r"json: |json parse|unmarshal|cannot be handled|unrecognized|parsing time|patch: Invalid|base64"
)
#: how a wrong value is printed is Go's business
_GOT = re.compile(
    r"(?<=: errors:).*|, got .*|(?<=accessor error: ).*(?=, expected)|\n@@.*", re.DOTALL
)
_NUMBER = re.compile(r"\((\d+)\)")
_RECENT = 3600


class Names:
    """The names that one sequence has given so far."""

    def __init__(self) -> None:
        self._given: dict[str, dict[str, str]] = {}

    def of(self, kind: str, value: str) -> str:
        """The name of this value among those of its kind."""
        given = self._given.setdefault(kind, {})
        return given.setdefault(value, f"{kind}#{len(given) + 1}")


def normal(bodies: list[Value]) -> list[Value]:
    """Make all answers of one sequence comparable."""
    ranks = {text: f"version#{rank}" for rank, text in enumerate(_versions(bodies), 1)}
    names = Names()
    return [_normal(body, names, ranks, "") for body in bodies]


def _versions(bodies: list[Value]) -> list[str]:
    found: set[str] = set()

    def look(value: Value) -> None:
        if isinstance(value, dict):
            metadata = value.get("metadata")
            if isinstance(metadata, dict) and "uid" in metadata:
                found.add(str(metadata.get("resourceVersion", "")))
            for inner in value.values():
                look(inner)
        elif isinstance(value, list):
            for inner in value:
                look(inner)

    look(bodies)
    return sorted(found - {""}, key=int)


def _normal(value: Value, names: Names, ranks: dict[str, str], key: str) -> Value:
    if isinstance(value, dict):
        return _object(value, names, ranks, key)
    if isinstance(value, list):
        found = [_normal(inner, names, ranks, key) for inner in value]
        return sorted(found, key=_text) if key in ("managedFields", "causes") else found
    if isinstance(value, str):
        return _string(value, names, ranks, key)
    if key == "nodePort" and value:
        return names.of("port", str(value))
    return value


def _object(thing: dict[str, Value], names: Names, ranks: dict[str, str], key: str) -> Value:
    result = {name: _normal(thing[name], names, ranks, name) for name in sorted(thing)}
    if key == "metadata" and "uid" not in thing and "resourceVersion" in thing:
        result["resourceVersion"] = "of the list"
        result["continue"] = _MADE_UP.sub(r"\1", _token(thing.get("continue", "")))
    if thing.get("kind") == "Status" and thing.get("status") == "Failure":
        return _refusal(thing, result)
    return result


def _refusal(thing: dict[str, Value], result: dict[str, Value]) -> Value:
    """
    What is compared of a refusal.

    A fault may be told once, or once by each part of the server that found it; and sentences about
    many faults join them in an order of their own.
    """
    causes = thing.get("details", {}).get("causes", [])
    result["message"] = _GOT.sub("", result.get("message", ""))
    if _OF_DECODING.search(thing.get("message", "")):
        result.pop("details", None)
        return {**result, "message": "cannot be understood"}
    if causes:
        for cause in result["details"]["causes"]:
            cause["message"] = _GOT.sub("", cause.get("message", ""))
        once = {_text(cause): cause for cause in result["details"]["causes"]}
        result["details"] = {**result["details"], "causes": list(once.values())}
    if causes and len(result["details"]["causes"]) > 1:
        result["message"] = "many faults"
    return result


def _string(value: str, names: Names, ranks: dict[str, str], key: str) -> str:
    if key == "resourceVersion":
        return ranks.get(value, value)
    value = _TIME.sub(lambda match: "now" if _is_recent(match[0]) else match[0], value)
    value = _UID.sub(lambda match: names.of("uid", match[0]), value)
    value = _NUMBER.sub(lambda match: f"({ranks.get(match[1], match[1])})", value)
    value = _ADDRESS.sub(lambda match: names.of("address", match[0]), value)
    return _MADE_UP.sub(r"\1", value)


def _is_recent(value: str) -> bool:
    at = datetime.fromisoformat(value)
    return abs((datetime.now(UTC) - at).total_seconds()) < _RECENT


def _token(token: str) -> str:
    if not token:
        return ""
    found = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    return f"{'from now on' if found['rv'] < 0 else 'of the same list'}: {found['start']}"


def _text(value: Value) -> str:
    return json.dumps(value, sort_keys=True)
