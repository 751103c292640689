"""Messages to Slack while it fails: nothing twice, nothing lost without a word."""

import pytest
from slackroom import ABOUT, CARD, CHANNEL, EDIT, METADATA, POST, a_line, a_note, says, texts

from bot.flows.kept import Lane
from bot.messages.blocks import Message


async def test_a_method_that_must_rest_rests_and_the_others_go_on(slack, outbox, room, calls):
    outbox.show(CARD, says("moves"), Lane.PROGRESS)
    await outbox.idle()
    slack.fail_next(EDIT, http_status=429, retry_after="20")
    outbox.show(CARD, says("waits"), Lane.DECISION)
    await slack.until(lambda: slack.called(EDIT))
    outbox.send([a_note("digest", Lane.PROGRESS)])
    await slack.until(lambda: room.find("digest"))
    assert len(slack.called(EDIT)) == 1
    await outbox.idle()
    first, second = slack.called(EDIT)

    assert (second.at - first.at) * 10 >= 19.9
    assert room.find("waits")


@pytest.mark.parametrize("retry_after", [None, "soon"])
async def test_a_limit_without_a_number_is_waited_out(slack, outbox, room, retry_after):
    slack.fail_next(POST, http_status=429, retry_after=retry_after, times=2)
    outbox.show(CARD, says("moves"), Lane.PROGRESS)
    await outbox.idle()

    assert len(slack.called(POST)) == 3
    assert texts(room.messages) == ["moves"]


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"drop": "before"}, id="before"),
        pytest.param({"drop": "after"}, id="after"),
        pytest.param({"http_status": 500}, id="500"),
        pytest.param({"http_status": 502}, id="html"),
        pytest.param({"error": "fatal_error"}, id="fatal"),
    ],
)
@pytest.mark.parametrize("what", ["card", "line", "note"])
async def test_nothing_is_lost_and_nothing_is_there_twice(slack, outbox, room, fault, what):
    if what == "line":
        outbox.show(CARD, says("moves"), Lane.PROGRESS)
        await outbox.idle()
    slack.fail_next(POST, **fault)
    if what == "card":
        outbox.show(CARD, says("moves"), Lane.PROGRESS)
    elif what == "line":
        outbox.send([a_line("10 %", Lane.PROGRESS)])
    else:
        outbox.send([a_note("moves", Lane.PROGRESS)])
    await outbox.idle()

    assert texts(room.messages) == ["moves"]
    assert texts(room.thread(room.messages[0].ts)) == (["10 %"] if what == "line" else [])


async def test_a_card_whose_answer_was_lost_is_edited_to_the_newest_state(slack, outbox, room):
    slack.fail_next(POST, drop="after")
    outbox.show(CARD, says("moves"), Lane.PROGRESS)
    await slack.until(lambda: room.find("moves"))
    outbox.show(CARD, says("waits"), Lane.DECISION)
    await outbox.idle()

    assert texts(room.messages) == ["waits"]
    assert len(slack.called(POST)) == 1


async def test_a_card_that_died_before_it_was_written_down_is_found(
    slack, outbox, make_outbox, room, shelf
):
    """Posted, and the process killed before the bulletin heard where."""
    outbox.show(CARD, says("moves"), Lane.PROGRESS)
    await outbox.drain(5)
    shelf.places.clear()
    second = make_outbox()
    second.show(CARD, says("waits"), Lane.DECISION)
    await second.drain(5)

    assert texts(room.messages) == ["waits"]


async def test_without_the_right_to_read_back_it_says_so(slack, outbox, room, caplog):
    slack.workspace.scopes -= {"channels:history", "groups:history"}
    slack.fail_next(POST, drop="before")
    outbox.show(CARD, says("moves"), Lane.PROGRESS)
    await outbox.idle()

    assert texts(room.messages) == ["moves"]
    assert "I may not read back what I posted" in caplog.text


@pytest.mark.parametrize(
    "error",
    ["channel_not_found", "not_in_channel", "is_archived", "restricted_action", "strange"],
)
async def test_a_permanent_error_is_told_once_and_given_up(slack, outbox, room, caplog, error):
    slack.fail_next(POST, error=error, times=3)
    outbox.show(CARD, says("moves"), Lane.PROGRESS)
    outbox.send([a_line("10 %", Lane.PROGRESS)])
    await outbox.idle()
    assert len(slack.called(POST)) == 1
    outbox.show(CARD, says("waits"), Lane.DECISION)
    await outbox.idle()

    assert caplog.text.count("is given up") == 1
    assert error in caplog.text
    slack.heal()
    outbox.show(CARD, says("done"), Lane.ENDED)
    await outbox.idle()
    assert texts(room.messages) == ["done"], "news may get through again"
    assert "takes messages" in caplog.text


