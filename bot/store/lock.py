"""
One process for one SQLite file: a second one would post everything twice.

The lock is of the operating system: it is gone with the process that holds it, however that ended.
It is a file of its own, because SQLite's own locks end when anybody closes the database's file.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.store.errors import Unusable
from bot.store.location import address


@contextmanager
def only_one(url: str) -> Iterator[None]:
    """
    Hold a database while this is open, where it is SQLite's file: PostgreSQL is for any number.

    Raises:
        Unusable: another process holds it, or the folder cannot be written to, or it is no URL.

    """
    file = address(url).file
    if file is None:
        yield
        return
    lock = file.with_name(f"{file.name}.lock")
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        held = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise Unusable(f"I cannot make {lock}: {error.strerror}.") from error
    try:
        _take(held, file)
        yield
    finally:
        os.close(held)


def _take(held: int, file: Path) -> None:
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        owner = os.read(held, 32).decode(errors="replace").strip()
        named = f" (process {owner})" if owner.isdecimal() else ""
        raise Unusable(
            f"Another bot uses {file} already{named}: two would post everything twice. End it "
            "first; for several replicas set ROLLOUT_BOT_DATABASE_URL to a PostgreSQL database."
        ) from None
    except OSError:  # a file system without locks: better without than not at all
        return
    os.ftruncate(held, 0)
    os.write(held, str(os.getpid()).encode())
