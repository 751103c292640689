"""
The first thing that runs: `rollout-bot run` hears SIGTERM before anything else is loaded.

Loading takes about a second. As process 1 of a container a program is sent no signal of which it
has not said what it does: whoever asked it to end in that second would wait until it is killed.
"""

import signal
import sys


def main() -> int:
    """Run the command line; the exit code."""
    if sys.argv[1:2] == ["run"]:
        signal.signal(signal.SIGTERM, _end)
    from bot.__main__ import main as command_line

    return command_line()


def _end(*_: object) -> None:
    """End cleanly: nothing was begun."""
    sys.exit(0)


if __name__ == "__main__":
    sys.exit(main())