async def test_a_card_that_says_the_same_is_no_sign_that_its_channel_works(
    slack, outbox, room, caplog
):
    """It stands, the channel is archived, and nothing about it changes: nothing is tried."""
    outbox.show(CARD, says("waits"), Lane.DECISION)
    await outbox.idle()
    slack.fail_next(POST, error="is_archived", times=99)
    outbox.send([a_line("10 %", Lane.PROGRESS)])
    await outbox.idle()
    tried = len(slack.called(POST))
    for _ in range(3):
        outbox.show(CARD, says("waits"), Lane.DECISION)
        await outbox.idle()

    assert len(slack.called(POST)) == tried
    assert caplog.text.count("is given up") == 1
    assert "takes messages" not in caplog.text


async def test_what_a_refused_token_keeps_back_waits_for_another(slack, outbox, room, caplog):
    slack.fail_next(POST, error="token_revoked", times=3)
    outbox.show(CARD, says("moves"), Lane.PROGRESS)
    outbox.send([a_line("10 %", Lane.PROGRESS)])
    await slack.until(lambda: slack.called(POST), "a post")
    assert outbox.depth == 1, "the line waits for its card"

    slack.heal()
    outbox.hurry()
    await outbox.idle()

    assert texts(room.messages) == ["moves"]
    assert caplog.text.count("Slack refuses my token (token_revoked)") == 1
    assert caplog.text.count("Slack takes my token") == 1
    assert "is given up" not in caplog.text


async def test_blocks_that_slack_cannot_show_go_as_text(slack, outbox, room, caplog):
    broken = Message(text="the point", blocks=({"type": "nonsense"},), metadata=METADATA)
    outbox.show(CARD, broken, Lane.PROGRESS)
    await outbox.idle()
    (card,) = room.messages

    assert (card.text, card.blocks, card.metadata["event_payload"]) == ("the point", (), ABOUT)
    assert "Slack cannot show a message of mine" in caplog.text
    outbox.show(CARD, says("better"), Lane.PROGRESS)
    await outbox.idle()
    assert room.messages[0].blocks


async def test_a_deleted_card_is_posted_anew_and_its_thread_goes_on_there(slack, outbox, room):
    outbox.show(CARD, says("moves"), Lane.PROGRESS)
    await outbox.idle()
    room.remove(room.messages[0])
    outbox.show(CARD, says("waits"), Lane.DECISION)
    outbox.send([a_line("waits", Lane.DECISION)])
    await outbox.idle()
    (card,) = room.messages

    assert card.text == "waits"
    assert len(slack.called(POST)) in (3, 4)


@pytest.mark.parametrize("error", ["edit_window_closed", "cant_update_message"])
async def test_a_card_that_cannot_be_edited_any_more_is_posted_anew(slack, outbox, room, error):
    outbox.show(CARD, says("moves"), Lane.PROGRESS)
    await outbox.idle()
    slack.fail_next(EDIT, error=error)
    outbox.show(CARD, says("waits"), Lane.DECISION)
    await outbox.idle()

    assert texts(room.messages) == ["moves", "waits"]
    assert len(slack.called(EDIT)) == 1


async def test_a_hanging_channel_does_not_hold_up_the_others(slack, outbox):
    slack.add_channel("C0OTHER", "other")
    slack.fail_next(POST, delay=9, where=lambda args: args["channel"] == CHANNEL, times=9)
    outbox.show(CARD, says("moves"), Lane.DECISION)
    outbox.send([a_note("elsewhere", Lane.PROGRESS, channel="C0OTHER")])

    await slack.until(lambda: slack.channel("C0OTHER").find("elsewhere"), timeout=2)


async def test_a_full_disk_does_not_silence_a_release(slack, outbox, room, shelf, monkeypatch):
    from bot.release.errors import Unreachable

    async def full(*_):
        raise Unreachable("the disk is full")

    monkeypatch.setattr(shelf, "claim", full)
    monkeypatch.setattr(shelf, "put", full)
    outbox.show(CARD, says("moves"), Lane.DECISION)
    await slack.until(lambda: room.find("moves"))
    monkeypatch.undo()
    await outbox.idle()

    assert len(slack.called(POST)) == 1
    assert shelf.places[CARD].ts == room.messages[0].ts
