"""
Everything that can be said about what the balancers do: Inventory -> Report.

    Inventory ─▶ groups ─▶ models ─▶ ties to rollouts ─▶ checks ─▶ findings, and what is unchecked
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from bot.balancing.checks import contents, order, wiring
from bot.balancing.checks.scene import Bond, Result, Scene, Tie, Unchecked, bond
from bot.balancing.finding import Finding, Severity
from bot.balancing.groups import find_groups
from bot.balancing.inventory import Inventory
from bot.balancing.model import Model, build

_SCENE_CHECKS = (*wiring.SCENE_CHECKS, *contents.CHECKS, *order.CHECKS)
_BOND_CHECKS = wiring.CHECKS
_ORDER = {severity: place for place, severity in enumerate(Severity)}


@dataclass(frozen=True, kw_only=True)
class Report:
    """
    What an inspection has found.

    Attributes:
        findings: the gravest first.
        unchecked: what could not be looked for, and why.
        models: one for each group, by name.

    """

    findings: tuple[Finding, ...] = ()
    unchecked: tuple[Unchecked, ...] = ()
    models: tuple[Model, ...] = ()


def inspect(inventory: Inventory) -> Report:
    """Look for everything in the catalogue; never raises."""
    models = tuple(build(inventory, group) for group in find_groups(inventory))
    by_member = {member.key: model for model in models for member in model.group.members}
    rollouts = (rollout for rollout in inventory.rollouts if rollout.deleted_at is None)
    bonds = [bond(inventory, rollout, by_member) for rollout in rollouts]
    results = list(_look(inventory, models, bonds))
    findings = {r.key: r for r in results if isinstance(r, Finding)}
    return Report(
        findings=tuple(sorted(findings.values(), key=lambda f: (_ORDER[f.severity], f.key))),
        unchecked=tuple(dict.fromkeys(r for r in results if isinstance(r, Unchecked))),
        models=models,
    )


def _look(inventory: Inventory, models: tuple[Model, ...], bonds: list[Bond]) -> Iterator[Result]:
    ties: dict[str, list[Tie]] = defaultdict(list)
    for one in bonds:
        for tie in one.ties:
            if tie.model is not None:
                ties[tie.model.group.name].append(tie)
        for check in _BOND_CHECKS:
            yield from check(one)
    for model in models:
        scene = Scene(inventory=inventory, model=model, ties=tuple(ties[model.group.name]))
        for look in _SCENE_CHECKS:
            yield from look(scene)
