"""
Everything that can be said about what the balancers do: Inventory -> Report.

    Inventory ─▶ groups ─▶ models ─▶ ties to rollouts ─▶ checks ─▶ findings, and what is unchecked

An `Inspector` looks again and again, and only at what has changed: for each piece of work
it keeps what was looked at in the inventory, and does it anew when that is different. The models
it does not keep: of thousands of groups they are larger than all that is known of the cluster.
"""

from collections import defaultdict
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from operator import is_
from typing import cast

from bot.balancing.argo import alb_ingresses
from bot.balancing.checks import contents, nginx, order, wiring
from bot.balancing.checks.doubting import doubted
from bot.balancing.checks.scene import Result, Scene, Unchecked, bond
from bot.balancing.finding import Finding
from bot.balancing.groups import Gathering, Group, Outsider
from bot.balancing.inventory import Inventory, Trace, trace_of
from bot.balancing.model import Model, build
from bot.release.rollout import Rollout

_SCENE_CHECKS = (*wiring.SCENE_CHECKS, *contents.CHECKS, *order.CHECKS)
_BOND_CHECKS = (*wiring.CHECKS, *nginx.CHECKS, *order.BOND_CHECKS)


@dataclass(frozen=True, kw_only=True)
class Report:
    """
    What an inspection has found.

    Attributes:
        findings: the gravest first.
        unchecked: what could not be looked for, and why.
        groups: those whose rules were looked at, by name.

    """

    findings: tuple[Finding, ...] = ()
    unchecked: tuple[Unchecked, ...] = ()
    groups: tuple[Group, ...] = ()


def inspect(inventory: Inventory) -> Report:
    """Look for everything in the catalogue; never raises."""
    inspector = Inspector()
    for _ in inspector.steps(inventory):
        pass
    return inspector.report


class Inspector:
    """
    Inspects, piece by piece.

    Attributes:
        report: of the last inspection that was finished.

    """

    def __init__(self) -> None:
        self.report = Report()
        self._kept = _Work()
        self._was_whole = False

    def steps(self, inventory: Inventory) -> Iterator[None]:
        """Inspect; between two pieces of work others may have their turn."""
        if inventory.is_whole != self._was_whole:
            self._kept, self._was_whole = _Work(), inventory.is_whole
        groups, outsiders = yield from _gathered(inventory)
        search = _Search(inventory, groups, self._kept)
        yield from search.steps()
        outside = (order.outside(inventory, one) for one in outsiders)
        results = [*chain.from_iterable(outside), *search.results()]
        self._kept = search.used
        self.report = _report(groups, results)


def _gathered(
    inventory: Inventory,
) -> Generator[None, None, tuple[tuple[Group, ...], Sequence[Outsider]]]:
    gathering = Gathering(inventory)
    for ingress in inventory.ingresses:
        gathering.add(ingress)
        yield
    groups: list[Group] = []
    for group in gathering.groups():
        groups.append(group)
        yield
    return tuple(groups), gathering.outsiders


@dataclass(frozen=True, slots=True)
class _Kept:
    """A piece of work: what it was about, what it looked at, what came of it."""

    about: tuple[object, ...]
    trace: Trace
    outcome: object


@dataclass(frozen=True, slots=True)
class _Work:
    """All pieces of work of one inspection: by the group, or by the rollout."""

    drafts: dict[str, _Kept] = field(default_factory=dict)
    bonds: dict[str, _Kept] = field(default_factory=dict)
    scenes: dict[str, _Kept] = field(default_factory=dict)


@dataclass(eq=False, slots=True)
class _Draft:
    """
    One state of a group: as long as it stands for the group, its rules are the same.

    Attributes:
        model: made when it is wanted, and dropped as soon as the group was looked at. It is
            large, and only few groups change from one inspection to the next.

    """

    group: Group
    model: Model | None = None

    def rules(self, inventory: Inventory) -> Model:
        """Give the model."""
        self.model = self.model or build(inventory, self.group)
        return self.model


