"""What a person in a terminal sees that a pipe does not: colours, and that it goes on."""

import os
import pty
import select
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
FAULTY = ROOT / "tests/manifests/ORD-01/shown-static-behind.yaml"


class Watched:
    """A command whose stdout and stderr are a terminal, or only the named one."""

    def __init__(self, *arguments, on=("stdout", "stderr"), **environ):
        self._fd, theirs = pty.openpty()
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bot", *arguments],
            cwd=ROOT,
            env=kept | {"TERM": "xterm"} | environ,
            **{name: theirs if name in on else subprocess.PIPE for name in ("stdout", "stderr")},
        )
        os.close(theirs)

    def sees(self, text=None, within=30):
        """What the terminal shows, up to this text; else to the end."""
        said = ""
        while (text is None or text not in said) and select.select([self._fd], [], [], within)[0]:
            try:
                said += os.read(self._fd, 4096).decode()
            except OSError:  # Linux's way to say that the other end is closed
                break
        return said

    def close(self):
        self.process.kill()
        self.process.communicate()
        os.close(self._fd)


@pytest.fixture
def watch():
    started = []

    def one(*arguments, **more):
        started.append(Watched(*arguments, **more))
        return started[-1]

    yield one
    for command in started:
        command.close()


def test_no_color_is_heeded_also_in_a_terminal(watch):
    """That there are colours without it, tests/inspecting tells."""
    said = watch("lint", str(FAULTY), NO_COLOR="1").sees()
    assert "ORD-01" in said
    assert "\x1b[" not in said


@pytest.fixture
def silent_cluster(tmp_path):
    """A kubeconfig of an API server that takes connections and says nothing."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "it",
            "contexts": [{"name": "it", "context": {"cluster": "it", "user": "it"}}],
            "clusters": [
                {
                    "name": "it",
                    "cluster": {"server": f"http://127.0.0.1:{server.getsockname()[1]}"},
                }
            ],
            "users": [{"name": "it", "user": {"token": "it"}}],
        }
        file = tmp_path / "kubeconfig"
        file.write_text(yaml.safe_dump(config))
        yield file


def test_who_waits_for_a_cluster_is_told_so(watch, silent_cluster):
    watched = watch("status", on=("stderr",), KUBECONFIG=str(silent_cluster))
    assert "I am still reading the cluster … 2 s" in watched.sees(" s\r\n")
