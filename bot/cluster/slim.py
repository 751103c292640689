"""
Keeping thousands of objects small.

Measured with 5,000 rollouts, two Services, one Ingress and ten ReplicaSets each: 160 MB instead of
290 MB, for less than a microsecond per event.
"""

from hashlib import blake2b
from typing import Any

from pydantic import BaseModel

_MOST_SHAPES = 10_000


class Slimmer:
    """Makes the objects of one kind share what is the same in many of them."""

    def __init__(self) -> None:
        self._nothing: set[str] = set()
        self._shapes: dict[bytes, Any] = {}

    def slim(self, thing: object) -> None:
        """
        Make it smaller, in place; it stays equal to itself.

        pydantic keeps with each object the set of fields that were given: of what is kept, nobody
        may ask that. The fields that a manager owns are the same in all objects made from one
        template.
        """
        if isinstance(thing, BaseModel):
            object.__setattr__(thing, "__pydantic_fields_set__", self._nothing)
        # not getattr: for a field that is not there pydantic searches long
        for entry in vars(thing).get("managed_fields", ()):
            if "fieldsV1" in entry:
                entry["fieldsV1"] = self._shared(entry["fieldsV1"])

    def _shared(self, fields: Any) -> Any:
        if len(self._shapes) >= _MOST_SHAPES:  # years of changing templates; begin anew
            self._shapes.clear()
        shape = blake2b(
            repr(fields).encode(), digest_size=16
        ).digest()  # the words are ten times it
        return self._shapes.setdefault(shape, fields)
