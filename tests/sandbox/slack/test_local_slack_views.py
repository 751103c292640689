"""Triggers, modals and response URLs, with a clock in hand."""

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.sandbox.slack import LocalSlack

CHANNEL = "C0RELEASES"
START = 1_764_000_000.0
MODAL = {
    "type": "modal",
    "title": {"type": "plain_text", "text": "Sure?"},
    "blocks": [{"type": "divider"}],
}


class Clock:
    """A clock that only moves when told."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
async def slack(clock):
    async with LocalSlack(clock=clock) as started:
        started.add_person("U0ANN", "ann")
        started.add_channel(CHANNEL, "releases", members=["U0ANN"])
        yield started


@pytest.fixture
def screens(slack):
    return slack.workspace.screens


async def error_of(call):
    with pytest.raises(SlackApiError) as refused:
        await call
    return refused.value.response["error"]


async def test_a_trigger_is_good_once_and_for_three_seconds(client: AsyncWebClient, screens, clock):
    used, late = screens.trigger("U0ANN"), screens.trigger("U0ANN")
    await client.views_open(trigger_id=used, view=MODAL)
    clock.now += 3.5

    assert await error_of(client.views_open(trigger_id=used, view=MODAL)) == "exchanged_trigger_id"
    assert await error_of(client.views_open(trigger_id=late, view=MODAL)) == "expired_trigger_id"
    assert await error_of(client.views_open(trigger_id="1.2.ab", view=MODAL)) == (
        "invalid_trigger_id"
    )


async def test_three_modals_are_the_most(slack, client, screens):
    await client.views_open(trigger_id=screens.trigger("U0ANN"), view=MODAL)
    for _ in range(2):
        await client.views_push(trigger_id=screens.trigger("U0ANN"), view=MODAL)
    more = client.views_push(trigger_id=screens.trigger("U0ANN"), view=MODAL)

    assert await error_of(more) == "push_limit_reached"
    first, second, third = slack.person("U0ANN").modals
    assert (third.root, third.previous) == (first.id, second.id)


async def test_a_view_is_updated_by_either_name_and_hash(slack, client, screens):
    named = {**MODAL, "external_id": "mine"}
    opened = await client.views_open(trigger_id=screens.trigger("U0ANN"), view=named)
    newer = {**named, "title": {"type": "plain_text", "text": "Really?"}}
    await client.views_update(external_id="mine", view=newer, hash=opened["view"]["hash"])

    assert slack.person("U0ANN").modal.title == "Really?"
    stale = client.views_update(
        view_id=opened["view"]["id"], view=newer, hash=opened["view"]["hash"]
    )
    assert await error_of(stale) == "hash_conflict"
    assert await error_of(client.views_update(view_id="V0", view=newer)) == "not_found"


async def test_a_malformed_view_says_where(client, screens):
    with pytest.raises(SlackApiError) as refused:
        await client.views_open(
            trigger_id=screens.trigger("U0ANN"),
            view={**MODAL, "title": {"type": "plain_text", "text": "x" * 25}},
        )

    assert refused.value.response["error"] == "invalid_arguments"
    assert refused.value.response["response_metadata"]["messages"] == [
        "[ERROR] must be less than 25 characters [json-pointer:/view/title/text]"
    ]


@pytest.fixture
def webhook_for(slack, session):
    """A client for the response_url of a command, or of a press on a message."""

    def make(source=None):
        url, _ = slack._responses.issue("U0ANN", CHANNEL, source)
        return AsyncWebhookClient(url, session=session)

    return make


async def test_a_response_url_is_good_for_five_uses(webhook_for):
    webhook = webhook_for()
    answers = [await webhook.send(text="x") for _ in range(6)]

    assert [(a.status_code, a.body) for a in answers[:5]] == [(200, "ok")] * 5
    assert answers[5].status_code == 404
    assert "used_url" in answers[5].body


async def test_a_response_url_is_good_for_thirty_minutes(webhook_for, clock):
    webhook = webhook_for()
    clock.now += 30 * 60 + 1

    assert "expired_url" in (await webhook.send(text="x")).body


async def test_a_response_speaks_where_the_app_is_not(slack, webhook_for):
    """To her alone, unless told otherwise."""
    slack.channel(CHANNEL).channel.members.remove("U0BOT")
    webhook = webhook_for()
    await webhook.send(text="psst", replace_original=True)
    await webhook.send(text="hear", response_type="in_channel")

    assert [m.plain for m in slack.person("U0ANN").ephemerals] == ["psst"]
    assert [m.plain for m in slack.channel(CHANNEL).messages] == ["hear"]


@pytest.mark.parametrize("replace", [pytest.param(True, id="told"), pytest.param(None, id="not")])
async def test_a_response_replaces_what_was_pressed(slack, client, webhook_for, replace):
    await client.chat_postEphemeral(channel=CHANNEL, user="U0ANN", text="which one?")
    ann = slack.person("U0ANN")
    await webhook_for(ann.ephemerals[0]).send(text="this one", replace_original=replace)

    assert [m.plain for m in ann.ephemerals] == ["this one"]
    assert [m.plain for m in ann.ephemerals[0].history] == ["which one?", "this one"]


async def test_a_response_deletes_what_was_pressed(slack, client, webhook_for):
    await client.chat_postMessage(channel=CHANNEL, text="which one?")
    (message,) = slack.channel(CHANNEL).messages
    await webhook_for(message).send_dict({"delete_original": True})

    assert slack.channel(CHANNEL).messages == []


async def test_a_refused_response_is_no_use(slack, webhook_for):
    webhook = webhook_for()
    refused = await webhook.send(text="x", blocks=[{"type": "divider", "colour": "red"}])

    assert refused.status_code == 400
    assert "invalid additional property: colour [json-pointer:/blocks/0]" in refused.body
    assert slack.called("response_url")[0].status == 400


async def test_a_press_on_an_ephemeral_message_does_not_tell_it(slack, client):
    """Slack sends no `message` then; what matters must be in the value."""
    blocks = [
        {
            "type": "actions",
            "elements": [
                {
                    "type": "button",
                    "action_id": "pick",
                    "text": {"type": "plain_text", "text": "Pick"},
                    "value": "a",
                }
            ],
        }
    ]
    await client.chat_postEphemeral(channel=CHANNEL, user="U0ANN", text="?", blocks=blocks)
    ann = slack.person("U0ANN")
    with pytest.raises(Exception, match="no app is connected"):
        await ann.presses(ann.ephemerals[0], "pick")
    payload = slack.deliveries[-1].payload

    assert payload["container"]["is_ephemeral"] is True
    assert "message" not in payload
    assert payload["actions"][0]["value"] == "a"
