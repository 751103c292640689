"""The address for Slack's signed requests: what is not Slack's, or not for us, gets nowhere."""

import asyncio
import io
import time

import aiohttp
import pytest
from slackroom import CHANNEL, heard

from bot.gate import Patience
from bot.sandbox.slack.http_mode import signed
from bot.slack import http_mode


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


FORM = {"Content-Type": "application/x-www-form-urlencoded"}
WHO = "team_id=T0SANDBOX&user_id=U0ANN&channel_id=C0RELEASES&command=/rollout&text=abort+shop/api"


async def test_a_request_without_an_id_of_its_own_is_not_replayed_either(
    slack, url, flows, app_id, caplog
):
    """What was signed counts once: the doorman has nothing to know it by."""
    body = f"{WHO}&api_app_id={app_id}".encode()
    proof = signed("sandbox-signing-secret", body) | FORM
    said = [await post(url, body, proof) for _ in range(3)]
    later = signed("sandbox-signing-secret", body, at=time.time() - 2) | FORM

    assert said == [200, 200, 200]
    await slack.until(lambda: len(flows.requests) == 1)
    assert [getattr(r, "action", "") for r in caplog.records].count("replayed") == 2
    assert await post(url, body, later) == 200
    await slack.until(lambda: len(flows.requests) == 2, "another signature is another request")


async def test_a_forged_request_does_not_use_up_a_signature(slack, url, flows, app_id):
    body = f"{WHO}&api_app_id={app_id}".encode()
    proof = signed("sandbox-signing-secret", body) | FORM
    assert await post(url, body + b"&x=y", proof) == 401
    assert await post(url, body, proof) == 200
    await slack.until(lambda: len(flows.requests) == 1)


def test_signatures_are_kept_for_ten_minutes_and_not_without_end(monkeypatch):
    now = [0.0]
    seen = http_mode.Seen(lambda: now[0])
    assert [seen.use("a"), seen.use("a")] == [True, False]
    now[0] = 599
    assert not seen.use("a")
    now[0] = 601
    assert seen.use("a"), "its time is over long ago: the request would be too old"
    monkeypatch.setattr(http_mode, "MOST_REMEMBERED", 10)
    for n in range(100):
        seen.use(str(n))
    assert len(seen._used) <= 11


@pytest.fixture
def app_id(slack):
    return slack.workspace.app.id


async def test_a_command_may_speak_of_a_payload(slack, url, flows, ann):
    """Bolt takes every form with that word in it for one with JSON."""
    await ann.types("/rollout status shop/payload-api", channel=CHANNEL)
    await heard(slack, ann, "status shop/payload-api: heard")


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        pytest.param("text/plain", b"{}", 415, id="other-type"),
        pytest.param("multipart/form-data; boundary=x", b"--x--", 415, id="multipart"),
        pytest.param("application/json", b"[" * 500_000, 400, id="deep-json"),
        pytest.param("application/json", b'{"a":' * 100_000, 400, id="deep-objects"),
        pytest.param("application/json", b"[1]", 400, id="no-object"),
        pytest.param("application/json", b"9" * 10_000, 400, id="huge-number"),
        pytest.param("application/json", b'"\\ud800"', 400, id="surrogate"),
        pytest.param("application/json", b'{"type": {"a": 1}}', 400, id="odd-type"),
        pytest.param(
            "application/json", b'{"type": "event_callback", "event": 7}', 400, id="event"
        ),
        pytest.param("application/json", b'{"type": "block_actions"}', 400, id="no-actions"),
        pytest.param("application/x-www-form-urlencoded", b"&" * 10_000, 400, id="fields"),
        pytest.param("application/x-www-form-urlencoded", b"payload=[", 400, id="no-json"),
        pytest.param("application/x-www-form-urlencoded", b"a=b", 400, id="no-command"),
        pytest.param("application/x-www-form-urlencoded", b"", 400, id="empty"),
    ],
)
async def test_what_cannot_be_read_is_refused_without_a_traceback(url, caplog, kind, body, status):
    proof = signed("sandbox-signing-secret", body) | {"Content-Type": kind}

    assert await post(url, body, proof) == status
    assert not [r for r in caplog.records if r.exc_info or r.levelname == "ERROR"]


async def test_nothing_is_read_before_the_signature_is_right(url, monkeypatch):
    monkeypatch.setattr(http_mode, "parsed", lambda *_: pytest.fail("parsed"))

    assert await post(url, b"{}", signed("another", b"{}")) == 401


@pytest.mark.parametrize("signature", ["v0=é", "", "v0=", "v1=" + "0" * 64, "a" * 8_000])
async def test_odd_signatures_are_refused(url, signature):
    proof = signed("sandbox-signing-secret", b"{}") | {"X-Slack-Signature": signature}

    assert await post(url, b"{}", proof) == 401


@pytest.mark.parametrize("moment", ["9" * 300, "-5", "1e9", " ", "0x5", "²"])
async def test_odd_times_are_refused(url, moment):
    proof = signed("sandbox-signing-secret", b"{}") | {"X-Slack-Request-Timestamp": moment}

    assert await post(url, b"{}", proof) == 401


async def test_a_body_that_never_ends_is_ended(make_app):
    """A client that has a right to nothing holds a place for some seconds only."""
    app = make_app(mode="http")
    app._way = http_mode.HttpMode(
        app._entrance, "127.0.0.1:0", app.signatures, patience=Patience(head=0.2, whole=0.3)
    )
    await app._way.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", app.port)
    writer.write(
        b"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        b"Content-Length: 5000\r\n\r\n{"
    )
    async with asyncio.timeout(3):
        assert b"408" in await reader.read()
    writer.close()
    await app._way.stop()
