"""
SQLite at hand: a statement runs where it is asked for, and only the disk is waited for elsewhere.

A statement takes a few microseconds. Handed to a thread it waits for its turn on the interpreter,
there and back, and under load that is a thousand times as long. A commit waits for the disk, and
that must not hold up the loop: it has a thread.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import aiosqlite

from bot.store import sqlite

_ON_DISK = frozenset({"commit", "close"})
_AGAIN = 0.01  #: seconds until a statement is tried again that another program holds up


class Near(aiosqlite.Connection):
    """
    A connection of which only one task at a time makes use: SQLAlchemy's pool sees to that.

    Attributes:
        flush: what belongs to the next commit, after it is written; None: somebody else does it.
        is_flushing: whether the last commit is written, and its flush at least begun.

    """

    flush: Callable[[], None] | None = None
    is_flushing = False

    async def _execute(self, fn: Any, *args: Any, **kwargs: Any) -> Any:
        """Run one of the driver's functions."""
        is_slow = fn.__name__ in _ON_DISK and fn.__self__ is self._connection
        if is_slow and fn.__name__ == "commit":
            fn = partial(self._commit, fn)
        if is_slow:
            return await super()._execute(fn, *args, **kwargs)  # type: ignore[no-untyped-call]
        if not self._running or self._connection is None:
            raise ValueError("Connection closed")  # what aiosqlite says, and SQLAlchemy expects
        until = asyncio.get_running_loop().time() + sqlite.BUSY_SECONDS
        while True:
            try:
                return fn(*args, **kwargs)
            except sqlite3.OperationalError as error:
                # Only a lock passes: not that somebody else wrote what was read here before.
                is_late = asyncio.get_running_loop().time() > until
                if error.sqlite_errorname != "SQLITE_BUSY" or is_late:
                    raise
            await asyncio.sleep(_AGAIN)

    def _commit(self, commit: Callable[[], None]) -> None:
        commit()
        self.is_flushing = True
        if self.flush:
            self.flush()


def connect(file: str, **options: Any) -> Near:
    """Make a connection to a file; to be awaited."""
    options |= {"check_same_thread": False, "isolation_level": None}  # `together` says BEGIN
    near = Near(partial(sqlite3.connect, file, **options), iter_chunk_size=64)
    near._thread.daemon = True  # as SQLAlchemy does with connections that it makes itself  # noqa: SLF001
    return near


#: how SQLAlchemy makes an engine for it; one connection: SQLite lets only one write at a time.
#: Another one goes on while the commit of that one waits for a slow disk.
KIND: Mapping[str, Any] = {
    "connect_args": {"async_creator_fn": connect},
    "pool_size": 1,
    "max_overflow": 1,
}
