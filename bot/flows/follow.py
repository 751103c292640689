"""
Rollouts change: tell people.

    watch ─▶ newest state per rollout ─▶ detect_changes ─▶ who did it ─▶ claim ─▶ line in the thread
                                     └─▶ story ─▶ card

A storm of events costs one look (`looks.py`). The first listing is memory, not news:
what changed meanwhile is found by comparing with what was told last, and is told once.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass, field, replace

from bot.flows.board import Board
from bot.flows.closing import CLOSING, Closing
from bot.flows.credit import credit, is_foreign_promotion, is_told_otherwise
from bot.flows.follower import (
    Follower,
    essence,
    first_told,
    is_at_route,
    is_certain,
    look_at,
)
from bot.flows.journal import Journal
from bot.flows.kept import Told
from bot.flows.looks import Looks
from bot.flows.ports import Clock, Cluster, Gone, Listed, Observed
from bot.flows.settling import Settling
from bot.flows.stories import Stories
from bot.release.changes import (
    Aborted,
    Change,
    Deleted,
    PublicBack,
    RouteBack,
    Started,
)
from bot.release.detect import alarms, detect_changes
from bot.release.errors import Refusal
from bot.release.rollout import State
from bot.release.traffic import Look

_log = logging.getLogger(__name__)
_TURNS = 15  # of the loop, until what was handed to the outbox is on the wire


@dataclass
class Follow:
    """Follows all rollouts; `run` returns only when it is cancelled."""

    cluster: Cluster
    board: Board
    journal: Journal
    stories: Stories
    settling: Settling
    clock: Clock
    leads: Callable[[], bool] = lambda: True
    listed: asyncio.Event = field(default_factory=asyncio.Event)
    is_through: asyncio.Event = field(default_factory=asyncio.Event)  #: all were looked at once
    #: whether what was told is newer than what is known of it
    is_stale: Callable[[str], bool] = lambda _uid: False

    def __post_init__(self) -> None:
        self.looks = Looks(self._follow, self.clock, self.leads)
        self._closing = Closing(self.board, self.journal, self.stories, self.clock)

    async def run(self) -> None:
        """Follow until cancelled; each time anew, from what the bulletin has."""
        self.board.begin()
        ticker = asyncio.create_task(self.looks.go_on(), name="follow-tick")
        try:
            async with aclosing(self.cluster.watch()) as watch:
                async for event in watch:
                    await self._hear(event)
        finally:
            ticker.cancel()
            await asyncio.gather(ticker, return_exceptions=True)
            await self.looks.stop()
            self.stories.told.clear()
            self.is_through.clear()

    async def _hear(self, event: Observed | Gone | Listed) -> None:
        if isinstance(event, Observed):
            await self.looks.offer(event)
        else:
            await (self._gone(event.rollout.uid) if isinstance(event, Gone) else self._listed())

    def look_at(self, observed: Observed) -> Look:
        """Read where traffic goes; what was looked at last is not read once more."""
        follower = self.looks.followers.get(observed.rollout.uid)
        if follower and follower.looked and follower.looked[0].is_of(observed):
            return follower.looked[1]
        return look_at(observed)

    def refresh(self, uid: str) -> None:
        """Look again at a rollout of which the bot itself has learnt something."""
        follower = self.looks.followers.get(uid)
        if follower and follower.last and not follower.waiting:
            follower.shown = None
            self.looks.begin(follower.last)

    async def _listed(self) -> None:
        """Everything that exists is known: what was told of others is about the deleted."""
        await self.looks.settled()
        async for told in self.board.bulletin.recall_all(but=self.looks.followers):
            uid = told.look.rollout.uid
            if self.is_stale(uid):
                await self.board.bulletin.remember(uid, None)
            else:
                self.looks.followers[uid] = Follower(told=told, is_loaded=True)
                await self._gone(uid)
        await self.settling.forget_others(self.looks.followers)
        self.listed.set()
        self.is_through.set()

    async def _gone(self, uid: str) -> None:
        follower = self.looks.followers.pop(uid, None)
        if follower is None:
            return
        if follower.task:
            await asyncio.gather(follower.task, return_exceptions=True)
        told = follower.told
        if told and told.look.rollout.is_releasing:
            change = Deleted(look=told.look)
            await self.board.tell(change, once=_key(change, told))
            await self._closing.close(change, told)
        await self.settling.forget(uid)
        await self.board.bulletin.remember(uid, None)
        self.stories.told.pop(uid, None)
        self.journal.forget(uid)
        self.board.forget(uid)

    async def _follow(self, follower: Follower, observed: Observed) -> None:
        if self.cluster.is_catching_up:
            follower.is_restless = True  # what does not belong together raises false alarms
            return
        look, uid = self.look_at(observed), observed.rollout.uid
        follower.looked = (observed, look)
        self.journal.look_anew(uid)
        first = not follower.is_loaded
        if first:
            follower.told = await self.board.bulletin.recall(uid)
            follower.is_loaded = True
            if follower.told and not self.is_stale(uid):
                self.stories.told[uid] = follower.told
                await self._closing.show_again(follower.told, look)
        if follower.told is None or (first and self.is_stale(uid)):
            await self._first_sight(follower, look)
            return
        follower.is_restless = False
        if not look.rollout.is_observed and look.rollout.state is not State.UNSUPPORTED:
            return
        changes = detect_changes(follower.told.look, look)
        if changes and follower.holds_back(look, self.clock()):
            follower.is_restless = True
            return
        if not any(isinstance(change, Started) for change in changes):
            # First what is true now, then how it came about: writing that down keeps the loop for
            # a millisecond, and the card should be on its way by then.
            await self._show(follower, look)
            for _ in range(0 if self.looks.is_crowded else _TURNS):
                await asyncio.sleep(0)
        await self._tell(follower, follower.told, look, changes)
        follower.is_restless |= await self.settling.settle(look)
        await self._show(follower, look)
        await self.board.keep_menu(look.rollout)

    async def _first_sight(self, follower: Follower, look: Look) -> None:
        """Remember; a release that is on its way already gets a card, its past is not told."""
        rollout = look.rollout
        is_stale = self.is_stale(rollout.uid)
        await self._remember(follower, first_told(look, follower.told, is_stale=is_stale))
        await self._show(follower, look)
        await self.board.keep_menu(look.rollout)
        follower.is_restless = rollout.is_releasing

    async def _tell(
        self, follower: Follower, was: Told, look: Look, changes: tuple[Change, ...]
    ) -> None:
        told, before = was, was.look
        entries = await self.journal.of(look.rollout.uid)
        for change in changes:
            credited = await credit(change, before, entries, self.cluster, self.clock())
            told = await self._tell_one(credited, told, before)
        told = await self._tell_alarms(follower, look, told)
        routes = look.routes_to_canary or told.routes
        kept = replace(told, look=look, routes=routes)
        if changes or (kept.alarms, kept.routes) != (was.alarms, was.routes):
            await self._remember(follower, kept)
        else:
            follower.told = self.stories.told[look.rollout.uid] = kept

    async def _tell_one(self, change: Change, told: Told, before: Look) -> Told:
        """Tell one change, once even if the bot stops in between; close what it ends."""
        rollout = change.look.rollout
        entries = await self.journal.of(rollout.uid)
        is_quiet = is_told_otherwise(change, before, entries, self.clock())
        lines = [] if is_quiet else self.board.lines(change)
        is_new = await self.board.telling.once(_key(change, told), lines)
        if is_new and is_foreign_promotion(change):
            await self.settling.record_promotion(change, before)
        told = replace(told, serial=told.serial + 1)
        if isinstance(change, CLOSING):
            await self._closing.close(change, replace(told, look=before))
        if isinstance(change, Started):
            started = rollout.started_at or self.clock()
            told = replace(told, started=started, started_by=change.by, routes=(), alarms=())
        if isinstance(change, Aborted):
            await self.settling.begin_abort(change)
        return told

    async def _tell_alarms(self, follower: Follower, look: Look, told: Told) -> Told:
        now, known = self.clock(), {route.name: route for route in told.routes}
        present = alarms(look, known)
        for key in set(follower.alarm_since) - set(present):
            del follower.alarm_since[key]
        for key, alarm in present.items():
            if key in told.alarms:
                continue
            if not follower.ripe(key, now, at_once=is_certain(alarm)):
                follower.is_restless = True
                continue
            finding = self.board.has_finding(alarm, since=follower.alarm_since[key])
            if finding is not False:
                follower.is_restless |= finding is None
                continue
            told = await self._tell_one(alarm, told, told.look)
            told = replace(told, alarms=(*told.alarms, key))
        for key in told.alarms:
            if key not in present:
                told = await self._tell_relief(key, look, told)
        return told

    async def _tell_relief(self, key: str, look: Look, told: Told) -> Told:
        """Tell that something wrong is gone, where the release still goes on."""
        kind, _, name = key.partition(":")
        if kind == "route" and is_at_route(look, name):
            return told  # being written, or not: seen at the next step
        told = replace(told, alarms=tuple(k for k in told.alarms if k != key))
        if not look.rollout.is_releasing or look.rollout.aborted:
            return told
        if kind == "stray":
            return await self._tell_one(PublicBack(look=look, service=name), told, told.look)
        route = next((r for r in look.routes_to_canary if r.name == name), None)
        if route is None:
            return told
        back, entries = RouteBack(look=look, route=route), await self.journal.of(look.rollout.uid)
        named = await credit(back, told.look, entries, self.cluster, self.clock())
        return await self._tell_one(named, told, told.look)

    async def _show(self, follower: Follower, look: Look) -> None:
        """Bring the card up to date, if it would say something else than before."""
        if not look.rollout.is_releasing or look.rollout.state is State.UNSUPPORTED:
            follower.shown = None
            return
        look = replace(look, traffic=self.settling.explained(look))
        story = await self.stories.of(look)
        shown = (essence(look), story)
        if shown != follower.shown:
            await self.board.show(look, story)
            follower.shown = shown

    async def _remember(self, follower: Follower, told: Told) -> None:
        uid = told.look.rollout.uid
        follower.told = self.stories.told[uid] = told
        if not self.leads():  # who leads now may have told more
            return
        with suppress(Refusal):  # it is written down when the database is back
            await self.board.bulletin.remember(uid, told)


def _key(change: Change, told: Told) -> str:
    """Give what is claimed for it: another process that sees the same gives the same."""
    uid = change.look.rollout.uid
    return f"{uid}:{told.serial}:{change.place}:{type(change).__name__}"
