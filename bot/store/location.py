"""
Which database: from the environment's variables to a URL.

`ROLLOUT_BOT_DATABASE_URL`, else SQLite in `ROLLOUT_BOT_STATE_DIR`, else in
`$XDG_STATE_HOME/rollout-bot`, else in `~/.local/state/rollout-bot`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from bot.store import postgres
from bot.store.errors import Unusable

FILE_NAME = "rollout-bot.sqlite3"

_ALLOWED = "allowed: sqlite:////folder/file.sqlite3 or postgresql://user:password@host/name"


def database_url(environ: Mapping[str, str]) -> str:
    """
    Name the database that these variables ask for.

    Raises:
        Unusable: none of them is set, and there is no home folder either.

    """
    if url := environ.get("ROLLOUT_BOT_DATABASE_URL"):
        return url
    file = Path(_state_folder(environ) / FILE_NAME).absolute()
    return URL.create("sqlite", database=str(file)).render_as_string()


@dataclass(frozen=True)
class Address:
    """
    Where a database is, as its driver wants to hear it.

    Attributes:
        url: names the driver, and SQLite's file.
        place: for people, without a password.
        arguments: what else the driver is told.

    """

    url: URL
    place: str
    arguments: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @cached_property
    def file(self) -> Path | None:
        """SQLite's file; None: it is a server."""
        return Path(str(self.url.database)) if self.url.get_backend_name() == "sqlite" else None


def address(url: str) -> Address:
    """
    Choose the driver for a database.

    Raises:
        Unusable: not a URL, not one of our two databases, or one that forgets everything.

    """
    if postgres.is_meant(url):
        # psycopg reads it as libpq does, with `?sslmode=require` and several hosts
        arguments = postgres.arguments(url)
        return Address(URL.create("postgresql+psycopg"), postgres.place(arguments), arguments)
    try:
        given = make_url(url)
    except (ArgumentError, ValueError):  # their texts quote the URL, and with it the password
        raise Unusable(f"The database's URL cannot be read; {_ALLOWED}.") from None
    kind = given.get_backend_name()
    if kind != "sqlite":
        raise Unusable(f"A database of the kind {kind} is not known; {_ALLOWED}.")
    if not given.database or given.database == ":memory:":
        raise Unusable(
            "A database in memory forgets what was said and who did what; "
            "allowed: sqlite:////folder/file.sqlite3."
        )
    place = given.set(drivername="sqlite").render_as_string(hide_password=True)
    return Address(given.set(drivername="sqlite+aiosqlite"), place)


def is_shared(url: str) -> bool:
    """Whether several replicas may use it: a server, not SQLite's file. Raises Unusable."""
    return address(url).file is None


def _state_folder(environ: Mapping[str, str]) -> Path:
    if folder := environ.get("ROLLOUT_BOT_STATE_DIR"):
        return Path(folder)
    state = Path(environ.get("XDG_STATE_HOME", ""))
    if state.is_absolute():  # XDG: a relative one must be ignored
        return state / "rollout-bot"
    if home := environ.get("HOME"):
        return Path(home) / ".local" / "state" / "rollout-bot"
    raise Unusable(
        "There is no home folder to keep the database in: set ROLLOUT_BOT_STATE_DIR to a folder, "
        "or ROLLOUT_BOT_DATABASE_URL."
    )
