"""
The bot's memory was lost, or is older than what was said: it is made good from Slack and cluster.

    editions, channels ─▶ begin ─▶ places, open findings, digests that are told
                                └▶ what is known of each rollout is stale: what is different by
                                   now is taken to be told
    everything is listed ─▶ finish ─▶ cards of what is over are closed; the gap is on record

Every message carries the edition of the memory it was written with, and an edition is in the
database before it is in a message. So a greater one in Slack than in the database means that the
database is new, or of an earlier time. While the database takes nothing, messages carry the next
edition: whoever starts then knows that more was said than is written down.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from bot.flows import gaps
from bot.flows.archive import Archive, Editions, Posted
from bot.flows.board import Board
from bot.flows.follower import look_at
from bot.flows.journal import Journal
from bot.flows.kept import Lane, OpenFinding, Place, Slot, card_slot, finding_slot
from bot.flows.ports import Clock, Cluster
from bot.flows.stories import Stories
from bot.messages import card, digests, findings, rebuilt, storm
from bot.release.errors import Refusal
from bot.release.ledger import failed

_log = logging.getLogger(__name__)

_AS_FAR_BACK = timedelta(days=7)  #: where nothing is known
_CARE = timedelta(minutes=2)  #: clocks of Slack and of the bot differ


@dataclass
class Rebuild:
    """
    Makes good what is missing in the memory, once, at a start.

    Attributes:
        edition: with which messages are written.

    """

    board: Board
    journal: Journal
    stories: Stories
    cluster: Cluster
    archive: Archive
    editions: Editions
    clock: Clock
    edition: int = 0
    is_behind: bool = False
    _unknown: set[str] = field(default_factory=set)  #: uids of which more was told than is known
    _left: list[Posted] = field(default_factory=list)  #: cards with buttons, of these
    _is_whole: bool = True

    def is_stale(self, uid: str) -> bool:
        """Whether what is known about a rollout is of an earlier time than what was told of it."""
        return self.is_behind or uid in self._unknown

    async def begin(self) -> None:
        """Find out what is missing, and take what Slack has; before anything is told."""
        try:
            _, since = await self.editions.current()
            posted = await self._read(await self._how_far(since))
            seen = max((one.edition for one in posted), default=0)
            # read after Slack: another replica may have begun an edition meanwhile
            newest, _ = await self.editions.current()
            self.is_behind = seen > newest
            self.edition = max(newest, seen)
            adopted = [one for one in posted if await self._adopt(one)]
            await self._learn(posted, adopted)
            if self.is_behind:
                await self._drop_what_was_answered()
        except Refusal as refusal:  # it goes on without: what is posted twice can be seen
            _log.warning("Not rebuilt: %s", refusal.text, extra={"action": "not_rebuilt"})

    async def finish(self) -> None:
        """Close what is over, and put the gap on record; when everything that exists is known."""
        for one in self._left:
            await self._close(one)
        if self.is_behind:
            await self.put_on_record(gaps.LOST)
        self.is_behind, self._left = False, []
        self._unknown.clear()
        self.edition = await self.editions.begin(self.edition + 1)

    async def put_on_record(self, why: str) -> None:
        """Flag the gap: in the ledger, and in the log."""
        now, cluster = self.clock(), self.board.settings.cluster
        await self.journal.write(gaps.record(why, cluster=cluster, now=now))
        more = "" if self._is_whole else " Not everything could be read back from Slack."
        _log.warning(
            "%s What was said I have found again in Slack; who did what before, and what was "
            "muted, is not on record.%s",
            why,
            more,
            extra={"action": "memory_rebuilt", "edition": self.edition},
        )

    # --- what Slack has ---------------------------------------------------------------------------

    async def _how_far(self, since: datetime | None) -> datetime:
        """Tell from when on to read: everything after the newest edition, and every open card."""
        if since is None:
            return self.clock() - _AS_FAR_BACK
        oldest = since - _CARE
        async for told in self.board.bulletin.recall_all():
            rollout = told.look.rollout
            if rollout.is_releasing:
                for slot in self.board.slots(rollout):
                    if place := await self.board.bulletin.place(slot):
                        stood = datetime.fromtimestamp(float(place.ts), UTC)
                        oldest = min(oldest, stood - _CARE)
        return max(oldest, self.clock() - _AS_FAR_BACK)

    async def _read(self, since: datetime) -> Sequence[Posted]:
        cluster, found = self.board.settings.cluster, list[Posted]()
        for channel in dict.fromkeys(route.channel for route in self.board.settings.routing.routes):
            posted, is_whole = await self.archive.posted(channel, since)
            self._is_whole &= is_whole
            found += (one for one in posted if one.says("cluster") in {"", cluster})
        return found

    async def _adopt(self, one: Posted) -> bool:
        """Keep where a message stands that nothing is known of; whether that was so."""
        bulletin = self.board.bulletin
        if one.kind == digests.EVENT:
            await bulletin.claim(f"digest:{one.channel}:{one.says('due')}")
            return False
        slot = slot_of(one)
        if slot is None:
            return False
        known = await bulletin.place(slot)
        if known is None or (self.is_behind and known.ts == one.ts):
            # what it says is not known: it is written once more
            await bulletin.put(slot, Place(ts=one.ts))
        return known is None

    async def _learn(self, posted: Sequence[Posted], adopted: Sequence[Posted]) -> None:
        """Find the cards that nobody follows, and the findings that are told."""
        for one in adopted:
            if one.kind == card.EVENT:
                known = await self.board.bulletin.recall(one.says("uid"))
                if known is None or known.look.rollout.revision != one.says("revision"):
                    self._unknown.add(one.says("uid"))
        for one in posted:
            if one.kind == card.EVENT and one.is_open and self.is_stale(one.says("uid")):
                self._left.append(one)
        if self.is_behind:  # else the storm's last words are stored, and the outbox has them
            self._left += (one for one in adopted if one.kind == storm.EVENT and not _is_over(one))
        await self._learn_findings(posted, adopted)

    async def _learn_findings(self, posted: Sequence[Posted], adopted: Sequence[Posted]) -> None:
        bulletin = self.board.bulletin
        for one in adopted:
            finding = findings.recalled(one.payload) if one.kind == findings.EVENT else None
            if finding and one.is_open:
                at = datetime.fromtimestamp(float(one.ts), UTC)
                told = OpenFinding(finding=finding, channel=one.channel, told_at=at, ts=one.ts)
                await bulletin.keep_findings([told], [], [])
        if not self.is_behind:
            return
        closed = {(one.channel, one.says("finding")) for one in posted if not one.is_open}
        for known in await bulletin.open_findings():
            if (known.channel, known.finding.fingerprint) in closed:
                await bulletin.keep_findings([], [known], [])

    async def _drop_what_was_answered(self) -> None:
        """Owe, tell and pursue nothing that belongs to the time before the gap."""
        parcels = await self.board.bulletin.parcels()
        await self.board.bulletin.delivered([parcel.id for parcel in parcels])
        for promise in await self.board.bulletin.promises():
            await self.board.bulletin.redeem(promise.id)
        for entry in await self.journal.pending():
            await self.journal.write(entry.ends(failed("how it ended is not on record")))

    # --- what is over -----------------------------------------------------------------------------

    async def _close(self, one: Posted) -> None:
        """Bring the card of a release to its end that ended when nobody looked."""
        if one.kind == storm.EVENT:
            await self._end_storm(one)
            return
        slot, uid, revision = slot_of(one), one.says("uid"), one.says("revision")
        rollout = next((r for r in self.cluster.known() if r.uid == uid), None)
        if slot is None or (rollout and rollout.is_releasing and rollout.revision == revision):
            return
        metadata = {"event_type": one.kind, "event_payload": dict(one.payload)}
        observed = self.cluster.seen(rollout.namespace, rollout.name) if rollout else None
        if rollout and observed and rollout.revision == revision:
            look = look_at(observed)
            story = gaps.done(await self.stories.of(look))
            message = await self.board.compose(look, story)
        else:
            name = f"{one.says('namespace')}/{one.says('name')}"
            message = rebuilt.left_behind(name, exists=rollout is not None, metadata=metadata)
        await self.board.telling.say([self.board.living(slot, message, Lane.ENDED)])

    async def _end_storm(self, one: Posted) -> None:
        """Let a message about many say that it is over; nobody else knows of it."""
        began, slot = datetime.fromtimestamp(one.payload.get("began") or 0, UTC), slot_of(one)
        if slot is not None:
            parcel = self.board.living(slot, storm.interrupted(began), Lane.ENDED)
            await self.board.telling.say([replace(parcel, at=began)])


def _is_over(one: Posted) -> bool:
    return bool(one.payload.get("over"))


def slot_of(one: Posted) -> Slot | None:
    """Name the living message that this is; None: it is none."""
    if one.kind == card.EVENT:
        return card_slot(one.channel, one.says("uid"), one.says("revision"))
    if one.kind == findings.EVENT:
        return finding_slot(one.channel, one.says("finding"), one.payload.get("since") or 0)
    if one.kind == storm.EVENT:
        return Slot(channel=one.channel, key=f"{storm.SLOT}{one.says('began')}")
    return None
