"""
One process for one SQLite file: a second one would post everything twice.

The lock is of the operating system: it is gone with the process that holds it, however that ended.
It is a file of its own, because SQLite's own locks end when anybody closes the database's file.
"""

import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bot.store.errors import Unusable
from bot.store.location import address

_log = logging.getLogger(__name__)


@contextmanager
def only_one(url: str) -> Iterator[None]:
    """
    Hold a database while this is open, where it is SQLite's file: PostgreSQL is for any number.

    A folder that takes nothing does not keep the bot from starting: it waits for it later.

    Raises:
        Unusable: another process holds it, or it is no URL.

    """
    file = address(url).file
    lock = _opened(file.with_name(f"{file.name}.lock")) if file else None
    try:
        if file and lock is not None:
            _take(lock, file)
        yield
    finally:
        if lock is not None:
            os.close(lock)


def _opened(path: Path) -> int | None:
    """Open the lock, as far as that can be done: one that is read-only can be held, too."""
    for mode in (os.O_RDWR | os.O_CREAT, os.O_RDONLY):
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            return os.open(path, mode | os.O_CLOEXEC, 0o600)
        except OSError as error:
            failure = error
    _log.warning(
        "I cannot make sure that no other bot uses this database: %s: %s",
        path,
        failure.strerror,
        extra={"action": "no_lock"},
    )
    return None


def _take(lock: int, file: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        owner = os.read(lock, 32).decode(errors="replace").strip()
        named = f" (process {owner})" if owner.isdecimal() else ""
        raise Unusable(
            f"Another bot uses {file} already{named}: two would post everything twice. End it "
            "first; for several replicas set ROLLOUT_BOT_DATABASE_URL to a PostgreSQL database."
        ) from None
    except OSError:  # a file system without locks: better without than not at all
        return
    with suppress(OSError):  # the name is for people only
        os.ftruncate(lock, 0)
        os.write(lock, str(os.getpid()).encode())
