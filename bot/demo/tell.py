"""What the demo says in the terminal: progress on stderr, the address on stdout."""

import os
import shutil
import sys
import time
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

#: browsers that would take over the terminal
_IN_THE_TERMINAL = frozenset(("w3m", "lynx", "links", "elinks", "www-browser"))


@contextmanager
def step(what: str) -> Iterator[None]:
    """Say what is being done, and how long it took."""
    began = time.monotonic()
    print(f"  {what} …", end="", file=sys.stderr, flush=True)
    try:
        yield
    except BaseException:
        print(file=sys.stderr)
        raise
    print(f" {time.monotonic() - began:.1f} s", file=sys.stderr, flush=True)


def say(text: str) -> None:
    """Say something on the way."""
    print(text, file=sys.stderr, flush=True)


def invite(url: str, kubeconfig: Path) -> None:
    """Say where it is, and how its cluster is looked at from another terminal."""
    print(url, flush=True)
    say("Open it in a browser; another tab can be another person. Ctrl-C ends everything.")
    say(f"In another terminal: export KUBECONFIG={kubeconfig}")
    say(f"  kubectl get rollouts -A, or {_program()} lint --cluster")


def _program() -> str:
    """Name the bot's command as it is found from here: `make demo` leaves it in .venv."""
    beside = Path(sys.executable).with_name("rollout-bot")
    if shutil.which("rollout-bot") or not beside.exists():
        return "rollout-bot"
    near = beside.is_relative_to(Path.cwd())
    return str(beside.relative_to(Path.cwd()) if near else beside)


def open_browser(url: str) -> bool:
    """Open it in a browser, if there is one with a window; whether there was."""
    has_window = sys.platform in ("darwin", "win32") or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")
    )
    try:
        browser = webbrowser.get() if has_window else None
        if browser is None or getattr(browser, "basename", "") in _IN_THE_TERMINAL:
            return False
        return browser.open(url)
    except webbrowser.Error:
        return False
