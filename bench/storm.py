"""
Fifty rollouts that move at once in one channel: what people see, and what Slack is asked for it.

In virtual time, with a Slack in memory that has Slack's limits: one post a second and channel, and
fifty edits a minute. Each rollout goes through thirteen states in a minute, every other of them is
for a person. In turns

    storm   the outbox: one message tells of all until the cards have caught up
    cards   the same outbox without it: cards and threads only, the latest state of each

Printed are the calls of Slack for each rollout, how long what needs a person was not on the screen
(more than 5 s), and when everything that can be seen was true after the last change.

    python bench/storm.py [--rollouts 50] [--changes 13] [--seconds 60] [--seeds 3]
"""

import argparse
import asyncio
import statistics
import sys
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))  # the test tools live beside the bot
sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "slack"))

from stormroom import Burst

from bot.slack import storm

PATIENCE = 900.0
MOST_CALLS = 2.0


@dataclass
class Result:
    """What one burst has cost."""

    calls: float
    unseen: float
    true_after: float
    limited: int


async def once(rollouts: int, changes: int, seconds: float, seed: int) -> Result:
    """Let all move, and wait until everything that can be seen is true."""
    burst = Burst(rollouts, seed=seed)
    burst.start()
    await burst.move(changes, seconds)
    ended = burst.clock()
    while burst.unseen() and burst.clock() - ended < PATIENCE:
        await burst.rest(0.1)
    true_after = burst.clock() - ended
    while burst.outbox.depth and burst.clock() - ended < PATIENCE:
        await burst.rest(1.0)
    await burst.rest(30.0)
    await burst.kill()
    unseen = len({(round(at), point) for at, point in burst.late}) / rollouts
    return Result(burst.calls_each, unseen, true_after, burst.slack.limited)


def main() -> int:
    """Measure both, and compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("--rollouts", type=int, default=50)
    parser.add_argument("--changes", type=int, default=13)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seeds", type=int, default=3)
    args = parser.parse_args()
    begins = {"storm": storm.BEGINS, "cards": float("inf")}
    found: dict[str, list[Result]] = {}
    for who, seconds in begins.items():
        storm.BEGINS = seconds
        found[who] = [
            asyncio.run(once(args.rollouts, args.changes, args.seconds, seed))
            for seed in range(args.seeds)
        ]
    print(f"{'':6} {'calls each':>10} {'unseen each':>12} {'true after':>11} {'429':>4}")
    for who, results in found.items():
        calls = statistics.median(result.calls for result in results)
        unseen = max(result.unseen for result in results)
        after = max(result.true_after for result in results)
        limited = sum(result.limited for result in results)
        print(f"{who:6} {calls:10.2f} {unseen:10.1f} s {after:9.1f} s {limited:4}")
    print(f"(wanted: at most {MOST_CALLS:g} calls each, nothing unseen, true after 5 s)")
    return 0 if statistics.median(r.calls for r in found["storm"]) <= MOST_CALLS else 1


if __name__ == "__main__":
    sys.exit(main())
