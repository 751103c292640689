"""The command line in the test's own process: what it prints, where, and its exit code."""

import io
import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot import __main__ as program

MANIFESTS = Path(__file__).parent.parent / "manifests"


@dataclass
class Ran:
    code: int
    out: str
    err: str

    @property
    def data(self):
        return json.loads(self.out)


@pytest.fixture
def rollout_bot(capsys, monkeypatch):
    """Run a command; *stdin* is piped into it."""
    monkeypatch.setattr(program, "set_up", lambda *_: None)
    monkeypatch.delenv("ROLLOUT_BOT_CONFIG", raising=False)

    def run(*arguments, stdin=""):
        with monkeypatch.context() as patched:
            patched.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
            try:
                code = program.main([str(one) for one in arguments])
            except SystemExit as stop:
                code = stop.code
        printed = capsys.readouterr()
        return Ran(code, printed.out, printed.err)

    return run


@pytest.fixture
def root(monkeypatch):
    """The root of the repository, where people would type the names of files."""
    place = MANIFESTS.parent.parent
    monkeypatch.chdir(place)
    return place


@pytest.fixture
def seed(root):
    """The seed by its name."""
    return "tests/manifests/seed.yaml"
