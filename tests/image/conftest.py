"""
The image, built once; programs started in it; a Slack and a cluster for them to talk to.

What needs it carries the marker `image`, and is run by `make test-image`: it takes packages from
the registry, and a kernel that lets us make namespaces.
"""

import asyncio
import os
import re
import socket
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml

from bot.sandbox.play import cast
from tests.image.building import CannotBuildError, Image, build
from tests.image.sandbox import PATIENCE, Sandbox, a_sandbox

_MEASURED = pytest.StashKey[dict[str, str]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_MEASURED] = {}


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Tell what was measured."""
    for what, figure in config.stash[_MEASURED].items():
        terminalreporter.write_line(f"{what}: {figure}")


@pytest.fixture(scope="session")
def measured(pytestconfig: pytest.Config) -> dict[str, str]:
    """What is told at the end."""
    return pytestconfig.stash[_MEASURED]


@pytest.fixture(scope="session")
def image(tmp_path_factory: pytest.TempPathFactory, measured: dict[str, str]) -> Image:
    """The image of the last commit."""
    began = time.monotonic()
    folder = tmp_path_factory.mktemp("image")
    folder.chmod(0o755)
    try:
        built = build(folder)
    except CannotBuildError as error:
        said = str(error)
    else:
        measured["image built in"] = f"{time.monotonic() - began:.0f} s"
        return built
    return pytest.fail(said, pytrace=False)


@dataclass
class Program:
    """Something that runs in the image, as process 1 of its own."""

    process: asyncio.subprocess.Process
    started_at: float = field(default_factory=time.monotonic)

    @property
    def _pid(self) -> int:
        """The program itself, not what keeps its namespaces; 0: it is not there yet."""
        task = Path(f"/proc/{self.process.pid}/task/{self.process.pid}")
        return int((task / "children").read_text().strip() or 0)

    def hears(self, number: int) -> bool:
        """Whether it has said what it does on this signal."""
        if not (pid := self._pid) or Path(f"/proc/{pid}/comm").read_text() != "rollout-bot\n":
            return False
        status = Path(f"/proc/{pid}/status").read_text()
        caught = int(re.search(r"^SigCgt:\s+(\w+)$", status, re.MULTILINE)[1], 16)
        return bool(caught >> (number - 1) & 1)

    def send(self, number: int) -> None:
        """Send it a signal."""
        os.kill(self._pid, number)

    async def line(self) -> str:
        """The next line on stdout."""
        return (await asyncio.wait_for(self.process.stdout.readline(), PATIENCE)).decode().strip()

    async def ended(self) -> tuple[int, str, str]:
        """Its exit code, and what it said on stdout and stderr."""
        out, err = await asyncio.wait_for(self.process.communicate(), PATIENCE)
        return self.process.returncode, out.decode(), err.decode()


class World:
    """What the image's bot is given: configuration, credentials, a place for its state."""

    def __init__(self, sandbox: Sandbox, folder: Path, port: int) -> None:
        self.slack = sandbox.slack
        self.deploy, self.release = sandbox.deploy, sandbox.release
        self.port = port  #: where its health is asked for
        self.state = folder / "state"
        config = cast.configuration() | {"health": {"listen": f"127.0.0.1:{port}"}}
        files = {"rollout-bot.yaml": yaml.safe_dump(config)}
        files["kubeconfig"] = sandbox.bed.kubeconfig("rollout-bot").read_text()
        self.volumes = {"/var/lib/rollout-bot": (self.state, "rw")}
        for name, text in files.items():
            (folder / name).write_text(text)
            self.volumes[f"/etc/rollout-bot/{name}"] = (folder / name, "ro")
        self.environ = {"KUBECONFIG": "/etc/rollout-bot/kubeconfig", **sandbox.tokens}


@pytest.fixture
def port() -> int:
    """A port that is free."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def volume(image: Image, tmp_path: Path):
    """Makes folders that the image's user may write."""

    def make(name: str) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        if os.getuid() == 0:
            os.chown(folder, image.user, image.user)
        return folder

    return make


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with a_sandbox() as opened:
        yield opened


@pytest.fixture
def world(sandbox: Sandbox, tmp_path: Path, port: int, volume) -> World:
    volume("state")
    return World(sandbox, tmp_path, port)


@pytest.fixture
async def start(image: Image) -> AsyncIterator:
    """Starts programs in the image; what still runs is killed, by its id."""
    async with AsyncExitStack() as stack:

        async def one(
            *words: str,
            volumes: Mapping[str, tuple[Path, str]] = {},
            environ: Mapping[str, str] = {},
            entry: Sequence[str] = image.entry,
        ) -> Program:
            command = image.box.running(
                [*entry, *words], {**image.environ, **environ}, user=image.user, volumes=volumes
            )
            process = await asyncio.create_subprocess_exec(
                *command,
                env={"PATH": os.environ["PATH"]},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )
            stack.push_async_callback(_end, process)
            return Program(process)

        yield one


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.kill()
        await process.wait()
