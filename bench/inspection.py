"""
The truth about many balancers: how long an inspection takes, and how long it holds the loop.

Ingresses of ten paths each, a tenth of them with a Rollout; four of five have a balancer of their
own, the others share one by five. Everything runs in one process, whose garbage collector is set as
in the running bot (`bot/heap.py`), 500 Ingresses against 5,000 in the same run:

    whole      the first inspection: all groups, all checks; CPU seconds, and per path
    again      the next one, when nothing has changed
    changed    one Ingress is another: what its balancer costs by itself, with its rollout and all
               checks; alone, and as one of five that share a balancer
    held       the sweep of the running bot, with its breaths: the longest time for which nobody
               else had a turn (milliseconds; the first sweep, and a later one)

Read the ratios: per path, 5,000 Ingresses must not cost more than 500 (1.0 is linear). With
`--strict` the limits that the project has set itself decide the exit code: the whole inspection of
5,000 under 10 s, linear within a half, a changed Ingress under 5 ms, the loop held for 20 ms.

    python bench/inspection.py [--few 500] [--many 5000] [--strict]
"""

import argparse
import asyncio
import json
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from bot import heap
from bot.balancing.inspection import Inspector
from bot.balancing.inventory import Inventory
from bot.balancing.objects import Ingress, Service
from bot.flows.breath import Breath
from bot.release.rollout import Rollout

PATHS = 10
ROUNDS = 5
PREFIX = "alb.ingress.kubernetes.io"
LIMITS = {"whole": 10.0, "linear": 1.5, "changed": 5.0, "held": 20.0}


def action(name: str) -> str:
    """Write the weights as Argo does."""
    groups = [
        {"ServiceName": f"{name}-{role}", "ServicePort": "80", "Weight": weight}
        for role, weight in (("canary", 10), ("stable", 90))
    ]
    return json.dumps({"Type": "forward", "ForwardConfig": {"TargetGroups": groups}})


def backend(name: str, port: str | int) -> dict[str, Any]:
    """Make a backend by name or number of its port."""
    key = "name" if isinstance(port, str) else "number"
    return {"service": {"name": name, "port": {key: port}}}


def an_ingress(number: int, space: str, name: str) -> Ingress:
    """Ten paths: a header route, the weights, and eight plain ones before them."""
    grouped = {f"{PREFIX}/group.name": f"group-{number // 25}"} if number % 5 == 4 else {}
    conditions = [
        {"field": "http-header", "httpHeaderConfig": {"httpHeaderName": "X", "values": ["1"]}}
    ]
    paths: list[dict[str, Any]] = [
        {"path": f"/part-{n}", "pathType": "Prefix", "backend": backend(f"{name}-stable", 80)}
        for n in range(PATHS - 2)
    ]
    paths += [
        {
            "path": "/*",
            "pathType": "ImplementationSpecific",
            "backend": backend(service, "use-annotation"),
        }
        for service in ("header", f"{name}-stable")
    ]
    notes = grouped | {
        "kubernetes.io/ingress.class": "alb",
        f"{PREFIX}/listen-ports": '[{"HTTP": 80}, {"HTTPS": 443}]',
        f"{PREFIX}/target-type": "ip",
        f"{PREFIX}/actions.{name}-stable": action(name),
        f"{PREFIX}/conditions.header": json.dumps(conditions),
        f"{PREFIX}/actions.header": json.dumps(
            {"type": "forward", "forwardConfig": {"targetGroups": [_canary(name)]}}
        ),
    }
    return Ingress.model_validate(
        {
            "metadata": {"namespace": space, "name": name, "annotations": notes, "uid": name},
            "spec": {"rules": [{"host": f"{name}.example", "http": {"paths": paths}}]},
        }
    )


def _canary(name: str) -> dict[str, Any]:
    return {"serviceName": f"{name}-canary", "servicePort": 80, "weight": 100}


def a_service(space: str, name: str) -> Service:
    """Make a Service with the port of all backends."""
    metadata = {"namespace": space, "name": name, "uid": name}
    return Service.model_validate({"metadata": metadata, "spec": {"ports": [{"port": 80}]}})


def a_rollout(space: str, name: str) -> Rollout:
    """Make a Rollout at its pause, with what belongs to it."""
    canary = {
        "stableService": f"{name}-stable",
        "canaryService": f"{name}-canary",
        "abortScaleDownDelaySeconds": 1,
        "trafficRouting": {"alb": {"ingress": name, "servicePort": 80}},
        "steps": [{"setWeight": 10}, {"pause": {}}],
    }
    return Rollout.model_validate(
        {
            "metadata": {"namespace": space, "name": name, "uid": f"rollout-{name}"},
            "spec": {"replicas": 4, "strategy": {"canary": canary}},
            "status": {
                "currentPodHash": "new",
                "stableRS": "old",
                "canary": {"weights": {"canary": {"weight": 10}}},
            },
        }
    )


