"""Who wrote a field last, by `metadata.managedFields`."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.balancing.objects import Ingress, Service

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Hand:
    """A field manager, and when it last changed what it manages; empty: not known."""

    manager: str = ""
    at: datetime | None = None


def writer_of(thing: Ingress | Service, *path: str) -> Hand:
    """
    Tell who wrote the field at *path* last.

    Several managers may own a field; the one that was active last counts. The time
    is that of the manager's last change to any of its fields: the field itself may
    be older. `path` is written as `metadata`, `annotations`, `<key>`.
    """
    owners = (
        Hand(manager=str(entry.get("manager", "")), at=_time(entry.get("time")))
        for entry in thing.managed_fields
        if _owns(entry.get("fieldsV1"), path)
    )
    return max(owners, key=lambda hand: hand.at or _LONG_AGO, default=Hand())


def _owns(fields: Any, path: Iterable[str]) -> bool:
    for name in path:
        if not isinstance(fields, dict) or f"f:{name}" not in fields:
            return False
        fields = fields[f"f:{name}"]
    return True


def _time(value: Any) -> datetime | None:
    """Read a time as the API server writes it; YAML may have read it already."""
    try:
        at = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
