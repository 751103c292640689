"""
What only the leader does, and when: one of several replicas posts, and all of them answer.

    stand by   the watch goes on, so that what is known is new; nobody is told anything
       │ elected
    lead       follow the rollouts anew, from what was told; fetch what is to be told; keep the
       │       times of digests; answer what the dead have promised
       │ the term is over, whatever the server does
    stand by

Whatever of this is under way when the term is over is cut off; and what was stopped in the middle
and wakes up later finds the fence of `Calls` closed.
"""

import asyncio
import os
import secrets
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

from bot.cluster.lease import Elector
from bot.cluster.rollouts import KubernetesCluster
from bot.config import Lease
from bot.farewell import Farewell
from bot.flows.breath import one_a_turn
from bot.flows.follow import Follow
from bot.flows.kept import Lane, Parcel, Slot
from bot.flows.leadership import Alone, Leadership, Term
from bot.flows.ports import Chat, Listed
from bot.flows.presence import Peers, Presence, Solo
from bot.messages.blocks import Message
from bot.messages.storm import Brief
from bot.recovery import Recovery
from bot.release.errors import Refusal
from bot.slack.app import SlackApp
from bot.slack.outbox import Outbox
from bot.store import Database, SqlRoll
from bot.timetable import Timetable

_ROUND = 1.0  #: seconds between looks for what others have stored
_RECENT = timedelta(minutes=10)  #: entries of this time are looked at each time
_TO_STORE = 1.0  #: seconds of the end that are kept to store what was not told
_HAND_OVER = 0.5  #: seconds in which what is decided is still told, where another tells the rest


@dataclass(frozen=True)
class Standing:
    """Who we are among the replicas: alone, or one of several that share a database."""

    leadership: Leadership
    peers: Peers

    @property
    def is_shared(self) -> bool:
        """Whether others may share the database."""
        return isinstance(self.peers, Presence)

    @property
    def shared_name(self) -> str:
        """Our name among those who share the database; "": nobody does."""
        return self.peers.me if self.is_shared else ""

    @property
    def is_heard(self) -> bool:
        """Whether we may stand for election, as far as is known."""
        return not isinstance(self.leadership, Elector) or self.leadership.is_heard

    def tasks(self) -> Iterator[Coroutine[Any, Any, None]]:
        """Give what has to run so that this stays true."""
        if isinstance(self.leadership, Elector):
            yield self.leadership.run()
        if isinstance(self.peers, Presence):
            yield self.peers.run()

    async def leave(self) -> None:
        """Tell the others that we are gone; nothing of ours may be under way any more."""
        if isinstance(self.peers, Presence):
            await self.peers.leave()


async def standing(cluster: KubernetesCluster, lease: Lease, database: Database) -> Standing:
    """Find out who we are: SQLite is for one replica, and PostgreSQL for any number."""
    host = os.environ.get("HOSTNAME") or socket.gethostname()  # in a pod: its name
    me = f"{host}_{secrets.token_hex(4)}"  # of this process, not of one before it in the same pod
    if not database.is_shared:
        return Standing(Alone(), Solo(me))
    elector = cluster.elector(
        lease.name, me, Term.of(lease.duration.total_seconds()), lease.namespace or ""
    )
    presence = Presence(SqlRoll(database), me)
    await presence.turn()  # before anything is taken in hand
    return Standing(elector, presence)


@dataclass
class LeadersChat(Chat):
    """Slack's channels, for the leader only: what others have to tell is stored, and fetched."""

    outbox: Outbox
    leadership: Leadership

    def show(self, slot: Slot, message: Message, lane: Lane, brief: Brief | None = None) -> None:
        """Make the slot's message say this; the leader knows itself what it shall say."""
        if self.leadership.leads:
            self.outbox.show(slot, message, lane, brief)

    def send(self, parcels: Sequence[Parcel], *, is_stored: bool = True) -> None:
        """Tell what was decided to be told; the leader fetches what is stored."""
        if self.leadership.leads:
            self.outbox.send(parcels, is_stored=is_stored)


