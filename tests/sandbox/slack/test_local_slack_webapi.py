"""The Web API by slack_sdk: what it does, and the word for everything it refuses."""

import json

import pytest
from slack_sdk.errors import SlackApiError

from bot.sandbox.slack import LocalSlack

CHANNEL = "C0RELEASES"
SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "hello"}}


async def error_of(call):
    """The error word of a refused call."""
    with pytest.raises(SlackApiError) as refused:
        await call
    return refused.value.response["error"]


@pytest.fixture
def room(slack):
    return slack.channel(CHANNEL)


@pytest.fixture
async def posted(client, room):
    await client.chat_postMessage(channel=CHANNEL, text="hello")
    return room.messages[-1]


async def test_who_am_i(client):
    answer = await client.auth_test()

    assert (answer["user_id"], answer["bot_id"], answer["team_id"]) == (
        "U0BOT",
        "B0BOT",
        "T0SANDBOX",
    )
    assert "chat:write" in answer.headers["x-oauth-scopes"]


@pytest.mark.parametrize(
    ("token", "error"),
    [
        pytest.param("xoxb-other", "invalid_auth", id="a-foreign-token"),
        pytest.param(LocalSlack.app_token, "not_allowed_token_type", id="the-app-token"),
    ],
)
async def test_a_wrong_token_is_refused(client, token, error):
    assert await error_of(client.users_info(user="U0ANN", token=token)) == error


async def test_the_bot_token_opens_no_connection(client):
    assert await error_of(client.apps_connections_open(app_token=client.token)) == (
        "not_allowed_token_type"
    )


async def test_a_missing_scope_is_named(slack, client):
    slack.workspace.scopes.discard("users:read")
    with pytest.raises(SlackApiError) as refused:
        await client.users_info(user="U0ANN")

    assert refused.value.response["error"] == "missing_scope"
    assert refused.value.response["needed"] == "users:read"


async def test_an_unknown_method_is_refused(client):
    assert await error_of(client.api_call("rollouts.promote")) == "unknown_method"


async def test_a_missing_argument_is_named(client):
    with pytest.raises(SlackApiError) as refused:
        await client.api_call("chat.update", json={"text": "x"})

    assert refused.value.response["response_metadata"]["messages"] == [
        "[ERROR] missing required field: channel",
        "[ERROR] missing required field: ts",
    ]


async def test_forms_with_json_inside_are_understood(slack, session, room):
    """The older way of sending, which curl examples use."""
    form = {"channel": CHANNEL, "blocks": json.dumps([SECTION]), "reply_broadcast": "false"}
    headers = {"Authorization": f"Bearer {slack.bot_token}"}
    async with session.post(
        f"{slack.api_url}chat.postMessage", data=form, headers=headers
    ) as answer:
        assert (await answer.json())["ok"]

    assert room.messages[-1].plain == "hello"
    assert slack.calls[-1].args["blocks"] == [SECTION]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        pytest.param({"channel": "C0NOWHERE", "text": "x"}, "channel_not_found", id="nowhere"),
        pytest.param({"channel": "C0SECRET", "text": "x"}, "channel_not_found", id="secret"),
        pytest.param({"channel": "C0OTHER", "text": "x"}, "not_in_channel", id="not-in"),
        pytest.param({"channel": "C0OLD", "text": "x"}, "is_archived", id="archived"),
        pytest.param({"channel": CHANNEL}, "no_text", id="nothing-to-say"),
        pytest.param({"channel": CHANNEL, "blocks": "{}"}, "invalid_blocks_format", id="no-list"),
        pytest.param(
            {"channel": CHANNEL, "text": "x", "metadata": {"a": 1}},
            "invalid_metadata_format",
            id="odd-metadata",
        ),
        pytest.param(
            {"channel": CHANNEL, "text": "x", "attachments": [{}]},
            "invalid_attachments",
            id="attachments",
        ),
    ],
)
async def test_a_post_is_refused_with_a_reason(slack, client, arguments, error):
    slack.add_channel("C0OTHER", "other", with_app=False)
    slack.add_channel("C0SECRET", "secret", with_app=False, is_private=True)
    slack.add_channel("C0OLD", "old").archive()

    assert await error_of(client.api_call("chat.postMessage", json=arguments)) == error


async def test_a_post_finds_channels_by_name_and_people_by_id(slack, client):
    by_name = await client.chat_postMessage(channel="#releases", text="x")
    to_ann = await client.chat_postMessage(channel="U0ANN", text="x")

    assert (by_name["channel"], to_ann["channel"]) == (CHANNEL, "D0ANN")
    assert (await client.conversations_open(users="U0ANN"))["channel"]["id"] == "D0ANN"


