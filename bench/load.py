"""
The bot under load: thousands of watched rollouts, many transitions and clicks a second (F17).

Four processes: the bot, a Slack with people who press what they see, an API server whose rollouts
are moved by hand, and this one. A transition is a stop that a release reaches: four to six writes,
as the controller makes them. Slack's limits are off, and so is the bot's pace: else nothing but
Slack's fifty edits a minute would be measured. Every transition becomes calls of Slack, which is
more work than with limits.

    ack      from the press in Slack's process to its acknowledgement there
    told     from the last write of a transition to the first call of Slack that says it
    lag      how late somebody is who comes to the loop at any time, by the turns of the loop: on
             the wall, and by what the bot's own thread has spent on the processor
    CPU      of the bot's process: share of a core, and per transition
    memory   of the bot's process: at most, and at the end

On a machine with others, the wall also measures these; the processor does not. `--strict` lets the
project's own limits decide the exit code.

    python bench/load.py [--rollouts 5000] [--seconds 60] [--transitions 50] [--clicks 20]
"""

import argparse
import asyncio
import os
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))  # the test tools live beside the bot

from means.crowd import ON_CALL, Said, channel, run_slack
from means.herd import run_cluster
from means.process import Bot, lateness, percentile, the_bot
from means.puppet import STEPS, Reached

LIMITS = {"ack p99": 100.0, "told p95": 1000.0, "lag p99": 10.0, "memory": 200.0}
_WARM = 10.0  #: seconds of transitions before anything is measured
_OVER = 1000


@contextmanager
def beside(run: Any, *args: Any) -> Iterator[Connection]:
    """Run something in a process of its own; a pipe to it."""
    spawn = get_context("spawn")
    ours, theirs = spawn.Pipe()
    process = spawn.Process(target=run, args=args, kwargs={"pipe": theirs}, daemon=True)
    process.start()
    try:
        yield ours
        ours.send(("end",))
        process.join(5)
    finally:
        process.kill()
        process.join()


async def asked(pipe: Connection, *question: Any) -> Any:
    """Ask another process."""
    if question:
        pipe.send(question)
    return await asyncio.get_running_loop().run_in_executor(None, pipe.recv)


def configuration(channels: int) -> dict[str, Any]:
    """A channel for each namespace, as teams have them."""
    acts = ["promote", "header-only", "resume", "abort", "pause", "retry", "full"]
    return {
        "kubernetes": {"cluster": "bench"},
        "channels": [
            {"channel": channel(number), "namespaces": [f"team-{number}"]}
            for number in range(channels)
        ],
        "access": [{"allow": acts, "groups": [ON_CALL]}],
    }


