"""
From start to ready: how long nobody answers a press when the bot's only pod is replaced.

The bot in a process of its own, a Slack and a cluster with some rollouts in this one. Ready is when
/readyz says so: cluster listed, Slack connected, database open. The first start compiles what is
not compiled yet and makes the database, and is printed apart. On a machine with others the wall
also measures these; what the process has spent on the processor, to its end, does not.

    python bench/start.py [--times 5] [--rollouts 20]
"""

import argparse
import asyncio
import os
import resource
import signal
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import aiohttp
import yaml

sys.path.insert(0, str(Path(__file__).parent.parent))

from bot.sandbox.play import cast
from tests.image.sandbox import PATIENCE, a_sandbox


async def once(environ: Mapping[str, str], port: int) -> tuple[float, float]:
    """Start it, end it; the seconds until it was ready, and those of the processor in all."""
    began, spent = time.monotonic(), _processor()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.entry", "run", "--log-level", "error", env=environ
    )
    try:
        async with asyncio.timeout(PATIENCE), aiohttp.ClientSession() as session:
            while not await _is_ready(session, port):  # noqa: ASYNC110 - a process rings no bell
                await asyncio.sleep(0.01)
        seconds = time.monotonic() - began
    finally:
        process.send_signal(signal.SIGTERM)
        await process.wait()
    return seconds, _processor() - spent


def _processor() -> float:
    """Seconds that all children have spent that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


async def _is_ready(session: aiohttp.ClientSession, port: int) -> bool:
    try:
        async with session.get(f"http://127.0.0.1:{port}/readyz") as answer:
            return answer.status == 200
    except aiohttp.ClientConnectionError:
        return False


async def measure(times: int, rollouts: int) -> list[tuple[float, float]]:
    """Start it so often, and once before."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with a_sandbox() as sandbox:
            for number in range(rollouts):
                await sandbox.deploy(
                    cast.Part(namespace="shop", name=f"app-{number}", steps=[], tags=("1", "2"))
                )
            config = cast.configuration() | {"health": {"listen": f"127.0.0.1:{port}"}}
            (folder / "rollout-bot.yaml").write_text(yaml.safe_dump(config))
            environ = {
                "PATH": os.environ["PATH"],
                "PYTHONPATH": str(Path(__file__).parent.parent),
                "KUBECONFIG": str(sandbox.bed.kubeconfig("rollout-bot")),
                "ROLLOUT_BOT_CONFIG": str(folder / "rollout-bot.yaml"),
                "ROLLOUT_BOT_STATE_DIR": str(folder),
                **sandbox.tokens,
            }
            return [await once(environ, port) for _ in range(times + 1)]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.strip().partition("\n")[0])
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--rollouts", type=int, default=20)
    args = parser.parse_args()
    (first, _), *others = asyncio.run(measure(args.times, args.rollouts))
    walls, processors = zip(*others, strict=True)
    print(f"start to ready, {args.rollouts} rollouts: the first time {first:.2f} s")
    print(f"then {statistics.median(walls):.2f} s, {min(walls):.2f} to {max(walls):.2f} s")
    print(f"of the processor, to the end: {statistics.median(processors):.2f} s")
