"""Many releases in one message, as it is read on a phone at 3 a.m."""

from dataclasses import replace

import pytest

from bot.messages import storm
from bot.messages.card import card
from bot.messages.storm import Brief, brief
from bot.release.rollout import State
from bot.sandbox.slack.judge import judge_message, text_length
from tests.builders import NOON, a_look, a_story, an_ending, the_offers
from tests.messages.reading_aloud import SEAL, read

TEXT = 4_000
NOTE = (
    "Too many at once for a message each: this one is kept up to date, the cards follow. "
    "What happens meanwhile is told in its thread."
)


def shown(look=None, story=None, offers=None):
    """A card, in short."""
    look, story = look or a_look(), story or a_story()
    offers = the_offers() if offers is None else offers
    return brief(look, story, card(look, story, offers, seal=SEAL, now=NOON, cluster="test"))


def several(waiting=0, moving=0, ended=()):
    """So many that wait and move, and those that ended in these ways."""
    one = shown()
    return [
        *(
            replace(one, key=f"shop/w-{n:03}", point=one.point.replace(one.key, f"shop/w-{n:03}"))
            for n in range(waiting)
        ),
        *(
            Brief(key=f"shop/m-{n:03}", point=f"shop/m-{n:03} is moving to 30 %", share="10 %")
            for n in range(moving)
        ),
        *(Brief(key=f"shop/e-{n:03}", point="", how=how) for n, how in enumerate(ended)),
    ]


def test_a_brief_says_what_the_card_says_and_has_its_buttons():
    look, story = a_look(), a_story()
    whole = card(look, story, the_offers(), seal=SEAL, now=NOON, cluster="test")
    short = shown()
    (row,) = [block for block in whole.blocks if block["type"] == "actions"]

    assert short.key == "tomozo/tomozo"
    assert short.point == whole.text
    assert short.needs_person
    assert list(short.buttons) == [one for one in row["elements"] if one["type"] == "button"]
    assert len(short.buttons) == 3


def test_a_brief_of_one_that_ended_needs_nobody():
    short = shown(story=a_story(ending=an_ending(how="done")), offers=())

    assert (short.how, short.needs_person, short.buttons) == ("done", False, ())


def test_it_is_read_from_top_to_bottom():
    told = storm.storm(several(2, 2, ["done", "superseded"]), NOON)

    assert told.text == (
        "2 rollouts are moving, 2 wait for you: shop/w-000, shop/w-001; 2 have ended"
    )
    assert read(told).split("\n") == [
        "*2 rollouts are moving, 2 wait for you, 2 have ended.*",
        NOTE,
        "*shop/w-000* waits at 10 %: promote, header-only or abort",
        "Promote → 100 %  Header-only, 0 %  Abort → 0 %",
        "*shop/w-001* waits at 10 %: promote, header-only or abort",
        "Promote → 100 %  Header-only, 0 %  Abort → 0 %",
        "*Ended*",
        "✔ done: shop/e-000",
        "✖ superseded: shop/e-001",
        "*Moving* shop/m-000 10 % · shop/m-001 10 %",
    ]


@pytest.mark.parametrize(
    ("briefs", "text"),
    [
        pytest.param(several(1), "1 rollout waits for you: shop/w-000", id="one-waits"),
        pytest.param(several(0, 1), "1 rollout is moving, nothing waits for you", id="one-moves"),
        pytest.param(several(0, 0, ["done"]), "Nothing waits for you, 1 has ended", id="one-ended"),
        pytest.param(
            several(12, 3),
            "3 rollouts are moving, 12 wait for you: "
            + ", ".join(f"shop/w-{n:03}" for n in range(10))
            + " and 2 more",
            id="many-wait",
        ),
    ],
)
def test_the_text_carries_the_whole_point(briefs, text):
    assert storm.storm(briefs, NOON).text == text


def test_a_revision_that_made_room_for_the_next_is_no_end():
    going = several(1)
    old = replace(going[0], how="superseded", needs_person=False, controls="")

    assert storm.storm([*going, old], NOON).text == "1 rollout waits for you: shop/w-000"


@pytest.mark.parametrize(
    ("waiting", "moving", "ended"),
    [(4, 23, 12), (50, 0, 0), (25, 25, 0), (0, 5, 45), (400, 300, 200), (0, 900, 0), (0, 0, 900)],
)
def test_slack_takes_it_however_many_there_are(waiting, moving, ended):
    told = storm.storm(several(waiting, moving, ["done", "rolled back"] * (ended // 2)), NOON)

    assert judge_message(list(told.blocks)) == []
    assert text_length(list(told.blocks)) <= 9_000
    assert len(told.blocks) <= 50
    assert len(told.text) <= TEXT


def test_of_fifty_that_wait_all_are_named_and_those_at_the_front_can_be_pressed():
    briefs = several(50)
    told = storm.storm(briefs, NOON)
    said = read(told)

    assert all(f"*{one.key}* waits at 10 %" in said for one in briefs)
    rows = [block for block in told.blocks if block["type"] == "actions"]
    assert len(rows) >= 8
    assert [row["elements"] for row in rows] == [list(one.buttons) for one in briefs[: len(rows)]]
    assert "There is more than fits here" not in said


def test_of_those_that_have_no_room_it_is_said_how_many_they_are():
    said = read(storm.storm(several(400, 300), NOON))

    assert "more wait" in said
    assert "Promote" in said, "some can be pressed all the same"


def test_it_is_found_again_by_when_it_began():
    first, later = storm.storm(several(1), NOON), storm.storm(several(0, 4), NOON)

    assert first.metadata == later.metadata
    assert first.metadata["event_type"] == "rollout_storm"
    ends = [storm.over([], NOON), storm.interrupted(NOON)]
    assert [one.metadata["event_payload"]["over"] for one in (first, *ends)] == [False, True, True]
    assert len({one.metadata["event_payload"]["began"] for one in (first, *ends)}) == 1


@pytest.mark.parametrize(
    ("briefs", "text"),
    [
        pytest.param(
            several(0, 3, ["done"] * 47),
            "50 rollouts moved at once, 47 of them ended. Each has its card again.",
            id="nothing-waits",
        ),
        pytest.param(
            several(1, 0, ["done"] * 9),
            "10 rollouts moved at once, 9 of them ended. Then 1 waited for you: shop/w-000. "
            "Each has its card again.",
            id="one-waits",
        ),
    ],
)
def test_it_ends_with_what_it_was(briefs, text):
    told = storm.over(briefs, NOON)

    assert told.text == f"{text} What happened meanwhile is in this thread."
    assert not [block for block in told.blocks if block["type"] == "actions"]


def test_aborted_ones_are_for_a_person():
    look = a_look()
    aborted = replace(look, rollout=look.rollout.model_copy(update={"aborted": True}))
    assert aborted.rollout.state is State.ABORTED

    assert shown(aborted, offers=()).needs_person
