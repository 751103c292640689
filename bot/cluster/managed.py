"""
metadata.managedFields -> who wrote what.

Paths are cut at four levels (`spec.strategy.canary.steps`): deeper nobody asks, and a pod template
would make thousands of them. An element of a list (`k:`, `v:`, `i:`) counts as its list.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from pydantic import AliasPath, BaseModel, Field

from bot.flows.ports import Writer

_DEPTH = 4
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class _Entry(BaseModel):
    manager: str = ""
    subresource: str = ""
    at: datetime | None = Field(None, validation_alias="time")
    fields: dict[str, Any] = Field(default_factory=dict, validation_alias="fieldsV1")


class Managed(BaseModel):
    """An object's identity, and who manages its fields."""

    uid: str = Field("", validation_alias=AliasPath("metadata", "uid"))
    entries: list[_Entry] = Field(
        default_factory=list, validation_alias=AliasPath("metadata", "managedFields")
    )

    def writers(self) -> tuple[Writer, ...]:
        """Tell who wrote which part last, newest first."""
        writers = (
            Writer(
                manager=entry.manager,
                subresource=entry.subresource,
                at=entry.at,
                fields=frozenset(_paths(entry.fields, ())),
            )
            for entry in self.entries
        )
        return tuple(sorted(writers, key=lambda writer: writer.at or _LONG_AGO, reverse=True))


def _paths(fields: dict[str, Any], above: tuple[str, ...]) -> Iterator[str]:
    """Tell the paths of all leaves, each at least once."""
    inner = {key[2:]: value for key, value in fields.items() if key.startswith("f:")}
    if above and (not inner or len(above) >= _DEPTH):
        yield ".".join(above)
        return
    for name, value in inner.items():
        yield from _paths(value if isinstance(value, dict) else {}, (*above, name))
