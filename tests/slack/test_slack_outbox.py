"""Messages to Slack: paced, the latest state wins, nothing is said again after a restart."""

import asyncio
import time
from itertools import pairwise

import pytest
from slackroom import (
    CARD,
    EDIT,
    METADATA,
    POST,
    Stepped,
    Swift,
    a_line,
    a_note,
    says,
    texts,
)

from bot.flows.kept import Lane, Place, Slot
from bot.slack.connection import open_calls
from bot.slack.outbox import Outbox
from bot.slack.pace import Pace
from bot.slack.posting import digest

# --- what is said ---------------------------------------------------------------------------------


async def test_a_card_is_posted_once_and_then_edited(slack, outbox, room, shelf):
    outbox.show(CARD, says("moves"), Lane.PROGRESS)
    await outbox.idle()
    outbox.show(CARD, says("waits"), Lane.DECISION)
    await outbox.idle()
    (card,) = room.messages

    assert card.text == "waits"
    assert card.metadata == METADATA
    assert shelf.places[CARD] == Place(ts=card.ts, content=digest(says("waits")))
    assert card.edited is None


async def test_only_the_latest_state_is_sent(slack, outbox, room):
    for n in range(50):
        outbox.show(CARD, says(f"state {n}"), Lane.PROGRESS)
        await asyncio.sleep(0)
    await outbox.idle()

    assert texts(room.messages) == ["state 49"]
    assert len(slack.called(POST)) == 1
    assert len(slack.called(EDIT)) <= 2


async def test_equal_content_is_not_sent_again(slack, outbox, room):
    for _ in range(3):
        outbox.show(CARD, says("waits"), Lane.DECISION)
        await outbox.idle()

    assert [call.method for call in slack.calls] == [POST]


async def test_a_restart_repeats_nothing_and_goes_on_editing(slack, outbox, make_outbox, room):
    outbox.show(CARD, says("waits"), Lane.DECISION)
    await outbox.idle()
    await outbox.drain(1)
    second = make_outbox()
    second.show(CARD, says("waits"), Lane.DECISION)
    await second.idle()
    assert len(slack.calls) == 1
    second.show(CARD, says("done"), Lane.ENDED)
    second.send([a_line("done", Lane.ENDED)])
    await second.drain(5)

    assert texts(room.messages) == ["done"]
    assert texts(room.thread(room.messages[0].ts)) == ["done"]


async def test_lines_wait_for_their_card_and_go_together(slack, outbox, room):
    slack.fail_next(POST, drop="before")
    outbox.send([a_line("started", Lane.PROGRESS)])
    outbox.show(CARD, says("moves"), Lane.PROGRESS)
    outbox.send([a_line("10 %", Lane.PROGRESS)])
    await outbox.idle()
    (card,) = room.messages

    assert texts(room.thread(card.ts)) == ["started\n10 %"]


async def test_a_whole_quick_way_costs_four_calls(slack, calls, shelf, room):
    """Started, three steps, done, in less than three seconds."""
    clock = Stepped()
    calls._clock = clock
    outbox = Outbox(calls, shelf, clock=clock, sleep=clock.sleep)
    outbox.start()
    for word in ("started", "10 %", "50 %", "90 %"):
        outbox.show(CARD, says(word), Lane.PROGRESS)
        outbox.send([a_line(word, Lane.PROGRESS)])
        await clock.go(0.7, outbox)
    outbox.show(CARD, says("done"), Lane.ENDED)
    outbox.send([a_line("done", Lane.ENDED)])
    for _ in range(8):
        await clock.go(0.25, outbox)
    await outbox.idle()
    (card,) = room.messages

    assert [call.method for call in slack.calls].count(EDIT) == 2
    assert len(slack.calls) == 4
    assert card.text == "done"
    assert texts(room.thread(card.ts)) == ["started\n10 %\n50 %\n90 %\ndone"]
    await outbox.drain()


async def test_what_is_urgent_does_not_linger(slack, make_outbox, room):
    outbox = make_outbox(linger=1000)
    outbox.show(CARD, says("moves"), Lane.PROGRESS)
    outbox.send([a_line("10 %", Lane.PROGRESS)])
    outbox.send([a_line("waits", Lane.DECISION, loud=True)])
    await slack.until(lambda: len(slack.called(POST)) == 2)
    await outbox.idle()
    (reply,) = room.thread(room.messages[0].ts)

    assert (reply.text, reply.broadcast) == ("10 %\nwaits", True)
    await outbox.drain(1)


async def test_draining_sends_what_lingers(slack, make_outbox, room):
    outbox = make_outbox(linger=1000)
    outbox.show(CARD, says("moves"), Lane.PROGRESS)
    outbox.send([a_line("10 %", Lane.PROGRESS)])
    await outbox.drain(10)

    assert texts(room.thread(room.messages[0].ts)) == ["10 %"]


