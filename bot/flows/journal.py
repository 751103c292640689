"""
The ledger, with what the flows share of it while the bot runs.

Entries are cached per rollout, so that following a release asks the database for
nothing; each write goes through. Whoever sent an action can wait until its
effect was seen and its entry completed.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from bot.flows.ports import Ledger
from bot.release.ledger import PENDING, Entry

MOST = 200  #: entries of one rollout that are at hand; a release of months ago concerns nobody


class Journal:
    """Args: ledger: the durable record behind."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._cached: dict[str, dict[str, Entry]] = {}
        self._waiting: dict[str, asyncio.Event] = {}
        self.in_hand: set[str] = set()  #: ids whose patch is under way: not to be judged yet

    async def write(self, entry: Entry) -> Entry:
        """Insert or complete an entry, in the database first."""
        await self._ledger.write(entry)
        if entry.uid in self._cached:
            self._cached[entry.uid][entry.id] = entry
            self._trim(self._cached[entry.uid])
        if not entry.is_pending and (waiter := self._waiting.get(entry.id)):
            waiter.set()
        return entry

    async def of(self, uid: str) -> Sequence[Entry]:
        """Give the newest entries of a rollout, oldest first."""
        if uid not in self._cached:
            found = {entry.id: entry for entry in await self._ledger.of(uid, most=MOST)}
            self._cached.setdefault(uid, found)
        return tuple(self._cached[uid].values())

    async def since(self, at: datetime) -> Sequence[Entry]:
        """Give all entries from then on, oldest first."""
        return await self._ledger.since(at)

    async def pending(self) -> Sequence[Entry]:
        """Give the entries whose effect was not seen yet."""
        return await self._ledger.pending()

    def _trim(self, entries: dict[str, Entry]) -> None:
        """Drop the oldest that are completed."""
        over = [one.id for one in entries.values() if not one.is_pending][: len(entries) - MOST]
        for id_ in over if len(entries) > MOST else ():
            del entries[id_]

    def forget(self, uid: str) -> None:
        """Drop what is cached of a rollout that is gone."""
        self._cached.pop(uid, None)

    async def settled(self, entry: Entry, seconds: float) -> Entry:
        """Wait until the entry is completed, at most so long; give it as it is then."""
        waiter = self._waiting.setdefault(entry.id, asyncio.Event())
        with suppress(TimeoutError):
            current = await self.current(entry)
            if current.outcome == PENDING:
                await asyncio.wait_for(waiter.wait(), seconds)
        self._waiting.pop(entry.id, None)
        return await self.current(entry)

    async def current(self, entry: Entry) -> Entry:
        """Give the entry as it was written last."""
        found = (kept for kept in await self.of(entry.uid) if kept.id == entry.id)
        return next(found, entry)
