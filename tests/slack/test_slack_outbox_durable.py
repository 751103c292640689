"""What was decided to be told is told, once, whoever is killed in between."""

import asyncio
import random
from datetime import UTC, datetime, timedelta

import pytest
from slackroom import (
    CARD,
    CHANNEL,
    POST,
    Stepped,
    a_last_state,
    a_line,
    a_note,
    says,
    texts,
)

from bot.flows.kept import Lane, Place
from bot.release.errors import Unreachable
from bot.slack.outbox import PATIENCE, Outbox
from bot.slack.posting import digest

HISTORY, REPLIES = "conversations.history", "conversations.replies"


async def crash(outbox):
    """End as kill -9 does: nothing more is sent or written."""
    tasks = [outbox._loop, *outbox._working]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    outbox._loop = None


def thread(room):
    """What the card's thread says, line by line."""
    (card,) = room.messages
    return [line for reply in room.thread(card.ts) for line in reply.text.split("\n")]


@pytest.fixture
async def card(outbox):
    """A card that stands in the channel; the outbox that posted it has ended."""
    outbox.show(CARD, says("moves"), Lane.PROGRESS)
    await outbox.idle()
    await outbox.drain(1)


@pytest.fixture
async def second(card, make_outbox, shelf):
    """Start the outbox of the next process; what it sends is sent then."""
    made = []

    async def start(**more):
        box = make_outbox(**more)
        made.append(box)
        await box.idle()
        return box

    yield start
    for box in made:
        await box.drain(1)


async def test_what_was_stored_and_not_sent_is_sent_after_a_restart(second, shelf, room):
    at = datetime.now(UTC)
    shelf.keep(*(a_line(text, at=at + timedelta(seconds=n)) for n, text in enumerate("abc")))
    shelf.keep(a_note("digest"))
    await second()

    assert texts(room.messages) == ["moves", "digest"]
    assert texts(room.thread(room.messages[0].ts)) == ["a\nb\nc"]
    assert shelf.mail == {}


async def test_what_slack_has_already_is_not_sent_again(second, shelf, room, slack):
    """Killed after Slack took the post, before it was struck out; then some more was decided."""
    first = await second(linger=0.0)
    told = shelf.keep(a_line("a"), a_line("b"), a_line("c"))
    first.send(told)
    await first.idle()
    shelf.keep(*told, a_line("d"))
    await second()

    assert thread(room) == ["a", "b", "c", "d"]
    assert len(slack.called(REPLIES)) == 1
    assert shelf.mail == {}


async def test_one_look_into_the_channel_finds_all_that_it_has(second, shelf, room, slack):
    first = await second()
    told = shelf.keep(*(a_note(f"note {n}") for n in range(5)))
    first.send(told)
    await first.idle()
    shelf.keep(*told, a_note("note 5"))
    await second()

    assert texts(room.messages) == ["moves", *(f"note {n}" for n in range(6))]
    assert len(slack.called(HISTORY)) == 1
    assert shelf.mail == {}


async def test_lines_of_one_post_are_struck_out_together(second, shelf, room):
    outbox = await second()
    lines = shelf.keep(*(a_line(text) for text in "abcdef"))
    outbox.send(lines)
    await outbox.idle()

    assert texts(room.thread(room.messages[0].ts)) == ["a\nb\nc\nd\ne\nf"]
    assert shelf.strikes == [tuple(line.id for line in lines)]


async def test_a_lost_answer_with_more_behind_it_says_nothing_twice(second, shelf, room, slack):
    outbox = await second(linger=0.0)
    slack.fail_next(POST, drop="after")
    outbox.send(shelf.keep(a_line("a"), a_line("b")))
    await slack.until(lambda: slack.called(POST)[1:], "the lines")
    outbox.send(shelf.keep(a_line("c", Lane.DECISION)))
    await outbox.idle()

    assert thread(room) == ["a", "b", "c"]


async def test_what_could_not_be_sent_at_the_end_goes_after_the_next_start(
    second, shelf, room, slack, caplog
):
    first = await second()
    slack.fail_next(POST, delay=9, times=99)
    first.send(shelf.keep(a_line("a"), a_note("digest")))
    await first.drain(1)
    slack.heal()
    assert "2 messages were not sent before the end; 0 of them are lost" in caplog.text
    await second()

    assert thread_of(room, "moves") == ["a"]
    assert texts(room.messages)[1:] == ["digest"]


