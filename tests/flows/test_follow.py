"""Rollouts change: told once, in its order, about what is true."""

import asyncio
from datetime import timedelta

from bot.flows import follow
from bot.flows import looks as looking
from bot.flows.ports import Lane
from bot.release.changes import Topic
from bot.release.routing import Route, Routing
from tests.flows.room import STEPS, a_request
from tests.messages.reading_aloud import read

STARTED = "tomozo/tomozo: → started: 0.0.1 → 0.0.2"
WAITS = "tomozo/tomozo: ⏸ waits at 10 %: promote (→ 100 %), header-only or abort"


def weight_on_ingress(room, weight):
    """Only the Ingress changes; the other sources come later."""
    annotations = room.cluster.manifest("ingresses")["metadata"]["annotations"]
    key = "alb.ingress.kubernetes.io/actions.tomozo-stable"
    annotations[key] = annotations[key].replace('"Weight": 90', f'"Weight": {100 - weight}')
    annotations[key] = annotations[key].replace('"Weight": 10}', f'"Weight": {weight}}}')


async def test_a_release_is_told_from_start_to_end(room, bot):
    assert bot.chat.lines == [STARTED, WAITS]
    assert "tomozo/tomozo waits at 10 %" in bot.card.text

    await bot.operate(a_request())
    await room.settled()

    assert "✔ done, 0.0.2 is stable, promoted by <@U0ANN>" in bot.chat.lines[-1]
    assert "Done" in read(bot.card)
    assert len(bot.chat.cards) == 1, "one living card"
    assert "actions" not in {block["type"] for block in bot.card.blocks}, "nothing to press"


async def test_what_is_at_rest_has_no_card(room):
    bot = await room.start()
    await room.settled()

    assert bot.chat.shown == []
    assert bot.chat.lines == []


async def test_the_same_kind_of_change_is_told_again_when_it_happens_again(room, bot):
    for _ in range(2):
        room.cluster.edit({"op": "add", "path": "/spec/paused", "value": True})
        await room.settled()
        room.cluster.edit({"op": "remove", "path": "/spec/paused"})
        await room.settled()

    assert sum("frozen at 10 %" in line for line in bot.chat.lines) == 2
    assert sum("no longer frozen" in line for line in bot.chat.lines) == 2


async def test_a_change_waits_until_the_sources_agree(room, bot):
    room.argo.is_away = True
    room.cluster.edit(
        {"op": "add", "path": "/status/currentStepIndex", "value": 2},
        {"op": "remove", "path": "/status/pauseConditions"},
        {"op": "remove", "path": "/status/controllerPause"},
        status=True,
    )
    await room.quiet()
    assert bot.chat.lines[-1] == WAITS, "status says 10 %, the step asks for 100 %"

    weight_on_ingress(room, 100)
    room.cluster.edit(
        {"op": "add", "path": "/status/canary/weights/canary/weight", "value": 100}, status=True
    )
    await room.quiet()

    assert "100 %" in bot.chat.lines[-1], "at once, when they agree"


async def test_it_waits_for_a_second_at_most(room, bot):
    room.argo.is_away = True
    room.cluster.edit(
        {"op": "add", "path": "/status/currentStepIndex", "value": 2},
        {"op": "remove", "path": "/status/pauseConditions"},
        {"op": "remove", "path": "/status/controllerPause"},
        status=True,
    )
    await room.quiet()
    await room.later(seconds=0.9)
    assert bot.chat.lines[-1] == WAITS

    await room.later(seconds=0.1)
    assert "✔ pause" in bot.chat.lines[-1]


async def test_nothing_is_concluded_before_the_controller_has_looked(room, bot):
    room.argo.is_away = True
    room.cluster.edit({"op": "add", "path": STEPS, "value": [{"setWeight": 50}]})
    await room.later(seconds=5)

    assert bot.chat.lines == [STARTED, WAITS]


async def test_a_storm_of_events_is_one_look(room, bot, monkeypatch):
    looks = []
    monkeypatch.setattr(
        follow, "look_at", lambda observed: looks.append(observed) or LOOK(observed)
    )
    for _ in range(200):
        room.cluster.announce()
    await room.quiet()

    assert len(looks) <= 3


