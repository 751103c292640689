"""
The disk: what outlives this process outlives a power cut too once it was flushed.

Mostly that takes a millisecond, and whoever commits waits for it. A disk that other programs share
may take seconds, and then nobody else has to stand behind it: what is written meanwhile is flushed
together, by the next one.

    commit ─▶ flush ─▶ done                                     as long as the disk is quick
    commit ─▶ while another takes long: wait for it ─▶ one flush for all who came ─▶ done
"""

import asyncio
import os
import sqlite3
from pathlib import Path

_Done = asyncio.Future[None]

#: Seconds after which others need not wait any longer for a flush.
LONG = 0.025


class Disk:
    """Flushes what SQLite has written of one file, in WAL mode: its log."""

    def __init__(self, file: Path) -> None:
        self._log = file.with_name(f"{file.name}-wal")
        self._running: asyncio.Future[None] | None = None
        self._since = 0.0  #: when that began, on the loop's clock
        self._next: list[_Done] = []  #: of who came after that one began

    @property
    def is_busy(self) -> bool:
        """Whether a flush is under way that takes long."""
        return self._running is not None and _now() - self._since >= LONG

    def takes_long(self, flush: asyncio.Future[None]) -> None:
        """Note that a flush takes long: who comes now waits for the next one."""
        self._running, self._since = flush, _now() - LONG
        flush.add_done_callback(self._go_on)

    def flush(self, done: _Done) -> None:
        """Settle *done* when everything is on disk that was written before, as `sync` does."""
        self._next.append(done)
        if self._running is None:
            self._begin()

    async def finish(self) -> None:
        """Wait until everything is on disk."""
        while self._running:
            await asyncio.wait([self._running])

    def _begin(self) -> None:
        served, self._next, self._since = self._next, [], _now()
        self._running = asyncio.get_running_loop().run_in_executor(None, self.sync)
        self._running.add_done_callback(lambda flush: self._end(flush, served))

    def _go_on(self, over: asyncio.Future[None]) -> None:
        if self._running is over:
            self._running = None
            if self._next:
                self._begin()

    def _end(self, flush: asyncio.Future[None], served: list[_Done]) -> None:
        self._go_on(flush)
        error = flush.exception()
        for done in served:
            done.set_exception(error) if error else done.set_result(None)

    def sync(self) -> None:
        """
        Flush what is written, and wait for it: in a thread.

        Raises:
            sqlite3.OperationalError: the disk failed, as SQLite says it.

        """
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


def _now() -> float:
    return asyncio.get_running_loop().time()
