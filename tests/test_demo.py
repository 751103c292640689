"""`rollout-bot demo` as a newcomer starts it, ends it, and kills it."""

import asyncio
import json
import os
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

PATIENCE = 30


class Demo:
    """One demo in a process of its own."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.said = ""

    async def address(self) -> str:
        """Where it says that it is."""
        line = await asyncio.wait_for(self.process.stdout.readline(), PATIENCE)
        assert line, await self.rest()
        return line.decode().strip()

    async def ends(self, number: int) -> int:
        """Its exit code, after this signal."""
        self.process.send_signal(number)
        await asyncio.wait_for(self.process.wait(), PATIENCE)
        await self.rest()
        return self.process.returncode

    async def rest(self) -> str:
        """What it said on stderr, once it has ended."""
        self.said += (await asyncio.wait_for(self.process.stderr.read(), PATIENCE)).decode()
        return self.said


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator:
    """Starts demos whose files are all in one folder; what still runs is killed, by its id."""
    started = []

    async def one(*arguments: str) -> Demo:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "bot", "demo", "--no-browser", *arguments),
            env={**os.environ, "TMPDIR": str(tmp_path)},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        started.append(process)
        return Demo(process)

    yield one
    for process in started:
        if process.returncode is None:
            process.kill()
            await process.wait()


@pytest.fixture
def port() -> int:
    """A port that is free, and the one after it too, most likely."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def folders(tmp_path: Path) -> list[Path]:
    return list(tmp_path.glob("rollout-bot-demo-*"))


async def fetch(url: str) -> str:
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        assert answer.status == 200
        return await answer.text()


async def test_it_serves_the_page_and_ctrl_c_leaves_nothing(start, port, tmp_path):
    demo = await start("--port", str(port))
    address = await demo.address()

    assert address == f"http://127.0.0.1:{port}/?as=U0ANN"
    assert "sandbox" in (await fetch(address)).lower()
    (folder,) = folders(tmp_path)
    assert (folder / "rollout-bot.sqlite3").exists()

    assert await demo.ends(signal.SIGINT) == 0
    assert folders(tmp_path) == []
    assert "Traceback" not in demo.said
    assert re.search(r"the bot … \d\.\d s", demo.said)
    assert "Ctrl-C ends everything" in demo.said
    assert f"In another terminal: export KUBECONFIG={folder / 'kubeconfig'}\n" in demo.said


async def test_kubectl_and_lint_find_its_cluster(start, port, tmp_path):
    """As is advised at the start; kubectl shows no token where there is no TLS."""
    demo = await start("--port", str(port))
    await demo.address()
    (folder,) = folders(tmp_path)
    kubeconfig = folder / "kubeconfig"
    server = json.loads(kubeconfig.read_text())["clusters"][0]["cluster"]["server"]
    rollouts = json.loads(await fetch(f"{server}/apis/argoproj.io/v1alpha1/rollouts"))
    names = {one["metadata"]["name"] for one in rollouts["items"]}
    assert names == {"checkout", "search", "invoices"}

    lint = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bot", "lint", "--cluster"),
        env={**os.environ, "KUBECONFIG": str(kubeconfig)},
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await asyncio.wait_for(lint.communicate(), PATIENCE)
    assert "Ingress invoices-2 gives the canary 60 %, the controller wrote 25 %." in said.decode()

    assert await demo.ends(signal.SIGINT) == 0
    assert re.search(r"kubectl get rollouts -A, or \S*rollout-bot lint --cluster\n", demo.said)


async def test_a_taken_port_is_said_and_the_next_free_one_used(start, port):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        demo = await start("--port", str(port))
        address = await demo.address()

        assert int(re.search(r":(\d+)/", address)[1]) > port
        assert await demo.ends(signal.SIGTERM) == 0
        assert f"Port {port} is taken; using" in demo.said


@pytest.mark.parametrize("number", ["70000", "-1"])
async def test_a_port_that_does_not_exist_is_told_in_one_line(start, number, tmp_path):
    demo = await start("--port", number)

    assert await demo.rest() == f"There is no port {number}: they go from 0 to 65535.\n"
    assert await demo.process.wait() != 0
    assert folders(tmp_path) == []


async def test_of_the_last_ports_that_are_all_taken_no_more_are_tried(start, tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 65_535))
        taken.listen()
        demo = await start("--port", "65535")

        assert "The ports 65535 to 65535 are all taken." in await demo.rest()


async def test_a_killed_demo_is_swept_by_the_next(start, port, tmp_path):
    killed = await start("--port", str(port))
    await killed.address()
    await killed.ends(signal.SIGKILL)
    assert len(folders(tmp_path)) == 1

    demo = await start("--port", str(port))
    await demo.address()

    assert len(folders(tmp_path)) == 1
    assert await demo.ends(signal.SIGINT) == 0
    assert "Removed what a killed demo had left behind." in demo.said
    assert folders(tmp_path) == []


async def test_a_second_demo_has_its_own_state_and_says_where_the_first_is(start, port, tmp_path):
    first = await start("--port", str(port))
    address = await first.address()

    second = await start("--port", str(port))
    other = await second.address()

    assert other != address
    assert len(folders(tmp_path)) == 2
    await second.ends(signal.SIGINT)
    assert f"Another demo is running at {address}; this one has a state of its own." in second.said
    assert "sandbox" in (await fetch(address)).lower()
    assert await first.ends(signal.SIGINT) == 0
