"""
Run a command that cannot outlive the process that asked for it, not even one killed with -9.

    python guard.py PARENT_PID COMMAND...

Linux sends the signal when the *thread* that started the command ends, so start it from one
that lives as long as it should.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Sequence

_PR_SET_PDEATHSIG = 1  # from <linux/prctl.h>; kept when the command takes over this process


def guarded(command: Sequence[str]) -> list[str]:
    """The command line that runs this command under guard of the calling process."""
    return [sys.executable, "-I", "-S", __file__, str(os.getpid()), *command]


def main() -> None:
    """Ask to be killed with the parent, then become the command."""
    parent, *command = sys.argv[1:]
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != int(parent):  # it ended before we could ask
        sys.exit(1)
    os.execvp(command[0], command)


if __name__ == "__main__":
    main()
