"""Channels, their history, and who is who, by slack_sdk."""

import pytest
from slack_sdk.errors import SlackApiError

CHANNEL = "C0RELEASES"


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


async def test_history_comes_in_pages_newest_first(client):
    """What is said meanwhile moves no page."""
    for number in range(5):
        await client.chat_postMessage(channel=CHANNEL, text=str(number))
    texts = []
    async for answer in await client.conversations_history(channel=CHANNEL, limit=2):
        texts.append([m["text"] for m in answer["messages"]])
        await client.chat_postMessage(channel=CHANNEL, text="later")

    assert texts == [["4", "3"], ["2", "1"], ["0"]]


async def test_history_has_bounds(client):
    stamps = [(await client.chat_postMessage(channel=CHANNEL, text=str(n)))["ts"] for n in range(4)]

    async def between(**more):
        found = await client.conversations_history(
            channel=CHANNEL, oldest=stamps[0], latest=stamps[3], **more
        )
        return [m["text"] for m in found["messages"]]

    assert await between() == ["2", "1"]
    assert await between(inclusive=True) == ["3", "2", "1", "0"]
    assert await error_of(client.conversations_history(channel=CHANNEL, oldest="x")) == (
        "invalid_ts_oldest"
    )


async def test_a_thread_is_told_apart_from_the_channel(client, room, posted):
    for text, broadcast in (("quiet", False), ("loud", True)):
        await client.chat_postMessage(
            channel=CHANNEL, text=text, thread_ts=posted.ts, reply_broadcast=broadcast
        )
    history = await client.conversations_history(channel=CHANNEL)
    replies = await client.conversations_replies(channel=CHANNEL, ts=posted.ts)

    assert [m["text"] for m in history["messages"]] == ["loud", "hello"]
    assert history["messages"][1]["reply_count"] == 2
    assert [m["text"] for m in replies["messages"]] == ["hello", "quiet", "loud"]
    assert [m.text for m in room.thread(posted.ts)] == ["quiet", "loud"]


async def test_channels_are_listed_in_pages(slack, client):
    slack.add_channel("C0OTHER", "other", with_app=False)
    slack.add_channel("G0TEAM", "team", is_private=True)
    slack.add_channel("G0THEIRS", "theirs", is_private=True, with_app=False)
    slack.add_channel("C0OLD", "old").archive()
    found = []
    async for answer in await client.conversations_list(
        limit=1, types="public_channel,private_channel", exclude_archived=True
    ):
        found += [(c["name"], c["is_member"]) for c in answer["channels"]]

    assert found == [("releases", True), ("other", False), ("team", True)]


async def test_who_is_who(client):
    ann = (await client.users_info(user="U0ANN"))["user"]
    guest = (await client.users_info(user="U0GUS"))["user"]
    groups = await client.usergroups_list(include_users=True)
    members = await client.conversations_members(channel=CHANNEL)

    assert (ann["name"], ann["team_id"], ann["is_restricted"]) == ("ann", "T0SANDBOX", False)
    assert guest["is_ultra_restricted"]
    assert groups["usergroups"][0]["users"] == ["U0ANN"]
    assert (await client.usergroups_users_list(usergroup="S0ONCALL"))["users"] == ["U0ANN"]
    assert members["members"] == ["U0BOT", "U0ANN", "U0BEN"]
    assert (await client.team_info())["team"]["domain"] == "sandbox"
    assert await error_of(client.users_info(user="U0NOBODY")) == "user_not_found"
    assert await error_of(client.usergroups_users_list(usergroup="S0")) == "no_such_subteam"


async def test_an_ephemeral_message_is_for_one_person_in_the_channel(slack, client, room):
    """No API call sees it, changes it or finds it."""
    answer = await client.chat_postEphemeral(channel=CHANNEL, user="U0ANN", text="psst")

    assert [m.plain for m in slack.person("U0ANN").ephemerals] == ["psst"]
    assert slack.person("U0BEN").ephemerals == []
    assert room.messages == []
    update = client.chat_update(channel=CHANNEL, ts=answer["message_ts"], text="x")
    assert await error_of(update) == "message_not_found"
    outside = client.chat_postEphemeral(channel=CHANNEL, user="U0GUS", text="psst")
    assert await error_of(outside) == "user_not_in_channel"


async def test_a_permalink_leads_to_the_sandbox(slack, client, posted):
    answer = await client.chat_getPermalink(channel=CHANNEL, message_ts=posted.ts)

    assert answer["permalink"] == f"{slack.url}archives/{CHANNEL}/p{posted.ts.replace('.', '')}"


async def test_a_list_of_which_one_type_may_not_be_seen_is_refused_as_a_whole(slack, client):
    slack.workspace.scopes.discard("groups:read")
    both = client.conversations_list(types="public_channel,private_channel")
    with pytest.raises(SlackApiError) as refused:
        await both

    assert refused.value.response["needed"] == "groups:read"
    public = await client.conversations_list(types="public_channel")
    assert [channel["name"] for channel in public["channels"]] == ["releases"]


async def test_a_private_channel_needs_its_own_scope(slack, client):
    slack.add_channel("C0ONCALL1", "oncall", is_private=True)
    slack.workspace.scopes -= {"groups:read", "groups:history"}

    assert await error_of(client.conversations_info(channel="C0ONCALL1")) == "missing_scope"
    assert await error_of(client.conversations_history(channel="C0ONCALL1")) == "missing_scope"


@pytest.mark.parametrize(
    ("setting", "error"),
    [
        pytest.param("is_read_only", "restricted_action_read_only_channel", id="read-only"),
        pytest.param("is_thread_only", "restricted_action_thread_only_channel", id="thread-only"),
    ],
)
async def test_a_restricted_channel_takes_no_cards(slack, client, setting, error):
    setattr(slack.workspace.channels[CHANNEL], setting, True)

    assert await error_of(client.chat_postMessage(channel=CHANNEL, text="x")) == error
    info = await client.conversations_info(channel=CHANNEL)
    assert info["channel"][setting] is True


async def test_a_channel_without_threads_takes_no_replies(slack, client, posted):
    slack.workspace.channels[CHANNEL].is_non_threadable = True
    reply = client.chat_postMessage(channel=CHANNEL, text="x", thread_ts=posted.ts)

    assert await error_of(reply) == "restricted_action_non_threadable_channel"
