"""
Everything that can be said about what the balancers do: Inventory -> Report.

    Inventory ─▶ groups ─▶ models ─▶ ties to rollouts ─▶ checks ─▶ findings, and what is unchecked

An `Inspector` looks again and again, and only at what has changed: for each piece of work
it keeps what was looked at in the inventory, and does it anew when that is different. The models
it does not keep: of thousands of groups they are larger than all that is known of the cluster.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import is_
from typing import TypeVar, cast

from bot.balancing.argo import alb_ingresses
from bot.balancing.checks import contents, nginx, order, wiring
from bot.balancing.checks.doubting import doubted
from bot.balancing.checks.scene import Result, Scene, Unchecked, bond
from bot.balancing.finding import Finding
from bot.balancing.groups import Gathering, Group
from bot.balancing.inventory import Inventory, Trace, trace_of
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
        self._kept: Mapping[_Key, _Kept] = {}

    def steps(self, inventory: Inventory) -> Iterator[None]:
        """Inspect; between two pieces of work others may have their turn."""
        gathering = Gathering(inventory)
        for ingress in inventory.ingresses:
            gathering.add(ingress)
            yield
        search = _Search(inventory, tuple(gathering.groups()), self._kept)
        outside = (order.outside(inventory, one) for one in gathering.outsiders)
        yield from search.steps()
        results = [*chain.from_iterable(outside), *search.results()]
        self._kept = search.used
        self.report = _report(search.groups, results)


_Key = tuple[str, str]  #: what kind of work it is, and about which group or rollout


@dataclass(frozen=True, slots=True)
class _Kept:
    """A piece of work: what it was about, what it looked at, what came of it."""

    about: tuple[object, ...]
    trace: Trace
    outcome: object


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
        groups: all of them, by name.
        used: the pieces of work that are part of it, done now or before.

    """

    def __init__(
        self, inventory: Inventory, groups: tuple[Group, ...], kept: Mapping[_Key, _Kept]
    ) -> None:
        self.groups = groups
        self.used: dict[_Key, _Kept] = {}
        self._inventory = inventory
        self._kept = kept
        self._group = {member.key: group for group in groups for member in group.members}
        self._drafts: dict[str, _Draft] = {}
        self._bonds: dict[str, tuple[Result, ...]] = {}
        self._scenes: list[Result] = []

    def steps(self) -> Iterator[None]:
        """Do it, piece by piece."""
        rollouts = [one for one in self._inventory.rollouts if one.deleted_at is None]
        tied: dict[str, list[Rollout]] = defaultdict(list)
        for rollout in rollouts:
            for name in {group.name: group for group in self._groups_of(rollout) if group}:
                tied[name].append(rollout)
        for group in self.groups:
            own, draft = tied[group.name], self._draft(group)
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
        for rollout in self._inventory.rollouts:
            yield from self._bonds.get(rollout.key, ())
        yield from self._scenes

    def _groups_of(self, rollout: Rollout) -> Iterator[Group | None]:
        """Give the group of each of its Ingresses, in order."""
        for name in alb_ingresses(rollout):
            ingress = self._inventory.ingress(rollout.namespace, name)
            yield self._group.get(ingress.key) if ingress else None

    def _draft(self, group: Group) -> _Draft:
        def make(view: Inventory) -> _Draft:
            return _Draft(group, build(view, group))

        if group.name not in self._drafts:
            about = (*group.members, group.is_explicit, group.failure)
            self._drafts[group.name] = self._do(("group", group.name), about, make)
        return self._drafts[group.name]

    def _bond(self, rollout: Rollout) -> Iterator[None]:
        if rollout.key in self._bonds:
            return
        drafts = [self._draft(group) if group else None for group in self._groups_of(rollout)]

        def look(view: Inventory) -> tuple[Result, ...]:
            models = [draft.rules(self._inventory) for draft in drafts if draft]
            here = bond(view, rollout, _by_member(models))
            return tuple(doubted(view, one) for check in _BOND_CHECKS for one in check(here))

        self._bonds[rollout.key] = self._do(("bond", rollout.key), (rollout, *drafts), look)
        yield

    def _scene(self, draft: _Draft, rollouts: Sequence[Rollout]) -> None:
        def look(view: Inventory) -> tuple[Result, ...]:
            model = draft.rules(self._inventory)
            here, all_ = _by_member([model]), self._inventory
            ties = (tie for one in rollouts for tie in bond(all_, one, here).ties if tie.model)
            scene = Scene(inventory=view, model=model, ties=tuple(ties))
            return tuple(doubted(view, one) for check in _SCENE_CHECKS for one in check(scene))

        self._scenes += self._do(("scene", draft.group.name), (draft, *rollouts), look)

    def _do(self, key: _Key, about: tuple[object, ...], work: Callable[[Inventory], T]) -> T:
        """Do it, unless it was done and nothing that it looked at has changed."""
        kept = self._kept.get(key)
        if (
            kept is None
            or not _same(kept.about, about)
            or not self._inventory.still_gives(kept.trace)
        ):
            view, notes = self._inventory.traced()
            outcome = work(view)
            kept = _Kept(about, trace_of(notes), outcome)
        self.used[key] = kept
        return cast("T", kept.outcome)


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