async def test_stamps_are_unique_and_rise_when_the_clock_stands(client):
    slow = [(await client.chat_postMessage(channel=CHANNEL, text="x"))["ts"] for _ in range(5)]

    assert slow == sorted(set(slow))
    assert all(len(ts.partition(".")[2]) == 6 for ts in slow)


async def test_slack_completes_what_it_echoes(client):
    answer = await client.chat_postMessage(channel=CHANNEL, text="x", blocks=[SECTION])

    assert answer["message"]["blocks"] == [
        {
            "type": "section",
            "block_id": "~0",
            "text": {"type": "mrkdwn", "text": "hello", "verbatim": False},
        }
    ]


async def test_refused_blocks_say_where(client, room):
    blocks = [SECTION, {"type": "header", "text": {"type": "mrkdwn", "text": "no"}}]
    with pytest.raises(SlackApiError) as refused:
        await client.chat_postMessage(channel=CHANNEL, text="x", blocks=blocks)

    assert refused.value.response["error"] == "invalid_blocks"
    assert refused.value.response["response_metadata"]["messages"] == [
        "[ERROR] unsupported type: mrkdwn [json-pointer:/blocks/1/text/type]"
    ]
    assert room.messages == []


async def test_too_much_text_altogether_is_refused(client):
    long = {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 2_000}}
    call = client.chat_postMessage(channel=CHANNEL, text="x", blocks=[long] * 5)

    assert await error_of(call) == "msg_blocks_too_long"


async def test_an_update_with_text_only_takes_the_blocks_away(client, room):
    ts = (await client.chat_postMessage(channel=CHANNEL, text="x", blocks=[SECTION]))["ts"]
    await client.chat_update(channel=CHANNEL, ts=ts, text="y")

    assert (room.messages[0].text, room.messages[0].blocks) == ("y", ())
    assert room.messages[0].edited


async def test_updates_are_refused_with_a_reason(slack, client, room, posted):
    """Somebody else's message, a deleted one, a text that is too long, an archived channel."""
    theirs = await slack.person("U0ANN").says("mine", channel=CHANNEL)

    async def update(ts, text="y"):
        return await error_of(client.chat_update(channel=CHANNEL, ts=ts, text=text))

    assert await update(theirs.ts) == "cant_update_message"
    assert await update(posted.ts, "x" * 4_001) == "msg_too_long"
    room.remove(posted)
    assert await update(posted.ts) == "message_not_found"
    last = (await client.chat_postMessage(channel=CHANNEL, text="x"))["ts"]
    room.archive()
    assert await update(last) == "is_inactive"


async def test_a_deleted_parent_leaves_its_thread(client, room, posted):
    await client.chat_postMessage(channel=CHANNEL, text="reply", thread_ts=posted.ts)
    await client.chat_delete(channel=CHANNEL, ts=posted.ts)
    found = await client.conversations_replies(channel=CHANNEL, ts=posted.ts)

    assert [m.get("subtype") for m in found["messages"]] == ["tombstone", None]
    assert room.message(posted.ts) is None


async def test_metadata_is_kept_told_and_removed(client, room):
    """All of it only to those who ask for all."""
    metadata = {"event_type": "card", "event_payload": {"uid": "u1"}}
    ts = (await client.chat_postMessage(channel=CHANNEL, text="x", metadata=metadata))["ts"]
    some = await client.conversations_history(channel=CHANNEL)
    everything = await client.conversations_history(channel=CHANNEL, include_all_metadata=True)

    assert some["messages"][0]["metadata"] == {"event_type": "card"}
    assert everything["messages"][0]["metadata"] == metadata
    await client.chat_update(channel=CHANNEL, ts=ts, text="y")
    assert room.messages[0].metadata == metadata
    await client.chat_update(channel=CHANNEL, ts=ts, text="y", metadata={})
    assert room.messages[0].metadata is None


async def test_the_bot_and_its_token_for_sockets_tell_of_which_app_they_are(slack, client):
    bot = await client.bots_info(bot="B0BOT")
    app = await client.auth_test(token=slack.app_token)

    assert bot["bot"]["app_id"] == app["app_id"] == "A0ROLLOUTS"


async def test_every_answer_says_what_time_it_is_for_slack(slack, client):
    slack.workspace.clock = lambda: 0.0

    assert (await client.api_test()).headers["Date"] == "Thu, 01 Jan 1970 00:00:00 GMT"
