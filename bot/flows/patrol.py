"""
The clock strikes: drift, reminders, digests.

Drift is told once per finding with its evidence, once again when it is gone, and
reminded of after `drift.remind`. A digest is told exactly once for each time at
which it is due: the key that is claimed is the channel and that time.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.balancing.drift import Memory, find_drift
from bot.balancing.finding import Finding
from bot.flows import endings
from bot.flows.board import Board
from bot.flows.follower import look_at
from bot.flows.journal import Journal
from bot.flows.ports import Clock, Cluster, Lane, Observed, OpenFinding
from bot.flows.stories import Stories
from bot.messages import digests
from bot.messages import findings as words_of
from bot.messages.blocks import Message
from bot.release.changes import Topic
from bot.release.digest import Concern, Digest, Flight, summarise
from bot.release.rollout import Rollout
from bot.release.routing import Routing

_log = logging.getLogger(__name__)


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
    _memory: dict[str, Memory] = field(default_factory=dict)
    _current: dict[str, tuple[Finding, ...]] = field(default_factory=dict)

    async def look_for_drift(self, now: datetime) -> None:
        """Compare every Ingress with what its rollout reports; tell what is new or gone."""
        is_away = self.cluster.unreachable_since is not None or self.cluster.is_catching_up
        if is_away or not self.listed.is_set():
            return  # what is known may be old: silence is better than a false alarm
        observed = [o for o in map(self._seen, self.cluster.known()) if o]
        present = {o.rollout.uid for o in observed}
        for gone in self._memory.keys() - present:
            del self._memory[gone]
            self._current.pop(gone, None)
        for one in observed:
            self._current[one.rollout.uid] = self._compare(one, now)
        await self._tell(observed, now)
        self._count()

    def findings(self, uid: str) -> tuple[Finding, ...]:
        """Give what the last patrol found about a rollout."""
        return self._current.get(uid, ())

    async def digest(self, channel: str, due: datetime, since: datetime) -> None:
        """Post a channel's digest for the time at which it was due, once."""
        await self.listed.wait()
        if not await self.board.bulletin.claim(f"digest:{channel}:{due.isoformat()}"):
            return
        summary = await self.sum_up(channel, since=since)
        self.board.chat.post(channel, digests.digest(summary), Lane.ENDED)

    async def sum_up(self, channel: str, *, since: datetime) -> Digest:
        """Sum up what this channel hears about; everything when it is routed nothing."""
        routing = self.board.settings.routing
        here = [o for o in map(self._seen, self.cluster.known()) if o]
        routed = [o for o in here if _hears(routing, channel, o)]
        chosen = routed or ([] if _is_routed(routing, channel) else here)
        flights = []
        for observed in chosen:
            look = look_at(observed)
            flights.append(Flight(look=look, story=await self.stories.of(look)))
        names = {(o.rollout.namespace, o.rollout.name) for o in chosen}
        within = await self.journal.since(since)
        entries = [e for e in within if (e.namespace, e.name) in names]
        return summarise(
            flights,
            [ended for ended in map(endings.read, entries) if ended],
            entries,
            [concern(f) for o in chosen for f in self.findings(o.rollout.uid)],
            since=since,
            until=self.clock(),
        )

    def _seen(self, rollout: Rollout) -> Observed | None:
        return self.cluster.seen(rollout.namespace, rollout.name)

    def _compare(self, observed: Observed, now: datetime) -> tuple[Finding, ...]:
        uid = observed.rollout.uid
        drift = find_drift(
            look_at(observed),
            observed.ingresses,
            now=now,
            grace=self.board.settings.drift_grace,
            memory=self._memory.get(uid, {}),
        )
        self._memory[uid] = drift.memory
        return drift.findings

    async def _tell(self, observed: Iterable[Observed], now: datetime) -> None:
        told = {(f.finding.key, f.channel): f for f in await self.board.bulletin.open_findings()}
        still: set[tuple[str, str]] = set()
        for one in observed:
            channels = list(self.board.settings.routing.channels(one.rollout, Topic.DRIFT))
            # What is suspected only, such as after a restart, is not gone either.
            suspected = self._memory.get(one.rollout.uid, {})
            still.update((key, channel) for key in suspected for channel in channels)
            for finding in self.findings(one.rollout.uid):
                for channel in channels:
                    still.add((finding.key, channel))
                    known = told.get((finding.key, channel))
                    await self._tell_one(finding, channel, known, now)
        for place, known in told.items():
            if place not in still:
                await self.board.bulletin.close_finding(known.finding.key, known.channel)
                self._say(known.channel, words_of.resolved(known.finding, now=now))

    async def _tell_one(
        self, finding: Finding, channel: str, known: OpenFinding | None, now: datetime
    ) -> None:
        remind: timedelta = self.board.settings.drift_remind
        if known and now - known.told_at < remind:
            return
        kept = OpenFinding(finding=finding, channel=channel, told_at=now)
        if known:
            kept = replace(known, finding=replace(finding, since=known.finding.since), told_at=now)
        await self.board.bulletin.open_finding(kept)
        say = words_of.reminded if known else words_of.found
        self._say(channel, say(kept.finding, now=now))

    def _say(self, channel: str, message: Message) -> None:
        self.board.chat.post(channel, message, Lane.DECISION)

    def _count(self) -> None:
        counted: dict[str, int] = {}
        for findings in self._current.values():
            for finding in findings:
                counted[finding.id] = counted.get(finding.id, 0) + 1
        self.on_findings(counted)


def concern(finding: Finding) -> Concern:
    """Name a finding as a digest does."""
    return Concern(
        namespace=finding.namespace,
        name=finding.rollout,
        message=finding.message,
        since=finding.since,
    )


def _hears(routing: Routing, channel: str, observed: Observed) -> bool:
    return channel in routing.channels(observed.rollout)


def _is_routed(routing: Routing, channel: str) -> bool:
    return any(route.channel == channel for route in routing.routes)