def thread_of(room, text):
    (card,) = [message for message in room.messages if message.text == text]
    return texts(room.thread(card.ts))


async def test_what_was_told_from_memory_is_stored_at_the_end(second, shelf, slack):
    outbox = await second()
    slack.fail_next(POST, delay=9, times=99)
    note = a_note("digest")
    outbox.send([note], is_stored=False)
    await outbox.drain(1)

    assert shelf.mail == {note.id: note}


async def test_a_database_that_fails_at_the_end_is_told_in_numbers(second, shelf, slack, caplog):
    outbox = await second()
    slack.fail_next(POST, delay=9, times=99)
    outbox.send([a_note("digest")], is_stored=False)
    shelf.broken = Unreachable("the disk is full")
    await outbox.drain(1)

    assert "1 of them are lost" in caplog.text
    assert outbox.lost == {"not_stored": 1}


async def test_a_database_that_fails_does_not_hold_up_what_is_told(second, shelf, room, slack):
    outbox = await second(linger=0.0)
    shelf.broken = Unreachable("the disk is full")
    told = [a_line("a"), a_line("b", Lane.DECISION)]
    outbox.send(told[:1])
    outbox.send(told[1:])
    await slack.until(lambda: len(thread(room)) == 2, "both lines")
    assert shelf.strikes == []
    shelf.broken = None
    await outbox.idle()

    assert thread(room) == ["a", "b"]
    assert sorted(id_ for strike in shelf.strikes for id_ in strike) == [one.id for one in told]


async def test_what_is_stored_is_fetched_when_the_database_works_again(make_outbox, shelf, room):
    shelf.broken = Unreachable("no connection")
    shelf.keep(a_note("digest"))
    outbox = make_outbox()
    await asyncio.sleep(0.1)
    shelf.broken = None
    await outbox.idle()

    assert texts(room.messages) == ["digest"]
    await outbox.drain(1)


@pytest.mark.parametrize(("minutes", "is_told"), [(59, True), (61, False)])
async def test_what_is_too_old_is_struck_out_and_counted(second, shelf, room, minutes, is_told):
    at = datetime.now(UTC) - timedelta(minutes=minutes)
    shelf.keep(a_line("a", at=at), a_note("digest", at=at))
    outbox = await second()

    assert texts(room.messages) == (["moves", "digest"] if is_told else ["moves"])
    assert texts(room.thread(room.messages[0].ts)) == (["a"] if is_told else [])
    assert outbox.lost == ({} if is_told else {"too_old": 2})
    assert shelf.mail == {}


async def test_a_line_whose_card_never_comes_is_given_up_after_an_hour(calls, shelf, slack):
    clock = Stepped()
    outbox = Outbox(calls, shelf, clock=clock, sleep=clock.sleep)
    outbox.start()
    outbox.send(shelf.keep(a_line("a")))
    await clock.go(PATIENCE - 1, outbox)
    assert len(shelf.mail) == 1
    await clock.go(2, outbox)
    outbox.pick_up()
    await outbox.idle()

    assert shelf.mail == {}
    assert outbox.lost == {"too_old": 1}
    assert slack.calls == []
    await outbox.drain(1)


async def test_the_last_state_of_a_card_survives(second, shelf, room):
    """Killed when it was decided that a release is over, and before its card said so."""
    shelf.keep(a_last_state("superseded"))
    await second()

    assert texts(room.messages) == ["superseded"]
    assert shelf.mail == {}


async def test_a_last_state_that_slack_shows_already_is_struck_out(second, shelf, room, slack):
    """Killed after its card said so, and before the parcel was struck out."""
    first = await second()
    first.show(CARD, says("superseded"), Lane.ENDED)
    await first.idle()
    shelf.keep(a_last_state("superseded"))
    before = len(slack.calls)
    await second()

    assert texts(room.messages) == ["superseded"]
    assert slack.calls[before:] == []
    assert shelf.mail == {}


async def test_a_card_that_was_never_posted_says_its_end_and_has_its_thread(
    make_outbox, shelf, room
):
    shelf.keep(a_line("aborted", Lane.ENDED), a_last_state("superseded"))
    outbox = make_outbox()
    await outbox.idle()

    assert texts(room.messages) == ["superseded"]
    assert thread(room) == ["aborted"]
    await outbox.drain(1)


