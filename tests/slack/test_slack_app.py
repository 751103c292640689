"""People and the app, on the wire: typed, pressed, filled in; acknowledged, done, answered."""

import asyncio
import logging
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from slackroom import ABOUT, CHANNEL, SEEN, button, card, heard, written_to

from bot.flows.kept import Promise
from bot.messages.blocks import Message
from bot.release.access import Standing
from bot.release.errors import NotFound, OutOfDate, Unclear


async def test_a_command_is_acknowledged_done_and_answered(slack, app, flows, ann):
    await ann.types("/rollout advance shop/api --reason “smoke test”", channel=CHANNEL)
    await heard(slack, ann, "promote shop/api: heard")
    (request,) = flows.requests

    assert (request.verb, request.target, request.reason) == ("promote", "shop/api", "smoke test")
    assert (request.channel, request.seen) == (CHANNEL, None)
    assert (request.actor.user, request.actor.name) == ("U0ANN", "ann")
    assert request.actor.standing is Standing.MEMBER
    assert request.actor.groups == {"S0ONCALL"}
    assert slack.channel(CHANNEL).messages == [], "only the person sees it"


async def test_a_question_is_answered(slack, app, flows, ann):
    await ann.types("/rollout history shop/api 7d", channel=CHANNEL)
    await heard(slack, ann, "history shop/api: heard")
    (question,) = flows.questions

    assert question.words == ("7d",)


async def test_what_is_not_understood_is_answered_with_a_suggestion(slack, app, flows, ann):
    await ann.types("/rollout statsu shop/api", channel=CHANNEL)
    await heard(slack, ann, "Did you mean `status`?")

    assert not flows.refusals


async def test_an_acting_verb_with_a_nonsense_name_goes_on_record(slack, app, flows, ann):
    await ann.types("/rollout abort a/b/c", channel=CHANNEL)
    await heard(slack, ann, "not done")
    ((request, refusal, about),) = flows.refusals

    assert (request.verb, type(refusal), about) == ("abort", Unclear, None)


async def test_a_press_means_what_the_card_showed(slack, app, flows, ann, posted):
    await ann.presses(posted, "rollout:promote")
    answer = await heard(slack, ann)
    (request,) = flows.requests

    assert (request.verb, request.seen, request.channel) == ("promote", SEEN, CHANNEL)
    assert answer.plain == "promote api: heard"
    assert slack.current(posted).plain == posted.plain, "the card is still there"


async def test_a_button_chooses_among_several(slack, app, flows, ann, posted):
    await ann.presses(posted, "rollout:choose:1")
    await heard(slack, ann)

    assert [(q.verb, q.target, q.seen) for q in flows.questions] == [("status", "shop/api", SEEN)]


@pytest.mark.parametrize(
    ("option", "kind"), [pytest.param("steps", "questions"), pytest.param("pause", "requests")]
)
async def test_the_menu_stands_for_a_sighting(slack, app, flows, ann, posted, option, kind):
    await ann.presses(posted, "rollout:more", option=option)
    await heard(slack, ann)
    (asked,) = getattr(flows, kind)

    assert (asked.verb, asked.seen) == (option, SEEN)


async def test_an_old_menu_still_reads_and_does_not_act(slack, app, flows, ann, shelf, posted):
    shelf.sightings.clear()
    await ann.presses(posted, "rollout:more", option="steps")
    await heard(slack, ann, "steps shop/api: heard")
    await ann.presses(posted, "rollout:more", option="pause")
    await heard(slack, ann, "too old")
    ((request, refusal, about),) = flows.refusals

    assert (request.verb, type(refusal), about) == ("pause", OutOfDate, ABOUT)
    assert not flows.requests


@pytest.mark.parametrize(
    ("action", "value"),
    [
        pytest.param("rollout:promote", "nonsense", id="nonsense"),
        pytest.param("rollout:promote", "ümläut.ß", id="not-ascii"),
        pytest.param("rollout:promote", button("abort")["value"], id="of-another-button"),
        pytest.param("rollout:header-only", "nonsense", id="before-the-form"),
        pytest.param("rollout:more", "frobnicate 12", id="menu"),
    ],
)
async def test_a_forged_value_does_nothing_and_goes_on_record(
    slack, app, flows, ann, posted, action, value
):
    await ann.presses(posted, action, value=value, option="steps")
    await heard(slack, ann, "not done: I did not make this")
    ((request, refusal, about),) = flows.refusals

    assert (type(refusal), about, request.seen) == (Unclear, ABOUT, None)
    assert not flows.requests
    assert not flows.proposals


