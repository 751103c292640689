"""People and a real Bolt app on the local Slack: commands, buttons, modals, Home, mentions."""

import pytest

from bot.sandbox.slack import BadAck, NoAck
from bot.sandbox.slack.forms import Incomplete

CHANNEL = "C0RELEASES"
MODAL = {
    "type": "modal",
    "callback_id": "rollout:header-only",
    "title": {"type": "plain_text", "text": "Header-only"},
    "submit": {"type": "plain_text", "text": "Do it"},
    "blocks": [
        {
            "type": "input",
            "block_id": "reason",
            "label": {"type": "plain_text", "text": "Reason"},
            "element": {"type": "plain_text_input", "action_id": "text"},
        }
    ],
}


@pytest.fixture
def ann(slack):
    return slack.person("U0ANN")


@pytest.fixture
async def card(slack, connected, ann):
    """The card that the command brings."""
    await ann.types("/rollout promote shop/api", channel=CHANNEL)
    return await slack.until(lambda: slack.channel(CHANNEL).find("waits"), "a card")


async def test_a_command_is_acknowledged_and_answered(slack, connected, ann):
    """The message is for all, the answer at the response_url for her alone."""
    delivery = await ann.types("/rollout status shop/api", channel=CHANNEL)
    await slack.until(lambda: ann.ephemerals, "an answer")

    assert delivery.acked
    assert ann.ephemerals[-1].plain == "the card is in the channel"
    assert slack.person("U0BEN").ephemerals == []
    assert [m.text for m in slack.channel(CHANNEL).messages] == ["shop/api waits"]


async def test_a_command_arrives_as_slack_writes_it(slack, connected, ann):
    """Every field of the page on slash commands; names in the text are escaped."""
    await ann.types("/rollout  who @ben @oncall in #releases or @nobody", channel=CHANNEL)
    (heard,) = connected.heard

    assert heard.pop("trigger_id")
    assert heard.pop("response_url").startswith(slack.url)
    assert heard == {
        "token": "sandbox-verification",
        "team_id": "T0SANDBOX",
        "team_domain": "sandbox",
        "channel_id": CHANNEL,
        "channel_name": "releases",
        "user_id": "U0ANN",
        "user_name": "ann",
        "command": "/rollout",
        "text": "who <@U0BEN|ben> <!subteam^S0ONCALL|@oncall> in <#C0RELEASES|releases> or @nobody",
        "api_app_id": "A0ROLLOUTS",
        "is_enterprise_install": "false",
    }


async def test_an_answer_may_come_with_the_acknowledgement(connected, ann):
    """`ack("text")` is shown to her alone, at once."""
    await ann.types("/rollout help", channel=CHANNEL)

    assert ann.ephemerals[-1].plain == "verbs: promote"


@pytest.mark.parametrize("deadline", [0.5])
async def test_an_unknown_command_gets_no_acknowledgement(connected, ann):
    """Bolt stays silent, so she sees that the app did not respond."""
    with pytest.raises(NoAck):
        await ann.types("/rollback", channel=CHANNEL)


async def test_nobody_types_where_they_are_not(slack, connected):
    with pytest.raises(LookupError, match="gus is not in releases"):
        await slack.person("U0GUS").types("/rollout", channel=CHANNEL)


async def test_a_button_updates_its_message(slack, card, ann):
    """An update with blocks: no (edited) mark, metadata stays, the history is known."""
    await ann.presses(card, "rollout:promote")
    now = await slack.until(lambda: slack.channel(CHANNEL).find("moves"), "the new card")

    assert now.ts == card.ts
    assert now.buttons == {}
    assert now.edited is None
    assert now.metadata == {"event_type": "rollout_card", "event_payload": {"revision": "v2"}}
    assert [version.text for version in now.history] == ["shop/api waits", "shop/api moves"]
    assert now.history[0].at < now.history[1].at
    assert slack.current(card) == now


async def test_a_press_arrives_as_slack_writes_it(slack, connected, card, ann):
    """The block_actions payload, key by key."""
    await ann.presses(card, "rollout:promote")
    await slack.until(lambda: len(connected.heard) == 2)
    heard = connected.heard[-1]

    assert heard["type"] == "block_actions"
    assert heard["user"] == {
        "id": "U0ANN",
        "username": "ann",
        "name": "ann",
        "team_id": "T0SANDBOX",
    }
    assert heard["container"] == {
        "type": "message",
        "message_ts": card.ts,
        "channel_id": CHANNEL,
        "is_ephemeral": False,
    }
    assert heard["channel"] == {"id": CHANNEL, "name": "releases"}
    assert heard["team"] == {"id": "T0SANDBOX", "domain": "sandbox"}
    assert heard["enterprise"] is None
    assert heard["is_enterprise_install"] is False
    assert heard["state"] == {"values": {}}
    assert heard["message"]["metadata"]["event_payload"] == {"revision": "v2"}
    assert heard["message"]["app_id"] == heard["api_app_id"] == "A0ROLLOUTS"
    (action,) = heard["actions"]
    assert action.pop("action_ts") > card.ts
    assert action == {
        "type": "button",
        "action_id": "rollout:promote",
        "block_id": "verbs",
        "text": {"type": "plain_text", "text": "Promote", "emoji": True},
        "value": "promote v2",
    }


