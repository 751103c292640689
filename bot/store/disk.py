"""
What was written is brought to the disk apart from who writes next.

SQLite would do both in one: nobody could read or write meanwhile, and a disk that other programs
share may take seconds. So a commit here ends when the system has it, which outlives this process;
what has to outlive a power cut as well waits for `flush`.

    commit ─▶ the system has it ─▶ flush, one for all who have written before it began ─▶ the disk
"""

import asyncio
import os
import sqlite3
from pathlib import Path


class Disk:
    """Flushes what SQLite has written of one file, in WAL mode: its log."""

    def __init__(self, file: Path) -> None:
        self._log = file.with_name(f"{file.name}-wal")
        self._running: asyncio.Task[None] | None = None
        self._next: asyncio.Task[None] | None = None  #: for all who came after that one began

    async def flush(self) -> None:
        """
        Return when everything is on disk that was written before.

        Raises:
            sqlite3.OperationalError: the disk failed, as SQLite says it.

        """
        if self._next is None:
            self._next = asyncio.create_task(self._flush(self._running), name="flush")
        await asyncio.shield(self._next)

    async def idle(self) -> None:
        """Wait until no flush is under way: who writes meanwhile needs no other one."""
        if self._running:
            await asyncio.wait([self._running])

    async def _flush(self, before: asyncio.Task[None] | None) -> None:
        if before:
            await asyncio.wait([before])
        self._running, self._next = self._next, None
        await asyncio.to_thread(self._sync)

    def _sync(self) -> None:
        try:
            log = os.open(self._log, os.O_RDONLY)
        except FileNotFoundError:  # it went into the file itself, and SQLite has flushed that
            return
        try:
            os.fsync(log)
        except OSError as error:
            raise sqlite3.OperationalError(f"disk I/O error ({error.strerror})") from error
        finally:
            os.close(log)
