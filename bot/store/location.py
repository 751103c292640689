"""
Which database: from the environment's variables to a URL.

`ROLLOUT_BOT_DATABASE_URL`, else SQLite in `ROLLOUT_BOT_STATE_DIR`, else in
`$XDG_STATE_HOME/rollout-bot`, else in `~/.local/state/rollout-bot`.
"""

from collections.abc import Mapping
from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

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


def engine_url(url: str) -> URL:
    """
    Choose the driver for a database.

    Raises:
        Unusable: not a URL, not one of our two databases, or one that forgets everything.

    """
    try:
        given = make_url(url)
    except (ArgumentError, ValueError):  # their texts quote the URL, and with it the password
        raise Unusable(f"The database's URL cannot be read; {_ALLOWED}.") from None
    match given.get_backend_name():
        case "sqlite":
            if not given.database or given.database == ":memory:":
                raise Unusable(
                    "A database in memory forgets what was said and who did what; "
                    "allowed: sqlite:////folder/file.sqlite3."
                )
            return given.set(drivername="sqlite+aiosqlite")
        case "postgresql" | "postgres":
            # psycopg rather than asyncpg, because it understands every libpq parameter
            # (`?sslmode=require`) of the URLs that database providers hand out
            return given.set(drivername="postgresql+psycopg")
        case other:
            raise Unusable(f"A database of the kind {other} is not known; {_ALLOWED}.")


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
