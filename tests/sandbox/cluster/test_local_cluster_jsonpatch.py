"""The dialect of JSON patch that the API server speaks."""

import json

import pytest

from bot.sandbox.cluster import errors
from bot.sandbox.cluster.jsonpatch import applied, operations_in

_THING = {"a": {"b": 1, "list": [1, 2, 3], "text": "x&y"}, "a/b": "slash", "t~": "tilde"}


def _applied(*operations, thing=_THING):
    return applied(thing, operations_in(json.dumps(operations, ensure_ascii=False).encode()))


@pytest.mark.parametrize(
    ("operation", "path", "found"),
    [
        ({"op": "add", "path": "/a/list/1", "value": 9}, "list", [1, 9, 2, 3]),
        ({"op": "add", "path": "/a/list/-", "value": 9}, "list", [1, 2, 3, 9]),
        ({"op": "add", "path": "/a/list/-1", "value": 9}, "list", [1, 2, 3, 9]),
        ({"op": "remove", "path": "/a/list/-1"}, "list", [1, 2]),
        ({"op": "replace", "path": "/a/new", "value": 5}, "new", 5),
        ({"op": "copy", "from": "/a/nothing", "path": "/a/new"}, "new", None),
        ({"op": "move", "from": "/a/b", "path": "/a/c"}, "c", 1),
        ({"op": "copy", "from": "/a~1b", "path": "/a/c"}, "c", "slash"),
        ({"op": "copy", "from": "/t~0", "path": "/a/c"}, "c", "tilde"),
        ({"op": "add", "path": "a/a/c", "value": 1}, "c", 1),
    ],
)
def test_what_an_operation_makes(operation, path, found):
    assert _applied(operation)["a"][path] == found


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "remove", "path": "/a/nothing"},
        {"op": "add", "path": "/nothing/below", "value": 1},
        {"op": "replace", "path": "/a/list/3", "value": 1},
        {"op": "add", "path": "/a/list/4", "value": 1},
        {"op": "add", "path": "/a/list/x", "value": 1},
        {"op": "test", "path": "/a/b", "value": True},
        {"op": "test", "path": "/a/b", "value": 1.0},
        {"op": "test", "path": "/a/nothing", "value": 0},
        {"op": "test", "path": "/nothing/below", "value": None},
        {"op": "odd", "path": "/a"},
        {"path": "/a"},
    ],
)
def test_what_cannot_be_applied_is_refused(operation):
    with pytest.raises(errors.Unprocessable):
        _applied(operation)


def test_a_test_against_null_holds_where_there_is_nothing():
    assert _applied({"op": "test", "path": "/a/nothing", "value": None}) == _THING


def test_a_test_compares_how_a_string_is_written():
    """The real server writes `&` as an escape: a test that does not is refused."""
    plain = b'[{"op":"test","path":"/a/text","value":"x&y"}]'
    escaped = rb'[{"op":"test","path":"/a/text","value":"x\u0026y"}]'

    assert applied(_THING, operations_in(escaped)) == _THING
    with pytest.raises(errors.Unprocessable):
        applied(_THING, operations_in(plain))


def test_what_the_same_patch_has_put_there_is_still_written_as_it_was():
    body = b'[{"op":"add","path":"/z","value":"a&b"},{"op":"test","path":"/z","value":"a&b"}]'

    assert applied(_THING, operations_in(body))["z"] == "a&b"


def test_the_first_version_is_not_touched():
    before = json.dumps(_THING)

    _applied({"op": "remove", "path": "/a/list/0"}, {"op": "add", "path": "/z", "value": 1})

    assert json.dumps(_THING) == before


@pytest.mark.parametrize("body", [b"{}", b"[3]", b'[{"op":1}]', b"[", b""])
def test_what_is_no_patch_is_not_understood(body):
    with pytest.raises(errors.BadRequest, match="error decoding patch"):
        operations_in(body)


def test_a_patch_may_not_have_more_than_ten_thousand_operations():
    operation = {"op": "test", "path": "/a/b", "value": 1}

    with pytest.raises(errors.TooLarge):
        operations_in(json.dumps([operation] * 10_001).encode())


def test_a_patch_may_not_copy_without_end():
    doubling = [{"op": "copy", "from": "/a", "path": f"/a/c{n}"} for n in range(40)]

    with pytest.raises(errors.Unprocessable):
        _applied(*doubling, thing={"a": {"text": "x" * 1000}})
