"""The bot's own record, read from outside: in SQLite or in PostgreSQL."""

import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg
from psycopg.rows import dict_row

from tests.faults.history import Json

#: what a bot has not done yet, in its database
_OPEN = ("promises", "parcels", "ledger WHERE outcome = 'pending'")


class Books:
    """
    The tables of one database. What cannot be read raises one of `Books.UNREADABLE`.

    Args:
        place: a file of SQLite, or the URL of a PostgreSQL.

    """

    UNREADABLE = (sqlite3.Error, psycopg.Error)

    def __init__(self, place: Path | str) -> None:
        self._place = place

    def ledger(self) -> list[Json]:
        """All entries."""
        return [
            {**row, "actor": {"kind": row["actor_kind"], "id": row["actor_id"]}}
            for row in self._ask("SELECT * FROM ledger")
        ]

    def open_entries(self, namespace: str, name: str) -> int:
        """Count the entries about a rollout that are open."""
        rows = self._ask(f"SELECT * FROM {_OPEN[-1]}")
        return sum((row["namespace"], row["name"]) == (namespace, name) for row in rows)

    def unsettled(self) -> list[Json]:
        """Who is owed an answer, what is to be told, and which entries are open."""
        return self._ask(*(f"SELECT * FROM {what}" for what in _OPEN))

    def _ask(self, *questions: str) -> list[Json]:
        if isinstance(self._place, str):
            with psycopg.connect(self._place, row_factory=dict_row) as server:
                return [row for one in questions for row in server.execute(one)]
        with closing(sqlite3.connect(f"{self._place.as_uri()}?mode=ro", uri=True)) as file:
            file.row_factory = sqlite3.Row
            return [dict(row) for one in questions for row in file.execute(one)]
