"""
A burst: 50 rollouts release at once, 13 events each within a minute, all told in one channel.

The sandbox's Slack has Slack's limits, and the bot runs in a process of its own. Each release
walks five weights; at the middle one it waits until somebody decides, eight seconds later.
What the channel shows is judged from the histories alone (tests/faults): a release is told
truly when its card says what the cluster says, or a digest does that names it.

    true after   from the last event of all to the moment from which on everything told is true
    off screen   for how long a state that needs a person was not on the screen, at worst
    calls        of Slack that post or edit, per rollout

The control takes the same events and the same limits: a sender that posts each event, in order,
and waits when Slack says so. It is run in virtual time, because it takes minutes.

    python bench/burst.py [--rollouts 50] [--strict]
"""

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))  # the test tools live beside the bot

from bot.sandbox.cluster.argo import plugin
from bot.sandbox.slack.limits import Limits
from tests.faults.cards import agrees
from tests.faults.history import Call, History, State
from tests.faults.theatre import CHANNEL, Theatre, theatre

_ENDLESS = 5  #: the index of the pause at which somebody decides
STEPS: list[dict[str, Any]] = [
    step
    for number, weight in enumerate((10, 20, 40, 60, 80))
    for step in (
        {"setWeight": weight},
        {"pause": {} if 2 * number + 1 == _ENDLESS else {"duration": "5s"}},
    )
]
_DECIDED_AFTER = 8.0  #: seconds until somebody promotes
_WITHIN = 20.0  #: seconds in which all begin
_PATIENCE = 300.0  #: seconds in which everything must become true
_POSTS = ("chat.postMessage", "chat.update")
LIMITS = {"true after": 5.0, "off screen": 5.0, "calls": 2.0}


# --- the burst ------------------------------------------------------------------------------------


async def play(here: Theatre, count: int) -> float:
    """Let all of them release, and promote them as a person would; the moment of the beginning."""
    parts = here.deploy(count, STEPS)
    await here.healthy()
    await here.bot.start()
    await here.ready()
    began = time.monotonic()
    waiting: dict[str, float] = {}
    for number, part in enumerate(parts):
        await asyncio.sleep(max(0.0, began + number * _WITHIN / count - time.monotonic()))
        here.release(part, "2")
        await promote(here, waiting)
    while any(here.status(part, "phase") != "Healthy" for part in parts):
        await promote(here, waiting)
        await asyncio.sleep(0.1)
        if time.monotonic() - began > _PATIENCE:
            phases = [
                (here.status(part, "phase"), here.status(part, "currentStepIndex"))
                for part in parts
            ]
            raise SystemExit(f"the burst does not end: {phases}")
    return began


async def promote(here: Theatre, waiting: dict[str, float]) -> None:
    """End the pauses that have lasted long enough."""
    now = time.monotonic()
    for part in here.parts:
        stands = here.status(part, "currentStepIndex") == _ENDLESS
        if not stands or not here.status(part, "pauseConditions"):
            continue
        if now - waiting.setdefault(part.name, now) > _DECIDED_AFTER:
            await plugin.run(here.cluster.store, "promote", part.namespace, part.name)


# --- what is on the screen ------------------------------------------------------------------------


@dataclass
class Screen:
    """What the channel shows after some calls: the newest words of each message."""

    cards: dict[tuple[str, str], str]
    digest: str = ""

    def take(self, call: Call) -> None:
        """Look at what a call has changed."""
        if call.args.get("thread_ts"):
            return
        payload = call.payload
        if "uid" in payload and "finding" not in payload:
            self.cards[str(payload["uid"]), str(payload.get("revision"))] = call.text
        elif "storm" in str(call.args.get("metadata")):
            self.digest = "\n".join([call.text, *words(call.args.get("blocks") or ())])

    def tells(self, state: State) -> bool:
        """Whether it is true about a rollout."""
        card = self.cards.get((state.uid, state.revision))
        if card is not None and agrees(card, state):
            return True
        lines = [one for one in self.digest.splitlines() if names(one, state.key)]
        return any(agrees(line, state) for line in lines)


def names(line: str, key: str) -> bool:
    """Whether a line is about a rollout."""
    plain = line.replace("*", " ").replace("`", " ").replace(":", " ").replace(",", " ")
    return key in plain.split() or key.partition("/")[2] in plain.split()


def words(block: Any) -> Iterator[str]:
    """Give every text in blocks, a line each."""
    if isinstance(block, dict):
        if isinstance(block.get("text"), str) and block.get("type") in {"mrkdwn", "plain_text"}:
            yield block["text"]
        for value in block.values():
            yield from words(value)
    elif isinstance(block, list | tuple):
        for one in block:
            yield from words(one)


def screens(history: History, screen: Screen | None = None) -> Iterator[tuple[float, Screen]]:
    """Give the screen after each call, with the moment."""
    screen = screen or Screen({})
    for call in sorted(history.calls, key=lambda call: call.ended):
        if call.method in _POSTS and call.done and call.channel == CHANNEL:
            screen.take(call)
            yield call.ended, screen


# --- the judgement --------------------------------------------------------------------------------


def events(history: History, began: float) -> list[State]:
    """Give the states in which something is new: revision, step, a pause without an end."""
    last: dict[str, tuple[Any, ...]] = {}
    found: list[State] = []
    for state in history.states:
        place = (state.revision, state.index, state.is_releasing)
        waits = state.phase == "Paused" and state.index == _ENDLESS
        known = last.get(state.uid, ())
        if state.at >= began and (known[:3] != place or (waits and known[3:] != (True,))):
            found.append(state)
        last[state.uid] = (*place, waits)
    return found


