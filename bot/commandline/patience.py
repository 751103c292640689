"""What somebody is told who waits: after two seconds for what, and then ever more seldom."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

SILENCE = 2.0  #: seconds of which nothing is said


@contextmanager
def patience(what: str) -> Iterator[None]:
    """
    Tell a person in a terminal that there is something to wait for.

    In lines, on stderr: what is logged meanwhile keeps its own.

    Args:
        what: is done, as in "I am still …".

    """
    if not sys.stderr.isatty():
        yield
        return
    over = threading.Event()
    teller = threading.Thread(target=_tell, args=(what, over), name="patience", daemon=True)
    teller.start()
    try:
        yield
    finally:
        over.set()
        teller.join()


def _tell(what: str, over: threading.Event) -> None:
    began, pause = time.monotonic(), SILENCE
    while not over.wait(pause):
        waited = time.monotonic() - began
        sys.stderr.write(f"I am still {what} … {waited:.0f} s\n")
        sys.stderr.flush()
        pause = waited  # twice as long each time