async def test_a_link_is_acknowledged_and_nothing_else(slack, app, flows, ann, posted):
    await ann.presses(posted, "rollout:argo-cd")
    await app.desk.finish(1)

    assert not ann.ephemerals


# --- who, and how often ---------------------------------------------------------------------------


async def test_another_workspace_is_refused_on_record(slack, app, flows, ann, posted):
    slack.workspace.id = "T0OTHER"
    await ann.presses(posted, "rollout:promote")
    await heard(slack, ann, "People of other workspaces never act")
    await ann.types("/rollout abort shop/api", channel=CHANNEL)
    await ann.presses(posted, "rollout:header-only")
    await slack.until(lambda: len(flows.refusals) == 3, "three refusals")

    assert {request.actor.standing for request, _, _ in flows.refusals} == {Standing.STRANGER}
    assert not flows.requests
    assert not flows.proposals


async def test_a_payload_for_another_app_is_not_even_acknowledged(slack, running, flows, ann):
    await running()
    object.__setattr__(slack.workspace.app, "id", "A0OTHER")
    with pytest.raises(Exception, match="no acknowledgement"):
        await ann.types("/rollout abort shop/api", channel=CHANNEL)

    assert not flows.requests


async def test_the_same_payload_is_done_once(slack, app, flows, ann, posted):
    await ann.presses(posted, "rollout:promote")
    again = await asyncio.gather(*(slack.tell_again(slack.deliveries[0]) for _ in range(3)))
    await heard(slack, ann)
    await app.desk.finish(5)

    assert len(flows.requests) == 1
    assert all(delivery.acked for delivery in again)


async def test_twenty_at_once_are_each_answered(slack, app, flows, posted):
    people = [slack.add_person(f"U0P{n:02}", f"p{n}") for n in range(20)]
    slack.channel(CHANNEL).channel.members.extend(person.id for person in people)
    flows.open.clear()
    await asyncio.gather(*(person.presses(posted, "rollout:promote") for person in people))
    assert all(delivery.acked for delivery in slack.deliveries)
    flows.open.set()
    for person in people:
        await heard(slack, person)

    assert sorted(request.actor.user for request in flows.requests) == [p.id for p in people]


async def test_a_slow_slack_does_not_delay_the_acknowledgement(slack, app, flows, ann, posted):
    slack.fail_next("users.info", delay=5, times=9)
    flows.open.clear()
    delivery = await ann.presses(posted, "rollout:promote")

    assert delivery.latency < 4
    flows.open.set()
    await heard(slack, ann)


# --- answers --------------------------------------------------------------------------------------


async def test_a_refusal_of_a_question_is_its_text(slack, app, flows, ann):
    flows.error = NotFound("There is no shop/ap.")
    await ann.types("/rollout status shop/ap", channel=CHANNEL)

    await heard(slack, ann, "There is no shop/ap.")


async def test_the_unexpected_has_a_number_for_the_person_and_the_log(
    slack, app, flows, ann, caplog
):
    flows.error = RuntimeError("boom")
    await ann.types("/rollout abort shop/api", channel=CHANNEL)
    answer = await heard(slack, ann, "Something went wrong")
    (record,) = [r for r in caplog.records if getattr(r, "action", "") == "unexpected"]

    assert record.reference in answer.plain
    assert "boom" not in answer.plain


@pytest.mark.parametrize("error", ["fatal_error", "internal_error"])
async def test_an_answer_that_slack_took_only_by_its_status_goes_another_way(
    slack, app, flows, ann, posted, error
):
    """200 is what a failing server says too: what counts is that it says `ok`."""
    slack.fail_next("response_url", error=error)
    await ann.presses(posted, "rollout:promote")
    await heard(slack, ann)
    assert len(slack.called("chat.postEphemeral")) == 1


async def test_an_answer_finds_another_way(slack, app, flows, ann, posted):
    """The response URL fails: an ephemeral message; that fails too: a direct message."""
    slack.fail_next("response_url", http_status=500)
    await ann.presses(posted, "rollout:promote")
    await heard(slack, ann)
    assert len(slack.called("chat.postEphemeral")) == 1
    slack.fail_next("response_url", drop="before")
    slack.fail_next("chat.postEphemeral", error="user_not_in_channel")
    await ann.presses(posted, "rollout:abort")

    await written_to(slack, ann, "abort api: heard")


