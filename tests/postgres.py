"""
A real PostgreSQL for tests: made in a temporary folder, started, restarted, and stopped.

It listens on a free port of the loopback interface and asks for a password. PostgreSQL does not run
as root: where the tests do, it becomes `nobody`. What it writes is not kept (`fsync = off`).
"""

import asyncio
import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest

USER, PASSWORD = "bot", "s3cret"
_HOW = "PostgreSQL is missing: apt-get install postgresql (Debian, Ubuntu), or put initdb on PATH."
_SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "60",
    "shared_buffers": "16MB",
    "lc_messages": "C",
}


def binary(name: str) -> str:
    """Find a program of PostgreSQL, also where Debian hides it; the newest version."""
    hidden = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    found = str(hidden[-1]) if hidden else shutil.which(name)
    if found is None:
        pytest.fail(_HOW, pytrace=False)
    return found


class Server:
    """One server with its own folder."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, _free_port()
        self._data = folder / "data"
        self._process: subprocess.Popen[bytes] | None = None
        self._names = itertools.count(1)
        self._user = pwd.getpwnam("nobody") if os.getuid() == 0 else None
        if self._user:
            os.chown(folder, self._user.pw_uid, self._user.pw_gid)

    def make(self) -> None:
        """Make its folder of data."""
        secret = self.folder / "password"
        secret.write_text(PASSWORD)
        self._run(
            "initdb", f"--pgdata={self._data}", f"--username={USER}", f"--pwfile={secret}",
            "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync",
        )  # fmt: skip

    def start(self) -> None:
        """Start it, and wait until it lets people in."""
        options = [part for name, value in _SETTINGS.items() for part in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [binary("postgres"), "-D", self._data, "-p", str(self.port), *options],
                stdout=log,
                stderr=log,
                **self._identity(),
            )
        deadline = time.monotonic() + 30
        while True:
            try:
                psycopg.connect(self.url("postgres"), connect_timeout=2).close()
            except psycopg.OperationalError:
                if time.monotonic() > deadline or self._process.poll() is not None:
                    raise AssertionError((self.folder / "log").read_text()) from None
                time.sleep(0.05)
            else:
                return

    @contextmanager
    def silent(self) -> Iterator[None]:
        """Let all its processes stand still: connections stay open, and nobody answers."""
        assert self._process is not None
        first = self._process.pid
        tree = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        everyone = [first, *map(int, tree)]
        for pid in everyone:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in everyone:
                os.kill(pid, signal.SIGCONT)

    def stop(self) -> None:
        """Stop it at once: those who are connected are thrown out."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.send_signal(signal.SIGQUIT)
                self._process.wait(20)

    def url(self, database: str, user: str = USER, password: str = PASSWORD) -> str:
        """The address of one of its databases."""
        return f"postgresql://{user}:{password}@127.0.0.1:{self.port}/{database}"

    def new_database(self) -> str:
        """Make an empty database; its address."""
        name = f"test_{next(self._names)}"
        self.execute(f"CREATE DATABASE {name}")
        return self.url(name)

    def execute(self, *statements: str, database: str = "postgres") -> None:
        """Do something as its administrator."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

    def _run(self, name: str, *arguments: str) -> None:
        done = subprocess.run(
            [binary(name), *arguments],
            check=False,
            capture_output=True,
            text=True,
            **self._identity(),
        )
        assert done.returncode == 0, f"{name}: {done.stdout}{done.stderr}"

    def _identity(self) -> dict[str, object]:
        where = {"cwd": self.folder, "env": {"PATH": os.environ["PATH"], "LC_ALL": "C"}}
        if self._user is None:
            return where
        return {**where, "user": self._user.pw_uid, "group": self._user.pw_gid, "extra_groups": []}


def _free_port() -> int:
    with closing(socket.socket()) as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A server that runs."""
    with tempfile.TemporaryDirectory(prefix="rollout-bot-postgres-") as folder:
        server = Server(Path(folder))
        server.make()
        server.start()
        yield server
        server.stop()


@pytest.fixture
async def own() -> AsyncIterator[Server]:
    """A server that a test may stop."""
    with tempfile.TemporaryDirectory(prefix="rollout-bot-postgres-") as folder:
        server = Server(Path(folder))
        await asyncio.to_thread(server.make)
        await asyncio.to_thread(server.start)
        yield server
        await asyncio.to_thread(server.stop)
