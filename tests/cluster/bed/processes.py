"""One component of the cluster: its log, its start, its end."""

import os
import signal
import ssl
import subprocess
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import aiohttp

from .guard import guarded
from .waiting import holds_within

_LAST_LINES = 20


class ComponentError(Exception):
    """A component ended, or did not become what we waited for; carries the end of its log."""


class Component:
    """
    A program that can be started, killed and started again, and that never outlives us.

    Must be started from a thread that lives as long as it should (see `guard`).
    """

    def __init__(self, name: str, command: Sequence[str], log: Path) -> None:
        self.name = name
        self.log = log
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self._log_begin = 0  # of the present start

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        """Its process id, from its start to its end."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start it in a process group of its own, so that Ctrl-C is for us alone."""
        with self.log.open("ab") as log:
            self._log_begin = log.tell()
            self._process = subprocess.Popen(
                guarded(self._command),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                process_group=0,
            )

    def kill(self) -> None:
        """End it at once, without a goodbye to its clients."""
        if self._process is None:
            return
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._process = None

    async def wait_until(
        self, condition: Callable[[], Awaitable[bool]], what: str, within: float
    ) -> None:
        """Look until the condition holds, the component ends, or the time is over."""

        async def holds() -> bool:
            if not self.running:
                raise ComponentError(f"{self.name} ended before it was {what}{self._end_of_log()}")
            return await condition()

        if not await holds_within(within, holds):
            raise ComponentError(
                f"{self.name} was not {what} within {within:g} s{self._end_of_log()}"
            )

    async def wait_until_it_says(self, text: str, within: float) -> None:
        """Wait until this text is in its log."""

        async def says_so() -> bool:
            with self.log.open("rb") as log:
                log.seek(self._log_begin)
                return text.encode() in log.read()

        await self.wait_until(says_so, f'saying "{text}"', within)

    async def wait_until_healthy(
        self, url: str, within: float, *, tls: ssl.SSLContext | None = None, token: str = ""
    ) -> None:
        """Wait until this address of it answers 200."""
        headers = {"Authorization": f"Bearer {token}"}

        async def answers() -> bool:
            try:
                async with session.get(url, ssl=tls or False) as answer:
                    return answer.status == 200
            except aiohttp.ClientError:
                return False

        async with aiohttp.ClientSession(headers=headers) as session:
            await self.wait_until(answers, "healthy", within)

    def _end_of_log(self) -> str:
        with self.log.open(errors="replace") as lines:
            return f"; the end of {self.log}:\n" + "".join(deque(lines, _LAST_LINES))
