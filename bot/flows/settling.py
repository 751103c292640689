"""
An action is finished when its effect is seen, not when its patch was accepted.

Every pending entry of the ledger is judged at every look. Until the effect is
there the bot says what is missing and keeps looking; so an entry left pending by
a crash is settled by the same code at the next start.
"""

import logging
from collections.abc import AsyncIterator, Callable, Container
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import uuid4

from bot.flows.board import Board
from bot.flows.credit import OUTSIDE
from bot.flows.journal import REPLICA, Journal
from bot.flows.ports import Clock, Cluster, Trouble
from bot.flows.tidying import Tidying
from bot.messages import replies
from bot.release.changes import (
    Aborted,
    Change,
    HeaderOnlyReady,
    StillReached,
    TrafficBack,
    WeightBack,
)
from bot.release.effects import Begun, judge
from bot.release.errors import Refusal
from bot.release.ledger import DONE, Entry, failed
from bot.release.traffic import Look, Traffic

_log = logging.getLogger(__name__)
_SOON = timedelta(seconds=2)  #: an abort that is not through by then is told
_LOST = timedelta(seconds=60)  #: a patch of which nobody knows whether it was sent
_ORPHANED = timedelta(seconds=5)  #: the same after a start: who was to send it is no more
_ASK_AGAIN = timedelta(seconds=5)