async def test_an_old_copy_is_pressed_as_it_was(slack, connected, card, ann):
    """Who has not looked since still has the buttons."""
    await ann.presses(card, "rollout:promote")
    await slack.until(lambda: slack.channel(CHANNEL).find("moves"))

    await ann.presses(card, "rollout:promote", value="forged")
    await slack.until(lambda: len(connected.heard) == 3)

    assert connected.heard[-1]["actions"][0]["value"] == "forged"
    with pytest.raises(LookupError, match="nothing called rollout:promote"):
        await ann.presses(slack.current(card), "rollout:promote")


async def test_an_overflow_option_is_found_by_its_beginning(slack, card, ann):
    assert card.options == {"Steps": "steps k1", "History": "history k1"}
    await ann.presses(card, "rollout:more", option="history ")
    await slack.until(lambda: ann.ephemerals[1:], "the answer")

    assert ann.ephemerals[-1].plain == "asked for history k1"
    assert slack.current(card) == card
    with pytest.raises(LookupError, match="choose one of"):
        await ann.presses(card, "rollout:more")


async def test_a_modal_shows_errors_until_it_is_right(slack, connected, card, ann):
    """Open, a refused submission, an accepted one."""
    await ann.presses(card, "rollout:header-only")
    modal = await slack.until(lambda: ann.modal, "a modal")
    assert modal.inputs == {"text": "Reason"}

    await ann.submits(modal, {"reason": "no"})
    assert ann.errors == {"reason": "say more"}
    assert ann.modal == modal

    await ann.submits(modal, {"text": "smoke test"})
    assert ann.errors == {}
    assert ann.modal is None
    assert connected.heard[-1]["view"]["private_metadata"] == "v2"
    assert connected.heard[-1]["view"]["state"]["values"] == {
        "reason": {"text": {"type": "plain_text_input", "value": "smoke test"}}
    }


async def test_a_modal_may_be_replaced_stacked_and_cleared(slack, connected, card, ann):
    """What an acknowledgement may do with the modal: update, push, clear."""
    second = {**MODAL, "title": {"type": "plain_text", "text": "Sure?"}}
    actions = iter(("update", "push", "clear"))

    async def answer(ack):
        how = next(actions)
        await ack(response_action=how, view=None if how == "clear" else second)

    connected.app._async_listeners[:] = [
        listener
        for listener in connected.app._async_listeners
        if listener.ack_function.__name__ != "submitted"
    ]
    connected.app.view("rollout:header-only")(answer)
    await ann.presses(card, "rollout:header-only")
    first = await slack.until(lambda: ann.modal)

    await ann.submits(first, {"reason": "smoke test"})
    assert [(view.id, view.title) for view in ann.modals] == [(first.id, "Sure?")]
    await ann.submits(ann.modal, {"reason": "smoke test"})
    assert len(ann.modals) == 2
    assert ann.modal.previous == first.id
    await ann.submits(ann.modal, {"reason": "smoke test"})
    assert ann.modals == ()


async def test_slack_itself_insists_on_required_inputs(slack, card, ann):
    await ann.presses(card, "rollout:header-only")
    modal = await slack.until(lambda: ann.modal)

    with pytest.raises(Incomplete, match="Reason"):
        await ann.submits(modal)


async def test_errors_must_name_inputs_that_exist(slack, connected, card, ann):
    """Slack shows such errors nowhere, and the person sees trouble instead."""
    await ann.presses(card, "rollout:header-only")
    modal = await slack.until(lambda: ann.modal)

    async def wrong(ack):
        await ack(response_action="errors", errors={"text": "an action_id is no block_id"})

    connected.app._async_listeners.clear()
    connected.app.view("rollout:header-only")(wrong)
    with pytest.raises(BadAck, match="the inputs are"):
        await ann.submits(modal, {"reason": "smoke test"})


async def test_a_closed_modal_is_told_if_it_asked(slack, connected, card, ann):
    await ann.presses(card, "rollout:header-only")
    modal = await slack.until(lambda: ann.modal)
    await ann.closes(modal)

    assert ann.modal is None
    assert connected.heard[-1]["type"] == "view_closed"
    assert connected.heard[-1]["is_cleared"] is False


async def test_a_home_tab_is_published_and_pressed(slack, connected, ann):
    """A press there has a view, and no message, channel or response_url."""
    await ann.opens_home()
    home = await slack.until(lambda: ann.home, "a Home tab")
    assert home.buttons == {"Promote": "rollout:promote", "Header-Only": "rollout:header-only"}

    await ann.presses(home, "rollout:header-only")
    await slack.until(lambda: ann.modal, "a modal")
    payload = slack.deliveries[-1].payload

    assert payload["container"] == {"type": "view", "view_id": home.id}
    assert not {"message", "channel", "response_url"} & payload.keys()


async def test_a_mention_is_answered_in_its_thread(slack, connected, ann):
    asked = await ann.says("hey <@U0BOT>", channel=CHANNEL)
    thread = await slack.until(lambda: slack.channel(CHANNEL).thread(asked.ts), "a reply")

    assert [reply.plain for reply in thread] == ["yes, @U0ANN?"]
    assert slack.channel(CHANNEL).messages == [asked]


async def test_an_event_may_be_told_again(slack, connected, ann):
    """A new envelope, the same event_id."""
    first = await ann.opens_home()
    again = await slack.tell_again(first)

    assert again.id != first.id
    assert again.payload["event_id"] == first.payload["event_id"]
