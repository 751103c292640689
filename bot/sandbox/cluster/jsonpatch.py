"""
JSON patches (RFC 6902), in the dialect of the API server.

Where its library (evanphx/json-patch v4) differs from the RFC, so does this:

* negative indices count from the end; what stands before the first `/` of a path is not read;
* `replace` of a key that is not there adds it, `copy` of one puts null;
* a test against null holds where there is nothing;
* a test of a string compares how it is *written*. The server writes `<`, `>`, `&` as `\u003c` … and
  letters as they are: a test that writes `&` as it is, or `é` as `\u00e9`, fails.

A patch that cannot be applied does not say why.
"""

import copy
import json
import json.scanner
import re
from collections.abc import Mapping
from typing import Any

from bot.sandbox.cluster import errors
from bot.sandbox.cluster.texts import Garbled, text_of, value_of

MOST_OPERATIONS = 10_000
MOST_COPIED = 3 * 1024 * 1024  #: bytes that all `copy` of one patch may make together
_INDEX = re.compile(r"[+-]?[0-9]+")
#: bodies without these write every string in one way only
_WRITTEN_IN_TWO_WAYS = re.compile("[\\\\<>&\u2028\u2029]")
_ESCAPED = {sign: f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


class _Fails(Exception):  # noqa: N818 - what the patch does
    """It cannot be applied."""


class _Written(str):
    """A string that knows how it was written."""

    __slots__ = ("text",)
    text: str


def operations_in(body: bytes) -> list[Mapping[str, Any]]:
    """Read a patch. Raises BadRequest, TooLarge."""
    try:
        operations = value_of(body)
        text = body.decode("utf-8", "replace")
        if _WRITTEN_IN_TWO_WAYS.search(text):
            operations = _AsWritten().decode(text)
    except Garbled as error:
        raise errors.BadRequest(f"error decoding patch: {error}") from error
    if operations is None:
        return []
    if not isinstance(operations, list):
        raise _undecodable(operations, "value of type []handlers.jsonPatchOp")
    for operation in operations:
        _ensure_operation(operation)
    if len(operations) > MOST_OPERATIONS:
        raise errors.TooLarge(
            f"The allowed maximum operations in a JSON patch is {MOST_OPERATIONS},"
            f" got {len(operations)}"
        )
    return operations


def applied(thing: Any, operations: list[Mapping[str, Any]]) -> Any:
    """Apply all operations to a copy. Raises Unprocessable."""
    document = copy.deepcopy(thing)
    copied = 0
    try:
        for operation in operations:
            action = _ACTIONS[(operation or {}).get("op", "")]
            if action is _copy:
                copied = _counted(copied, document, operation)
            document = action(document, operation)
    except (_Fails, KeyError) as error:
        raise errors.Unprocessable from error
    return value_of(text_of(document)) if _knows_how(operations) else document


def _knows_how(operations: list[Mapping[str, Any]]) -> bool:
    """Whether these strings know how they were written."""
    return any(isinstance((one or {}).get("op"), _Written) for one in operations)


def _counted(copied: int, document: Any, operation: Mapping[str, Any]) -> int:
    """Add what an operation copies to what was copied before it."""
    copied += len(text_of(_look(*_place(document, _path(operation, "from")))))
    if copied > MOST_COPIED:
        raise _Fails
    return copied


class _AsWritten(json.JSONDecoder):
    """Reads strings with how they were written."""

    def __init__(self) -> None:
        super().__init__()
        self.parse_string = _written
        self.scan_once = json.scanner.py_make_scanner(self)  # type: ignore[attr-defined]


def _written(text: str, end: int, strict: bool = True) -> tuple[str, int]:  # noqa: FBT001, FBT002
    value, after = json.decoder.scanstring(text, end, strict)  # type: ignore[attr-defined]
    found = _Written(value)
    found.text = text[end : after - 1]
    return found, after


def _ensure_operation(operation: Any) -> None:
    if operation is None:
        return
    if not isinstance(operation, Mapping):
        raise _undecodable(operation, "value of type handlers.jsonPatchOp")
    for field in ("op", "path", "from"):
        value = operation.get(field)
        if value is not None and not isinstance(value, str):
            raise _undecodable(value, f"struct field jsonPatchOp.{field} of type string")


def _undecodable(value: Any, into: str) -> errors.BadRequest:
    return errors.BadRequest(
        f"error decoding patch: json: cannot unmarshal {_go_type(value)} into Go {into}"
    )


def _go_type(value: Any) -> str:
    match value:
        case bool():
            return "bool"
        case str():
            return "string"
        case int() | float():
            return "number"
        case list():
            return "array"
        case _:
            return "object"


def _add(document: Any, operation: Mapping[str, Any]) -> Any:
    _put(*_place(document, _path(operation)), _value_of(operation))
    return document


def _remove(document: Any, operation: Mapping[str, Any]) -> Any:
    _take(*_place(document, _path(operation)))
    return document


def _replace(document: Any, operation: Mapping[str, Any]) -> Any:
    value = _value_of(operation)
    if _path(operation) == "":
        return value if isinstance(value, (dict, list)) else document
    place, key = _place(document, _path(operation))
    if isinstance(place, list):
        place[_index(place, key)] = value
    else:
        place[key] = value
    return document


def _move(document: Any, operation: Mapping[str, Any]) -> Any:
    place, key = _place(document, _path(operation, "from"))
    value = _look(place, key)
    _take(place, key)
    _put(*_place(document, _path(operation)), value)
    return document


def _copy(document: Any, operation: Mapping[str, Any]) -> Any:
    value = _look(*_place(document, _path(operation, "from")))
    _put(*_place(document, _path(operation)), copy.deepcopy(value))
    return document


def _test(document: Any, operation: Mapping[str, Any]) -> Any:
    path = _path(operation)
    found = document if path == "" else _look(*_place(document, path))
    if "value" not in operation or not _same(found, operation["value"]):
        raise _Fails
    return document


def _same(found: Any, wanted: Any) -> bool:
    """Whether both are written as the same JSON: true is not 1, and 1 is not 1.0."""
    if isinstance(found, dict) and isinstance(wanted, dict):
        return found.keys() == wanted.keys() and all(
            _same(found[key], wanted[key]) for key in found
        )
    if isinstance(found, list) and isinstance(wanted, list):
        return len(found) == len(wanted) and all(map(_same, found, wanted))
    if isinstance(found, str) and isinstance(wanted, _Written):
        written = found.text if isinstance(found, _Written) else _as_the_server_writes(found)
        return written == wanted.text
    if isinstance(found, str):
        return isinstance(wanted, str) and found == wanted
    return type(found) is type(wanted) and bool(found == wanted)


def _as_the_server_writes(value: str) -> str:
    text = json.dumps(str(value), ensure_ascii=False)[1:-1]
    return "".join(_ESCAPED.get(sign, sign) for sign in text)


def _value_of(operation: Mapping[str, Any]) -> Any:
    """A copy of the value that nothing else holds; until the end it stays as it was written."""
    return copy.deepcopy(operation.get("value"))


def _path(operation: Mapping[str, Any], field: str = "path") -> str:
    path = operation.get(field)
    if not isinstance(path, str):
        raise _Fails
    return path


def _place(document: Any, path: str) -> tuple[Any, str]:
    """Walk to the object or list that holds what the path names."""
    _, *parts = path.split("/")
    if not parts:
        raise _Fails
    for part in parts[:-1]:
        document = _look(document, _plain(part))
        if not isinstance(document, (dict, list)):
            raise _Fails
    return document, _plain(parts[-1])


def _plain(part: str) -> str:
    return str(part).replace("~1", "/").replace("~0", "~")


def _look(place: Any, key: str) -> Any:
    """What stands there; null where an object has nothing."""
    return place[_index(place, key)] if isinstance(place, list) else place.get(key)


def _put(place: Any, key: str, value: Any) -> None:
    if isinstance(place, dict):
        place[key] = value
    elif key == "-":
        place.append(value)
    else:
        place.insert(_index(place, key, end=1), value)


def _take(place: Any, key: str) -> None:
    if isinstance(place, list):
        del place[_index(place, key)]
    else:
        del place[key]


def _index(place: list[Any], key: str, *, end: int = 0) -> int:
    """Read an index; *end*: how far behind the last element it may be."""
    if not _INDEX.fullmatch(key):
        raise _Fails
    index, size = int(key), len(place) + end
    if not -size <= index < size:
        raise _Fails
    return index + size if index < 0 else index


_ACTIONS = {
    "add": _add,
    "remove": _remove,
    "replace": _replace,
    "move": _move,
    "copy": _copy,
    "test": _test,
}
