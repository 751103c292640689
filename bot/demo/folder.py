"""
Where a demo keeps its files: a folder of its own, that goes with it.

Each holds a locked file with the address of its demo. The lock goes with the process, however that
ends: a folder whose lock is free was left behind by a demo that was killed.
"""

import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_PREFIX = "rollout-bot-demo-"
_LOCK = "address"


@dataclass(frozen=True)
class Neighbours:
    """What other demos there are: the addresses of those that run, and how many were killed."""

    running: tuple[str, ...] = ()
    swept: int = 0


class Folder:
    """The files of one demo."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def database(self) -> str:
        """The URL of its database."""
        return f"sqlite:///{self.path / 'rollout-bot.sqlite3'}"

    @property
    def kubeconfig(self) -> Path:
        """Where people find the cluster, with kubectl or with the bot's own commands."""
        return self.path / "kubeconfig"

    @property
    def kubeconfig_of_the_bot(self) -> Path:
        """Where the bot finds the cluster."""
        return self.path / "kubeconfig-of-the-bot"

    @property
    def configuration(self) -> Path:
        """The bot's configuration file."""
        return self.path / "rollout-bot.yaml"

    def tell_address(self, url: str) -> None:
        """Let other demos know where this one is."""
        (self.path / _LOCK).write_text(url)


@contextmanager
def own_folder() -> Iterator[Folder]:
    """Make a folder, and remove it at the end. Raises OSError."""
    path = Path(tempfile.mkdtemp(prefix=_PREFIX))
    try:
        with (path / _LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield Folder(path)
    finally:
        shutil.rmtree(path, ignore_errors=True)


def look_around() -> Neighbours:
    """Find other demos of this user, and remove what killed ones left."""
    running: list[str] = []
    swept = 0
    for path in sorted(Path(tempfile.gettempdir()).glob(f"{_PREFIX}*")):
        try:
            with (path / _LOCK).open("r+") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            running.append((path / _LOCK).read_text())
            continue
        except OSError:  # somebody else's, or not complete yet
            continue
        shutil.rmtree(path, ignore_errors=True)
        swept += 1
    return Neighbours(tuple(filter(None, running)), swept)
