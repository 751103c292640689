"""
Strategic merge patches of built-in kinds: merge patches that know which lists have keys.

Source: apimachinery `pkg/util/strategicpatch`; `$patch: replace` and `delete`, `$retainKeys`,
`$deleteFromPrimitiveList` and `$setElementOrder` are understood.
"""

from typing import Any

from bot.sandbox.cluster.kinds import Kind
from bot.sandbox.cluster.objects import Manifest
from bot.sandbox.cluster.shape_tables import shape_of
from bot.sandbox.cluster.shapes import Shape

_PATCH = "$patch"
_RETAIN = "$retainKeys"
_DELETE = "$deleteFromPrimitiveList/"
_ORDER = "$setElementOrder/"


def applied(kind: Kind, thing: Manifest, patch: Manifest) -> Manifest:
    """Apply the patch to a copy."""
    return _object(shape_of(kind), thing, patch)


def _object(shape: Shape | None, thing: Manifest, patch: Manifest) -> Manifest:
    if patch.get(_PATCH) == "replace":
        return {key: value for key, value in patch.items() if key != _PATCH}
    if patch.get(_PATCH) == "delete":
        return {}
    result = dict(thing)
    if isinstance(patch.get(_RETAIN), list):
        result = {key: value for key, value in result.items() if key in patch[_RETAIN]}
    for key, value in patch.items():
        if key.startswith(_DELETE):
            field = key.removeprefix(_DELETE)
            result[field] = [each for each in result.get(field) or () if each not in value]
        elif key in (_PATCH, _RETAIN) or key.startswith(_ORDER):
            continue
        elif value is None:
            result.pop(key, None)
        else:
            inner = shape.field(key) if shape else None
            result[key] = _value(inner, result.get(key), value)
    for key, order in patch.items():
        if key.startswith(_ORDER):
            field = key.removeprefix(_ORDER)
            inner = shape.field(field) if shape else None
            result[field] = _ordered(inner, result.get(field) or [], order)
    return result


def _value(shape: Shape | None, thing: Any, patch: Any) -> Any:
    if isinstance(patch, dict):
        return _object(shape, thing if isinstance(thing, dict) else {}, patch)
    if isinstance(patch, list) and shape and shape.keys:
        return _keyed(shape, thing if isinstance(thing, list) else [], patch)
    if isinstance(patch, list) and shape and shape.is_set:
        known = thing if isinstance(thing, list) else []
        return [*known, *(each for each in patch if each not in known)]
    return patch


def _keyed(shape: Shape, things: list[Any], patches: list[Any]) -> list[Any]:
    key = shape.keys[0]
    if any(isinstance(each, dict) and each.get(_PATCH) == "replace" for each in patches):
        things, patches = [], [each for each in patches if _PATCH not in each]
    if not all(isinstance(each, dict) for each in patches):
        return patches
    known = {each.get(key): each for each in things}
    named = [each.get(key) for each in patches]
    gone = [each.get(key) for each in patches if each.get(_PATCH) == "delete"]
    changed = [
        _object(shape.element, known.get(each.get(key), {}), each)
        for each in patches
        if each.get(key) not in gone
    ]
    left = [each for each in things if each.get(key) not in named]
    return _interleaved(left, changed, [each.get(key) for each in things], key)


def _interleaved(left: list[Any], changed: list[Any], order: list[Any], key: str) -> list[Any]:
    """Put both together: each keeps its order, and what was before something stays before it."""
    result: list[Any] = []
    left, changed = list(left), list(changed)
    while left and changed:
        mine, other = left[0].get(key), changed[0].get(key)
        is_before = mine in order and other in order and order.index(mine) < order.index(other)
        result.append(left.pop(0) if is_before else changed.pop(0))
    return result + left + changed


def _ordered(shape: Shape | None, things: list[Any], order: list[Any]) -> list[Any]:
    """Put those that are named into their order, and the others behind them."""
    key = shape.keys[0] if shape and shape.keys else ""

    def place(thing: Any) -> int:
        for index, each in enumerate(order):
            if thing == each or (key and each.get(key) == thing.get(key)):
                return index
        return len(order)

    return sorted(things, key=place)
