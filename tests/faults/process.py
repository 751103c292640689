"""One replica of the bot: a process that can be started, ended and killed."""

import asyncio
import os
import re
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

from tests.faults.history import History, Size
from tests.faults.sizes import measure

_ROOT = Path(__file__).parents[2]
_PATIENCE = 20.0
#: where it says that its metrics are
_ADDRESS = re.compile(r"health is on (\S+)")


class Replica:
    """
    The bot as its own process, with an environment of its own.

    Args:
        name: for logs and records.
        folder: where its log goes.
        environ: everything it knows of the world.
        history: where starts and sizes are written down.
        planted: a folder in front of its path, with a `sitecustomize.py` that breaks it.

    """

    def __init__(
        self,
        name: str,
        folder: Path,
        environ: dict[str, str],
        history: History,
        planted: Path | None = None,
    ) -> None:
        self.name = name
        self.log = folder / f"{name}.log"
        self._history = history
        path = [str(planted)] if planted else []
        self._environ = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "PYTHONPATH": os.pathsep.join([*path, str(_ROOT)]),
            **environ,
        }
        self._process: asyncio.subprocess.Process | None = None
        self.started_at = 0.0  #: when it was started last, monotonic seconds

    @property
    def runs(self) -> bool:
        """Whether the process lives."""
        return self._process is not None and self._process.returncode is None

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self._process is not None
        return self._process.pid

    async def start(self) -> None:
        """Start it; it is not ready yet."""
        if self.runs:
            return
        self.started_at = time.monotonic()
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "bot",
                "run",
                "--log-level",
                "info",
                stdout=log,
                stderr=log,
                env=self._environ,
                cwd=self.log.parent,
            )
        self._history.starts.append((self.started_at, self.name))

    async def kill(self) -> None:
        """End it as a power cut does."""
        self.kill_now()
        await self._over()

    def kill_now(self) -> None:
        """Send the signal; the process is gone before it can do anything more."""
        if self.runs:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)

    async def stop(self, within: float = _PATIENCE) -> tuple[int, float]:
        """Ask it to end; its exit code, and the seconds that it took."""
        began = time.monotonic()
        if self.runs:
            os.kill(self.pid, signal.SIGTERM)
        code = await self._over(within)
        return code, time.monotonic() - began

    async def _over(self, within: float = _PATIENCE) -> int:
        assert self._process is not None
        try:
            return await asyncio.wait_for(self._process.wait(), within)
        except TimeoutError:
            self.kill_now()
            raise AssertionError(f"{self.name} did not end within {within} s") from None

    def measure(self) -> Size | None:
        """Look at how much it holds, and write it down; None: it cannot be asked now."""
        found = _ADDRESS.findall(self.said)
        if not self.runs or not found:
            return None
        try:
            size = measure(self.name, self.pid, found[-1])
        except OSError:  # it is not that far, or ends
            return None
        self._history.sizes.append(size)
        return size

    @property
    def said(self) -> str:
        """What it logged."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""
