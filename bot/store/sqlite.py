"""SQLite: its file made ready, set up for a record that must not be lost, and what errors mean."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.store.errors import Unusable
from bot.store.location import FILE_NAME

BUSY_SECONDS = 5  #: how long a writer waits for another one, before "database is locked"

ADVICE = {
    "not a database": "Is it the right file? If so it is damaged: move it away and start "
    "again; what was posted is found again in Slack.",
    "malformed": "The file is damaged. Move it away and start again, or bring back a copy.",
    "unable to open": "The bot must be able to write to that folder: "
    "set ROLLOUT_BOT_STATE_DIR to another.",
    "readonly": "The bot must be able to write to that file and its folder.",
    "locked": f"Another program has kept it for more than {BUSY_SECONDS} s.",
    "full": "Make room on that disk.",
    "disk I/O": "Is there room on that disk, and is it well?",
}

_PASSING = ("readonly", "locked", "full", "disk I/O")


def prepare(file: Path) -> None:
    """
    Make SQLite's folder, and see whether the file can be opened at all.

    Not left to the driver: when aiosqlite cannot open a file, its thread lives on and complains
    into a closed event loop.

    Raises:
        Unusable: the folder cannot be made.
        sqlite3.Error: the file cannot be opened.

    """
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)  # reasons and names of people
    except OSError as error:
        raise Unusable(
            f"The folder {file.parent} cannot be made: {error.strerror}. "
            "Set ROLLOUT_BOT_STATE_DIR to one that the bot may write to."
        ) from error
    with closing(sqlite3.connect(file, timeout=BUSY_SECONDS)) as connection:
        connection.execute("PRAGMA schema_version")


def tune(connection: Any, _record: Any) -> None:
    """
    Set SQLite up for a record that must not be lost.

    WAL lets people read while somebody writes. With it SQLite need not wait for the disk at each
    commit (synchronous=NORMAL); alone that would let a power cut take the last commits: an action
    without its ledger entry, or a claim that is posted twice. `together` waits for the disk itself,
    while others go on. Where the file system knows no WAL, SQLite waits (FULL).
    """
    cursor = connection.cursor()
    cursor.execute("PRAGMA busy_timeout = 0")  # `near` waits, and lets others go on meanwhile
    cursor.execute("PRAGMA journal_mode = WAL")
    (mode,) = cursor.fetchone()
    cursor.execute(f"PRAGMA synchronous = {'NORMAL' if mode == 'wal' else 'FULL'}")
    cursor.close()


def passes(error: Exception) -> bool:
    """Whether an error passes by itself, or when somebody has made room."""
    return any(sign in str(error) for sign in _PASSING)


def identity(file: Path) -> tuple[int, int] | None:
    """Tell which file stands there; None: none."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def may_be_set_aside(file: Path) -> bool:
    """Whether a broken file was ours: by its name, or because it begins as SQLite's files do."""
    if file.name == FILE_NAME:
        return True
    try:
        with file.open("rb") as content:
            return content.read(16) == b"SQLite format 3\0"
    except OSError:
        return False


def set_aside(file: Path) -> Path:
    """
    Give a broken file another name, with what belongs to it, so that a new one can be begun.

    Raises:
        OSError: it cannot be renamed.

    """
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    aside = file.with_name(f"{file.name}.corrupt-{moment}")
    for number in range(1, 100):
        if not aside.exists():
            break
        aside = file.with_name(f"{file.name}.corrupt-{moment}-{number}")
    file.rename(aside)
    for more in ("-wal", "-shm"):
        beside = file.with_name(f"{file.name}{more}")
        if beside.exists():
            beside.rename(aside.with_name(f"{aside.name}{more}"))
    return aside
