"""The bot in a process of its own, and what it costs there."""

import asyncio
import json
import os
import signal
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

import aiohttp
import yaml

_ROOT = Path(__file__).parents[2]
_PROBE = Path(__file__).parent / "probe"
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Bot:
    """
    The running bot.

    Attributes:
        log: what it said.

    """

    process: asyncio.subprocess.Process
    probed: Path
    log: Path
    port: int

    @property
    def cpu(self) -> float:
        """Seconds of the processor so far, of all its threads."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def memory(self, what: str = "VmRSS") -> float:
        """MB that it holds now, or held at most (VmHWM)."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        found = next(line for line in lines if line.startswith(f"{what}:"))
        return int(found.split()[1]) * 1024 / 1e6

    def begin(self) -> None:
        """Measure its loop from now on."""
        self.process.send_signal(signal.SIGUSR1)

    async def turns(self) -> dict[str, Any]:
        """Give the turns of its loop since `begin`: see the probe."""
        self.process.send_signal(signal.SIGUSR2)
        while not self.probed.exists():  # noqa: ASYNC110 - a file rings no bell
            await asyncio.sleep(0.05)
        found: dict[str, Any] = json.loads(self.probed.read_text())
        self.probed.unlink()
        return found

    async def ready(self, within: float = 120.0) -> None:
        """Wait until it is connected, and knows everything that exists."""
        until = time.monotonic() + within
        async with aiohttp.ClientSession() as session:
            while True:
                with suppress(aiohttp.ClientError):
                    async with session.get(f"http://127.0.0.1:{self.port}/readyz") as answer:
                        if answer.status == HTTPStatus.OK:
                            break
                if time.monotonic() > until or self.process.returncode is not None:
                    raise SystemExit(f"The bot is not ready:\n{self.log.read_text()[-4000:]}")
                await asyncio.sleep(0.2)
        await asyncio.sleep(3.0)  # what its beginning has left is swept up

    async def metrics(self) -> dict[str, float]:
        """Ask what it counts, by name with labels."""
        url = f"http://127.0.0.1:{self.port}/metrics"
        async with aiohttp.ClientSession() as session, session.get(url) as answer:
            lines = (await answer.text()).splitlines()
        pairs = (line.rpartition(" ") for line in lines if not line.startswith("#"))
        return {name: float(value) for name, _, value in pairs}


@asynccontextmanager
async def the_bot(
    config: dict[str, Any], api: str, slack: dict[str, str], *, paced: bool = True
) -> AsyncIterator[Bot]:
    """Run it while the context is open; it is not ready yet."""
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), _free_port()
        health = {"health": {"listen": f"127.0.0.1:{port}"}}
        (folder / "config.yaml").write_text(yaml.safe_dump(config | health))
        (folder / "kubeconfig").write_text(yaml.safe_dump(_kubeconfig(api)))
        environ = {
            "PATH": os.environ["PATH"],
            "HOME": name,
            "PYTHONPATH": os.pathsep.join([str(_PROBE), str(_ROOT)]),
            "KUBECONFIG": str(folder / "kubeconfig"),
            "ROLLOUT_BOT_CONFIG": str(folder / "config.yaml"),
            "ROLLOUT_BOT_STATE_DIR": str(folder / "state"),
            "ROLLOUT_BENCH_PROBE": str(folder / "probe.json"),
            "ROLLOUT_BENCH_PROFILE": os.environ.get("ROLLOUT_BENCH_PROFILE", ""),
            "ROLLOUT_BENCH_PACE": "on" if paced else "off",
            **slack,
        }
        await _makes_its_database(folder, environ)
        log = folder / "log"
        with log.open("wb") as out:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot", "run", stdout=out, stderr=out, env=environ, cwd=folder
            )
        try:
            yield Bot(process, folder / "probe.json", log, port)
        finally:
            if process.returncode is None:
                process.terminate()
                try:
                    await asyncio.wait_for(process.wait(), 20)
                except TimeoutError:
                    process.kill()
                    await process.wait()


async def _makes_its_database(folder: Path, environ: dict[str, str]) -> None:
    """Start it as most starts are: with the tables there. What makes them stays in memory else."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        "ledger",
        stdout=asyncio.subprocess.DEVNULL,
        env=environ,
        cwd=folder,
    )
    if await process.wait():
        raise SystemExit("The bot could not make its database.")


def lateness(turns: Sequence[float], seconds: float, share: float = 0.99) -> float:
    """
    Tell by how much somebody is late who comes to the loop at any time, in a share of all cases.

    Who comes during a turn of length t waits for its rest: anything from 0 to t. So of all times
    those at which the wait is longer than x are, in each turn, the first t - x.
    """
    least, most = 0.0, max(turns, default=0.0)
    for _ in range(40):
        middle = (least + most) / 2
        late = sum(turn - middle for turn in turns if turn > middle)
        least, most = (middle, most) if late > (1 - share) * seconds else (least, middle)
    return most


def percentile(values: Sequence[float], share: float) -> float:
    """Give the value that so large a share of all does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


def _kubeconfig(api: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "b", "cluster": {"server": api}}],
        "users": [{"name": "b", "user": {"token": "t"}}],
        "contexts": [{"name": "b", "context": {"cluster": "b", "user": "b"}}],
        "current-context": "b",
    }


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
