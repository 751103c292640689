"""
Label selectors and field selectors, with the whole of their grammar.

    app=web, tier!=db, env in (a, b), env notin (c), !old, kept     labels
    metadata.name=x,status.phase!=Running                           fields

Source of the words: apimachinery `pkg/labels/selector.go`, `pkg/fields/selector.go`.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from bot.sandbox.cluster import errors
from bot.sandbox.cluster.kinds import EVENTS, NAMESPACES, PODS, SERVICES, Kind
from bot.sandbox.cluster.names import label_key_faults, label_value_faults
from bot.sandbox.cluster.objects import Manifest, at

Test = Callable[[Manifest], bool]
Labels = Mapping[str, str]

_TOKEN = re.compile(r"\s*(!=|==|=|>|<|!|\(|\)|,|[^\s!=<>(),]+)")
_SIGNS = frozenset(("!=", "==", "=", ">", "<", "!", "(", ")", ","))
_META = ("metadata.name", "metadata.namespace")
_MORE_FIELDS = {
    EVENTS.key: (
        "involvedObject.kind",
        "involvedObject.namespace",
        "involvedObject.name",
        "involvedObject.uid",
        "involvedObject.apiVersion",
        "involvedObject.resourceVersion",
        "involvedObject.fieldPath",
        "reason",
        "reportingComponent",
        "source",
        "type",
    ),
    PODS.key: (
        "spec.nodeName",
        "spec.restartPolicy",
        "spec.schedulerName",
        "spec.serviceAccountName",
        "spec.hostNetwork",
        "status.phase",
        "status.podIP",
        "status.nominatedNodeName",
    ),
    SERVICES.key: ("spec.clusterIP", "spec.type"),
    NAMESPACES.key: ("status.phase", "name"),
}


def by_labels(text: str) -> Test | None:
    """Make the test that a label selector means; None: everything. Raises BadRequest."""
    tests = list(_Parser(text).requirements()) if text.strip() else []
    if not tests:
        return None
    return lambda thing: all(test(at(thing, "metadata", "labels", default={})) for test in tests)


def by_fields(kind: Kind, text: str) -> Test | None:
    """Make the test that a field selector means; None: everything. Raises BadRequest."""
    pairs = list(_pairs(text))
    for field, _, _ in pairs:
        _ensure_known(kind, field)
    if not pairs:
        return None
    return lambda thing: all(
        (_field(thing, field) == value) is equal for field, equal, value in pairs
    )


def as_text(selector: Mapping[str, Any]) -> str:
    """Write a selector of a manifest (`matchLabels`, `matchExpressions`) as a query has it."""
    parts = [f"{key}={value}" for key, value in (selector.get("matchLabels") or {}).items()]
    for each in selector.get("matchExpressions") or ():
        key, operator = each.get("key", ""), each.get("operator", "")
        values = ",".join(each.get("values") or ())
        parts.append(
            {
                "Exists": key,
                "DoesNotExist": f"!{key}",
                "In": f"{key} in ({values})",
                "NotIn": f"{key} notin ({values})",
            }.get(operator, "")
        )
    return ",".join(filter(None, parts))


def name_in(text: str) -> str:
    """The one name that a field selector asks for; empty: none."""
    names = [value for field, equal, value in _pairs(text) if field == "metadata.name" and equal]
    return names[0] if len(names) == 1 else ""


class _Parser:
    """Reads requirements, one after the other, sign by sign."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def requirements(self) -> Iterator[Callable[[Labels], bool]]:
        """Give a test of labels for each. Raises BadRequest."""
        while True:
            found = self._peek()
            if found != "!" and (found in _SIGNS or found == ""):
                _fail(f"found '{found}', expected: !, identifier, or 'end of string'", parse=False)
            yield self._requirement()
            found = self._next()
            if found == "":
                return
            if found != ",":
                _fail(f"found '{found}', expected: ',' or 'end of string'", parse=False)
            following = self._peek()
            if following in _SIGNS - {"!"} or following == "":
                _fail(f"found '{following}', expected: identifier after ','", parse=False)

    def _requirement(self) -> Callable[[Labels], bool]:
        absent = self._peek() == "!"
        if absent:
            self._next()
        key = self._next()
        if key in _SIGNS or key == "":
            _fail(f"found '{key}', expected: identifier")
        _ensure(label_key_faults(key), "key", key)
        if absent:
            return lambda labels: key not in labels
        if self._peek() in ("", ","):
            return lambda labels: key in labels
        return self._comparison(key, self._next())

    def _comparison(self, key: str, sign: str) -> Callable[[Labels], bool]:
        if sign in ("in", "notin"):
            values = self._values(key)
            return lambda labels: (key in labels and labels[key] in values) is (sign == "in")
        if sign not in ("=", "==", "!=", ">", "<"):
            _fail(f"found '{sign}', expected: in, notin, =, ==, !=, gt, lt")
        value = self._value(key)
        if sign in ("=", "=="):
            return lambda labels: labels.get(key) == value
        if sign == "!=":
            return lambda labels: labels.get(key) != value
        if not re.fullmatch(r"[+-]?[0-9]+", value):
            _fail(
                f"values[0]: Invalid value: \"{value}\": for 'Gt', 'Lt' operators,"
                " the value must be an integer"
            )
        limit = int(value)
        return lambda labels: _compares(labels.get(key), sign, limit)

    def _value(self, key: str) -> str:
        if self._peek() in ("", ","):
            return ""
        value = self._next()
        if value in _SIGNS:
            _fail(f"found '{value}', expected: identifier")
        _ensure(label_value_faults(value), "values[0]", value, key)
        return value

    def _values(self, key: str) -> frozenset[str]:
        """Read `(a, b)`; a value may be empty."""
        sign = self._next()
        if sign != "(":
            _fail(f"found '{sign}' expected: '('")
        values = [""]
        while (found := self._next()) != ")":
            if found == ",":
                values.append("")
            elif values[-1]:
                _fail(f"found '{found}', expected: ',' or ')'")
            elif found in _SIGNS or found == "":
                _fail(f"found '{found}', expected: ',', or identifier")
            else:
                values[-1] = found
        for index, value in enumerate(sorted(values)):
            _ensure(label_value_faults(value), f"values[{index}]", value, key)
        return frozenset(values)

    def _peek(self) -> str:
        match = _TOKEN.match(self._text, self._at)
        return match[1] if match else ""

    def _next(self) -> str:
        match = _TOKEN.match(self._text, self._at)
        if match is None:
            return ""
        self._at = match.end()
        return match[1]


