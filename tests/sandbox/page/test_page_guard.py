"""Who is let in: this machine's own page, and nobody who only knows its address."""

import aiohttp
import pytest

from bot.sandbox.page.guard import is_local


async def test_the_policy_allows_the_pages_own_files_and_nothing_else(slack, session):
    async with session.get(slack.url) as response:
        policy = response.headers["Content-Security-Policy"]
        others = response.headers

    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert f"connect-src 'self' ws://{slack.url.removeprefix('http://').rstrip('/')}" in policy
    assert "frame-ancestors 'none'" in policy
    assert others["X-Content-Type-Options"] == "nosniff"
    assert others["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "https://127.0.0.1", "http://127.0.0.1:1", "null", ""]
)
async def test_a_foreign_origin_gets_no_websocket(slack, session, origin):
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await session.ws_connect(f"{slack.url}live?as=U0ANN", headers={"Origin": origin})

    assert refused.value.status == 403


async def test_the_pages_own_origin_gets_one(slack, session):
    own = slack.url.rstrip("/")
    async with session.ws_connect(f"{slack.url}live?as=U0ANN", headers={"Origin": own}) as socket:
        assert (await socket.receive_json())["type"] == "hello"


@pytest.mark.parametrize("path", ["", "static/js/main.js", "live?as=U0ANN"])
async def test_a_name_that_leads_here_is_refused(slack, session, path):
    """DNS rebinding: the browser believes to talk to another site."""
    headers = {"Host": "evil.example"}
    async with session.get(f"{slack.url}{path}", headers=headers) as response:
        assert response.status == 403


async def test_the_apps_own_ways_stay_as_they_are(app, slack, session):
    """Web API and Socket Mode know nothing of the page's rules."""
    async with session.get(
        f"{slack.api_url}auth.test",
        headers={"Host": "slack.example", "Authorization": f"Bearer {slack.bot_token}"},
    ) as response:
        assert (await response.json())["ok"] is True


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("127.0.0.1:8080", True),
        ("localhost", True),
        ("[::1]:8080", True),
        ("127.0.0.1.evil.example", False),
        ("localhost.evil.example:8080", False),
        ("evil.example", False),
        ("127.0.0.1@evil.example", False),
        ("", False),
        ("[::1", False),
    ],
)
def test_only_names_of_this_machine_are_local(host, local):
    assert is_local(host) is local
