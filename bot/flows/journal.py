"""
The ledger, with what the flows share of it while the bot runs.

Entries are kept at hand per rollout (`at_hand`), so that following a release asks the database for
nothing; each write goes through. Whoever sent an action can wait until its
effect was seen and its entry completed.

Nothing is done without an entry before it: where that cannot be written, the write
fails. What has happened already is kept in memory then, and written down later.

Where several replicas share the database, what is at hand is brought up to date again and
again (`catch_up`), and what must not be wrong is read anew (`look_anew`): an entry is
written before its patch is sent, so who sees the effect finds the entry.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from bot.flows.at_hand import MOST, AtHand
from bot.flows.ports import Ledger
from bot.release.errors import Refusal
from bot.release.ledger import PENDING, Entry

_log = logging.getLogger(__name__)

REPLICA = "replica"  #: in an entry's detail: which of several replicas began it
UNANSWERED = "unanswered"  #: the same: it was sent, and nobody knows whether it was taken
_ASK = 0.25  #: seconds between looks for what another replica was to complete


class Journal:
    """
    What the flows know of the ledger.

    Args:
        ledger: the durable record behind.
        me: our name among the replicas that share it; "": nobody else writes there.

    """

    def __init__(self, ledger: Ledger, me: str = "") -> None:
        self._ledger = ledger
        self.me = me
        self._at_hand = AtHand()
        self._waiting: dict[str, asyncio.Event] = {}
        self._unwritten: dict[str, Entry] = {}  #: what the database did not take, by id
        self.in_hand: set[str] = set()  #: ids whose patch is under way: not to be judged yet

    async def write(self, entry: Entry) -> Entry:
        """
        Insert or complete an entry, in the database first.

        Raises:
            Refusal: it cannot be written, and what it is about is not done yet.

        """
        if self.me and entry.is_pending and REPLICA not in entry.detail:
            entry = replace(entry, detail={**entry.detail, REPLICA: self.me})
        try:
            await self.write_down()
            await self._ledger.write(entry)
        except Refusal as failure:
            if _is_intent(entry):
                raise
            _log.warning("Not on record yet: %s", failure.text, extra={"action": "unwritten"})
            self._unwritten[entry.id] = entry
        self._at_hand.add(entry)
        if not entry.is_pending and (waiter := self._waiting.get(entry.id)):
            waiter.set()
        return entry

    async def of(self, uid: str) -> Sequence[Entry]:
        """
        Give the newest entries of a rollout, oldest first.

        While the database does not answer: as they were when it last did, if it ever did.
        """
        if (kept := self._at_hand.of(uid)) is not None:
            return tuple(kept.values())
        try:
            read = await self._ledger.of(uid, most=MOST)
        except Refusal:
            if (last := self._at_hand.as_known_last(uid)) is None:
                raise
            return self._of(uid, last.values())
        if (kept := self._at_hand.of(uid)) is not None:  # somebody was faster
            return tuple(kept.values())
        known = self._of(uid, read)
        self._at_hand.keep(uid, known)
        return tuple(known)

    def _of(self, uid: str, read: Iterable[Entry]) -> Sequence[Entry]:
        return self._complete(read, lambda entry: entry.uid == uid)

    async def since(self, at: datetime) -> Sequence[Entry]:
        """Give all entries from then on, oldest first."""
        return self._complete(await self._ledger.since(at), lambda entry: entry.at >= at)

    async def pending(self) -> Sequence[Entry]:
        """Give the entries whose effect was not seen yet."""
        return self._complete(await self._ledger.pending(), lambda entry: entry.is_pending)

    async def write_down(self) -> None:
        """Write what could not be written before. Raises Refusal: it still cannot."""
        for entry in list(self._unwritten.values()):
            await self._ledger.write(entry)
            if self._unwritten.get(entry.id) == entry:
                del self._unwritten[entry.id]

    def _complete(self, read: Iterable[Entry], belongs: Callable[[Entry], bool]) -> Sequence[Entry]:
        """Put what is not written down yet in its place."""
        if not self._unwritten:
            return list(read)
        known = {entry.id: entry for entry in read}
        known |= self._unwritten
        return sorted(filter(belongs, known.values()), key=lambda entry: entry.at)

    def forget(self, uid: str) -> None:
        """Drop what is at hand of a rollout that is gone."""
        self._at_hand.forget(uid)

    def look_anew(self, uid: str) -> None:
        """Read this rollout's entries anew when they are needed: others may have written some."""
        if self.me:
            self._at_hand.doubt(uid)

    async def catch_up(self, since: datetime) -> set[str]:
        """
        Take in what others have written; the rollouts that it is about.

        Looked at are entries that are pending, that we believe to be, and all of a short time.
        """
        pending = await self.pending()
        known = {entry.id for entry in pending}
        settled = {
            uid
            for uid, entries in self._at_hand.undoubted()
            if any(entry.is_pending and entry.id not in known for entry in entries.values())
        }
        completed = [entry for uid in settled for entry in await self._ledger.of(uid)]
        return self._take([*pending, *completed, *await self.since(since)])

    def _take(self, entries: Iterable[Entry]) -> set[str]:
        changed = set()
        for entry in entries:
            kept = self._at_hand.of(entry.uid)
            if kept is None or kept.get(entry.id) == entry or entry.id in self.in_hand:
                continue
            changed.add(entry.uid)
        for uid in changed:
            self._at_hand.doubt(uid)
        return changed

    async def let_go(self, entry: Entry) -> None:
        """Note that it was sent, with what success nobody knows: whoever leads may judge it now."""
        entry = await self.current(entry)
        if self.me and "begun" in entry.detail:
            with suppress(Refusal):  # then it is judged later
                await self.write(replace(entry, detail={**entry.detail, UNANSWERED: True}))

    def is_elsewhere(self, entry: Entry) -> bool:
        """Whether another replica may be about to send it."""
        owner, is_sent = entry.detail.get(REPLICA), entry.detail.keys() & {"accepted", UNANSWERED}
        return bool(self.me and owner and owner != self.me and not is_sent)

    async def settled(self, entry: Entry, seconds: float) -> Entry:
        """Wait until the entry is completed, at most so long; give it as it is then."""
        waiter = self._waiting.setdefault(entry.id, asyncio.Event())
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while (await self.current(entry)).outcome == PENDING:
                    await self._heard(waiter, entry)
        self._waiting.pop(entry.id, None)
        return await self.current(entry)

    async def _heard(self, waiter: asyncio.Event, entry: Entry) -> None:
        """Wait until we complete it ourselves, or until it is time to look whether others did."""
        if not self.me:
            await waiter.wait()
            return
        with suppress(TimeoutError):
            await asyncio.wait_for(waiter.wait(), _ASK)
        self.look_anew(entry.uid)

    async def current(self, entry: Entry) -> Entry:
        """Give the entry as it was written last."""
        found = (kept for kept in await self.of(entry.uid) if kept.id == entry.id)
        return next(found, entry)


def _is_intent(entry: Entry) -> bool:
    """Whether what it is about is still to be done."""
    return entry.is_pending and "accepted" not in entry.detail
