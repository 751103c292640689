"""
Several replicas share a database: one follows and tells, any of them does what people ask for.

The first bot of the room leads; the second stands by: it follows nothing.
"""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.flows.journal import Journal
from bot.flows.kept import Promise
from bot.flows.presence import Peers, Solo
from bot.flows.promises import Promises
from bot.release.errors import Refusal
from bot.release.ledger import DONE, By, Entry
from tests.builders import NOON
from tests.flows.room import Bot, Room, a_question, a_request
from tests.memory import Memory, MemoryBulletin, MemoryLedger


class Others(Peers):
    """Who of the others is gone, as a test wants it."""

    is_present = True

    def __init__(self, me: str) -> None:
        self.me, self.gone = me, set[str]()

    def is_gone(self, who: str) -> bool:
        return who in self.gone


class Two:
    """The leader, and who stands by."""

    def __init__(self, leader: Bot, other: Bot) -> None:
        self.leader, self.other, self.peers = leader, other, Others("one")
        for bot, name in ((leader, "one"), (other, "two")):
            bot.journal.me = name
        leader.settling.is_gone = self.peers.is_gone


@pytest.fixture
async def two(room: Room) -> Two:
    """Two replicas, while 0.0.2 waits at 10 %."""
    made = Two(await room.start(), await room.start())
    await made.other.stop()
    room.bots.remove(made.other)
    room.release()
    await room.settled()
    return made


# --- acts -----------------------------------------------------------------------------------------


async def test_what_is_done_at_who_stands_by_is_credited_and_completed_by_the_leader(room, two):
    """The patch is seen a moment after the entry was written: by whom is read anew then."""
    await two.leader.journal.of("tomozo-uid")
    answer = await two.other.operate(a_request())
    await room.settled()

    (entry,) = await two.leader.entries("promote")
    assert (entry.outcome, entry.detail["replica"]) == (DONE, "two")
    assert answer.text.startswith("Done: tomozo/tomozo promoted by <@U0ANN>.")
    assert any("U0ANN" in line for line in two.leader.chat.lines)
    assert not two.other.chat.told, "it is the leader who tells"


async def test_what_another_replica_has_in_hand_is_not_judged(room, two):
    """It is about to send it; to call it lost would be wrong, and so would be to overtake it."""
    entry = await two.other.journal.write(_an_entry(room, "promote"))
    await two.leader.journal.catch_up(NOON - timedelta(days=1))
    two.leader.follow.refresh("tomozo-uid")
    await room.later(minutes=10)
    (kept,) = await two.leader.entries("promote")
    assert kept == entry


async def test_what_a_dead_replica_had_in_hand_is_settled(room, two):
    """By what is seen: it was not done, and the thread is told so."""
    await two.other.journal.write(_an_entry(room, "promote"))
    two.peers.gone.add("two")
    await two.leader.journal.catch_up(NOON - timedelta(days=1))
    two.leader.follow.refresh("tomozo-uid")
    await room.settled()
    (entry,) = await two.leader.entries("promote")
    assert entry.outcome.startswith("failed:")


async def test_what_was_sent_without_an_answer_is_judged_by_the_leader(room, two):
    room.cluster.loses_answers = True
    await two.other.operate(a_request())
    room.cluster.loses_answers = False
    await room.settled()
    (entry,) = await two.leader.entries("promote")
    assert entry.outcome == DONE
    assert entry.detail["unanswered"]


async def test_who_may_have_been_taken_for_dead_sends_nothing(room, two):
    """It was stopped for longer than others wait; the person is told to look first."""
    two.other.operate.operate.is_present = lambda: False
    answer = await two.other.operate(a_request())
    assert "I did not send it any more" in answer.text
    assert not room.cluster.sent
    (entry,) = await two.leader.entries("promote")
    assert entry.outcome == "failed:not-now"


# --- following ------------------------------------------------------------------------------------


async def test_who_is_elected_again_repeats_nothing_and_tells_what_happened_meanwhile(room, two):
    """Another led in between, and told one more step."""
    one = two.leader
    await one.stop()
    room.bots.remove(one)
    between = await room.start()
    await between.operate(a_request())
    await room.settled()
    await between.stop()
    room.bots.remove(between)
    told = len(one.chat.told)

    one._following = asyncio.create_task(one.follow.run())
    room.bots.append(one)
    for _ in range(10):
        await asyncio.sleep(0)  # it begins to watch
    await room.settled()
    assert len(one.chat.told) == told
    room.release("0.0.3")
    await room.settled()
    assert len(one.chat.told) > told


# --- answers --------------------------------------------------------------------------------------


async def test_who_stands_by_knows_since_when_a_release_goes_on(room, two):
    """What the leader has told is read from the database."""
    two.other.stories.recall = two.other.bulletin.recall
    look = next(iter(two.leader.stories.told.values())).look
    story = await two.other.stories.of(look)
    assert story.started == (await two.leader.stories.of(look)).started
    assert story.started is not None


