"""
What the bot promised and did not live to do: a press was acknowledged, and then it ended.

    promises of who is no more ─▶ what the ledger knows of each ─▶ the answer that is owed

An entry is written before anything is sent to the cluster. So without one nothing was changed,
and that can be said; with one that is open, what is seen in the cluster decides, and is told.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.flows.journal import Journal
from bot.flows.kept import Promise
from bot.flows.ports import Bulletin
from bot.flows.presence import Peers
from bot.messages import replies
from bot.messages.blocks import Message
from bot.release.ledger import Entry


@dataclass
class Promises:
    """Tells what is owed to whom."""

    bulletin: Bulletin
    journal: Journal
    peers: Peers
    _taken: set[str] = field(default_factory=set)  #: what we answer already

    async def broken(self) -> Sequence[tuple[Promise, Message]]:
        """Give, once, what is owed by those who are no more, with the answers."""
        promises = await self.bulletin.promises()
        self._taken &= {promise.id for promise in promises}
        owed: list[tuple[Promise, Message]] = []
        for promise in promises:
            if promise.id in self._taken or not self.peers.is_gone(promise.owner):
                continue
            self._taken.add(promise.id)
            entry = await self._entry(promise)
            owed.append((promise, replies.interrupted(promise.verb, promise.what, entry)))
        return owed

    async def _entry(self, promise: Promise) -> Entry | None:
        """Find what the ledger has about it: the person's first entry of that kind since then."""
        for entry in await self.journal.since(promise.at):
            is_theirs = entry.actor.id == promise.person and entry.verb == promise.verb
            if is_theirs and promise.what in {"", entry.name, f"{entry.namespace}/{entry.name}"}:
                return entry
        return None
