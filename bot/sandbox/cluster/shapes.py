"""
What objects look like: which fields there are, of which type, and which lists have keys.

A shape says as much as is needed to read a manifest as the API server does, to merge it, and to
tell who owns which field. Tables of shapes are in `built_in_shapes`, `pod_shapes`, `argo_shapes`;
those of other custom kinds are read from their CustomResourceDefinition.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

Type = Literal[
    "any",
    "object",
    "map",
    "list",
    "string",
    "integer",
    "number",
    "boolean",
    "int-or-string",
    "quantity",
    "time",
    "micro-time",
    "date-time",
    "bytes",
]
Zero = Literal["left out", "kept", "always"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Shape:
    """
    What a value looks like.

    Attributes:
        type: of the value.
        fields: of an object, by name.
        element: what a list or a map holds.
        keys: the fields by which the elements of a list are told apart; empty: the list is one.
        is_set: the elements of the list are its keys.
        is_atomic: an object that is written as a whole.
        is_open: fields that are not named here are kept.
        is_part: an object of a built-in kind that is there also when nobody writes it.
        zero: what a built-in kind keeps of "", 0, false and [] (see below).
        default: of a custom kind, what is filled in; of a key, what it is without being said.
        needs: fields that must be there.
        has_rules: a custom kind has rules that are only looked at when all types are right.

    A field of a built-in kind that is empty is left out, unless it is a pointer in the server (then
    it is kept) or is always written (then it is there also when nobody gave it).
    """

    type: Type
    fields: Mapping[str, "Shape"] = field(default_factory=dict)
    element: "Shape | None" = None
    keys: tuple[str, ...] = ()
    is_set: bool = False
    is_atomic: bool = False
    is_open: bool = False
    is_part: bool = False
    zero: Zero = "left out"
    default: Any = None
    needs: tuple[str, ...] = ()
    has_rules: bool = False

    def field(self, name: str) -> "Shape | None":
        """The shape of this field; None: nothing is known of it."""
        return self.fields.get(name) or (self.element if self.type == "map" else None)

    def needing(self, *names: str) -> "Shape":
        """The same with fields that must be there."""
        return replace(self, needs=names)

    def whole(self) -> "Shape":
        """The same, written as a whole."""
        return replace(self, is_atomic=True)


ANY = Shape(type="any", is_open=True)
STRING = Shape(type="string")
INTEGER = Shape(type="integer")
BOOLEAN = Shape(type="boolean")
INT_OR_STRING = Shape(type="int-or-string")
QUANTITY = Shape(type="quantity")
TIME = Shape(type="time")
BYTES = Shape(type="bytes")
DATE_TIME = Shape(type="date-time")  #: of a custom kind: it stays as it was written
MICRO_TIME = Shape(type="micro-time")


_ZEROS: Mapping[Type, Any] = {
    "string": "",
    "integer": 0,
    "boolean": False,
    "int-or-string": 0,
    "bytes": "",
}


def zero_of(shape: Shape) -> Any:
    """What a value is that nobody gave: of a part, all that is always there."""
    if shape.is_part:
        return {
            name: zero_of(each)
            for name, each in shape.fields.items()
            if each.is_part or each.zero == "always"
        }
    return _ZEROS.get(shape.type)


def obj(**fields: Shape) -> Shape:
    """An object that may be missing."""
    return Shape(type="object", fields=_named(fields))


def part(**fields: Shape) -> Shape:
    """An object of a built-in kind that is always there."""
    return Shape(type="object", fields=_named(fields), is_part=True)


def some(**fields: Shape) -> Shape:
    """An object of which only these fields are known; others are kept."""
    return Shape(type="object", fields=_named(fields), is_open=True)


def kept(shape: Shape) -> Shape:
    """The same, of which an empty value is kept."""
    return replace(shape, zero="kept")


def always(shape: Shape) -> Shape:
    """The same, which is there also when nobody gave it."""
    return replace(shape, zero="always")


def map_of(element: Shape) -> Shape:
    """An object with any keys."""
    return Shape(type="map", element=element)


def list_of(element: Shape) -> Shape:
    """A list that is written as a whole."""
    return Shape(type="list", element=element)


def keyed(element: Shape, *keys: str) -> Shape:
    """A list whose elements are told apart by these fields."""
    return Shape(type="list", element=element, keys=keys)


def set_of(element: Shape) -> Shape:
    """A list in which each value stands once."""
    return Shape(type="list", element=element, is_set=True)


def _named(fields: Mapping[str, Shape]) -> dict[str, Shape]:
    """A field whose name is a word of Python is written with `_` behind it."""
    return {name.rstrip("_"): shape for name, shape in fields.items()}


OWNER = obj(
    apiVersion=always(STRING),
    kind=always(STRING),
    name=always(STRING),
    uid=replace(always(STRING), default=""),
    controller=kept(BOOLEAN),
    blockOwnerDeletion=kept(BOOLEAN),
).whole()
METADATA = part(
    name=STRING,
    generateName=STRING,
    namespace=STRING,
    selfLink=STRING,
    uid=STRING,
    resourceVersion=STRING,
    generation=INTEGER,
    creationTimestamp=TIME,
    deletionTimestamp=TIME,
    deletionGracePeriodSeconds=kept(INTEGER),
    labels=map_of(STRING),
    annotations=map_of(STRING),
    ownerReferences=keyed(OWNER, "uid"),
    finalizers=set_of(STRING),
    managedFields=list_of(ANY),
)
#: of a custom kind of which nothing else is known
UNKNOWN = Shape(type="object", fields={"metadata": METADATA}, is_open=True)