class _Search:
    """
    One inspection under way: group by group, the rollouts of each, then the other rollouts.

    Attributes:
        used: the pieces of work that are part of it, done now or before.

    """

    def __init__(self, inventory: Inventory, groups: Sequence[Group], kept: _Work) -> None:
        self.used = _Work()
        self._groups = groups
        self._inventory = inventory
        self._kept = kept
        self._group = {member.key: group for group in groups for member in group.members}

    def steps(self) -> Iterator[None]:
        """Do it, piece by piece."""
        rollouts = [one for one in self._inventory.rollouts if one.deleted_at is None]
        tied: dict[str, list[Rollout]] = defaultdict(list)
        for rollout in rollouts:
            for name in {group.name: group for group in self._groups_of(rollout) if group}:
                tied[name].append(rollout)
            yield
        for group in self._groups:
            own, draft = tied.pop(group.name, []), self._draft(group)
            yield
            for rollout in own:
                yield from self._bond(rollout)
            self._scene(draft, own)
            draft.model = None
            yield
        for rollout in rollouts:
            yield from self._bond(rollout)

    def results(self) -> Iterator[Result]:
        """Give what was found: of rollouts as they stand in the inventory, of groups by name."""
        bonds = (self.used.bonds.get(rollout.key) for rollout in self._inventory.rollouts)
        for kept in chain(bonds, self.used.scenes.values()):
            if kept is not None:
                yield from cast("tuple[Result, ...]", kept.outcome)

    def _groups_of(self, rollout: Rollout) -> Iterator[Group | None]:
        """Give the group of each of its Ingresses, in order."""
        for name in alb_ingresses(rollout):
            ingress = self._inventory.ingress(rollout.namespace, name)
            yield self._group.get(ingress.key) if ingress else None

    def _draft(self, group: Group) -> _Draft:
        def make(view: Inventory) -> _Draft:
            return _Draft(group, build(view, group))

        name, used = group.name, self.used.drafts
        if name not in used:
            about = (*group.members, group.is_explicit, group.failure)
            used[name] = self._done(self._kept.drafts.get(name), about, make)
        return cast("_Draft", used[name].outcome)

    def _bond(self, rollout: Rollout) -> Iterator[None]:
        key, used = rollout.key, self.used.bonds
        if key in used:
            return
        drafts = [self._draft(group) if group else None for group in self._groups_of(rollout)]

        def look(view: Inventory) -> tuple[Result, ...]:
            models = [draft.rules(self._inventory) for draft in drafts if draft]
            here = bond(view, rollout, _by_member(models))
            return tuple(doubted(view, one) for check in _BOND_CHECKS for one in check(here))

        used[key] = self._done(self._kept.bonds.get(key), (rollout, *drafts), look)
        yield

    def _scene(self, draft: _Draft, rollouts: Sequence[Rollout]) -> None:
        def look(view: Inventory) -> tuple[Result, ...]:
            model = draft.rules(self._inventory)
            here, all_ = _by_member([model]), self._inventory
            ties = (tie for one in rollouts for tie in bond(all_, one, here).ties if tie.model)
            scene = Scene(inventory=view, model=model, ties=tuple(ties))
            return tuple(doubted(view, one) for check in _SCENE_CHECKS for one in check(scene))

        name = draft.group.name
        kept = self._kept.scenes.get(name)
        self.used.scenes[name] = self._done(kept, (draft, *rollouts), look)

    def _done(
        self, kept: _Kept | None, about: tuple[object, ...], work: Callable[[Inventory], object]
    ) -> _Kept:
        """Do it, unless it was done and nothing that it looked at has changed."""
        if kept and _same(kept.about, about) and self._inventory.still_gives(kept.trace):
            return kept
        view, notes = self._inventory.traced()
        outcome = work(view)
        return _Kept(about, trace_of(notes), outcome)


def _by_member(models: Iterable[Model]) -> dict[str, Model]:
    return {member.key: model for model in models for member in model.group.members}


def _same(before: tuple[object, ...], after: tuple[object, ...]) -> bool:
    return len(before) == len(after) and all(map(is_, before, after))


def _report(groups: tuple[Group, ...], results: Iterable[Result]) -> Report:
    found = list(results)
    findings = {r.key: r for r in found if isinstance(r, Finding)}
    return Report(
        findings=tuple(sorted(findings.values(), key=lambda f: f.place_in_order)),
        unchecked=tuple(dict.fromkeys(r for r in found if isinstance(r, Unchecked))),
        groups=groups,
    )
