"""What is decided is stored in the same transaction; a database that fails silences nobody."""

import logging
from dataclasses import replace

from bot.flows.kept import Place
from bot.release.errors import Unreachable
from bot.release.routing import Route, Routing
from tests.builders import ANN
from tests.flows.room import RELEASES, a_request, on_disk
from tests.flows.test_follow_restarts import STARTED, WAITS
from tests.flows.wired import SHADOWED, finding, found, patrol, posted, wire

FULL = Unreachable("I cannot use my database: it is full.")


def cut_off(bot):
    """Slack never hears of what is handed over from now on: the bot is killed before."""
    bot.chat.send = lambda *_args, **_kw: None


async def stored(bot):
    """What the next process finds, in words."""
    return [parcel.message.text for parcel in await bot.bulletin.parcels()]


def spoil(bot, *names):
    """Let these writes fail from now on; `mend` takes it back."""

    async def full(*_args, **_kw):
        raise FULL

    kept = {name: getattr(bot.bulletin, name) for name in names}
    for name in names:
        setattr(bot.bulletin, name, full)

    def mend():
        for name, method in kept.items():
            setattr(bot.bulletin, name, method)

    return mend


@on_disk
async def test_what_was_claimed_is_stored_with_what_is_told_about_it(room):
    first = await room.start()
    cut_off(first)
    room.release()
    await room.settled()
    await first.stop()

    second = await room.start()
    await room.settled()
    assert await stored(second) == [STARTED, WAITS]
    assert second.chat.lines == [], "the outbox has it to tell, nobody else"


@on_disk
async def test_a_deletion_is_stored_with_the_last_state_of_its_card(room, bot):
    cut_off(bot)
    room.cluster.delete()
    await room.settled()

    kept = await bot.bulletin.parcels()
    assert "the Rollout object is gone" in kept[-2].message.text
    assert kept[-1].is_living
    assert "gone" in kept[-1].message.text


@on_disk
async def test_the_card_of_a_superseded_revision_ends_whenever_the_bot_is_killed(room, bot):
    """Its look is not in the cluster any more: nobody could compose it anew."""
    old = room.cluster.rollout().revision
    cut_off(bot)
    room.release("0.0.3")
    await room.settled()

    (last,) = [one for one in await bot.bulletin.parcels() if one.is_living]
    assert last.slot == f"card:tomozo-uid:{old}"
    assert "superseded" in last.message.text


async def test_a_finding_is_kept_with_its_message(room, bot):
    cut_off(bot)
    await found(room, bot, SHADOWED)

    (parcel,) = [one for one in await bot.bulletin.parcels() if one.slot.startswith("finding:")]
    assert parcel.is_living
    assert len(await bot.bulletin.open_findings()) == 1


async def test_a_digest_that_was_claimed_is_stored(room, bot):
    cut_off(bot)
    now = room.clock.now
    await bot.patrol.digest(RELEASES, now, now)
    await bot.patrol.digest(RELEASES, now, now)

    digests = [text for text in await stored(bot) if text.startswith("Releases:")]
    assert len(digests) == 1


async def test_what_somebody_was_refused_is_stored(room, bot):
    cut_off(bot)
    await bot.operate(a_request("promote", actor=replace(ANN, user="U0EVE")))

    assert any("not done" in text for text in await stored(bot))


async def test_the_end_of_an_act_is_told_before_its_entry_is_closed(room, bot):
    """Killed between the two, the next process closes the entry, and tells nothing twice."""

    async def die(_entry, _outcome, **_detail):
        raise RuntimeError("the process is gone")

    bot.settling._complete, complete = die, bot.settling._complete
    room.cluster.edit({"op": "add", "path": "/status/abort", "value": True}, status=True)
    await room.later(seconds=3)
    bot.settling._complete = complete
    told = [text for text in await stored(bot) if "traffic is back" in text]
    await room.later(seconds=3)

    assert len(told) == 1
    assert [text for text in await stored(bot) if "traffic is back" in text] == told
    assert [e.outcome for e in await bot.entries("abort")] == ["done"]


async def test_a_full_database_silences_nobody_and_repeats_nothing(room, caplog):
    bot = await room.start()
    mend = spoil(bot, "claim", "queue", "remember")
    with caplog.at_level(logging.WARNING):
        room.release()
        await room.settled()
        for _ in range(3):
            await room.later(seconds=6)
        assert bot.chat.lines == [STARTED, WAITS]
        assert {is_stored for _, is_stored in bot.chat.sent} == {False}
        assert bot.board.telling.from_memory == 2
        assert caplog.text.count("I tell from memory") == 1
        mend()
        room.cluster.edit({"op": "remove", "path": "/status/pauseConditions"}, status=True)
        await room.settled()

    assert [line for line in bot.chat.lines if line in {STARTED, WAITS}] == [STARTED, WAITS]
    assert bot.chat.sent[-1][1], "stored again"
    assert "stored again; 2 messages were told from memory" in caplog.text
    claimed = {key.rpartition(":")[2] for key in room.store.claims}
    assert claimed >= {"Started", "Waiting", "Finished"}, "also what was told from memory"


async def test_a_full_database_tells_a_finding_once_and_that_it_is_gone_once(room, bot):
    await found(room, bot, SHADOWED)
    await posted(bot)
    mend = spoil(bot, "keep_findings")
    wire(bot)
    await patrol(room, bot, seconds=1)
    for _ in range(3):
        await patrol(room, bot, minutes=5)
    assert [post.partition(": ")[2][:4] for post in bot.chat.posts[1:]] == ["gone"]
    wire(bot, SHADOWED, finding("ORD-02"))
    for _ in range(3):
        await patrol(room, bot, minutes=5)
    sent = len(bot.chat.sent)
    await patrol(room, bot, minutes=5)
    assert len(bot.chat.posts) == 4, "and that it is there again, with another"
    assert len(bot.chat.sent) == sent
    mend()
    await patrol(room, bot, minutes=5)

    assert len(await bot.bulletin.open_findings()) == 2
    assert len(bot.chat.posts) == 4


async def test_two_channels_get_a_parcel_each(room):
    routing = Routing((Route(channel="C1"), Route(channel="C2")))
    bot = await room.start(routing=routing)
    cut_off(bot)
    room.release()
    await room.settled()

    heard = [(one.channel, one.message.text) for one in await bot.bulletin.parcels()]
    assert sorted(heard) == sorted((c, text) for c in ("C1", "C2") for text in (STARTED, WAITS))


async def test_a_channel_that_hears_no_more_of_a_rollout_is_not_told_that_it_moves(room, bot):
    (slot,) = [one for one in bot.chat.cards if one.key.startswith("card:")]
    await bot.bulletin.put(slot, Place(ts="17.1"))
    await bot.board.leave(room.cluster.rollout(), RELEASES)

    short = bot.chat.briefs[slot]
    assert (short.how, short.needs_person) == ("no longer told here", False)
