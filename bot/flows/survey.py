"""
One look at everything: what differs from what the controller wrote, and what is wired wrong.

    each rollout ─▶ find_drift ┐
    inventory ─▶ Inspector ────┴▶ patience ─▶ whom it concerns ─▶ Sweep

Where both find the same, the comparison counts: it knows who wrote it and whether it heals;
but of what cannot be read the inspection tells more exactly what is wrong.
The loop is never held for long: both are done in small pieces.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.balancing.concerned import Concerned
from bot.balancing.drift import Drift, Memory, Standing, find_drift
from bot.balancing.finding import Finding
from bot.balancing.inspection import Inspector, Report
from bot.balancing.patience import Sight, Sights, ripen
from bot.flows.breath import Breath
from bot.flows.follower import look_at
from bot.flows.ports import Cluster, Observed
from bot.flows.watchlist import Noticed, Sweep, gravest_first
from bot.release.rollout import Rollout
from bot.release.traffic import Look

#: what depends on the moment; while the comparison says that the controller is on its way, it
#: is not looked at by anybody else
_OF_THE_MOMENT = frozenset({"WIRE-03", "WIRE-08", "WIRE-09"})
#: what the comparison knows only as an annotation that cannot be read (ANN-01)
_UNREADABLE = frozenset({"ANN-01", "ANN-03", "ANN-07", "ANN-15", "ANN-17"})


@dataclass
class Survey:
    """Looks again and again, and remembers since when it sees what it sees."""

    cluster: Cluster
    look_at: Callable[[Observed], Look] = look_at
    inspector: Inspector = field(default_factory=Inspector)
    _memory: dict[str, Memory] = field(default_factory=dict)
    _sights: Sights = field(default_factory=dict)

    def remember(self, told: Iterable[Finding], now: datetime) -> None:
        """Take what was told before a start for certain: it need not be seen for long again."""
        self._sights = {f.key: Sight(first=f.since or now, found="", counts=True) for f in told}

    async def look(self, now: datetime, grace: timedelta) -> Sweep:
        """Look at everything."""
        breath = Breath()
        compared = await self._compared(now, grace, breath)
        report = await self._inspected(breath)
        concerned = await self._concerned(report, compared.rollouts, breath)
        about: dict[str, Noticed] = {}
        for finding in report.findings:
            whom = _whom(concerned, finding)
            if whom:  # what is wrong with others is nobody's here
                about[finding.key] = Noticed(finding=finding, rollouts=whom)
            await breath()
        own = self._ripe(about, compared, now, grace)
        told = (one for one in compared.noticed if not _is_told_exactly(one.finding, about))
        return Sweep(
            noticed=tuple(sorted((*told, *own), key=gravest_first)),
            suspected={**{key: one.rollouts for key, one in about.items()}, **compared.keys},
            unchecked=tuple(
                (u, whom)
                for u in report.unchecked
                if (whom := concerned.of(u.kind, u.namespace, u.name))
            ),
        )

    def _ripe(
        self, about: Mapping[str, Noticed], compared: "_Compared", now: datetime, grace: timedelta
    ) -> list[Noticed]:
        """Give what was seen for long enough, and is not seen by the comparison too."""
        seen = (
            one.finding
            for one in about.values()
            if not _is_told(one, compared.keys)
            and not _is_of_the_moment(one.finding, compared.unsettled)
        )
        ripe = ripen(seen, self._sights, now=now, grace=grace)
        self._sights = ripe.sights
        return [Noticed(finding=f, rollouts=about[f.key].rollouts) for f in ripe.findings]

    async def _compared(self, now: datetime, grace: timedelta, breath: Breath) -> "_Compared":
        found, memory = _Compared(), dict[str, Memory]()
        async for one in self._observed(breath):
            uid = one.rollout.uid
            before = self._memory.get(uid, {})
            drift = find_drift(
                self.look_at(one), one.ingresses, now=now, grace=grace, memory=before
            )
            if drift.memory:
                memory[uid] = drift.memory
            found.take(one.rollout, drift)
        self._memory = memory
        return found

    async def _concerned(
        self, report: Report, rollouts: Iterable[Rollout], breath: Breath
    ) -> Concerned:
        concerned = Concerned(rollouts)
        for group in report.groups:
            concerned.take(group)
            await breath()
        return concerned

    async def _observed(self, breath: Breath) -> AsyncIterator[Observed]:
        for rollout in self.cluster.known():
            seen = self.cluster.seen(rollout.namespace, rollout.name)
            if seen:
                yield seen
            await breath()

    async def _inspected(self, breath: Breath) -> Report:
        inventory = await self.cluster.inventory()
        for _ in self.inspector.steps(inventory):
            await breath()
        return self.inspector.report


@dataclass
class _Compared:
    """
    What the comparison has found.

    Attributes:
        rollouts: those that it has looked at.
        noticed: what is certain.
        keys: of all that differs, certain or not; the rollout of each.
        unsettled: the Ingresses on which the controller is about to write.

    """

    rollouts: list[Rollout] = field(default_factory=list)
    noticed: list[Noticed] = field(default_factory=list)
    keys: dict[str, tuple[Rollout, ...]] = field(default_factory=dict)
    unsettled: set[tuple[str, str]] = field(default_factory=set)

    def take(self, rollout: Rollout, drift: Drift) -> None:
        """Take in what was found of one rollout."""
        self.rollouts.append(rollout)
        for finding in drift.findings:
            self.noticed.append(Noticed(finding=finding, rollouts=(rollout,), by_drift=True))
        for key in drift.memory:
            self.keys[key] = (rollout,)
        for state in drift.states:
            if state.standing is Standing.CONVERGING:
                self.unsettled.add((rollout.namespace, state.ingress))


def _whom(concerned: Concerned, finding: Finding) -> tuple[Rollout, ...]:
    return concerned.of(finding.kind, finding.namespace, finding.name, finding.rollout)


def _is_told(one: Noticed, keys: Mapping[str, object]) -> bool:
    """Whether the comparison sees the same at the same object, of any of its rollouts."""
    finding = one.finding
    if finding.id == "WIRE-09":  # the Ingress that differs is told of by its name
        ours = tuple(f"WIRE-08:{rollout.key}:" for rollout in one.rollouts)
        return any(key.startswith(ours) for key in keys)
    place = f"{finding.kind}/{finding.name}"
    return any(f"{finding.id}:{rollout.key}:{place}" in keys for rollout in one.rollouts)


def _is_told_exactly(finding: Finding, about: Mapping[str, Noticed]) -> bool:
    """Whether the inspection knows better why an Ingress cannot be read."""
    if finding.id != "ANN-01" or finding.key in about:
        return False
    place = (finding.kind, finding.namespace, finding.name)
    return any(
        (one.finding.kind, one.finding.namespace, one.finding.name) == place
        for one in about.values()
        if one.finding.id in _UNREADABLE
    )


def _is_of_the_moment(finding: Finding, unsettled: AbstractSet[tuple[str, str]]) -> bool:
    is_there = finding.kind == "Ingress" and (finding.namespace, finding.name) in unsettled
    return is_there and finding.id in _OF_THE_MOMENT
