"""
People ask to hear no more of a finding for a while, with a reason and an end.

    press ─▶ form ─▶ entry `pending` ─▶ may they? ─▶ is it still there? ─▶ kept ─▶ told where the
    finding was told; entry completed

A mute silences messages only: the card, `drift` and refusals go on to tell the finding.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from bot.balancing.finding import Finding
from bot.flows.asking import Operate, Request
from bot.flows.board import Board
from bot.flows.herald import Herald, shown
from bot.flows.journal import Journal
from bot.flows.ports import Clock, Cluster
from bot.flows.watchlist import Watchlist
from bot.messages import findings as words_of
from bot.messages import muting, replies
from bot.messages.blocks import Message
from bot.release.access import Permission
from bot.release.errors import NotFound, NotNow, Refusal, Unclear
from bot.release.ledger import DONE, Entry, refused
from bot.release.mute import SPANS, Mute
from bot.release.rollout import Rollout, Sighting

VERBS = frozenset({words_of.MUTE, words_of.UNMUTE})
_GONE = "That finding is gone already: there is nothing to mute."


@dataclass
class Muting:
    """Mutes findings, and ends that, by hand."""

    cluster: Cluster
    board: Board
    journal: Journal
    watchlist: Watchlist
    herald: Herald
    clock: Clock
    on_outcome: Callable[[str, str], None] = lambda _verb, _outcome: None

    async def propose(self, request: Request) -> dict[str, Any]:
        """
        Write the form.

        Raises:
            Refusal: they may not, or there is nothing to mute.

        """
        rollout = self._rollout(request)
        self._check(replace(request, reason="asked for in the form"), rollout)
        wanted = request.words[0] if request.words else ""
        meant = [f for f in await self._open(rollout) if wanted in {"", f.fingerprint}]
        chosen = [f for f in meant if not self._mute_of(f)]
        if not chosen:
            raise NotNow(self._why_none(meant, wanted, rollout))
        return muting.form(
            [shown(self.board, finding, rollout, None) for finding in chosen],
            seal=self.board.seal,
            seen=rollout.sighting(),
            channel=request.channel,
            person=request.actor.user,
            now=self.clock(),
        )

    def _why_none(self, meant: Sequence[Finding], wanted: str, rollout: Rollout) -> str:
        """Tell why nothing that was meant can be muted."""
        if not wanted:
            return f"Nothing is open for {rollout.key} to be muted."
        mute = self._mute_of(meant[0]) if meant else None
        return muting.already(mute, rollout, now=self.clock()) if mute else _GONE

    async def __call__(self, request: Request) -> Message:
        """Do it or refuse it, and keep record of both."""
        entry = self._entry(request)
        self.journal.in_hand.add(entry.id)
        try:
            entry = await self.journal.write(entry)
            rollout = self._rollout(request)
            self._check(request, rollout)
            finding = await self._finding(request, rollout)
            entry = replace(entry, detail={"finding": finding.id, "key": finding.key})
            async with self.herald.lock:
                if request.verb == words_of.UNMUTE:
                    answer = await self._unmute(entry, finding, rollout)
                else:
                    answer = await self._mute(request, entry, finding, rollout)
        except Refusal as refusal:
            await self.journal.write(entry.ends(refused(refusal.why), why=refusal.text))
            self.on_outcome(request.verb, "refused")
            return replies.refused(refusal)
        else:
            self.on_outcome(request.verb, DONE)
            return answer
        finally:
            self.journal.in_hand.discard(entry.id)

    async def _mute(
        self, request: Request, entry: Entry, finding: Finding, rollout: Rollout
    ) -> Message:
        if not request.reason:
            raise Unclear("Say why: it goes to the ledger, and to everybody who was told.")
        now = self.clock()
        mute = Mute(
            key=finding.key,
            severity=str(finding.severity),
            by=entry.actor,
            reason=request.reason,
            at=now,
            until=now + _span(request),
        )
        await self.board.bulletin.mute(mute)
        self.watchlist.mutes[mute.key] = mute
        await self.journal.write(entry.ends(DONE, until=mute.until.isoformat()))
        await self.herald.show_mute(finding, rollout, mute)
        return muting.done(shown(self.board, finding, rollout, mute), now=now)

    async def _unmute(self, entry: Entry, finding: Finding, rollout: Rollout) -> Message:
        mute = self._mute_of(finding) or await self._kept(finding)
        if mute is None:
            raise NotNow("It is not muted any more.")
        await self.board.bulletin.unmute(mute.key)
        self.watchlist.mutes.pop(mute.key, None)
        await self.journal.write(entry.ends(DONE))
        await self.herald.show_mute(finding, rollout, None)
        await self.herald.tell_unmuted(finding, words_of.unmuted(finding, by=entry.actor))
        return muting.ended(shown(self.board, finding, rollout, None), mute)

    def _rollout(self, request: Request) -> Rollout:
        """Find the rollout whose rights count: the one that the message was for."""
        seen = request.seen
        if seen is None:
            raise Unclear("Mute a finding with the button on its message, or in `drift`.")
        observed = self.cluster.seen(seen.namespace, seen.name)
        if observed is None:
            raise NotFound(f"{seen.namespace}/{seen.name} does not exist any more.")
        return observed.rollout

    async def _open(self, rollout: Rollout) -> list[Finding]:
        """
        Give what is wrong with a rollout, the gravest first.

        Also what was told before a restart: the first sweep after it is still to come.
        """
        found = {finding.key: finding for finding in self.watchlist.of(rollout.uid)}
        for known in await self.board.bulletin.open_findings():
            finding = known.finding
            if (finding.namespace, finding.rollout) == (rollout.namespace, rollout.name):
                found.setdefault(finding.key, finding)
        return sorted(found.values(), key=lambda f: f.place_in_order)

    async def _finding(self, request: Request, rollout: Rollout) -> Finding:
        """Find what is meant; also what concerns several rollouts and was told for this one."""
        wanted = request.words[0] if request.words else ""
        told = [known.finding for known in await self.board.bulletin.open_findings()]
        for finding in (*await self._open(rollout), *told):
            if finding.fingerprint == wanted:
                return finding
        raise NotNow(_GONE)

    def _mute_of(self, finding: Finding) -> Mute | None:
        return self.watchlist.mute_of(finding, self.clock())

    async def _kept(self, finding: Finding) -> Mute | None:
        mutes = await self.board.bulletin.mutes()
        return next((mute for mute in mutes if mute.key == finding.key), None)

    def _check(self, request: Request, rollout: Rollout) -> None:
        self.board.settings.policy.check(
            request.actor,
            Permission.MUTE,
            rollout,
            channel=request.channel,
            reason=request.reason or ("-" if request.verb == words_of.UNMUTE else ""),
        )

    def _entry(self, request: Request) -> Entry:
        return request.entry(request.seen, at=self.clock(), cluster=self.board.settings.cluster)


def _span(request: Request) -> timedelta:
    said = request.words[1] if len(request.words) > 1 else ""
    if said not in SPANS:
        raise Unclear(f"For how long? One of {', '.join(SPANS)}.")
    return SPANS[said]


@dataclass
class Reception(Operate):
    """Where all acts come in: those on findings go one way, those on rollouts another."""

    operate: Operate
    muting: Muting

    async def __call__(self, request: Request) -> Message:
        """Do it or refuse it."""
        if request.verb in VERBS:
            return await self.muting(request)
        return await self.operate(request)

    def known(self, target: str) -> Sighting | None:
        """Tell what is known, in this moment, of what a command names; None where not clear."""
        return self.operate.known(target)

    async def propose(self, request: Request) -> dict[str, Any]:
        """Give the form that asks for what is still missing. Raises Refusal."""
        if request.verb in VERBS:
            return await self.muting.propose(request)
        return await self.operate.propose(request)

    async def refuse(
        self, request: Request, refusal: Refusal, about: Mapping[str, Any] | None
    ) -> Message:
        """Keep record of what was refused before it came here."""
        return await self.operate.refuse(request, refusal, about)
