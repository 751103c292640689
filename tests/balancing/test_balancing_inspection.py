"""An inspector that has looked before finds what one finds that looks for the first time."""

import random
from collections import Counter
from dataclasses import replace

import pytest

from bot.balancing.inspection import Inspector, inspect
from bot.balancing.inventory import Inventory
from tests.balancing.situations import PREFIX, ROOT, ROUTE, WRITTEN, a_path, a_rollout
from tests.balancing.worlds import ALB, member, service

NAMES = ("a", "b", "c", "d", "e")
SERVICES = ("stable", "canary", "other")
NOTES = (
    {ROOT: WRITTEN},
    {ROOT: WRITTEN} | ROUTE,
    {ROOT: WRITTEN.replace("20", "100")} | ROUTE,
    {ROOT: "{"},
    {},
)
CHANGES = 40


def an_ingress(name, rng):
    """One of a group or alone; with the weights, or not; with a path that others may have."""
    paths = [a_path("route"), a_path("stable"), a_path("other", path=rng.choice(["/", "/a/*"]))]
    made = member(name, *rng.sample(paths, rng.randint(1, 3)), group=rng.choice(["g", "h", ""]))
    notes = made.annotations | rng.choice(NOTES) | {f"{PREFIX}/group.order": str(rng.randint(0, 3))}
    return made.model_copy(update={"annotations": notes})


def a_release(name, rng):
    """A rollout with one Ingress or several, of which some may not be there."""
    named = rng.sample([*NAMES, "missing"], rng.randint(1, 3))
    routing = {"alb": {"ingresses": named, "servicePort": 80}}
    made = a_rollout(routing=routing, weight=rng.choice([20, 60, None]))
    return made.model_copy(update={"name": name})


def a_world(rng):
    """Everything by kind and name."""
    return {
        "ingresses": {name: an_ingress(name, rng) for name in NAMES},
        "rollouts": {name: a_release(name, rng) for name in ("one", "two", "three")},
        "services": {name: service(name, kind="NodePort") for name in SERVICES},
    }


def change(world, rng):
    """Let one object be another, or go, or come back."""
    kind = rng.choice(list(world))
    makers = {
        "ingresses": lambda: (name := rng.choice(NAMES), an_ingress(name, rng)),
        "rollouts": lambda: (name := rng.choice(["one", "two", "four"]), a_release(name, rng)),
        "services": lambda: (
            name := rng.choice(SERVICES),
            service(name, kind=rng.choice(["NodePort", "ClusterIP"])),
        ),
    }
    name, made = makers[kind]()
    if rng.random() < 0.3:
        world[kind].pop(name, None)
    else:
        world[kind][name] = made


def inventory(world):
    """As it is read from a cluster."""
    things = {kind: tuple(found.values()) for kind, found in world.items()}
    return Inventory(classes=(ALB,), is_whole=True, **things)


def look(inspector, seen):
    """Inspect again."""
    for _ in inspector.steps(seen):
        pass
    return inspector.report


@pytest.mark.parametrize("seed", range(6))
def test_what_changes_is_found_as_if_it_were_looked_at_for_the_first_time(seed):
    rng = random.Random(seed)
    world, inspector = a_world(rng), Inspector()
    for _ in range(CHANGES):
        seen = inventory(world)
        assert look(inspector, seen) == inspect(seen)
        change(world, rng)


def test_the_changes_make_findings_come_and_go():
    """Else the test above would say nothing."""
    rng = random.Random(0)
    world, found = a_world(rng), Counter()
    for _ in range(CHANGES):
        found.update(finding.key for finding in inspect(inventory(world)).findings)
        change(world, rng)
    assert sum(0 < count < CHANGES for count in found.values()) > 20


def test_what_has_not_changed_is_not_looked_at_again():
    world, inspector = a_world(random.Random(1)), Inspector()
    first = look(inspector, inventory(world))
    again = look(inspector, replace(inventory(world)))
    assert first.findings
    assert all(one is other for one, other in zip(first.findings, again.findings, strict=True))