def an_inventory(count: int) -> Inventory:
    """Make so many Ingresses, in namespaces of a hundred."""
    places = [(f"team-{n // 100}", f"app-{n}") for n in range(count)]
    return Inventory(
        rollouts=tuple(a_rollout(*place) for place in places[::10]),
        ingresses=tuple(an_ingress(n, *place) for n, place in enumerate(places)),
        services=tuple(
            a_service(space, f"{name}-{role}")
            for space, name in places
            for role in ("stable", "canary")
        ),
        is_whole=True,
    )


@dataclass(frozen=True)
class Figures:
    """What one size has cost: CPU seconds, and held milliseconds."""

    count: int
    whole: float
    again: float
    changed: float
    changed_of_five: float
    first_held: float
    later_held: float

    @property
    def per_path(self) -> float:
        """Microseconds for each path."""
        return self.whole / (self.count * PATHS) * 1e6


def spent(inspector: Inspector, inventory: Inventory) -> float:
    """Inspect; CPU seconds."""
    began = time.process_time()
    for _ in inspector.steps(inventory):
        pass
    return time.process_time() - began


def changed(inventory: Inventory, numbers: Sequence[int]) -> float:
    """Inspect what these Ingresses share a balancer with, and nothing else; CPU seconds."""
    members = tuple(inventory.ingresses[number] for number in numbers)
    names = {one.name for one in members}
    alone = replace(
        inventory,
        ingresses=members,
        rollouts=tuple(one for one in inventory.rollouts if one.name in names),
        services=tuple(one for one in inventory.services if one.name.rpartition("-")[0] in names),
    )
    gathered = Inspector()
    spent(gathered, alone)
    costs = []
    for number in range(ROUNDS):
        notes = {**members[0].annotations, "touched": str(number)}
        other = members[0].model_copy(update={"annotations": notes})
        costs.append(spent(gathered, replace(alone, ingresses=(other, *members[1:]))))
    return statistics.median(costs)


async def held(inspector: Inspector, inventory: Inventory) -> float:
    """Inspect with breaths; the longest time in which nobody else had a turn, milliseconds."""
    worst, last = 0.0, time.perf_counter()

    async def others() -> None:
        nonlocal worst, last
        while True:
            now = time.perf_counter()
            worst, last = max(worst, now - last), now
            await asyncio.sleep(0)

    neighbour = asyncio.create_task(others())
    await asyncio.sleep(0)
    breath = Breath()
    for _ in inspector.steps(inventory):
        await breath()
    await asyncio.sleep(0)
    neighbour.cancel()
    return worst * 1000


def measure(count: int) -> Figures:
    """Take the figures of one size."""
    inventory = an_inventory(count)
    heap.settle()
    inspector = Inspector()
    whole = spent(inspector, inventory)
    again = statistics.median(spent(inspector, inventory) for _ in range(ROUNDS))
    one, five = changed(inventory, [0]), changed(inventory, [4, 9, 14, 19, 24])
    del inspector
    fresh = Inspector()
    first = asyncio.run(held(fresh, replace(inventory)))
    later = asyncio.run(held(fresh, replace(inventory)))
    return Figures(count, whole, again, one, five, first, later)


def main() -> int:
    """Measure and print; the exit code says whether the limits hold, if they are to."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("--few", type=int, default=500)
    parser.add_argument("--many", type=int, default=5_000)
    parser.add_argument("--strict", action="store_true")
    args = parser.parse_args()
    few, many = (measure(count) for count in (args.few, args.many))
    print(f"{'Ingresses':>10} {'whole':>9} {'a path':>9} {'again':>9} {'changed':>16} {'held':>16}")
    for one in (few, many):
        print(
            f"{one.count:>10} {one.whole:>7.2f} s {one.per_path:>6.0f} µs {one.again:>7.3f} s"
            f" {one.changed * 1000:>6.1f}, {one.changed_of_five * 1000:>4.1f} ms"
            f" {one.first_held:>7.1f}, {one.later_held:.1f} ms"
        )
    linear = many.per_path / few.per_path
    print(f"a path of {args.many} costs {linear:.2f} times one of {args.few}")
    found = {
        "whole": many.whole,
        "linear": linear,
        "changed": many.changed * 1000,
        "held": max(many.first_held, many.later_held),
    }
    broken = [name for name, limit in LIMITS.items() if found[name] > limit]
    print(f"limits: {', '.join(broken)} not kept" if broken else "limits: all kept")
    return 1 if broken and args.strict else 0


if __name__ == "__main__":
    sys.exit(main())