LOOK = follow.look_at


async def test_one_that_cannot_be_followed_keeps_nobody_else_untold(room, bot, monkeypatch, caplog):
    room.deploy("other")
    room.cluster.announce("other")
    await room.settled()

    def breaks(observed):
        if observed.rollout.name == "tomozo":
            raise RuntimeError("unforeseen")
        return LOOK(observed)

    monkeypatch.setattr(follow, "look_at", breaks)
    room.cluster.announce()
    room.release(name="other")
    await room.settled()

    assert bot.chat.lines[-1].startswith("tomozo/other: ⏸ waits at 10 %")
    assert "could not follow tomozo/tomozo" in caplog.text


async def test_what_is_not_settled_is_looked_at_again_by_itself(room, monkeypatch):
    monkeypatch.setattr(looking, "_TICK", 0.001)
    bot = await room.start()
    room.release()
    weight_on_ingress(room, 0)
    room.cluster.announce()
    await room.quiet()
    assert bot.chat.lines == [], "held back, and nothing else will come"

    room.clock.move(seconds=1)

    told = asyncio.Event()
    bot.chat.send = lambda *_args, **_kw: told.set()
    await asyncio.wait_for(told.wait(), 5)


async def test_channels_hear_what_they_asked_for(room):
    routes = (
        Route(channel="C1", tell=frozenset({Topic.FINISHED})),
        Route(channel="C2", namespaces=("shop",)),
        Route(channel="C3"),
    )
    bot = await room.start(routing=Routing(routes))
    room.release()
    await room.settled()
    await bot.operate(a_request())
    await room.settled()

    heard = {slot.channel: [] for slot, *_ in bot.chat.told}
    for slot, line, _, _ in bot.chat.told:
        heard[slot.channel].append(line.text)
    assert len(heard["C1"]) == 1
    assert "done" in heard["C1"][0]
    assert len(heard["C3"]) == 3
    assert "C2" not in heard
    assert {slot.channel for slot in bot.chat.cards} == {"C1", "C3"}


async def test_what_needs_a_person_goes_first(room, bot):
    lanes = {line.text: (lane, loud) for _, line, lane, loud in bot.chat.told}

    assert lanes[STARTED] == (Lane.PROGRESS, False)
    assert lanes[WAITS] == (Lane.DECISION, True)
    assert bot.chat.shown[-1][2] is Lane.DECISION


async def test_the_card_is_shown_again_only_when_it_says_something_else(room, bot):
    before = len(bot.chat.shown)
    for _ in range(5):
        room.cluster.put("rollouts", room.cluster.manifest("rollouts"))
        room.cluster.announce()
        await room.later(seconds=1)

    assert len(bot.chat.shown) == before


async def test_a_later_revision_supersedes(room, bot):
    room.release("0.0.3")
    await room.settled()

    told = bot.chat.lines[2:]
    assert "0.0.2 is superseded by a newer revision 0.0.3" in told[0]
    assert "started" in told[1]
    assert "waits at 10 %" in told[2]
    (ended,) = await bot.entries("ended")
    assert ended.detail["ending"]["how"] == "superseded"
    assert len(bot.chat.cards) == 2


async def test_going_back_is_rolled_back(room, bot):
    room.release("0.0.1")
    await room.settled()

    assert "rolled back" in bot.chat.lines[-1]
    (ended,) = await bot.entries("ended")
    assert ended.detail["ending"]["how"] == "rolled back"
    assert ended.at - room.clock() <= timedelta(0)


async def test_a_card_is_given_in_short_for_a_message_about_many(room, bot):
    (slot,) = [one for one in bot.chat.cards if one.key.startswith("card:")]
    short = bot.chat.briefs[slot]
    assert (short.key, short.needs_person, short.how) == ("tomozo/tomozo", True, "")
    assert short.point == bot.card.text
    room.cluster.edit({"op": "remove", "path": "/status/pauseConditions"}, status=True)
    await room.settled()

    short = bot.chat.briefs[slot]
    assert (short.needs_person, short.how, short.buttons) == (False, "done", ())
