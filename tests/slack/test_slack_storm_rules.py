"""When a storm begins and ends, and what waits meanwhile; in plain numbers."""

from dataclasses import replace

import pytest
from stormroom import NOON, MemorySlack, Virtual

from bot.flows.kept import Lane, Parcel, Place, Slot
from bot.messages.blocks import Message, actions, button
from bot.messages.storm import Brief, controls
from bot.slack.pace import EDITS, POSTS, Pace
from bot.slack.storm import (
    BUSY,
    CALM,
    FEWEST,
    GAP,
    LONGEST,
    SETTLED,
    SHORTEST,
    SPARE,
    Load,
    Storm,
    Storms,
)
from bot.slack.tray import Tray
from bot.slack.turns import Turns
from bot.slack.weather import Weather

CARD = Slot(channel="C1", key="card:u1:r1")
OTHER = Slot(channel="C1", key="card:u2:r1")
PRESS = button("rollout:promote", "Promote", "sealed")
MOVING = Brief(key="shop/a", point="shop/a is moving", share="10 %")
WAITING = Brief(key="shop/b", point="shop/b waits", needs_person=True, controls=controls([PRESS]))
DONE = Brief(key="shop/c", point="shop/c is done", how="done")


def a_storm(channel="C1", since=0.0, **more):
    slot = Slot(channel=channel, key="storm:1")
    parcel = Parcel(
        at=NOON,
        channel=channel,
        slot=slot.key,
        message=Message(text="I was restarted"),
        lane=Lane.ENDED,
        is_living=True,
    )
    return Storm(slot=slot, began=NOON, since=since, last_words=parcel, **more)


@pytest.fixture
def storms():
    made = Storms()
    made.begin(a_storm())
    return made


@pytest.mark.parametrize(
    ("load", "begins"),
    [
        pytest.param(Load(cards=50, seconds=47), True, id="many"),
        pytest.param(Load(cards=FEWEST, seconds=5.1), True, id="just"),
        pytest.param(Load(cards=50, seconds=5.0), False, id="in-time"),
        pytest.param(Load(cards=FEWEST - 1, seconds=600), False, id="slack-is-slow"),
        pytest.param(Load(), False, id="nothing"),
    ],
)
def test_a_storm_begins_when_the_cards_would_come_too_late(load, begins):
    assert Storms().begins("C1", load) is begins


def test_there_is_one_storm_in_a_channel(storms):
    load = Load(cards=50, seconds=47)

    assert not storms.begins("C1", load)
    assert storms.begins("C2", load)


def test_how_long_a_backlog_takes():
    pace = Pace()

    assert pace.needs("C1", POSTS.burst, EDITS.burst, 0.0) == 0
    assert pace.needs("C1", 50, 0, 0.0) == pytest.approx(47)
    assert pace.needs("C1", 0, 59, 0.0) == pytest.approx(60)
    assert pace.needs("C1", 50, 59, 0.0) == pytest.approx(60), "they go side by side"
    pace.posts_refused("C1", 30.0)
    assert pace.needs("C1", 1, 0, 0.0) == pytest.approx(31)
    assert pace.needs("C2", 1, 0, 0.0) == 0


CALM_LOAD = Load(cards=2, seconds=1)


@pytest.mark.parametrize(
    ("load", "unsaid"),
    [
        pytest.param(Load(cards=9, seconds=6), False, id="cards-wait"),
        pytest.param(Load(cards=1, needy=1, seconds=0), False, id="somebody-waits"),
        pytest.param(CALM_LOAD, True, id="lines-wait"),
    ],
)
def test_a_storm_goes_on_while_something_waits(storms, load, unsaid):
    storm = storms.raging["C1"]

    for now in (20.0, 40.0, 60.0):
        assert not storms.is_over(storm, load, unsaid=unsaid, now=now)


def test_a_storm_ends_when_it_has_been_calm_for_a_while(storms):
    storm = storms.raging["C1"]

    assert not storms.is_over(storm, CALM_LOAD, unsaid=False, now=20)
    assert not storms.is_over(storm, Load(cards=9, seconds=9), unsaid=False, now=21)
    assert not storms.is_over(storm, CALM_LOAD, unsaid=False, now=22)
    assert not storms.is_over(storm, CALM_LOAD, unsaid=False, now=22 + CALM - 0.1)
    assert storms.is_over(storm, CALM_LOAD, unsaid=False, now=22 + CALM)


def test_a_storm_does_not_come_and_go(storms):
    storm = storms.raging["C1"]
    storms.is_over(storm, CALM_LOAD, unsaid=False, now=0)

    assert not storms.is_over(storm, CALM_LOAD, unsaid=False, now=SHORTEST - 1)
    assert storms.is_over(storm, CALM_LOAD, unsaid=False, now=SHORTEST)


def test_what_ended_and_is_on_its_card_is_no_part_of_a_storm():
    storms = Storms()
    storms.tell(CARD, MOVING, 0)
    storms.tell(CARD, DONE, 1)
    storms.tell(OTHER, replace(DONE, key="shop/d"), 1)
    storms.forget_ended(lambda slot: slot == OTHER)
    storms.begin(a_storm())

    assert not storms.knows(CARD)
    assert storms.knows(OTHER), "its card does not say so yet"


def test_what_ended_in_a_storm_is_told_until_it_is_over(storms):
    storms.tell(CARD, MOVING, 0)
    storms.tell(CARD, DONE, 1)
    storms.tell(OTHER, MOVING, 1)
    storms.forget_ended(lambda _: False)
    assert list(storms.briefs("C1")) == [DONE, MOVING]

    storms.end(storms.raging["C1"])
    storms.forget_ended(lambda _: False)
    assert list(storms.briefs("C1")) == [MOVING]