def true_after(history: History, moments: list[State]) -> float:
    """Seconds from the last event until everything told is true, and stays so; inf: never."""
    final = {state.uid: state for state in history.states}.values()
    last = max(state.at for state in moments)
    since: float | None = None
    for at, screen in screens(history):
        if not all(screen.tells(state) for state in final):
            since = None
        elif since is None:
            since = at
    return max(0.0, since - last) if since is not None else float("inf")


def off_screen(history: History) -> list[float]:
    """Seconds for which each state that needs a person was not on the screen."""
    found = []
    for state, until in decisions(history):
        seen = next(
            (max(at, state.at) for at, screen in screens_from(history, state.at, until)
             if screen.tells(state)),
            until,
        )  # fmt: skip
        found.append(seen - state.at)
    return found


def screens_from(history: History, at: float, until: float) -> Iterator[tuple[float, Screen]]:
    """Give the screen as it was at a moment, and after each call until another."""
    screen = Screen({})
    for ended, after in screens(history, screen):
        if ended > until:
            return
        if ended >= at:
            yield ended, after


def decisions(history: History) -> Iterator[tuple[State, float]]:
    """Give the states in which somebody has to decide, and when each was over."""
    since: dict[str, State] = {}
    for state in history.states:
        waits = state.needs_person and state.index == _ENDLESS
        known = since.get(state.uid)
        if waits and known is None:
            since[state.uid] = state
        elif not waits and known is not None:
            yield since.pop(state.uid), state.at
    for state in since.values():
        yield state, history.ended


# --- the control ----------------------------------------------------------------------------------


def one_by_one(moments: list[State]) -> tuple[float, float]:
    """
    Post each event under the same limits, in virtual time.

    Returns:
        Seconds from the last event to the last post, and from the worst event that needs a person
        to its post.

    """
    now = 0.0
    limits = Limits(lambda: now)
    worst = 0.0
    for state in sorted(moments, key=lambda state: state.at):
        now = max(now, state.at)
        while wait := limits.admit("chat.postMessage", CHANNEL):
            now += wait
        if state.needs_person and state.index == _ENDLESS:
            worst = max(worst, now - state.at)
    return now - max(state.at for state in moments), worst


# --- the run --------------------------------------------------------------------------------------


async def measure(count: int) -> tuple[dict[str, float], History]:
    """Run the burst, wait until everything is true, and judge."""
    with tempfile.TemporaryDirectory() as folder:
        async with theatre(Path(folder), limits=True) as here:
            moments = events(here.history, await play(here, count))
            releases = [s for s in moments if s.is_releasing or s.index == len(STEPS)]
            until = time.monotonic() + _PATIENCE
            while true_after(here.history, releases) == float("inf"):
                await asyncio.sleep(0.5)
                if time.monotonic() > until:
                    break
            await asyncio.sleep(5.0)  # what is told after that is counted too
            here.close_books()
    return figures(here.history, releases, count), here.history


def figures(history: History, moments: list[State], count: int) -> dict[str, float]:
    """Put the figures together."""
    calls = [c for c in history.calls if c.method in _POSTS]
    waited = off_screen(history)
    control, worst = one_by_one(moments)
    return {
        "events": len(moments) / count,
        "seconds": max(s.at for s in moments) - min(s.at for s in moments),
        "true after": true_after(history, moments),
        "off screen": max(waited, default=float("nan")),
        "on time": sum(one <= LIMITS["off screen"] for one in waited) / max(1, len(waited)),
        "calls": len(calls) / count,
        "refused": sum(c.told == "ratelimited" for c in calls),
        "control": control,
        "control off screen": worst,
        "control calls": len(moments) / count,
    }


def show(found: dict[str, float], count: int) -> list[str]:
    """Print the figures; the limits that are not kept."""
    load = "/".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"{count} rollouts, {found['events']:.1f} events each in {found['seconds']:.0f} s,"
          f" one channel; {os.cpu_count()} cores, load {load}")  # fmt: skip
    print(f"{'':20}{'the bot':>12}{'one by one':>12}{'ratio':>8}")
    rows = (
        ("true after", "true after", "control", "s"),
        ("off screen at most", "off screen", "control off screen", "s"),
        ("calls per rollout", "calls", "control calls", ""),
    )
    for title, ours, theirs, unit in rows:
        ratio = found[theirs] / max(found[ours], 0.001)
        print(
            f"  {title:18}{found[ours]:>10.1f} {unit:1}{found[theirs]:>10.1f} {unit:1}{ratio:>8.1f}"
        )
    print(f"  on the screen within {LIMITS['off screen']:.0f} s: {found['on time']:.0%} of the"
          f" decisions; calls that Slack refused: {found['refused']:.0f}")  # fmt: skip
    return [name for name, limit in LIMITS.items() if not found[name] <= limit]


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("--rollouts", type=int, default=50)
    parser.add_argument("--strict", action="store_true")
    args = parser.parse_args()
    found, _ = asyncio.run(measure(args.rollouts))
    broken = show(found, args.rollouts)
    print(f"limits: {', '.join(broken)} not kept" if broken else "limits: all kept")
    return 1 if broken and args.strict else 0


if __name__ == "__main__":
    sys.exit(main())
