"""The ledger as the flows share it; and which rollout somebody means."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.flows import at_hand, owners, targets
from bot.flows.journal import Journal
from bot.flows.owners import Owners
from bot.release.errors import NotFound, Refusal, Unclear
from bot.release.ledger import DONE, By, Entry, refused
from bot.release.ownership import SyncPolicy
from tests.builders import NOON, a_rollout, an_entry
from tests.flows.room import a_request
from tests.memory import MemoryLedger

PENDING = an_entry(outcome="pending")


@pytest.fixture
def journal(room):
    return Journal(room.stores()[1])


async def test_what_is_written_is_on_disk_first(room, journal):
    await journal.write(PENDING)

    assert await room.stores()[1].pending() == [PENDING]
    assert await journal.pending() == [PENDING]


async def test_following_asks_the_database_once(journal):
    await journal.write(PENDING)
    asked = []
    of = journal._ledger.of

    async def counted(uid, **more):
        asked.append(uid)
        return await of(uid, **more)

    journal._ledger.of = counted
    for _ in range(3):
        assert await journal.of("u1") == (PENDING,)
    await journal.write(PENDING.ends("done"))

    assert [e.outcome for e in await journal.of("u1")] == ["done"]
    assert asked == ["u1"]

    journal.forget("u1")
    await journal.of("u1")
    assert asked == ["u1", "u1"]


async def test_only_so_many_entries_are_at_hand_those_of_the_rollouts_looked_at_last(
    journal, monkeypatch
):
    """Years of releases do not gather in memory; what is needed again is read again."""
    monkeypatch.setattr(at_hand, "MOST_OF_ALL", 6)
    entries = {
        uid: [replace(PENDING.ends("done"), id=f"{uid}-{n}", uid=uid) for n in range(2)]
        for uid in ("u1", "u2", "u3", "u4")
    }
    for uid, of_one in entries.items():
        for entry in of_one:
            await journal.write(entry)
        await journal.of(uid)
        await journal.of("u1")

    assert list(dict(journal._at_hand.undoubted())) == ["u3", "u4", "u1"]
    assert {uid: list(await journal.of(uid)) for uid in entries} == entries


async def test_of_one_rollout_only_the_newest_are_at_hand_and_all_that_are_pending(
    journal, monkeypatch
):
    monkeypatch.setattr(at_hand, "MOST", 3)
    await journal.of("u1")
    await journal.write(PENDING)
    for number in range(5):
        await journal.write(replace(PENDING.ends("done"), id=f"done-{number}"))

    kept = [entry.id for entry in await journal.of("u1")]
    assert kept == [PENDING.id, "done-3", "done-4"]


async def test_an_entry_that_is_completed_wakes_who_waits(journal):
    await journal.write(PENDING)
    waiting = asyncio.create_task(journal.settled(PENDING, 60))
    await asyncio.wait({waiting}, timeout=0.01)  # it waits by now, or would not have to

    await journal.write(PENDING.ends("done", seconds=1.0))

    settled = await asyncio.wait_for(waiting, 5)
    assert (settled.outcome, settled.detail) == ("done", {"seconds": 1.0})
    assert journal._waiting == {}


async def test_one_that_is_completed_already_is_not_waited_for(journal):
    await journal.write(PENDING)
    await journal.write(PENDING.ends("done"))

    settled = await asyncio.wait_for(journal.settled(PENDING, 60), 5)
    assert settled.outcome == "done"


async def test_patience_ends(journal):
    await journal.write(PENDING)

    assert (await journal.settled(PENDING, 0)).is_pending


class Known:
    def __init__(self, *keys):
        self._keys = keys

    def known(self):
        parts = (key.split("/") for key in self._keys)
        return [a_rollout(namespace=namespace, name=name) for namespace, name in parts]


def find(target, *keys):
    return [rollout.key for rollout in targets.find(Known(*keys), target)]


def test_a_unique_name_needs_no_namespace():
    assert find("checkout", "shop/checkout", "shop/cart") == ["shop/checkout"]
    assert find("shop/checkout", "shop/checkout", "team/checkout") == ["shop/checkout"]
    assert find("checkout", "team/checkout", "shop/checkout") == ["shop/checkout", "team/checkout"]


@pytest.mark.parametrize(
    ("target", "keys", "words"),
    [
        ("chekout", ["shop/checkout"], "Do you mean `shop/checkout`"),
        ("shop/chekout", ["shop/checkout"], "Do you mean `shop/checkout`"),
        ("team/checkout", ["shop/checkout"], "Do you mean `shop/checkout`"),
        ("qqqq", ["shop/checkout", "shop/cart"], "`list` shows all 2"),
        ("checkout", [], "I see none at all here"),
    ],
)
def test_a_typo_gets_suggestions(target, keys, words):
    with pytest.raises(NotFound, match=words):
        find(target, *keys)


def test_no_name_at_all():
    with pytest.raises(Unclear, match="Add its name"):
        find("", "shop/checkout")


def test_the_rollout_of_a_refused_command():
    known = Known("shop/checkout", "team/checkout")

    assert targets.named(known, "shop/checkout").key == "shop/checkout"
    assert targets.named(known, "checkout") is None
    assert targets.named(known, "nothing") is None
    assert targets.named(known, "") is None


def test_a_command_to_promote_is_about_what_was_known_when_it_came():
    known = a_rollout()

    assert targets.meant(a_request("promote"), known) == known.sighting()
    assert targets.meant(a_request("abort"), known) is None
    seen = replace(known.sighting(), step=0)
    assert targets.meant(a_request("promote", seen=seen), known) == seen
    assert targets.meant(a_request("promote", known=seen), known) == seen, "not what it is now"


async def test_owners_are_asked_twice_a_minute_and_before_each_edit(room):
    known = Owners(room.cluster, room.clock)
    owned = a_rollout(tracking_id="web:argoproj.io/Rollout:tomozo/tomozo")
    room.cluster.applications[owners.ARGOCD, "web"] = {"spec": {}}

    assert (await known.of(owned)).policy is SyncPolicy.MANUAL
    room.cluster.applications.clear()
    assert (await known.of(owned)).policy is SyncPolicy.MANUAL
    assert (await known.of(owned, anew=True)).policy is SyncPolicy.UNKNOWN
    room.cluster.applications[owners.ARGOCD, "web"] = {"spec": {}}
    room.clock.move(seconds=30)
    assert (await known.of(owned)).policy is SyncPolicy.MANUAL
    assert room.cluster.asked["application"] == 3
    assert (await known.of(a_rollout())).policy is SyncPolicy.NONE
    assert room.cluster.asked["application"] == 3


async def test_an_application_of_another_namespace(room):
    owned = a_rollout(tracking_id="team_web:argoproj.io/Rollout:tomozo/tomozo")
    room.cluster.applications["team", "web"] = {"spec": {}}

    assert (await Owners(room.cluster, room.clock).of(owned)).policy is SyncPolicy.MANUAL


# --- a database that takes nothing ----------------------------------------------------------------


class Full(MemoryLedger):
    """Reads, and writes only while there is room."""

    has_room = True

    async def write(self, entry):
        if not self.has_room:
            raise Refusal("I cannot use my database: it is full.")
        await super().write(entry)


@pytest.fixture
def full(room):
    return Full(room.store)


def an_act(**changes):
    by = By(kind="slack", id="U0ANN")
    return replace(Entry(id="e1", at=NOON, actor=by, verb="promote", uid="u1"), **changes)


async def test_what_cannot_be_written_down_is_not_done(full):
    journal, full.has_room = Journal(full), False

    with pytest.raises(Refusal, match="it is full"):
        await journal.write(an_act())

    assert await journal.of("u1") == ()


@pytest.mark.parametrize(
    "happened",
    [
        pytest.param(an_act(detail={"accepted": True}), id="sent"),
        pytest.param(an_act(outcome=DONE), id="seen"),
        pytest.param(an_act(outcome=refused("database")), id="refused"),
    ],
)
async def test_what_has_happened_is_known_and_written_down_later(full, happened):
    journal = Journal(full)
    await journal.write(an_act())
    full.has_room = False

    await journal.write(happened)

    assert await journal.of("u1") == (happened,)
    assert list(await journal.since(NOON)) == [happened]
    assert list(await journal.pending()) == [happened] * happened.is_pending
    assert await Journal(full).of("u1") == (an_act(),)
    full.has_room = True
    await journal.write(an_act(id="e2", at=NOON + timedelta(seconds=1)))
    assert (await Journal(full).of("u1"))[0] == happened