@dataclass
class Settling:
    """Completes ledger entries by what is seen in the cluster."""

    journal: Journal
    board: Board
    cluster: Cluster
    clock: Clock
    tidying: Tidying
    on_outcome: Callable[[str, str], None] = lambda _verb, _outcome: None
    #: whether a replica is no more, by its name
    is_gone: Callable[[str], bool] = lambda _who: True
    _blocked: dict[str, tuple[datetime, str]] = field(default_factory=dict)
    _since: datetime | None = None  #: when this process looked first

    async def settle(self, look: Look) -> bool:
        """Judge what is pending; tell whether something still is."""
        is_restless = False
        async for entry in self._open(look.rollout.uid):
            is_restless |= self._is_elsewhere(entry) or await self._settle(entry, look)
        if not look.rollout.is_releasing:
            self._blocked.pop(look.rollout.uid, None)
            is_restless |= await self.tidying.tidy(look)
        return is_restless

    async def begin_abort(self, change: Aborted) -> None:
        """Watch an abort that somebody else made, as closely as our own."""
        rollout, now = change.look.rollout, self.clock()
        known = await self.journal.of(rollout.uid)
        if any(
            e.verb == "abort" and e.is_pending and e.revision == rollout.revision for e in known
        ):
            return
        if change.by and change.by.kind == "slack":
            return
        long_ago = rollout.aborted_at and now - rollout.aborted_at > _SOON
        begun = replace(Begun.at(change.look, None), weight=change.from_weight)
        entry = self._foreign("abort", change, begun)
        await self.journal.write(
            replace(entry, at=rollout.aborted_at if long_ago and rollout.aborted_at else now)
        )

    async def record_promotion(self, change: Change, before: Look) -> None:
        """Keep record of a promotion that somebody else made: it left no name, only its effect."""
        entry = self._foreign("promote", change, Begun.at(before, None))
        await self.journal.write(entry.ends(DONE))

    def _foreign(self, verb: str, change: Change, begun: Begun) -> Entry:
        """Make the entry of an act that was not done through the bot."""
        rollout = change.look.rollout
        return Entry(
            id=uuid4().hex,
            at=self.clock(),
            actor=change.by or OUTSIDE,
            verb=verb,
            cluster=self.board.settings.cluster,
            namespace=rollout.namespace,
            name=rollout.name,
            uid=rollout.uid,
            revision=rollout.revision,
            step=begun.step,
            detail={**begun.detail(), "accepted": True},
        )

    def explained(self, look: Look) -> Traffic:
        """Add the controller's own word on why it cannot write, where it was found."""
        _, blocked = self._blocked.get(look.rollout.uid, (None, ""))
        held = blocked and not look.traffic.is_zero
        return replace(look.traffic, blocked=blocked) if held else look.traffic

    async def forget_others(self, known: Container[str]) -> None:
        """Complete what is pending of rollouts that were deleted while the bot was away."""
        for uid in {entry.uid for entry in await self.journal.pending()}:
            if uid not in known:
                await self.forget(uid)

    async def forget(self, uid: str) -> None:
        """Complete what is pending of a rollout that is gone."""
        async for entry in self._open(uid):
            await self._complete(entry, failed("the rollout was deleted"))
        self._blocked.pop(uid, None)

    async def _open(self, uid: str) -> AsyncIterator[Entry]:
        """
        Give what is pending and not in hand.

        Each as it is by then: while one is completed, another may have been refused.
        """
        for known in await self.journal.of(uid):
            entry = await self.journal.current(known)
            if entry.is_pending and entry.id not in self.journal.in_hand:
                yield entry

    async def _settle(self, entry: Entry, look: Look) -> bool:
        now = self.clock()
        verdict, age = judge(entry, look), now - entry.at
        if verdict.is_seen:
            seconds = round(age.total_seconds(), 3)
            await self._tell_seen(entry, look, seconds)  # first: who is killed now does it again
            await self._complete(entry, DONE, seconds=seconds)
            return False
        if verdict.overtaken:
            await self._complete(entry, failed(verdict.overtaken))
            return False
        if "accepted" not in entry.detail and self._is_lost(entry, now):
            outcome = failed("no effect was seen")
            if entry.actor.kind == "slack":
                why = "No effect was seen: I was stopped before it was sent."
                line = replies.in_thread(entry.ends(outcome), why=why)
                await self.board.note(look.rollout, line, once=f"lost:{entry.id}")
            await self._complete(entry, outcome)
            return False
        if entry.verb == "abort" and look.rollout.aborted and age > _SOON:
            await self._tell_still(entry, look)
        return True

    def _is_elsewhere(self, entry: Entry) -> bool:
        """Whether another replica has it in hand, and lives."""
        return self.journal.is_elsewhere(entry) and not self._is_orphaned(entry)

    def _is_orphaned(self, entry: Entry) -> bool:
        return self.is_gone(str(entry.detail.get(REPLICA, "")))

    def _is_lost(self, entry: Entry, now: datetime) -> bool:
        """Whether nobody will send it any more, and its effect is not seen."""
        began = self._since = self._since or now
        if self.journal.is_elsewhere(entry):
            return True  # orphaned, for longer than anything takes to be seen
        if entry.at < began:
            return now - began > _ORPHANED
        return abs(now - entry.at) > _LOST  # a clock that was wrong may have dated it

    async def _complete(self, entry: Entry, outcome: str, **detail: float) -> None:
        await self.journal.write(entry.ends(outcome, **detail))
        self._blocked.pop(entry.uid, None)
        self.on_outcome(entry.verb, outcome.partition(":")[0])

    async def _tell_seen(self, entry: Entry, look: Look, seconds: float) -> None:
        begun, by, reason = Begun.of(entry.detail), entry.actor, entry.reason
        back = begun.way_back if begun else None
        once = f"seen:{entry.id}"
        match entry.verb:
            case "abort":
                change: Change = TrafficBack(look=look, by=by, seconds=seconds)
                await self.board.tell(change, once=once)
            case "header-only" if look.routes_to_canary:
                route, back_to = look.routes_to_canary[0], back.weight if back else None
                ready = HeaderOnlyReady(
                    look=look, by=by, reason=reason, route=route, back_to=back_to
                )
                await self.board.tell(ready, once=once)
            case "resume" if back:
                change = WeightBack(look=look, by=by, reason=reason, weight=back.weight)
                await self.board.tell(change, once=once)

    async def _tell_still(self, entry: Entry, look: Look) -> None:
        why = await self._why(look)
        told = replace(look, traffic=self.explained(look))
        await self.board.tell(StillReached(look=told, why=why), once=f"still:{entry.id}")

    async def _why(self, look: Look) -> str:
        """Say why traffic stays; the controller's own Event where there is one."""
        rollout, stable = look.rollout, look.traffic.stable
        if rollout.frozen and look.traffic.scaling:
            return "`spec.paused` holds the weights since the number of replicas was changed"
        blocked = await self._trouble(look)
        if blocked:
            return blocked
        if stable.available < rollout.replicas:
            return f"{stable.available} of {rollout.replicas} stable pods are available"
        return ""

    async def _trouble(self, look: Look) -> str:
        uid, now = look.rollout.uid, self.clock()
        asked, blocked = self._blocked.get(uid, (None, ""))
        if asked is None or abs(now - asked) > _ASK_AGAIN:  # also where the clock was set back
            blocked = await self._ask_trouble(look)
            self._blocked[uid] = (now, blocked)
        return blocked

    async def _ask_trouble(self, look: Look) -> str:
        try:
            troubles = await self.cluster.troubles(look.rollout)
        except Refusal as refusal:
            _log.warning("no events of %s: %s", look.rollout.key, refusal.text)
            return ""
        trouble = next((t for t in troubles if t.reason == "TrafficRoutingError"), None)
        if trouble is None or _is_over(trouble, look):
            return ""
        return f"{trouble.reason}: {trouble.message}"


def _is_over(trouble: Trouble, look: Look) -> bool:
    """Whether the weights that still lead to the canary were written after it; whole seconds."""
    at = trouble.at
    wrote = [w.written_at for w in look.traffic.written if w.canary and w.written_at]
    return at is not None and any(at <= moment for moment in wrote)
