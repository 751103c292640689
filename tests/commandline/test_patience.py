"""Who waits in a terminal is told for what; nobody else is."""

import io
import threading

import pytest

from bot.commandline import patience as module
from bot.commandline.patience import patience


class Terminal(io.StringIO):
    """A terminal that rings when something has been written."""

    def __init__(self, *, is_one=True):
        super().__init__()
        self._is_one = is_one
        self.lines = threading.Semaphore(0)

    def isatty(self):
        return self._is_one

    def flush(self):
        self.lines.release()


@pytest.fixture(autouse=True)
def _quickly(monkeypatch):
    monkeypatch.setattr(module, "SILENCE", 0.02)


def test_a_person_is_told_again_and_again_and_ever_more_seldom(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    with patience("reading the cluster"):
        assert all(terminal.lines.acquire(timeout=10) for _ in range(3))

    lines = terminal.getvalue().splitlines()
    assert {line.rpartition(" … ")[0] for line in lines} == {"I am still reading the cluster"}
    assert all(line.endswith(" s") for line in lines)
    assert "\x1b" not in terminal.getvalue(), "also a terminal that knows no signs shows it"


def test_nothing_is_said_of_what_takes_no_time(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setattr(module, "SILENCE", 10)
    with patience("reading"):
        pass
    assert terminal.getvalue() == ""


def test_nothing_is_said_to_a_pipe(monkeypatch):
    pipe = Terminal(is_one=False)
    monkeypatch.setattr("sys.stderr", pipe)
    before = threading.active_count()
    with patience("reading"):
        assert threading.active_count() == before
    assert pipe.getvalue() == ""


def test_it_ends_with_what_it_waits_for_also_when_that_fails(monkeypatch):
    monkeypatch.setattr("sys.stderr", Terminal())
    before = threading.active_count()
    with pytest.raises(OSError, match="gone"), patience("reading"):
        raise OSError("gone")
    assert threading.active_count() == before
