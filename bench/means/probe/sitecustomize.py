"""
Put in front of a bot's path: it measures the loop from outside of the bot, and lifts its pace.

Each turn of the loop, from the end of its wait to the beginning of the next, is kept with its time
on the wall and on the processor. SIGUSR1: begin anew. SIGUSR2: write down. ROLLOUT_BENCH_PACE=off:
the bot's own pace towards Slack is lifted, where Slack's limits are off too. ROLLOUT_BENCH_PROFILE:
a file for a profile of the loop's thread in the same span of time.
"""

import cProfile
import json
import os
import selectors
import signal
import sys
import time
from array import array
from importlib import util
from importlib.abc import MetaPathFinder
from pathlib import Path
from typing import Any

SAMPLED = 8
_FILE = os.environ.get("ROLLOUT_BENCH_PROBE", "")
_PROFILE = os.environ.get("ROLLOUT_BENCH_PROFILE", "")
_profiler = cProfile.Profile()
_walls, _cpus = array("d"), array("d")
_began = [0.0, 0.0, time.monotonic()]  # of this turn: wall, processor; of the measurement
_select = selectors.EpollSelector.select


def _measured(self: selectors.EpollSelector, timeout: float | None = None) -> Any:
    if _began[0]:
        _walls.append(time.perf_counter() - _began[0])
    if _began[1]:
        _cpus.append(time.thread_time() - _began[1])
    found = _select(self, timeout)
    # what a thread has spent is slow to tell: of every eighth turn it is enough
    _began[1] = time.thread_time() if len(_walls) % SAMPLED == 0 else 0.0
    _began[0] = time.perf_counter()
    return found


def _begin(*_: object) -> None:
    del _walls[:], _cpus[:]
    _began[2] = time.monotonic()
    if _PROFILE:
        _profiler.enable()


def _write(*_: object) -> None:
    if _PROFILE:
        _profiler.disable()
        _profiler.dump_stats(_PROFILE)
    seconds = time.monotonic() - _began[2]
    found = {"seconds": seconds, "walls": list(_walls), "cpus": list(_cpus), "sampled": SAMPLED}
    file = Path(_FILE)
    file.with_suffix(".part").write_text(json.dumps(found))
    file.with_suffix(".part").rename(file)


class _Unpaced(MetaPathFinder):
    """Lifts the pace as soon as its module is there."""

    def find_spec(self, name: str, _path: Any, _target: Any = None) -> Any:
        if name != "bot.slack.pace":
            return None
        sys.meta_path.remove(self)
        spec = util.find_spec(name)
        assert spec is not None
        assert spec.loader is not None
        execute = spec.loader.exec_module

        def unpaced(module: Any) -> None:
            execute(module)
            for name in ("POSTS", "EDITS", "PATIENT_EDITS"):
                setattr(module, name, module.Rate(1e6, 1_000_000))

        spec.loader.exec_module = unpaced  # type: ignore[method-assign]
        return spec


if _FILE:
    selectors.EpollSelector.select = _measured  # type: ignore[method-assign]
    signal.signal(signal.SIGUSR1, _begin)
    signal.signal(signal.SIGUSR2, _write)
if os.environ.get("ROLLOUT_BENCH_PACE") == "off":
    sys.meta_path.insert(0, _Unpaced())
