"""A shell in a terminal of its own: what is typed there, and what it shows."""

import os
import pty
import select
import subprocess
import time


class Terminal:
    """
    An interactive shell, its prompt `> `.

    Args:
        command: that starts it.
        folder: where it is.

    """

    def __init__(self, command, folder):
        self._said = ""
        self._fd, theirs = pty.openpty()
        self._shell = subprocess.Popen(
            command.split(),
            cwd=folder,
            env={"PATH": os.environ["PATH"], "PS1": "> ", "TERM": "dumb", "INPUTRC": "/dev/null"},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        self.sees("> ")

    def does(self, line):
        """Run a line to its end."""
        self.types(f"{line}; echo do''ne\n")
        self.sees("done")
        self.sees("> ")

    def types(self, text):
        """Type this; what was shown before does not count any more."""
        self._said = ""
        os.write(self._fd, text.encode())

    def sees(self, text):
        """Wait until it shows this."""
        ends_at = time.monotonic() + 20
        while text not in self._said:
            left = ends_at - time.monotonic()
            assert left > 0, f"{text!r} is not in {self._said!r}"
            if select.select([self._fd], [], [], left)[0]:
                self._said += os.read(self._fd, 4096).decode().replace("\x07", "")
        return self._said

    def close(self):
        """End it."""
        self._shell.kill()
        self._shell.wait()
        os.close(self._fd)
