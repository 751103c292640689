"""
What is planted in front of the bot's path: a `sitecustomize.py` that breaks it, its clock or disk.

It is read before anything of the bot runs.
"""

from pathlib import Path

#: the bug of the client library's electors: who was elected leads until it sees another holder
LEADS_FOR_EVER = """
import bot.cluster.lease as lease

lease.Elector.seconds_left = property(lambda self: 1.0 if self._renewed > float("-inf") else 0.0)
"""

#: a disk that other programs share: a flush in sixteen takes a second, or some
SLOW_DISK = """
import os
import random
import time

_fsync = os.fsync


def _slowly(descriptor):
    if random.random() < 1 / 16:
        time.sleep(random.uniform(0.8, 4.5))
    _fsync(descriptor)


os.fsync = _slowly
"""

#: the time of day is off by the seconds that stand in a file, which may change at any time
WALL_CLOCK = """
import datetime
import time
from pathlib import Path

_offset, _time, _real = Path({file!r}), time.time, datetime.datetime


def _seconds():
    try:
        return float(_offset.read_text())
    except (OSError, ValueError):
        return 0.0


class _Same(type):
    def __instancecheck__(cls, one):
        return isinstance(one, _real)


class _Shifted(_real, metaclass=_Same):
    @classmethod
    def now(cls, tz=None):
        return cls.fromtimestamp(_time() + _seconds(), tz)

    @classmethod
    def utcnow(cls):
        return cls.now(datetime.timezone.utc).replace(tzinfo=None)


time.time = lambda: _time() + _seconds()
datetime.datetime = _Shifted
"""


def plant(folder: Path, code: str) -> Path:
    """Write it down; the folder to put in front of the bot's path."""
    folder.mkdir(exist_ok=True)
    (folder / "sitecustomize.py").write_text(code)
    return folder
