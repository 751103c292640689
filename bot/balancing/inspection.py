"""
Everything that can be said about what the balancers do: Inventory -> Report.

    Inventory ─▶ groups ─▶ models ─▶ ties to rollouts ─▶ checks ─▶ findings, and what is unchecked

An `Inspector` looks again and again, and only at what has changed: for each piece of work
it keeps what was looked at in the inventory, and does it anew when that is different.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from operator import is_
from typing import TypeVar, cast

from bot.balancing.checks import contents, nginx, order, wiring
from bot.balancing.checks.doubting import doubted
from bot.balancing.checks.scene import Result, Scene, Tie, Unchecked, bond
from bot.balancing.finding import Finding
from bot.balancing.groups import Gathering, Group
from bot.balancing.inventory import Inventory, Trace
from bot.balancing.model import Model, build
from bot.release.rollout import Rollout

T = TypeVar("T")

_SCENE_CHECKS = (*wiring.SCENE_CHECKS, *contents.CHECKS, *order.CHECKS)
_BOND_CHECKS = (*wiring.CHECKS, *nginx.CHECKS, *order.BOND_CHECKS)


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
    inspector = Inspector()
    for _ in inspector.steps(inventory):
        pass
    return inspector.report


@dataclass(frozen=True)
class _Kept:
    """A piece of work: what it was about, what it looked at, what came of it."""

    about: tuple[object, ...]
    trace: Trace
    outcome: object


class Inspector:
    """
    Inspects, piece by piece.

    Attributes:
        report: of the last inspection that was finished.

    """

    def __init__(self) -> None:
        self.report = Report()
        self._kept: dict[tuple[str, str], _Kept] = {}
        self._used: dict[tuple[str, str], _Kept] = {}

    def steps(self, inventory: Inventory) -> Iterator[None]:
        """Inspect; between two pieces of work others may have their turn."""
        self._used = {}
        gathering, models = Gathering(inventory), list[Model]()
        for ingress in inventory.ingresses:
            gathering.add(ingress)
            yield
        for group in gathering.groups():
            models.append(self._model(inventory, group))
            yield
        by_member = {member.key: model for model in models for member in model.group.members}
        ties: dict[str, list[Tie]] = defaultdict(list)
        results: list[Result] = [
            result for one in gathering.outsiders for result in order.outside(inventory, one)
        ]
        for rollout in inventory.rollouts:
            if rollout.deleted_at is not None:
                continue
            found, own = self._bond(inventory, rollout, by_member)
            results += found
            for tie in own:
                if tie.model is not None:
                    ties[tie.model.group.name].append(tie)
            yield
        for model in models:
            results += self._scene(inventory, model, ties[model.group.name])
            yield
        self._kept = self._used
        self.report = _report(models, results)

    def _model(self, inventory: Inventory, group: Group) -> Model:
        about = (*group.members, group.is_explicit, group.failure)
        return self._do(inventory, ("model", group.name), about, lambda i: build(i, group))

    def _bond(
        self, inventory: Inventory, rollout: Rollout, models: Mapping[str, Model]
    ) -> tuple[tuple[Result, ...], tuple[Tie, ...]]:
        one = bond(inventory, rollout, models)
        about = (rollout, *(tie.model for tie in one.ties))

        def look(view: Inventory) -> tuple[Result, ...]:
            here = bond(view, rollout, models)
            return tuple(doubted(view, one) for check in _BOND_CHECKS for one in check(here))

        return self._do(inventory, ("bond", rollout.key), about, look), one.ties

    def _scene(self, inventory: Inventory, model: Model, ties: Iterable[Tie]) -> tuple[Result, ...]:
        ties = tuple(ties)

        def look(view: Inventory) -> tuple[Result, ...]:
            scene = Scene(inventory=view, model=model, ties=ties)
            return tuple(doubted(view, one) for check in _SCENE_CHECKS for one in check(scene))

        about = (model, *(tie.rollout for tie in ties))
        return self._do(inventory, ("scene", model.group.name), about, look)

    def _do(
        self,
        inventory: Inventory,
        key: tuple[str, str],
        about: tuple[object, ...],
        work: Callable[[Inventory], T],
    ) -> T:
        """Do it, unless it was done and nothing that it looked at has changed."""
        kept = self._kept.get(key)
        if kept is None or not _same(kept.about, about) or not inventory.still_gives(kept.trace):
            view, trace = inventory.traced()
            kept = _Kept(about, trace, work(view))
        self._used[key] = kept
        return cast("T", kept.outcome)


def _same(before: tuple[object, ...], after: tuple[object, ...]) -> bool:
    return len(before) == len(after) and all(map(is_, before, after))


def _report(models: Iterable[Model], results: Iterable[Result]) -> Report:
    found = list(results)
    findings = {r.key: r for r in found if isinstance(r, Finding)}
    return Report(
        findings=tuple(sorted(findings.values(), key=lambda f: f.place_in_order)),
        unchecked=tuple(dict.fromkeys(r for r in found if isinstance(r, Unchecked))),
        models=tuple(models),
    )
