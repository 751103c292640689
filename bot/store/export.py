"""Ledger entries as text: json (one object a line), csv and a table for people. Pure."""

import csv
import io
from collections.abc import Iterable
from datetime import UTC, datetime

from pydantic_core import to_json

from bot.release.ledger import Entry

_COLUMNS = (
    "id", "at", "actor_kind", "actor_id", "actor_name", "channel", "verb", "cluster", "namespace",
    "name", "uid", "revision", "step", "reason", "outcome", "detail",
)  # fmt: skip


def as_json(entry: Entry) -> str:
    """Write one entry as one line of JSON; the fields and their order are a contract."""
    fields = {
        "id": entry.id,
        "at": _moment(entry.at),
        "actor": {"kind": entry.actor.kind, "id": entry.actor.id, "name": entry.actor.name},
        "channel": entry.channel,
        "verb": entry.verb,
        "cluster": entry.cluster,
        "namespace": entry.namespace,
        "name": entry.name,
        "uid": entry.uid,
        "revision": entry.revision,
        "step": entry.step,
        "reason": entry.reason,
        "outcome": entry.outcome,
        "detail": entry.detail,
    }
    return to_json(fields, fallback=str).decode()


def as_csv(entries: Iterable[Entry]) -> str:
    """Write entries as CSV with a header line; `detail` is JSON."""
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for entry in entries:
        writer.writerow(_harmless(cell) for cell in _row(entry))
    return lines.getvalue()


def as_text(entries: Iterable[Entry]) -> str:
    """Write entries for people: one line each, columns aligned."""
    rows = [
        (
            _moment(entry.at),
            entry.actor.name or entry.actor.id,
            entry.verb,
            f"{entry.namespace}/{entry.name}",
            "" if entry.step is None else f"step {entry.step + 1}",
            entry.outcome,
            f'"{entry.reason}"' if entry.reason else "",
        )
        for entry in entries
    ]
    clean = [[_printable(cell) for cell in row] for row in rows]
    widths = [max(len(cell) for cell in column) for column in zip(*clean, strict=True)]
    return "".join(
        "  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        + "\n"
        for row in clean
    )


def _row(entry: Entry) -> tuple[str, ...]:
    return (
        entry.id, _moment(entry.at), entry.actor.kind, entry.actor.id, entry.actor.name,
        entry.channel, entry.verb, entry.cluster, entry.namespace, entry.name, entry.uid,
        entry.revision, "" if entry.step is None else str(entry.step), entry.reason, entry.outcome,
        to_json(entry.detail, fallback=str).decode(),
    )  # fmt: skip


def _moment(at: datetime) -> str:
    """Write a time as RFC 3339 in UTC."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _harmless(cell: str) -> str:
    """Keep a spreadsheet from computing what somebody typed as a reason."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def _printable(cell: str) -> str:
    """Keep a terminal from obeying what somebody typed as a reason."""
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in cell)
