"""
The clock strikes: what is wrong is looked for and told, and digests are posted.

    look_for_drift ─▶ survey ─▶ watchlist ─▶ cards, answers, digests
                            └─▶ herald ─▶ channels

A digest is told exactly once for each time at which it is due: the key that is claimed is the
channel and that time.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.balancing.finding import Finding
from bot.flows import endings
from bot.flows.board import Board
from bot.flows.breath import one_a_turn
from bot.flows.follower import look_at
from bot.flows.herald import Herald
from bot.flows.journal import Journal
from bot.flows.kept import Lane, OpenFinding
from bot.flows.ports import Clock, Cluster, Observed
from bot.flows.stories import Stories
from bot.flows.survey import Survey
from bot.flows.watchlist import Sweep
from bot.messages import digests
from bot.release.digest import Concern, Digest, Flight, summarise
from bot.release.rollout import Rollout
from bot.release.routing import Routing
from bot.release.traffic import Look


def _rung() -> asyncio.Event:
    event = asyncio.Event()
    event.set()
    return event


@dataclass
class Patrol:
    """
    Looks for drift, and sums up.

    Nothing is said before everything that exists is known (`listed`): what is not known yet would
    pass for gone.
    """

    cluster: Cluster
    board: Board
    journal: Journal
    stories: Stories
    clock: Clock
    on_findings: Callable[[Mapping[str, int]], None] = lambda _found: None
    listed: asyncio.Event = field(default_factory=_rung)
    refresh: Callable[[str], None] = lambda _uid: None
    command: str = "/rollout"
    leads: Callable[[], bool] = lambda: True
    look_at: Callable[[Observed], Look] = look_at

    def __post_init__(self) -> None:
        self.watchlist = self.board.watchlist
        self.herald = Herald(self.board, self.watchlist, self.command)
        self.survey = Survey(self.cluster, self.look_at)

    async def look_for_drift(self, now: datetime) -> None:
        """Look at everything; tell what is new or gone."""
        if self._is_blind:
            return  # what is known may be old: silence is better than a false alarm
        is_first, told = self.watchlist.looked is None, set[OpenFinding]()
        if is_first:
            told = {*await self.board.bulletin.open_findings()}
            self.survey.remember((known.finding for known in told), now)
        sweep = await self.survey.look(now, self.board.settings.drift_grace)
        if self._is_blind:
            return  # it went away while we looked
        if is_first:
            told |= {*await self.board.bulletin.open_findings()}
        changed = self.watchlist.take(sweep, now)
        if self.leads():
            await self.herald.tell(sweep, now)
        else:
            await self.herald.read_mutes(now)
        # till the first look the cards showed what was told before
        about = {(known.finding.namespace, known.finding.rollout) for known in told}
        changed |= {r.uid for r in self.cluster.known() if (r.namespace, r.name) in about}
        async for uid in one_a_turn(changed):
            self.refresh(uid)
        self._count(sweep)

    @property
    def _is_blind(self) -> bool:
        is_away = self.cluster.unreachable_since is not None or self.cluster.is_catching_up
        return is_away or not self.listed.is_set()

    def findings(self, uid: str) -> tuple[Finding, ...]:
        """Give what the last patrol found about a rollout."""
        return self.watchlist.of(uid)

    async def digest(self, channel: str, due: datetime, since: datetime) -> None:
        """Post a channel's digest for the time at which it was due, once."""
        await self.listed.wait()
        about = {"cluster": self.board.settings.cluster, "due": due.isoformat()}
        metadata = {"event_type": digests.EVENT, "event_payload": about}
        message = digests.digest(await self.sum_up(channel, since=since))
        own = self.board.own(channel, replace(message, metadata=metadata), Lane.ENDED)
        await self.board.telling.once(f"digest:{channel}:{due.isoformat()}", [own])

    async def sum_up(self, channel: str, *, since: datetime) -> Digest:
        """Sum up what this channel hears about; everything when it is routed nothing."""
        routing = self.board.settings.routing
        here = [o for o in map(self._seen, self.cluster.known()) if o]
        routed = [o for o in here if _hears(routing, channel, o)]
        chosen = routed or ([] if _is_routed(routing, channel) else here)
        flights = []
        for observed in chosen:
            look = self.look_at(observed)
            flights.append(Flight(look=look, story=await self.stories.of(look)))
        names = {(o.rollout.namespace, o.rollout.name) for o in chosen}
        within = await self.journal.since(since)
        entries = [e for e in within if (e.namespace, e.name) in names]
        return summarise(
            flights,
            [ended for ended in map(endings.read, entries) if ended],
            entries,
            *self._concerns(o.rollout for o in chosen),
            since=since,
            until=self.clock(),
        )

    def _concerns(self, rollouts: Iterable[Rollout]) -> tuple[list[Concern], int, int]:
        """Give the findings that a digest names, and how many are less grave or muted."""
        found = {f.key: f for rollout in rollouts for f in self.findings(rollout.uid)}
        least, now = self.board.settings.drift_severity, self.clock()
        loud = [f for f in found.values() if not self.watchlist.mute_of(f, now)]
        named = [concern(f) for f in loud if f.severity.reaches(least)]
        return named, len(loud) - len(named), len(found) - len(loud)

    def _seen(self, rollout: Rollout) -> Observed | None:
        return self.cluster.seen(rollout.namespace, rollout.name)

    def _count(self, sweep: Sweep) -> None:
        """Count what concerns a rollout: what is wrong with others is not ours to alarm about."""
        counted: dict[str, int] = {}
        for noticed in sweep.noticed:
            if noticed.rollouts:
                id_ = noticed.finding.id
                counted[id_] = counted.get(id_, 0) + 1
        self.on_findings(counted)


def concern(finding: Finding) -> Concern:
    """Name a finding as a digest does."""
    return Concern(
        about=finding.about,
        message=finding.message,
        since=finding.since,
    )


def _hears(routing: Routing, channel: str, observed: Observed) -> bool:
    return channel in routing.channels(observed.rollout)


def _is_routed(routing: Routing, channel: str) -> bool:
    return any(route.channel == channel for route in routing.routes)