async def measure(args: argparse.Namespace) -> dict[str, Any]:
    """Run everything once."""
    channels = max(1, args.rollouts // 100)
    with (
        beside(run_cluster, args.rollouts, args.history, args.seed) as cluster,
        beside(_slack, channels, args.seed, args.limits) as crowd,
    ):
        url, environ = await asked(cluster), await asked(crowd)
        config = configuration(channels)
        async with the_bot(config, url, environ, paced=args.limits) as bot:
            await bot.ready()
            found = {"memory at rest": bot.memory()}
            cluster.send(("move", args.transitions))
            await asyncio.sleep(_WARM)
            return found | await _under_load(args, bot, cluster, crowd)


def _slack(channels: int, seed: int, limits: bool, pipe: Connection) -> None:  # noqa: FBT001
    run_slack(channels, seed, limits=limits, pipe=pipe)


async def _under_load(
    args: argparse.Namespace, bot: Bot, cluster: Connection, crowd: Connection
) -> dict[str, Any]:
    crowd.send(("press", args.clicks))
    bot.begin()
    began, cpu, before = time.monotonic(), bot.cpu, await bot.metrics()
    await asyncio.sleep(args.seconds)
    spent, over = bot.cpu - cpu, time.monotonic()
    held = bot.memory("VmHWM"), bot.memory()  # before the probe writes down what it has measured
    turns, after = await bot.turns(), await bot.metrics()
    await asked(cluster, "halt")
    await asyncio.sleep(2.0)
    seen = await asked(crowd, "tell")
    reached, requests, _ = await asked(cluster, "tell", began)
    reached = [one for one in reached if one.at <= over]
    told = list(delays(reached, seen["said"]))
    acks = [1000 * one for one in seen["acks"]]
    events = sum(
        v - before.get(k, 0) for k, v in after.items() if k.startswith("rollout_bot_events")
    )
    return {
        "transitions": len(reached) / (over - began),
        "clicks": len(acks) / (over - began),
        "events": events / (over - began),
        "ack p50": percentile(acks, 0.5),
        "ack p99": percentile(acks, 0.99),
        "ack worst": max(acks, default=float("nan")),
        "unacked": seen["unacked"],
        "told p50": 1000 * percentile([t for t in told if t], 0.5),
        "told p95": 1000 * percentile([t for t in told if t], 0.95),
        "untold": sum(t is None for t in told),
        "lag p99": 1000 * lateness(turns["walls"], turns["seconds"]),
        "lag p99 CPU": 1000 * lateness(turns["cpus"], turns["seconds"] / turns["sampled"]),
        "on time": on_time(before, after),
        "longest turn CPU": 1000 * max(turns["cpus"], default=0.0),
        "CPU": spent / (over - began),
        "CPU ms": 1000 * spent / max(1, len(reached)),
        "memory": held[0],
        "memory at the end": held[1],
        "methods": seen["methods"],
        "requests": requests,
        "waiting": after["rollout_bot_outbox_depth"],
        "log": bot.log.read_text(),
    }


def on_time(before: dict[str, float], after: dict[str, float]) -> float:
    """Tell from the bot's own metric how often its loop was late by 10 ms at most."""
    name = "rollout_bot_loop_lag_seconds"
    within, total = (
        after[key] - before[key] for key in (f'{name}_bucket{{le="0.01"}}', f"{name}_count")
    )
    return within / max(1.0, total)


def delays(reached: list[Reached], said: list[Said]) -> Iterator[float | None]:
    """Tell for each transition the seconds until Slack was told it, or what came after it."""
    by_release: defaultdict[tuple[str, str], list[Said]] = defaultdict(list)
    for one in said:
        by_release[one.uid, one.revision].append(one)
    for stop in reached:
        order = STEPS[stop.index - 1]["setWeight"] if stop.index > 0 else _OVER
        fitting = (
            one.at - stop.at
            for one in by_release[stop.uid, stop.revision]
            if one.at >= stop.at - 0.1 and one.order >= order
        )
        first = min(fitting, default=None)
        yield max(first, 0.001) if first is not None else None


def show(found: dict[str, Any], args: argparse.Namespace) -> list[str]:
    """Print the figures; the limits that are not kept."""
    load = "/".join(f"{value:.1f}" for value in os.getloadavg())
    print(
        f"{args.rollouts} rollouts watched, {args.history} ReplicaSets each, {args.seconds:.0f} s"
    )
    print(f"  machine           {os.cpu_count()} cores, load {load}")
    print(
        f"  a second          {found['transitions']:.1f} transitions, {found['events']:.0f} events"
        f" of the watches, {found['clicks']:.1f} clicks"
    )
    print(
        f"  click to ack      {found['ack p50']:.1f} ms p50, {found['ack p99']:.1f} ms p99,"
        f" {found['ack worst']:.1f} ms at most; {found['unacked']} without one"
    )
    print(
        f"  told to Slack     {found['told p50']:.0f} ms p50, {found['told p95']:.0f} ms p95;"
        f" {found['untold']} not told"
    )
    print(
        f"  loop lag          {found['lag p99']:.1f} ms p99, by its own CPU"
        f" {found['lag p99 CPU']:.1f} ms p99; longest turn {found['longest turn CPU']:.1f} ms CPU;"
        f" within 10 ms {found['on time']:.1%} by its own metric"
    )
    print(
        f"  CPU               {found['CPU']:.0%} of one core, {found['CPU ms']:.1f} ms a transition"
    )
    print(
        f"  memory            {found['memory']:.0f} MB at most,"
        f" {found['memory at rest']:.0f} before, {found['memory at the end']:.0f} at the end"
    )
    calls = ", ".join(f"{count} {method}" for method, count in sorted(found["methods"].items()))
    print(f"  calls             {calls}; {found['requests']} of the API server")
    print(f"  waiting           {found['waiting']:.0f} messages in the outbox at the end")
    return [name for name, limit in LIMITS.items() if not found[name] <= limit]


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("--rollouts", type=int, default=5_000)
    parser.add_argument("--history", type=int, default=10, help="ReplicaSets of each rollout")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--transitions", type=float, default=50)
    parser.add_argument("--clicks", type=float, default=20)
    parser.add_argument("--limits", action="store_true", help="with Slack's limits and the pace")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--strict", action="store_true")
    parser.add_argument("--log", action="store_true", help="print what the bot said")
    args = parser.parse_args()
    found = asyncio.run(measure(args))
    broken = show(found, args)
    if args.log:
        print(found["log"])
    print(f"limits: {', '.join(broken)} not kept" if broken else "limits: all kept")
    return 1 if broken and args.strict else 0


if __name__ == "__main__":
    sys.exit(main())