def test_one_that_is_released_again_has_not_ended(storms):
    storms.tell(CARD, DONE, 0)
    storms.tell(CARD, MOVING, 1)
    storms.end(storms.raging["C1"])
    storms.forget_ended(lambda _: False)

    assert list(storms.briefs("C1")) == [MOVING]


def test_of_one_rollout_only_the_newest_revision_is_told_of(storms):
    """An abort that a new image took the place of waits for nobody any more."""
    aborted, newer = Slot(channel="C1", key="card:u1:r1"), Slot(channel="C1", key="card:u1:r2")
    storms.tell(aborted, WAITING, 0)
    storms.tell(newer, replace(MOVING, key=WAITING.key), 1)
    storms.tell(aborted, replace(DONE, key=WAITING.key), 2)

    assert [brief.point for brief in storms.briefs("C1")] == [MOVING.point]
    assert not storms.knows(aborted)


def test_who_has_waited_longest_stands_at_the_front(storms):
    slots = [Slot(channel="C1", key=str(n)) for n in range(4)]
    late, early, none, third = (replace(WAITING, key=str(n)) for n in range(4))
    none = replace(none, needs_person=False)
    storms.tell(slots[0], none, 0)
    storms.tell(slots[1], early, 1)
    storms.tell(slots[2], none, 2)
    storms.tell(slots[3], third, 3)
    storms.tell(slots[0], late, 4)
    storms.tell(slots[1], replace(early, point="changed"), 5)

    assert [one.key for one in storms.briefs("C1")][:3] == ["1", "3", "0"]


def test_its_message_changes_every_few_seconds_and_less_often_where_there_are_many(storms):
    storm = storms.raging["C1"]
    assert storms.is_due(storm, 0)
    assert not storms.is_due(storm, GAP - 0.1)
    assert storms.is_due(storm, GAP)
    for n in range(2, 9):
        storms.begin(a_storm(f"C{n}"))
    storms.is_due(storm, 100)

    assert not storms.is_due(storm, 100 + GAP)
    assert storms.is_due(storm, 100 + 4 * GAP)


def test_an_inherited_one_says_nothing_before_anything_is_known():
    storms = Storms()
    storm = a_storm(is_inherited=True)
    storms.begin(storm)
    assert not storms.is_due(storm, 100)

    storms.tell(CARD, MOVING, 100)
    assert storms.is_due(storm, 100)


# --- what waits -----------------------------------------------------------------------------------


def test_without_a_storm_nothing_waits():
    storms = Storms()
    storms.tell(CARD, MOVING, 0)

    assert storms.wait(CARD, changed=0, since=0, now=0) == 0


def test_a_card_waits_until_its_release_stands_still(storms):
    storms.tell(CARD, MOVING, 10)

    assert storms.wait(CARD, changed=10, since=10, now=11) == SETTLED - 1
    assert storms.wait(CARD, changed=10, since=10, now=10 + SETTLED) == 0


def test_what_no_message_about_all_would_tell_does_not_wait(storms):
    assert storms.wait(Slot(channel="C1", key="finding:1"), changed=0, since=0, now=0) == 0


def busy(storms, until):
    """So much changes that cards could not follow."""
    for n in range(BUSY + 1):
        slot = Slot(channel="C1", key=f"busy {n}")
        storms.tell(slot, replace(MOVING, key=f"{n} {until}"), until - 0.1 * (BUSY - n))


def test_while_all_change_nothing_goes_for_a_minute(storms):
    storms.tell(CARD, MOVING, 0)
    busy(storms, 20)

    assert storms.wait(CARD, changed=0, since=0, now=20) > 4
    assert storms.wait(CARD, changed=0, since=0, now=20 + SETTLED) == 0
    busy(storms, LONGEST)
    assert storms.wait(CARD, changed=0, since=0, now=LONGEST) == 0


def test_what_can_be_pressed_nowhere_else_does_not_wait_for_the_others(storms):
    storms.tell(CARD, WAITING, 0)
    busy(storms, 20)
    assert storms.wait(CARD, changed=0, since=0, now=20) == 0

    row = actions("storm-0", [PRESS])
    storms.shown(storms.raging["C1"], Message(text="all", blocks=(row,)))
    assert storms.wait(CARD, changed=0, since=0, now=20) > 4


def test_some_edits_are_kept_for_the_messages_about_all():
    """Also from cards of channels without a storm: the budget is the workspace's."""
    clock = Virtual()
    turns, tray = Turns(MemorySlack(clock)), Tray(clock, clock.now)
    weather = Weather(tray, turns, clock.now, clock)
    storm = a_storm()
    weather.storms.begin(storm)
    cards = [
        tray.show(Slot(channel="C2", key=f"card:{n}"), Message(text="new"), Lane.DECISION)
        for n in range(EDITS.burst)
    ]
    about_all = tray.show(storm.slot, Message(text="all"), Lane.ANSWER)
    for card in (*cards, about_all):
        card.known, card.place = True, Place(ts="1.1")
    gone = 0
    for card in cards:
        if not max(turns.wait(card, 0.0), weather.wait(card, 0.0)):
            turns.count(card, 0.0)
            gone += 1

    assert gone == EDITS.burst - SPARE
    assert max(turns.wait(about_all, 0.0), weather.wait(about_all, 0.0)) == 0