async def test_draining_ends_in_time_and_says_what_is_lost(slack, make_outbox, caplog):
    slack.fail_next(POST, delay=9, times=99)
    outbox = make_outbox()
    outbox.show(CARD, says("moves"), Lane.PROGRESS)
    outbox.send([a_note("digest", Lane.PROGRESS)])
    began = time.monotonic()
    await outbox.drain(1)

    assert time.monotonic() - began < 8, "before Slack answers"
    assert "2 messages were not sent" in caplog.text
    assert outbox.depth == 0


async def test_a_line_without_a_card_says_nothing(slack, outbox):
    outbox.send([a_line("10 %", Lane.PROGRESS)])
    await outbox.idle()

    assert not slack.calls
    assert outbox.depth == 0


async def test_many_lines_are_split(outbox, room):
    outbox.show(CARD, says("moves"), Lane.PROGRESS)
    for n in range(5):
        outbox.send([a_line(f"{n} {'x' * 990}", Lane.PROGRESS)])
    await outbox.idle()
    replies = room.thread(room.messages[0].ts)

    assert [reply.text.count("\n") + 1 for reply in replies] == [3, 2]


# --- pace -----------------------------------------------------------------------------------------


@pytest.fixture
def paced(monkeypatch):
    """Write down when the pace was told of a post or an edit, by the outbox's clock."""
    times = {"posts": [], "edits": []}

    def record(name):
        count = getattr(Pace, name)

        def counted(self, *args):
            times[name].append(args[1] if name == "posts" else args[2])
            count(self, *args)

        monkeypatch.setattr(Pace, name, counted)

    record("posts")
    record("edits")
    return times


async def test_posts_are_three_at_once_and_then_one_a_second(paced, outbox):
    for n in range(6):
        outbox.send([a_note(f"note {n}", Lane.PROGRESS)])
    await outbox.idle()
    at = paced["posts"]

    assert at[2] == at[0]
    assert all(at[n] - at[0] >= n - 2 - 1e-6 for n in range(6))


async def test_urgent_lanes_go_first(slack, outbox, room):
    for lane in (Lane.PROGRESS, Lane.ENDED, Lane.DECISION, Lane.ANSWER):
        for n in range(2):
            outbox.send([a_note(f"{lane.name} {n}", lane)])
    await outbox.idle()
    order = [call.args["text"].split()[0] for call in slack.called(POST)]

    assert order[3:] == ["DECISION", "ENDED", "ENDED", "PROGRESS", "PROGRESS"]


async def test_edits_of_one_message_are_a_second_apart(paced, outbox):
    outbox.show(CARD, says("state 0"), Lane.ENDED)
    await outbox.idle()
    for n in range(1, 60):
        outbox.show(CARD, says(f"state {n}"), Lane.ENDED)
        await asyncio.sleep(0.005)
    await outbox.idle()
    at = paced["posts"] + paced["edits"]

    assert len(at) > 2
    assert all(later - earlier >= 1 - 1e-6 for earlier, later in pairwise(at))


async def test_another_channel_does_not_wait(slack, outbox):
    slack.add_channel("C0OTHER", "other")
    for n in range(9):
        outbox.send([a_note(f"note {n}", Lane.ANSWER)])
    outbox.send([a_note("elsewhere", Lane.PROGRESS, channel="C0OTHER")])
    await slack.until(lambda: slack.channel("C0OTHER").find("elsewhere"))

    assert len(slack.called(POST)) <= 5


async def test_the_local_limits_are_kept(shelf):
    """Twenty rollouts in two channels: Slack never has to say that it is too much."""
    from bot.sandbox.slack import LocalSlack

    clock = Swift()
    async with LocalSlack(limits=True, clock=clock) as slack:
        calls = open_calls(slack.bot_token, slack.api_url)
        outbox = Outbox(calls, shelf, clock=clock, sleep=clock.sleep)
        outbox.start()
        for channel in ("C0A", "C0B"):
            slack.add_channel(channel, channel.lower())
        for word in ("moves", "waits", "done"):
            for n in range(20):
                slot = Slot(channel="C0A" if n % 2 else "C0B", key=str(n))
                outbox.show(slot, says(f"{n} {word}"), Lane.PROGRESS)
                outbox.send([a_line(word, Lane.PROGRESS, slot=slot)])
            await asyncio.sleep(0.4)
        await outbox.idle()
        shown = [m.text for name in ("C0A", "C0B") for m in slack.channel(name).messages]
        await outbox.drain(1)
        await calls.close()

        assert sorted(shown) == sorted(f"{n} done" for n in range(20))
        assert [call.method for call in slack.calls if call.status == 429] == []
        assert len(slack.calls) <= 4 * 20
