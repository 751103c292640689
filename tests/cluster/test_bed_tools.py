"""The ground under the bed: its binaries are built once, and none of its processes stays behind."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cluster.bed import tools
from tests.cluster.bed.processes import Component, ComponentError
from tests.cluster.bed.tools import ROOT, ToolsMissingError, ensure_tools

ORPHANING = """
import sys, time
from pathlib import Path
from tests.cluster.bed.processes import Component
sleeper = Component("sleeper", ["sleep", "60"], Path(sys.argv[1]))
sleeper.start()
print(sleeper.pid, flush=True)
time.sleep(60)
"""


def is_running(pid):
    """Whether the process is there and not just waiting to be buried."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_nothing_is_built_twice(capsys, monkeypatch):
    """A later run needs no Go, and says nothing."""
    built = ensure_tools()
    monkeypatch.setenv("PATH", "")

    assert ensure_tools() == built
    assert capsys.readouterr().err == ""
    assert built.binary("kube-apiserver").exists()


@pytest.mark.parametrize(
    ("go", "complaint"),
    [
        pytest.param(None, "Go is not installed", id="absent"),
        pytest.param("go1.20.1", "and this is go1.20.1", id="old"),
    ],
)
def test_without_the_right_go_it_says_which_is_needed(tmp_path, monkeypatch, go, complaint):
    """Before minutes are spent, and in our words."""
    if go:
        (tmp_path / "go").write_text(f"#!/bin/sh\necho {go}\n")
        (tmp_path / "go").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(tools, "HOME", tmp_path)

    with pytest.raises(ToolsMissingError, match=complaint):
        ensure_tools()


async def test_a_component_that_ends_shows_the_end_of_its_log(tmp_path):
    """Whoever waits for it is told at once, not when the time is over."""
    broken = Component("broken", ["sh", "-c", "echo no such flag; exit 1"], tmp_path / "log")
    broken.start()

    with pytest.raises(ComponentError, match=r"(?s)broken ended before .*no such flag"):
        await broken.wait_until_it_says("ready", 10)


def test_no_component_outlives_a_killed_test_run(tmp_path):
    """`kill -9` leaves no time to clean up; the kernel does it."""
    parent = subprocess.Popen(
        [sys.executable, "-c", ORPHANING, str(tmp_path / "log")],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    child = int(parent.stdout.readline())
    assert is_running(child)
    parent.kill()
    parent.communicate()

    deadline = time.monotonic() + 5
    while is_running(child):
        assert time.monotonic() < deadline
        time.sleep(0.01)
