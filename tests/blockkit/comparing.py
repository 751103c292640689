"""
Our tables beside the official schema, limit by limit.

`walk` goes through both at once. Each spot is one thing that both may say: how long, how many,
which words, which fields. With it come a value that just fits ours and one that just does not, set
into the smallest whole that can hold it.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from bot.sandbox.slack.checks import ByType, Check, Flag, Many, Number, OneOf, Shape, String
from tests.blockkit.hardening import Node, Official

NOTHING = "no_such_thing"


@dataclass(frozen=True)
class Spot:
    """
    One thing that is said.

    Attributes:
        where: `Definition.field` of the official types.
        what: longest, shortest, most, least, required, words, …
        ours: what our tables say.
        theirs: what the types or their comments say; None: nothing.
        stricter: 0 where both say the same, 1 where ours allows less, -1 where it allows more.
        good: a whole in which the value just fits ours.
        bad: the same, just beyond.

    """

    where: str
    what: str
    ours: Any
    theirs: Any
    stricter: int
    good: Any
    bad: Any

    @property
    def name(self) -> str:
        """What to call it in a table of reasons."""
        return f"{self.where} {self.what}"


def walk(official: Official, ours: Check, node: Node, where: str) -> Iterator[Spot]:
    """Go through a table of ours and the official node at once."""
    members = list(official.members(node))
    names = {one["$ref"].rpartition("/")[2] for one in members if "$ref" in one}
    where = "|".join(sorted(names)) if names and all("$ref" in one for one in members) else where
    nodes = [official.resolve(one) for one in members]
    match ours:
        case String():
            yield _most(where, "longest", ours.longest, _told(nodes, "maxLength"), "x".__mul__)
            yield from _least(where, "shortest", ours.shortest, _told(nodes, "minLength"), "x")
        case Flag():
            kinds = {one.get("type") for one in nodes}
            yield Spot(where, "kind", "boolean", kinds, -(kinds != {"boolean"}), True, "true")
        case Number():
            yield from _number(where, ours, nodes)
        case OneOf():
            yield from _words(where, ours, nodes)
        case Many():
            yield from _many(official, ours, nodes, where)
        case Shape():
            yield from _shape(official, ours, nodes, where)
        case ByType():
            yield from _by_type(official, ours, members, where)


def smallest(check: Check) -> Any:
    """Give the least that a check takes."""
    match check:
        case String():
            return "x" * check.shortest
        case Flag():
            return True
        case Number():
            return check.least
        case OneOf():
            return check.words[0]
        case Many():
            return [smallest(check.item)] * check.least
        case Shape():
            return {name: smallest(part) for name, part in check.needs.items()}
        case ByType():
            return smallest(next(iter(check.table.values())))


# --- lengths and numbers --------------------------------------------------------------------------


def _told(nodes: Iterable[Node], keyword: str) -> Any:
    """Give what all alternatives say; one that says nothing, or something else, is told as None."""
    said = {one.get(keyword) for one in nodes}
    return said.pop() if len(said) == 1 else None


def _most(where: str, what: str, ours: int, theirs: int | None, of: Callable[[int], Any]) -> Spot:
    stricter = 1 if theirs is None else (ours < theirs) - (ours > theirs)
    return Spot(where, what, ours, theirs, stricter, of(ours), of(ours + 1))


def _least(where: str, what: str, ours: int, theirs: int | None, one: Any) -> Iterator[Spot]:
    """Nothing is to be compared where both start at nothing."""
    if ours:
        told = theirs or 0
        stricter = (ours > told) - (ours < told)
        yield Spot(where, what, ours, theirs, stricter, one * ours, one * (ours - 1))
    elif theirs:
        yield Spot(where, what, ours, theirs, -1, one * ours, None)


def _number(where: str, ours: Number, nodes: list[Node]) -> Iterator[Spot]:
    enum = _told([{"enum": tuple(one.get("enum", ()))} for one in nodes], "enum")
    low, high = (min(enum), max(enum)) if enum else (None, None)
    most, least = _told(nodes, "maximum"), _told(nodes, "minimum")
    yield _most(where, "most", ours.most, high if most is None else most, int)
    told = low if least is None else least
    stricter = 1 if told is None else (ours.least > told) - (ours.least < told)
    yield Spot(where, "least", ours.least, told, stricter, ours.least, ours.least - 1)


def _words(where: str, ours: OneOf, nodes: list[Node]) -> Iterator[Spot]:
    theirs = {word for one in nodes for word in one.get("enum", [one.get("const")])}
    for word in ours.words:
        yield Spot(where, f"word {word}", word, theirs, -(word not in theirs), word, NOTHING)
    stricter = int(not theirs <= set(ours.words))
    yield Spot(where, "words", set(ours.words), theirs, stricter, ours.words[0], NOTHING)


# --- lists and objects ----------------------------------------------------------------------------


def _set_into(spots: Iterable[Spot], whole: Callable[[Any], Any]) -> Iterator[Spot]:
    for spot in spots:
        yield replace(spot, good=whole(spot.good), bad=whole(spot.bad))


def _many(official: Official, ours: Many, nodes: list[Node], where: str) -> Iterator[Spot]:
    one = smallest(ours.item)
    yield _most(where, "most", ours.most, _told(nodes, "maxItems"), [one].__mul__)
    yield from _least(where, "least", ours.least, _told(nodes, "minItems"), [one])
    rest = [one] * (ours.least - 1)
    items = {"anyOf": [each["items"] for each in nodes]}
    inner = walk(official, ours.item, items, f"{where}[]")
    yield from _set_into(inner, lambda part: [*rest, part])


def _shape(official: Official, ours: Shape, nodes: list[Node], where: str) -> Iterator[Spot]:
    fitting = [one for one in nodes if ours.needs.keys() <= one["properties"].keys()]
    required = set.intersection(*(set(one.get("required", ())) for one in fitting or nodes))
    least = smallest(ours)
    closed = all(one.get("additionalProperties") is False for one in nodes)
    yield Spot(where, "closed", True, closed, int(not closed), least, {**least, NOTHING: 1})
    for name in required - ours.needs.keys():
        yield Spot(where, f"required {name}", False, True, -1, least, None)
    for name in ours.needs:
        without = {field: part for field, part in least.items() if field != name}
        needed = name in required
        yield Spot(where, f"required {name}", True, needed, int(not needed), least, without)
    for name, check in ours.fields.items():
        there = [one["properties"][name] for one in fitting if name in one["properties"]]
        inner: Iterable[Spot] = walk(official, check, {"anyOf": there}, f"{where}.{name}")
        if not there:
            inner = [Spot(where, f"field {name}", True, None, -1, smallest(check), None)]
        yield from _set_into(inner, lambda part, name=name: {**least, name: part})


def _by_type(official: Official, ours: ByType, members: list[Node], where: str) -> Iterator[Spot]:
    tagged: dict[str, list[Node]] = {}
    for one in members:
        tag = official.resolve(one)["properties"]["type"]["const"]
        tagged.setdefault(tag, []).append(one)
    good = smallest(ours)
    yield Spot(where, "typed", set(ours.table), set(tagged), 0, good, {**good, "type": NOTHING})
    for kind, check in ours.table.items():
        if kind in tagged:
            yield from walk(official, check, {"anyOf": tagged[kind]}, f"{where}({kind})")
        else:
            yield Spot(where, f"type {kind}", kind, set(tagged), -1, smallest(check), None)
