"""Faults: what goes wrong on demand, and what is left afterwards."""

import asyncio
import time

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import NeverHappened

CHANNEL = "C0RELEASES"


async def test_dropped_before_storing_stores_nothing(slack, client):
    slack.fail_next("chat.postMessage", drop="before")
    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel=CHANNEL, text="x")

    assert slack.channel(CHANNEL).messages == []
    assert [call.answer for call in slack.calls] == [None]


async def test_dropped_after_storing_stores_once(slack, client):
    slack.fail_next("chat.postMessage", drop="after")
    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel=CHANNEL, text="x")

    assert len(slack.channel(CHANNEL).messages) == 1


async def test_the_retry_of_slack_sdk_stores_twice(slack, session):
    """Why the bot must own its retries: the default client says ok, and there are two messages."""
    eager = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, session=session)
    slack.fail_next("chat.postMessage", drop="after")
    await eager.chat_postMessage(channel=CHANNEL, text="x")

    assert len(slack.channel(CHANNEL).messages) == 2
    assert len(slack.called("chat.postMessage")) == 2


@pytest.mark.parametrize(
    ("fault", "status", "error"),
    [
        pytest.param({"error": "fatal_error"}, 200, "fatal_error", id="an-error"),
        pytest.param({"http_status": 500}, 500, "internal_error", id="500"),
        pytest.param({"http_status": 503}, 503, "service_unavailable", id="503"),
        pytest.param({"http_status": 429}, 429, "ratelimited", id="429-without-header"),
    ],
)
async def test_errors_come_as_slack_sends_them(slack, client, fault, status, error):
    slack.fail_next("auth.test", **fault)
    with pytest.raises(SlackApiError) as refused:
        await client.auth_test()

    assert (refused.value.response.status_code, refused.value.response["error"]) == (status, error)
    assert (await client.auth_test())["ok"]


async def test_a_proxy_answers_in_html(slack, client):
    slack.fail_next("auth.test", http_status=502)
    with pytest.raises(SlackApiError) as refused:
        await client.auth_test()

    assert refused.value.response.status_code == 502
    assert slack.calls[-1].answer.startswith("<html>")


async def test_a_fault_may_last_and_may_be_choosy(slack, client):
    """Two calls of those for one channel; what Retry-After says is up to the test."""
    slack.add_channel("C0OTHER", "other")
    slack.fail_next(
        "chat.postMessage",
        http_status=429,
        retry_after="soon",
        times=2,
        where=lambda args: args["channel"] == CHANNEL,
    )
    for _ in range(2):
        with pytest.raises(SlackApiError) as refused:
            await client.chat_postMessage(channel=CHANNEL, text="x")
        assert refused.value.response.headers["Retry-After"] == "soon"
        await client.chat_postMessage(channel="C0OTHER", text="x")
    await client.chat_postMessage(channel=CHANNEL, text="x")


async def test_a_slow_call_does_not_slow_the_others(slack, client):
    slack.fail_next("users.info", delay=60)
    slow = asyncio.create_task(client.users_info(user="U0ANN"))
    await slack.until(lambda: slack.called("users.info"), "the slow call")
    await client.auth_test()

    assert slack.called("users.info")[0].answer is None
    slow.cancel()
    await asyncio.gather(slow, return_exceptions=True)


async def test_a_wait_that_ends_in_vain_tells_the_story(slack, client):
    await client.chat_postMessage(channel=CHANNEL, text="hello")
    with pytest.raises(NeverHappened, match=r"the card: not in 0.05 s\n#releases\n.*hello"):
        await slack.until(lambda: slack.channel(CHANNEL).find("bye"), "the card", timeout=0.05)


async def test_calls_are_recorded_with_time_and_answer(slack, client):
    before = time.monotonic()
    await client.chat_postMessage(channel=CHANNEL, text="hello")
    (call,) = slack.calls

    assert (call.method, call.args, call.status) == (
        "chat.postMessage",
        {"channel": CHANNEL, "text": "hello"},
        200,
    )
    assert call.answer["ts"] == slack.channel(CHANNEL).messages[0].ts
    assert before < call.at < time.monotonic()
