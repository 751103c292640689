"""What we have posted is read back, and messages carry the edition of the memory."""

import logging
from datetime import UTC, datetime

import pytest
from slackroom import CARD, CHANNEL, METADATA, says

from bot.flows.kept import Lane, Slot
from bot.slack.calls import Limited, Lost, Refused
from bot.slack.editions import put_aside, stamped
from bot.slack.history import MOST_PAGES, History
from bot.store.errors import Away

OTHER = Slot(channel=CHANNEL, key="card:u2:r")
EVER = datetime(2020, 1, 1, tzinfo=UTC)


async def test_a_message_carries_the_edition_and_whoever_reads_it_does_not_see_it(
    slack, calls, outbox, room
) -> None:
    await calls("auth.test")
    calls.edition = lambda: 7
    outbox.show(CARD, says("waits"), Lane.DECISION)
    await outbox.idle()

    [message] = room.messages
    assert message.metadata["event_payload"] == {**METADATA["event_payload"], "edition": 7}
    answer = await calls("conversations.history", channel=CHANNEL, include_all_metadata=True)
    assert answer["messages"][0]["metadata"] == METADATA
    [posted], is_whole = await History(calls).posted(CHANNEL, EVER)
    assert is_whole
    assert (posted.ts, posted.kind, posted.edition) == (message.ts, "rollout_card", 7)
    assert posted.payload == METADATA["event_payload"]


async def test_an_edit_carries_the_edition_of_its_own_time(slack, calls, outbox, room) -> None:
    for edition in (7, 8):
        calls.edition = lambda edition=edition: edition
        outbox.show(CARD, says(f"state {edition}"), Lane.DECISION)
        await outbox.idle()

    [posted], _ = await History(calls).posted(CHANNEL, EVER)
    assert posted.edition == 8


def test_what_has_no_metadata_is_sent_as_it_is() -> None:
    assert stamped({"text": "a"}, 7) == {"text": "a"}
    assert stamped({"metadata": METADATA}, 0) == {"metadata": METADATA}


def test_a_forged_edition_counts_as_none() -> None:
    payload = {"edition": "a lot", "uid": "u"}
    [message] = put_aside({"messages": [{"metadata": {"event_payload": payload}}]})["messages"]

    assert message == {"metadata": {"event_payload": {"uid": "u"}}, "edition": 0}


async def test_only_what_we_have_said_is_read_back(slack, calls, outbox, room) -> None:
    """Not what people say, nor what others post under the same name."""
    await calls("auth.test")
    await slack.person("U0ANN").says("hello", channel=CHANNEL)
    outbox.show(CARD, says("waits"), Lane.DECISION)
    await outbox.idle()
    [ours] = [m for m in room.messages if m.metadata]
    calls.bot = "B0OTHER"

    assert await History(calls).posted(CHANNEL, EVER) == ([], True)
    calls.bot = ours.bot_id
    assert len((await History(calls).posted(CHANNEL, EVER))[0]) == 1


class Scripted:
    """Calls of which each answers what stands next in a list."""

    bot = ""

    def __init__(self, *answers: object) -> None:
        self.answers, self.asked = list(answers), []

    async def __call__(self, method: str, **args: object) -> dict:
        self.asked.append(args)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def page(ts: str, cursor: str = "") -> dict:
    message = {"ts": ts, "metadata": METADATA, "edition": 1, "blocks": [{"type": "actions"}]}
    return {"messages": [message], "response_metadata": {"next_cursor": cursor}}


class Time:
    def __init__(self) -> None:
        self.now, self.slept = 0.0, []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


async def read(calls: Scripted, time: Time):
    return await History(calls, sleep=time.sleep, clock=lambda: time.now).posted(CHANNEL, EVER)


async def test_all_pages_are_read() -> None:
    calls = Scripted(page("2.0", "next"), page("1.0"))

    found, is_whole = await read(calls, Time())

    assert [one.ts for one in found] == ["2.0", "1.0"]
    assert is_whole
    assert found[0].is_open
    assert [args.get("cursor") for args in calls.asked] == [None, "next"]


async def test_slacks_word_on_how_often_is_kept_to() -> None:
    time = Time()
    limited = Limited("conversations.history", 30)

    found, is_whole = await read(Scripted(limited, page("1.0")), time)

    assert (len(found), is_whole) == (1, True)
    assert time.slept[0] >= 30


async def test_a_slack_that_answers_nothing_is_asked_again() -> None:
    lost = Lost("conversations.history", "no answer", perhaps=True)

    assert (await read(Scripted(lost, lost, page("1.0")), Time()))[1]


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(Refused("conversations.history", "missing_scope"), id="no-scope"),
        pytest.param(Limited("conversations.history", 90), id="limited-for-too-long"),
    ],
)
async def test_what_cannot_be_read_is_left_and_said(error, caplog) -> None:
    calls = Scripted(page("2.0", "next"), error)

    with caplog.at_level(logging.WARNING):
        found, is_whole = await read(calls, Time())

    assert ([one.ts for one in found], is_whole) == (["2.0"], False)
    assert "I cannot read back what I posted in C0RELEASES" in caplog.text


async def test_reading_ends_somewhere() -> None:
    found, is_whole = await read(Scripted(*(page("1.0", "more") for _ in range(50))), Time())

    assert (len(found), is_whole) == (MOST_PAGES, False)


# --- a database that cannot be used ---------------------------------------------------------------


async def test_a_card_goes_on_while_the_database_is_away(slack, outbox, room, shelf) -> None:
    shelf.broken = shelf.unreadable = Away("it is away")
    for text in ("moves", "waits", "done"):
        outbox.show(CARD, says(text), Lane.DECISION)
        await outbox.idle()

    [card] = room.messages
    assert card.text == "done"
    shelf.broken = shelf.unreadable = None
    outbox.show(OTHER, says("moves"), Lane.DECISION)
    await outbox.idle()
    assert shelf.places[CARD].ts == card.ts


async def test_a_card_of_which_the_database_cannot_tell_is_found_in_slack(
    slack, outbox, room, shelf, make_outbox
) -> None:
    """A process begins, and the database cannot be read: what stands in Slack is edited."""
    outbox.show(CARD, says("moves"), Lane.DECISION)
    await outbox.idle()
    shelf.broken = shelf.unreadable = Away("it is away")

    later = make_outbox()
    later.show(CARD, says("waits"), Lane.DECISION)
    await slack.until(lambda: room.find("waits"), "the card waits")

    assert [message.text for message in room.messages] == ["waits"]
