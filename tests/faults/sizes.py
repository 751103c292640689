"""I7: how much a process holds, and whether that comes back to what it was before the fault."""

import re
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from tests.faults.history import History, Size
from tests.faults.violation import Violation

#: what a process may hold more than before: a tenth, and what one more open link needs
_SHARE = 1.1
_MORE = {"memory": 6_144, "sockets": 2, "tasks": 4, "waiting": 0}
_METRIC = re.compile(r"^rollout_bot_(tasks|outbox_depth) ([\d.]+)", re.MULTILINE)


def measure(replica: str, pid: int, address: str) -> Size:
    """Look at a process from outside, and ask it for what cannot be seen there."""
    status = Path(f"/proc/{pid}/status").read_text()
    resident = re.search(r"^VmRSS:\s+(\d+) kB", status, re.MULTILINE)
    with urllib.request.urlopen(f"http://{address}/metrics", timeout=5) as answer:
        told = dict(_METRIC.findall(answer.read().decode()))
    return Size(
        at=time.monotonic(),
        replica=replica,
        memory=int(resident[1]) if resident else 0,
        sockets=sum(_is_socket(one) for one in Path(f"/proc/{pid}/fd").iterdir()),
        tasks=int(float(told["tasks"])),
        waiting=int(float(told["outbox_depth"])),
    )


def _is_socket(descriptor: Path) -> bool:
    try:
        return str(descriptor.readlink()).startswith("socket:")
    except OSError:  # it was closed meanwhile
        return False


def i7_nothing_grows(history: History) -> Iterator[Violation]:
    """Each replica holds at the end what was held before the fault, within a tenth."""
    if not history.sizes:
        return
    before = at_first(history)
    for last in {size.replica: size for size in history.sizes}.values():
        if words := grown(before, last):
            words = f"{last.replica}: {words}"
            yield Violation(invariant="I7", at=last.at, words=words, kind="grown")


def at_first(history: History) -> Size:
    """What the one that held most held at first: each may lead later, and who leads needs more."""
    firsts = {size.replica: size for size in reversed(history.sizes)}.values()
    most = {what: max(getattr(size, what) for size in firsts) for what in _MORE}
    return replace(history.sizes[0], **most)


def grown(before: Size, after: Size) -> str:
    """Say what is more than it was; empty: nothing."""
    return ", ".join(
        f"{what} {getattr(before, what)} -> {getattr(after, what)}"
        for what, more in _MORE.items()
        if getattr(after, what) > max(_SHARE * getattr(before, what), getattr(before, what) + more)
    )