async def test_an_answer_that_slack_cannot_show_goes_as_text(slack, app, flows, ann):
    slack.fail_next("response_url", http_status=400, error="invalid_blocks")
    await ann.types("/rollout status shop/api", channel=CHANNEL)

    await heard(slack, ann, "status shop/api: heard")
    assert not slack.called("chat.postEphemeral")


async def test_the_home_tab(slack, app, flows, ann):
    await ann.opens_home()
    await slack.until(lambda: ann.home and "nothing needs ann" in str(ann.home.body))


async def test_a_press_on_an_answer_in_a_thread_is_answered_there(slack, app, ann, calls, posted):
    await calls("chat.postMessage", **card(thread_ts=posted.ts, text="a reply"))
    (reply,) = slack.channel(CHANNEL).thread(posted.ts)
    await ann.presses(reply, "rollout:abort")

    assert (await heard(slack, ann)).thread_ts == posted.ts


async def test_nothing_secret_is_logged(slack, app, flows, ann, posted, caplog):
    from bot.slack.redact import Redacting

    caplog.handler.addFilter(Redacting())
    caplog.set_level(logging.DEBUG)
    slack.fail_next("response_url", drop="before", times=2)
    flows.error = RuntimeError("xoxb-1234-secret https://hooks.slack.com/commands/T0/1/secret")
    await ann.presses(posted, "rollout:promote")
    await heard(slack, ann, "Something went wrong")
    caplog.handler.filters.clear()

    assert "secret" not in caplog.text.replace("signing_secret", "")


async def test_who_is_owed_an_answer_stands_written_until_it_is_given(
    slack, app, flows, ann, shelf
):
    """It is written before the acknowledgement: a bot that is killed right after it can tell."""
    flows.open.clear()
    await ann.types("/rollout promote shop/api", channel=CHANNEL)
    assert [(p.person, p.verb, p.what) for p in shelf.owed.values()] == [
        ("U0ANN", "promote", "shop/api")
    ]
    flows.open.set()
    await heard(slack, ann)
    await app.desk.finish(5.0)
    assert not shelf.owed


async def test_the_same_for_a_press(slack, app, flows, ann, shelf, posted):
    flows.open.clear()
    await ann.presses(posted, "rollout:promote")
    assert [(p.verb, p.what, p.channel) for p in shelf.owed.values()] == [
        ("promote", "shop/api", CHANNEL)
    ]
    flows.open.set()
    await heard(slack, ann)


async def test_reading_owes_nothing(slack, app, flows, ann, shelf):
    flows.open.clear()
    await ann.types("/rollout status shop/api", channel=CHANNEL)
    assert not shelf.owed
    flows.open.set()


async def test_a_database_that_is_away_does_not_hold_up_the_acknowledgement(
    slack, app, flows, ann, shelf, monkeypatch
):
    async def fails(_promise):
        raise NotFound("away")

    monkeypatch.setattr(shelf, "promise", fails)
    await ann.types("/rollout promote shop/api", channel=CHANNEL)
    await heard(slack, ann, "promote shop/api: heard")


async def test_a_command_is_about_what_was_known_before_it_was_written_down(
    slack, app, flows, ann, shelf, monkeypatch
):
    """With a slow database the rollout may be at its next pause when the command's turn comes."""
    flows.sighting = SEEN

    async def slow(_promise):
        flows.sighting = replace(SEEN, step=SEEN.step + 2)

    monkeypatch.setattr(shelf, "promise", slow)
    await ann.types("/rollout promote shop/api", channel=CHANNEL)
    await heard(slack, ann, "promote shop/api: heard")

    assert [request.known for request in flows.requests] == [SEEN]


async def test_what_an_earlier_process_owed_is_told_at_the_start(slack, make_app, ann, shelf):
    owed = Promise(
        id="p1", at=datetime.now(UTC), person="U0ANN", channel=CHANNEL, verb="promote", what="a/b"
    )
    shelf.owed["p1"] = owed

    async def broken():
        return [(owed, Message(text="Not done: I was restarted."))]

    app = make_app(owed=broken)
    await app.start()
    try:
        await heard(slack, ann, "I was restarted")
        await app.desk.finish(5.0)
        assert not shelf.owed
    finally:
        await app.stop()
