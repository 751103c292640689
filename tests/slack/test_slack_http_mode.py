"""The address for Slack's signed requests: what is not Slack's, or not for us, gets nowhere."""

import io
import time

import aiohttp
import pytest
from slackroom import CHANNEL

from bot.sandbox.slack.http_mode import signed


@pytest.fixture
async def url(running):
    app = await running(mode="http")
    return f"http://127.0.0.1:{app.port}/slack/events"


async def post(url, body, headers=None, **more):
    async with aiohttp.ClientSession() as session:
        sent = {"Content-Type": "application/json", **(headers or {})}
        async with session.post(url, data=body, headers=sent, **more) as response:
            return response.status


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="unsigned"),
        pytest.param(signed("another secret", b"{}"), id="another-secret"),
        pytest.param(signed("sandbox-signing-secret", b"{}", at=time.time() - 400), id="too-old"),
        pytest.param(  # far: it is signed when tests are collected, and posted minutes later
            signed("sandbox-signing-secret", b"{}", at=time.time() + 40_000), id="of-the-future"
        ),
        pytest.param(
            signed("sandbox-signing-secret", b"{}") | {"X-Slack-Request-Timestamp": "soon"},
            id="no-time",
        ),
        pytest.param(
            signed("sandbox-signing-secret", b"{}") | {"X-Slack-Request-Timestamp": "१२३"},
            id="other-digits",
        ),
    ],
)
async def test_a_wrong_signature_is_refused(url, headers):
    assert await post(url, b"{}", headers) == 401


async def test_an_unsigned_ssl_check_is_refused_too(url):
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert await post(url, b"ssl_check=1&token=x", form) == 401


async def test_a_large_body_is_refused(url):
    body = b"x" * (2**20 + 1)
    proof = signed("sandbox-signing-secret", body)
    assert await post(url, io.BytesIO(body), proof) == 413


@pytest.mark.parametrize("body", [b"\xff\xfe", b"{"])
async def test_nonsense_is_refused(url, body):
    assert await post(url, body, signed("sandbox-signing-secret", body)) in (400, 404)


async def test_other_paths_and_methods_are_not_there(url):
    assert await post(url.replace("events", "other"), b"{}") == 404
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        assert response.status == 405


async def test_slack_can_verify_the_address(slack, url):
    asked = {"type": "url_verification", "challenge": "abc", "token": "t"}
    answer = await slack.post_to(url, slack.signing_secret, "events_api", asked)

    assert (answer.status, answer.answer) == (200, {"challenge": "abc"})


async def test_a_replayed_request_is_done_once(slack, url, flows, ann):
    await ann.types("/rollout abort shop/api", channel=CHANNEL)
    payload = slack.deliveries[0].payload
    again = await slack.post_to(url, slack.signing_secret, "slash_commands", payload)
    await slack.until(lambda: ann.ephemerals)

    assert again.status == 200
    assert len(flows.requests) == 1