@dataclass
class Leading:
    """
    Leads when it is elected.

    Args:
        cluster: mirrored; it is followed by one after the other.
        slack: people who are owed an answer by the dead get it there.
        timetable: of digests; the search for drift goes on in every replica.
        memory: of what was said.

    """

    standing: Standing
    cluster: KubernetesCluster
    follow: Follow
    outbox: Outbox
    slack: SlackApp
    timetable: Timetable
    memory: Recovery
    _farewell: Farewell = field(default_factory=Farewell)

    @asynccontextmanager
    async def until_the_end(self, farewell: Farewell) -> AsyncIterator[asyncio.Task[None]]:
        """
        Lead or stand by while this is open; at the end hand over.

        Nothing new is taken then. Who is alone finishes what people wait for, and tells what came
        of it. Who is not lets another lead first: that one tells it.
        """
        self._farewell = farewell
        task = asyncio.create_task(self.run(), name="leading")
        lead = farewell.step("Leading", partial(_ended, task))
        try:
            yield task
        finally:
            close = farewell.step("The way in", self.slack.close)
            await (asyncio.gather(close(), lead()) if self.standing.is_shared else close())
            await farewell.step("What people asked for", self.slack.stop)()
            await lead()

    async def run(self) -> None:
        """Stand by and lead, until cancelled; then let another lead. Raises what cannot go on."""
        try:
            await first_of(self._terms(), *self.standing.tasks())
        finally:
            await self.standing.leadership.resign()

    async def _terms(self) -> None:
        leadership = self.standing.leadership
        while True:
            if not leadership.leads:
                await first_of(self._stand_by(), leadership.rise())
            await first_of(self._lead(), leadership.fall())

    async def _stand_by(self) -> None:
        """Only see to it that what is known is new: people are answered from it."""
        await first_of(self._watch(), self._rounds(self._notice))

    async def _watch(self) -> None:
        async with aclosing(self.cluster.watch()) as watch:
            async for event in watch:
                if isinstance(event, Listed):
                    self.follow.listed.set()

    async def _lead(self) -> None:
        await self.memory.begin()
        async with self._posting(), self.timetable.digesting():
            await first_of(self.follow.run(), self._rounds(self._fetch), self.memory.run())

    @asynccontextmanager
    async def _posting(self) -> AsyncIterator[None]:
        """Let the outbox send, as long as we lead."""
        self.outbox.take_over()
        self.outbox.start()
        try:
            yield
        finally:
            await self.outbox.drain(self._last_words())

    def _last_words(self) -> float:
        """Tell for how many seconds we may still tell what is decided."""
        if not self.standing.leadership.leads:
            return 0.0
        left = max(0.0, self._farewell.left() - _TO_STORE)
        return min(_HAND_OVER, left) if self.standing.is_shared else left

    async def _rounds(self, work: Callable[[], Awaitable[None]]) -> None:
        """Look again and again for what others have stored."""
        while self.standing.is_shared:
            with suppress(Refusal):
                await work()
            await asyncio.sleep(_ROUND)
        await asyncio.Event().wait()

    async def _fetch(self) -> None:
        """Tell what others want told, and answer for the dead."""
        self.outbox.pick_up()
        await self._notice()
        await self.slack.keep_promises()

    async def _notice(self) -> None:
        """Learn what others have written into the ledger."""
        noticed = await self.follow.journal.catch_up(self.follow.clock() - _RECENT)
        async for uid in one_a_turn(noticed):
            self.follow.refresh(uid)


async def _ended(task: asyncio.Task[None]) -> None:
    """End a task, whatever it says to that."""
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def first_of(*works: Coroutine[Any, Any, None]) -> None:
    """Do all of it until the first is done or fails, and end the others."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()
