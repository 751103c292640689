"""The clock strikes: each finding told once, reminded of, and once more when it is gone."""

import asyncio
from datetime import timedelta

from bot.flows import breath
from bot.release.routing import Route, Routing
from tests.builders import NOON
from tests.flows.room import RELEASES, SETTINGS, a_request, on_disk
from tests.messages.reading_aloud import read

KEY = "alb.ingress.kubernetes.io/actions.tomozo-stable"
DUE = NOON + timedelta(hours=1)


def write(room, weight):
    """Somebody edits the weights by hand."""
    annotations = room.cluster.manifest("ingresses")["metadata"]["annotations"]
    kept = annotations[KEY]
    annotations[KEY] = kept.replace('"Weight": 10', f'"Weight": {weight}').replace(
        '"Weight": 90', f'"Weight": {100 - weight}'
    )
    return lambda: annotations.update({KEY: kept})


async def patrol(room, bot, **span):
    await bot.patrol.look_for_drift(room.clock.move(**span))


async def found(room, bot):
    """Look twice, with the grace time between."""
    await patrol(room, bot)
    await patrol(room, bot, seconds=2)


async def test_drift_is_told_once_with_its_evidence(room, bot):
    write(room, 50)
    await patrol(room, bot)
    assert bot.chat.posts == [], "the controller may be on its way"

    await patrol(room, bot, seconds=2)
    (post,) = bot.chat.posts
    assert "Ingress tomozo gives the canary 50 %, the controller wrote 10 %" in post
    assert bot.chat.posted[0][0] == RELEASES

    for _ in range(5):
        await patrol(room, bot, minutes=1)
    assert len(bot.chat.posts) == 1


async def test_drift_is_reminded_of(room, bot):
    write(room, 50)
    await found(room, bot)
    await patrol(room, bot, hours=3, minutes=59)
    assert len(bot.chat.posts) == 1

    await patrol(room, bot, minutes=1)
    assert "still there" in bot.chat.posts[1]
    await patrol(room, bot, hours=1)
    assert len(bot.chat.posts) == 2
    await patrol(room, bot, hours=3)
    assert len(bot.chat.posts) == 3


async def test_drift_that_is_gone_is_told_once(room, bot):
    mend = write(room, 50)
    await found(room, bot)
    mend()
    await patrol(room, bot, minutes=1)
    await patrol(room, bot, minutes=1)

    assert len(bot.chat.posts) == 2
    assert "gives the canary 50 %" in read(bot.chat.posted[1][1])
    assert await bot.bulletin.open_findings() == []


async def test_drift_that_comes_back_is_told_again(room, bot):
    for _ in range(2):
        mend = write(room, 50)
        await found(room, bot)
        mend()
        await patrol(room, bot, minutes=1)

    assert len(bot.chat.posts) == 4


@on_disk
async def test_a_restart_repeats_nothing(room, bot):
    mend = write(room, 50)
    await found(room, bot)
    await bot.stop()

    other = await room.start()
    await found(room, other)
    await patrol(room, other, minutes=1)
    assert other.chat.posts == []

    mend()
    await patrol(room, other, minutes=1)
    assert len(other.chat.posts) == 1, "but that it is gone is told"


async def test_a_deleted_rollout_takes_its_findings_along(room, bot):
    write(room, 50)
    await found(room, bot)
    room.cluster.delete()
    await room.quiet()
    await patrol(room, bot, minutes=1)

    assert len(bot.chat.posts) == 2
    assert bot.patrol.findings("tomozo-uid") == ()


async def test_an_unreachable_cluster_is_no_drift(room, bot):
    write(room, 50)
    await found(room, bot)
    room.cluster.unreachable_since = room.clock()
    room.cluster.objects.clear()

    await patrol(room, bot, hours=5)

    assert len(bot.chat.posts) == 1, "neither reminded of nor gone"


async def test_findings_are_counted(room, bot):
    counted = []
    bot.patrol.on_findings = counted.append
    mend = write(room, 50)
    await found(room, bot)
    mend()
    await patrol(room, bot, minutes=1)

    assert [one.get("WIRE-08", 0) for one in counted] == [0, 1, 0]


async def test_two_channels_each_hear_of_it(room):
    routing = Routing((Route(channel="C1"), Route(channel="C2"), Route(channel="C1")))
    bot = await room.start(routing=routing)
    room.release()
    await room.settled()
    write(room, 50)
    await found(room, bot)
    await patrol(room, bot, minutes=1)

    assert [channel for channel, *_ in bot.chat.posted] == ["C1", "C2"]


@on_disk
async def test_a_digest_is_posted_once_for_each_time_it_is_due(room, bot):
    other = await room.start()
    since = DUE - timedelta(days=1)

    await asyncio.gather(
        *(one.patrol.digest(RELEASES, DUE, since) for one in (bot, other) for _ in range(3))
    )
    assert len(bot.chat.posts) + len(other.chat.posts) == 1

    await bot.patrol.digest(RELEASES, DUE + timedelta(days=1), DUE)
    assert len(bot.chat.posts) + len(other.chat.posts) == 2


async def test_a_digest_tells_what_waits_what_ended_and_what_is_wrong(room, bot):
    await bot.operate(a_request())
    await room.settled()
    room.release("0.0.3")
    await room.settled()
    write(room, 50)
    await found(room, bot)

    summary = await bot.patrol.sum_up(RELEASES, since=NOON - timedelta(days=1))

    assert [flight.look.rollout.name for flight in summary.waiting] == ["tomozo"]
    assert [(e.ending.how, e.ending.by.id) for e in summary.ended] == [("done", "U0ANN")]
    assert "gives the canary 50 %" in summary.concerns[0].message
    assert (summary.acts, summary.refusals) == (1, 0)


async def test_a_channel_sums_up_what_it_hears_about(room, bot):
    routes = (Route(channel="C1", namespaces=("shop",)), *SETTINGS.routing.routes)
    bot.board.settings = type(SETTINGS)(cluster="test", routing=Routing(routes))
    since = NOON - timedelta(days=1)

    assert (await bot.patrol.sum_up("C1", since=since)).is_empty, "nothing of shop is there"
    assert (await bot.patrol.sum_up(RELEASES, since=since)).waiting
    assert (await bot.patrol.sum_up("D0ANN", since=since)).waiting, "not routed: everything"


async def test_others_have_their_turn_while_everything_is_looked_at(room, bot, monkeypatch):
    """Nobody's press waits for a sweep: between any two pieces of it the loop is free."""
    for number in range(20):
        room.deploy(f"app-{number}")
    await room.quiet()
    monkeypatch.setattr(breath, "_LONGEST", 0)
    turns = 0

    async def press():
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    others = asyncio.create_task(press())
    await patrol(room, bot)
    others.cancel()

    assert turns > 5 * 21, "seen, compared, grouped, modelled and inspected"