async def test_who_stands_by_looks_for_drift_and_tells_nobody(room, two):
    two.other.patrol.leads = lambda: False
    room.cluster.manifest("services", "tomozo-canary")["spec"]["selector"] = {"app": "gone"}
    for _ in range(3):
        room.clock.move(seconds=30)
        await two.other.patrol.look_for_drift(room.clock())
    assert two.other.patrol.watchlist.looked == room.clock()
    assert two.other.patrol.watchlist.everything()
    assert not two.other.chat.posted
    assert not await two.other.bulletin.open_findings()
    assert (await two.other.answer(a_question("drift"))).text


# --- the journal ----------------------------------------------------------------------------------


@pytest.fixture
def journals() -> tuple[Journal, Journal]:
    memory = Memory()
    return Journal(MemoryLedger(memory), "one"), Journal(MemoryLedger(memory), "two")


ENTRY = Entry(id="e1", at=NOON, actor=By(kind="slack", id="U0ANN"), verb="abort", uid="u1")


async def test_what_others_write_is_noticed(journals):
    one, two = journals
    assert await one.of("u1") == ()
    written = await two.write(ENTRY)
    assert await one.of("u1") == ()
    assert await one.catch_up(NOON - timedelta(minutes=10)) == {"u1"}
    assert await one.of("u1") == (written,)
    assert await one.catch_up(NOON - timedelta(minutes=10)) == set()


async def test_that_others_complete_what_is_old_is_noticed(journals):
    one, two = journals
    written = await two.write(replace(ENTRY, at=NOON - timedelta(hours=3)))
    assert await one.of("u1") == (written,)
    await two.write(written.ends(DONE))
    assert await one.catch_up(NOON - timedelta(minutes=10)) == {"u1"}
    assert [entry.outcome for entry in await one.of("u1")] == [DONE]


async def test_who_waits_hears_that_another_replica_completed_it(journals):
    one, two = journals
    written = await one.write(ENTRY)
    waiting = asyncio.create_task(one.settled(written, 10))
    await asyncio.sleep(0)
    await two.write(written.ends(DONE))
    assert (await asyncio.wait_for(waiting, 5)).outcome == DONE


async def test_who_is_alone_stamps_nothing_and_reads_nothing_twice():
    memory = Memory()
    alone = Journal(MemoryLedger(memory))
    await alone.write(ENTRY)
    assert await alone.of("u1") == (ENTRY,)
    memory.entries.clear()
    alone.look_anew("u1")
    assert await alone.of("u1") == (ENTRY,)


async def test_while_the_database_is_away_what_was_known_of_the_ledger_counts(journals):
    """Cards go on telling the truth then, although others may have written."""
    one, _ = journals
    written = await one.write(ENTRY)
    assert list(await one.of("u1")) == [written]
    read = one._ledger.of

    async def away(*_, **__):
        raise Refusal("I cannot use my database.")

    one._ledger.of = away
    one.look_anew("u1")
    assert list(await one.of("u1")) == [written]
    with pytest.raises(Refusal):
        await one.of("u2")

    one._ledger.of = read
    await one._ledger.write(written.ends(DONE))
    assert [entry.outcome for entry in await one.of("u1")] == [DONE]


# --- promises -------------------------------------------------------------------------------------

PRESSED = Promise(id="p1", at=NOON, person="U0ANN", verb="promote", what="shop/api", owner="two")


async def test_what_a_living_replica_has_promised_is_its_own_affair():
    bulletin, peers = MemoryBulletin(Memory()), Others("one")
    await bulletin.promise(PRESSED)
    promises = Promises(bulletin, Journal(MemoryLedger(Memory())), peers)
    assert not await promises.broken()

    peers.gone.add("two")
    ((promise, _),) = await promises.broken()
    assert promise == PRESSED
    assert not await promises.broken(), "it is being answered"


async def test_who_is_alone_answers_for_all_before_it():
    bulletin = MemoryBulletin(Memory())
    await bulletin.promise(PRESSED)
    await bulletin.promise(replace(PRESSED, id="p2", owner="me"))
    promises = Promises(bulletin, Journal(MemoryLedger(Memory())), Solo("me"))
    assert [promise.id for promise, _ in await promises.broken()] == ["p1"]


def _an_entry(room: Room, verb: str) -> Entry:
    """What a replica wrote before it was to send a patch."""
    rollout = room.cluster.rollout()
    return Entry(
        id="e9",
        at=room.clock(),
        actor=By(kind="slack", id="U0ANN", name="Ann"),
        verb=verb,
        namespace=rollout.namespace,
        name=rollout.name,
        uid=rollout.uid,
        revision=rollout.revision,
        step=rollout.step,
    )
