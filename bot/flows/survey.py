"""
One look at everything: what differs from what the controller wrote, and what is wired wrong.

    each rollout ─▶ find_drift ┐
    inventory ─▶ Inspector ────┴▶ patience ─▶ whom it concerns ─▶ Sweep

Where both find the same, the comparison counts: it knows who wrote it and whether it heals.
The loop is never held for long: both are done in small pieces.
"""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.balancing.concerned import Concerned
from bot.balancing.drift import Drift, Memory, Standing, find_drift
from bot.balancing.finding import Finding
from bot.balancing.inspection import Inspector, Report
from bot.balancing.patience import Sights, ripen
from bot.flows.breath import Breath
from bot.flows.follower import look_at
from bot.flows.ports import Cluster, Observed
from bot.flows.watchlist import Noticed, Sweep, gravest_first
from bot.release.rollout import Rollout

#: what depends on the moment; while the comparison says that the controller is on its way, it
#: is not looked at by anybody else
_OF_THE_MOMENT = frozenset({"WIRE-03", "WIRE-08", "WIRE-09"})


@dataclass
class Survey:
    """Looks again and again, and remembers since when it sees what it sees."""

    cluster: Cluster
    inspector: Inspector = field(default_factory=Inspector)
    _memory: dict[str, Memory] = field(default_factory=dict)
    _sights: Sights = field(default_factory=dict)

    async def look(self, now: datetime, grace: timedelta) -> Sweep:
        """Look at everything."""
        breath = Breath()
        observed = [one async for one in self._observed(breath)]
        drifts = {}
        for one in observed:
            uid = one.rollout.uid
            drifts[uid] = find_drift(
                look_at(one),
                one.ingresses,
                now=now,
                grace=grace,
                memory=self._memory.get(uid, {}),
            )
            await breath()
        self._memory = {uid: drift.memory for uid, drift in drifts.items()}
        report = await self._inspected(breath)
        rollouts = {one.rollout.uid: one.rollout for one in observed}
        return self._sweep(rollouts, drifts, report, now, grace)

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

    def _sweep(
        self,
        rollouts: Mapping[str, Rollout],
        drifts: Mapping[str, Drift],
        report: Report,
        now: datetime,
        grace: timedelta,
    ) -> Sweep:
        concerned = Concerned(report.models, rollouts.values())
        keys = {key: (rollouts[uid],) for uid, drift in drifts.items() for key in drift.memory}
        about = {f.key: (f, _whom(concerned, f)) for f in report.findings}
        own = {k: (f, whom) for k, (f, whom) in about.items() if not _is_told(f, whom, keys)}
        unsettled = _unsettled(rollouts, drifts)
        ripe = ripen(
            (f for f, _ in own.values() if not _is_of_the_moment(f, unsettled)),
            self._sights,
            now=now,
            grace=grace,
        )
        self._sights = ripe.sights
        noticed = [
            Noticed(finding=f, rollouts=(rollouts[uid],), by_drift=True)
            for uid, drift in drifts.items()
            for f in drift.findings
        ]
        noticed += (Noticed(finding=f, rollouts=own[f.key][1]) for f in ripe.findings)
        return Sweep(
            noticed=tuple(sorted(noticed, key=gravest_first)),
            suspected={**{k: whom for k, (_, whom) in about.items()}, **keys},
            unchecked=tuple(
                (u, concerned.of(u.kind, u.namespace, u.name)) for u in report.unchecked
            ),
        )


def _whom(concerned: Concerned, finding: Finding) -> tuple[Rollout, ...]:
    return concerned.of(finding.kind, finding.namespace, finding.name, finding.rollout)


def _is_told(finding: Finding, whom: Iterable[Rollout], keys: Mapping[str, object]) -> bool:
    """Whether the comparison sees the same at the same object, of any of these rollouts."""
    place = f"{finding.kind}/{finding.name}"
    return any(f"{finding.id}:{rollout.key}:{place}" in keys for rollout in whom)


def _unsettled(
    rollouts: Mapping[str, Rollout], drifts: Mapping[str, Drift]
) -> frozenset[tuple[str, str]]:
    """Name the Ingresses on which the controller is about to write."""

    def names() -> Iterator[tuple[str, str]]:
        for uid, drift in drifts.items():
            for state in drift.states:
                if state.standing is Standing.CONVERGING:
                    yield rollouts[uid].namespace, state.ingress

    return frozenset(names())


def _is_of_the_moment(finding: Finding, unsettled: frozenset[tuple[str, str]]) -> bool:
    is_there = finding.kind == "Ingress" and (finding.namespace, finding.name) in unsettled
    return is_there and finding.id in _OF_THE_MOMENT
