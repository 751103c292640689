"""JSON Patches, carried out as the API server does."""

from collections.abc import Sequence
from copy import deepcopy
from typing import Any

Manifest = dict[str, Any]


class DoesNotFit(Exception):  # noqa: N818 - an answer
    """An operation cannot be carried out; nothing was changed."""


def patched(manifest: Manifest, operations: Sequence[dict[str, Any]]) -> Manifest:
    """Carry out the operations on a copy."""
    copy = deepcopy(manifest)
    for operation in operations:
        *way, last = (_plain(part) for part in operation["path"].split("/")[1:])
        holder: Any = copy
        for part in way:
            holder = _inside(holder, part)
        _carry_out(operation, holder, last)
    return copy


def _plain(part: str) -> str:
    return part.replace("~1", "/").replace("~0", "~")


def _inside(holder: Any, part: str) -> Any:
    try:
        return holder[int(part) if isinstance(holder, list) else part]
    except (KeyError, IndexError, ValueError, TypeError) as error:
        raise DoesNotFit(f"nothing at {part}") from error


def _carry_out(operation: dict[str, Any], holder: Any, last: str) -> None:
    value = deepcopy(operation.get("value"))
    match operation["op"], holder:
        case "test", _:
            found = _inside(holder, last)
            if found != value or isinstance(found, bool) != isinstance(value, bool):
                raise DoesNotFit(f"{operation['path']} is {found}, not {value}")
        case "add", list():
            holder.insert(len(holder) if last == "-" else int(last), value)
        case "add", dict():
            holder[last] = value
        case "remove" | "replace" as op, _:
            _inside(holder, last)
            key = int(last) if isinstance(holder, list) else last
            if op == "remove":
                del holder[key]
            else:
                holder[key] = value
        case _:
            raise DoesNotFit(f"cannot {operation['op']} {operation['path']}")