async def test_a_last_state_does_not_hide_what_came_after_it(second, shelf, room):
    """The same revision is released again; its card was composed anew from the cluster."""
    outbox = await second()
    old = a_last_state("superseded")
    outbox.show(CARD, says("moves again"), Lane.PROGRESS)
    await outbox.idle()
    shelf.keep(old)
    outbox.pick_up()
    await outbox.idle()

    assert texts(room.messages) == ["moves again"]
    assert shelf.mail == {}


async def test_what_another_replica_stored_is_fetched_once(second, shelf, room, slack):
    outbox = await second()
    own = shelf.keep(a_line("own"))
    outbox.send(own)
    shelf.keep(a_line("theirs"))
    for _ in range(3):
        outbox.pick_up()
        await asyncio.sleep(0.02)
    await outbox.idle()
    shelf.keep(*own)  # the row was read before it was struck out
    outbox.pick_up()
    await outbox.idle()

    assert sorted(thread(room)) == ["own", "theirs"]
    assert len(slack.called(REPLIES)) == 1, "for theirs"
    assert shelf.mail == {}


async def test_a_receipt_that_was_cut_off_is_given_when_it_leads_again(second, shelf, room):
    """It ceased to lead between Slack's answer and the end of the row, which stayed for ever."""
    outbox = await second()
    told = shelf.keep(a_line("told"))
    outbox.send(told)
    await outbox.idle()
    await outbox.drain(0)
    shelf.keep(*told)
    outbox.take_over()
    outbox.start()
    await outbox.idle()

    assert thread(room) == ["told"]
    assert shelf.mail == {}


async def test_who_takes_over_believes_the_bulletin_not_itself(second, shelf, room, calls):
    """While another replica led, it posted anew and edited."""
    first = await second()
    first.show(CARD, says("waits"), Lane.DECISION)
    await first.idle()
    posted = await calls(POST, channel=CHANNEL, text="done")
    shelf.places[CARD] = Place(ts=posted["ts"], content=digest(says("done")))
    first.take_over()
    first.show(CARD, says("waits"), Lane.DECISION)
    await first.idle()

    assert texts(room.messages) == ["waits", "waits"]


@pytest.mark.parametrize("error", ["not_in_channel", "is_archived"])
async def test_what_waits_for_people_to_mend_is_told_when_they_did(
    second, shelf, room, slack, caplog, error
):
    outbox = await second()
    slack.fail_next(POST, error=error, times=99)
    outbox.send(shelf.keep(a_line("a")))
    await outbox.idle()
    outbox.pick_up()
    await outbox.idle()
    assert len(slack.called(POST)) == 2, "the card, and one try"
    assert "told within the hour" in caplog.text
    slack.heal()
    outbox.show(CARD, says("waits"), Lane.DECISION)
    await outbox.idle()

    assert thread(room) == ["a"]
    assert shelf.mail == {}
    assert outbox.lost.total() == 0


async def test_what_slack_can_never_show_is_struck_out(second, shelf, slack):
    outbox = await second()
    slack.fail_next(POST, error="msg_too_long", times=99)
    outbox.send(shelf.keep(a_line("a")))
    await outbox.idle()

    assert shelf.mail == {}
    assert outbox.lost == {"msg_too_long": 1}


@pytest.mark.parametrize("seed", range(6))
async def test_killed_at_any_moment_each_line_is_there_once(
    card, make_outbox, shelf, room, slack, seed
):
    """A process lives for a moment; answers get lost; each stores before it hands in."""
    rng = random.Random(seed)
    decided = []
    for _ in range(12):
        outbox = make_outbox(linger=rng.choice([0.0, 0.5]))
        for _ in range(rng.randrange(4)):
            text = f"line {len(decided)}"
            decided.append(text)
            parcels = shelf.keep(a_line(text, rng.choice([Lane.PROGRESS, Lane.DECISION])))
            if rng.random() < 0.8:
                outbox.send(parcels)
            if rng.random() < 0.3:
                slack.fail_next(POST, drop=rng.choice(["before", "after"]))
            await asyncio.sleep(rng.uniform(0, 0.03))
        await crash(outbox)
    slack.heal()
    last = make_outbox()
    await last.idle()

    assert sorted(thread(room)) == sorted(decided)
    assert shelf.mail == {}
    await last.drain(1)
