"""All flows around one fake cluster, one fake Slack and what the bot remembers."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.flows.answer import Answer
from bot.flows.asking import Question, Request
from bot.flows.board import Board
from bot.flows.follow import Follow
from bot.flows.follower import PATIENCE
from bot.flows.journal import Journal
from bot.flows.muting import Muting, Reception
from bot.flows.operate import Operate
from bot.flows.owners import Owners
from bot.flows.patrol import Patrol
from bot.flows.ports import Bulletin, Ledger
from bot.flows.settings import Settings
from bot.flows.settling import Settling
from bot.flows.stories import Stories
from bot.flows.tidying import Tidying
from bot.messages.blocks import Message
from bot.release.access import AccessPolicy, Actor, Permission, Rule
from bot.release.ledger import Entry
from bot.release.rollout import Sighting
from bot.release.routing import Route, Routing
from bot.store import Database, SqlBulletin, SqlLedger
from tests.argo import Argo
from tests.builders import ANN, NOON
from tests.fakes import FakeChat, FakeCluster, HandClock
from tests.memory import Memory, MemoryBulletin, MemoryLedger
from tests.messages.reading_aloud import SEAL
from tests.scenarios.cast import seed

RELEASES = "C0RELEASES"
IMAGE = "/spec/template/spec/containers/0/image"
STEPS = "/spec/strategy/canary/steps"

SETTINGS = Settings(
    cluster="test",
    policy=AccessPolicy((Rule(allow=frozenset(Permission), users=frozenset({"U0ANN", "U0BEN"})),)),
    routing=Routing((Route(channel=RELEASES),)),
    drift_grace=timedelta(seconds=2),
    drift_remind=timedelta(hours=4),
)


#: what must hold for what is written to disk, too
on_disk = pytest.mark.parametrize(
    "store",
    ["memory", "disk", pytest.param("postgres", marks=pytest.mark.postgres)],
    indirect=True,
)


class Bot:
    """One process of the bot; several may look at the same cluster and the same database."""

    def __init__(self, room: "Room", settings: Settings) -> None:
        clock, cluster = room.clock, room.cluster
        self.chat, self.outcomes = FakeChat(), []
        self.bulletin, self.ledger = room.stores()
        self.journal = Journal(self.ledger)
        self.board = Board(self.chat, self.bulletin, SEAL, settings, clock)
        self.stories = Stories(self.journal, Owners(cluster, clock))
        tidying = Tidying(self.journal, cluster, clock, name="test", writes=settings.writes)
        count = lambda verb, outcome: self.outcomes.append((verb, outcome))  # noqa: E731
        self.settling = Settling(self.journal, self.board, cluster, clock, tidying, count)
        self.follow = Follow(cluster, self.board, self.journal, self.stories, self.settling, clock)
        self.patrol = Patrol(
            cluster,
            self.board,
            self.journal,
            self.stories,
            clock,
            refresh=self.follow.refresh,
            look_at=self.follow.look_at,
        )
        releases = Operate(
            cluster, self.board, self.journal, self.stories, clock, self.follow.refresh, count
        )
        watchlist, herald = self.board.watchlist, self.patrol.herald
        muting = Muting(cluster, self.board, self.journal, watchlist, herald, clock, count)
        self.operate = Reception(releases, muting)
        self.answer = Answer(cluster, self.board, self.journal, self.stories, self.patrol, clock)
        self.lead()

    def lead(self) -> None:
        """Follow the releases."""
        self.follow.is_through.clear()
        self._following = asyncio.create_task(self.follow.run())

    async def stop(self) -> None:
        """Stop as a crash does: what was not written is lost. Or stand by."""
        self._following.cancel()
        await asyncio.gather(self._following, return_exceptions=True)

    def tick(self) -> None:
        """Look again at what is not settled; the flow does so four times a second."""
        for follower in self.follow.looks.followers.values():
            if follower.is_restless and follower.last and not follower.waiting:
                self.follow.looks.begin(follower.last)

    @property
    def tasks(self) -> list[asyncio.Task[None]]:
        """What is being looked at right now."""
        followers = self.follow.looks.followers.values()
        return [f.task for f in followers if f.task and not f.task.done()]

    async def entries(self, verb: str = "") -> list[Entry]:
        """The ledger, oldest first."""
        found = await self.ledger.since(NOON - timedelta(days=30))
        return [entry for entry in found if verb in {"", entry.verb}]

    @property
    def card(self) -> Message:
        """The newest card, as it is now."""
        cards = [m for slot, m in self.chat.cards.items() if slot.key.startswith("card:")]
        return cards[-1]


class Room:
    """A cluster with tomozo/tomozo in it: 0.0.1 is stable, nothing is on its way."""

    def __init__(self, store: Database | Memory) -> None:
        self.store = store
        self.clock, self.cluster = HandClock(), FakeCluster()
        self.argo = Argo(self.cluster, self.clock)
        self.cluster.controller = self.argo
        self.bots: list[Bot] = []

    def stores(self) -> tuple[Bulletin, Ledger]:
        """What one bot remembers; several share it."""
        if isinstance(self.store, Memory):
            return MemoryBulletin(self.store), MemoryLedger(self.store)
        return SqlBulletin(self.store, self.clock), SqlLedger(self.store)

    def deploy(self, name: str = "tomozo", **changes: Any) -> None:
        """Apply the seed; the controller makes it stable."""
        kinds = {"Ingress": "ingresses", "Service": "services", "Rollout": "rollouts"}
        for manifest in seed(name=name, **changes):
            uid = f"{name}-uid" if manifest["kind"] == "Rollout" else ""
            manifest["metadata"] |= {"namespace": "tomozo", "generation": 1, "uid": uid}
            self.cluster.put(kinds[manifest["kind"]], manifest)
        self.argo("tomozo", name)

    def release(self, version: str = "0.0.2", name: str = "tomozo") -> None:
        """Somebody commits a new image."""
        image = f"tomozo-repo/tomozo:{version}"
        self.cluster.edit({"op": "replace", "path": IMAGE, "value": image}, name=name)

    async def start(self, **settings: Any) -> Bot:
        """Start the bot, and wait until it knows the cluster."""
        bot = Bot(self, replace(SETTINGS, **settings))
        self.bots.append(bot)
        await asyncio.wait_for(bot.follow.listed.wait(), 10)
        await self.quiet()
        return bot

    async def quiet(self) -> None:
        """Wait until everything was heard, and everything about it said."""
        while not self.cluster.is_quiet or any(bot.tasks for bot in self.bots):
            await asyncio.sleep(0)
            await asyncio.gather(*(task for bot in self.bots for task in bot.tasks))

    async def later(self, **span: float) -> None:
        """Let time pass; what is not settled is looked at again."""
        self.clock.move(**span)
        for bot in self.bots:
            bot.tick()
        await self.quiet()

    async def settled(self) -> None:
        """Let a change that is held back become certain."""
        for _ in range(2):
            await self.later(seconds=PATIENCE.total_seconds())

    def seen(self, name: str = "tomozo") -> Sighting:
        """What a button on the card stands for now."""
        return self.cluster.rollout(name).sighting()


def a_request(verb: str = "promote", actor: Actor = ANN, **changes: Any) -> Request:
    """Ann types `/rollout VERB tomozo`, or presses the button that shows `seen`."""
    target = "" if "seen" in changes else "tomozo"
    return Request(
        **{"verb": verb, "actor": actor, "channel": RELEASES, "target": target, **changes}
    )


def a_question(verb: str, target: str = "tomozo", **changes: Any) -> Question:
    """Ann asks."""
    return Question(
        **{"verb": verb, "actor": ANN, "channel": RELEASES, "target": target, **changes}
    )