def _fail(why: str, *, parse: bool = True) -> None:
    raise errors.BadRequest(f"unable to parse requirement: {why}" if parse else why)


def _ensure(faults: list[str], where: str, value: str, key: str = "") -> None:
    if faults:
        place = f"{where}[{key}]" if key else where
        _fail(f'{place}: Invalid value: "{value}": {"; ".join(faults)}')


def _compares(value: str | None, sign: str, limit: int) -> bool:
    if value is None or not re.fullmatch(r"[+-]?[0-9]+", value):
        return False
    return int(value) > limit if sign == ">" else int(value) < limit


def _pairs(text: str) -> Iterator[tuple[str, bool, str]]:
    """Give field, whether it must be equal, and value. Raises BadRequest."""
    for part in re.split(r"(?<!\\),", text):
        if not part:
            continue
        match = re.fullmatch(r"(.*?)(!=|==|=)((?:\\.|[^\\,=])*)", part)
        if match is None:
            raise errors.BadRequest(f"invalid selector: '{text}'; can't understand '{part}'")
        yield match[1], match[2] != "!=", re.sub(r"\\(.)", r"\1", match[3])


def _ensure_known(kind: Kind, field: str) -> None:
    own = _MORE_FIELDS.get(kind.key, ())
    meta = _META if kind.namespaced else _META[:1]
    if field in (*meta, *own):
        return
    if kind.custom:
        raise errors.BadRequest(f"field label not supported: {field}")
    if own:
        raise errors.BadRequest(f"field label not supported: {field}")
    raise errors.BadRequest(
        f'"{field}" is not a known field selector: only "metadata.name", "metadata.namespace"'
    )


def _field(thing: Manifest, field: str) -> str:
    value: Any = at(thing, *field.split("."), default="")
    if field == "source":
        value = at(thing, "source", "component", default="")
    if field == "name":
        value = at(thing, "metadata", "name", default="")
    return str(value).lower() if isinstance(value, bool) else str(value)
