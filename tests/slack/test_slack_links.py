"""Links to Slack: they come back by themselves, whatever happens to them."""

import asyncio
import time
from types import SimpleNamespace

import aiohttp
import pytest
from slackroom import CHANNEL

from bot.sandbox.slack import LocalSlack
from bot.slack import links
from bot.slack.app import Settings, SlackApp
from bot.slack.connection import open_calls
from bot.slack.credentials import Denied

OPEN = "apps.connections.open"


def fresh(slack, count=1):
    return slack.until(
        lambda: len([link for link in slack.socket.open_links if not link.mute]) >= count,
        f"{count} links through which something comes",
    )


async def test_two_links_are_kept(slack, running, flows, ann):
    app = await running()
    await slack.socket.disconnect("refresh_requested", slack.socket.open_links[:1])
    await ann.types("/rollout list", channel=CHANNEL)
    await fresh(slack, 2)

    assert app.is_connected
    assert len(slack.called(OPEN)) == 3


@pytest.mark.parametrize(
    "reason", ["warning", "refresh_requested", "link_disabled", "too_many_websockets"]
)
async def test_a_link_that_is_told_to_go_is_replaced(slack, running, flows, ann, reason):
    await running(links=1)
    (old,) = slack.socket.open_links
    await slack.socket.disconnect(reason)
    await slack.until(lambda: [link for link in slack.socket.open_links if link is not old])
    await ann.types("/rollout list", channel=CHANNEL)


async def test_cut_links_come_back(slack, running, flows, ann):
    app = await running()
    slack.socket.drop()
    await slack.until(lambda: not slack.socket.links)
    await fresh(slack, 2)
    await ann.types("/rollout list", channel=CHANNEL)

    assert app.is_connected


async def test_mute_links_are_noticed(slack, running, flows, ann):
    await running()
    slack.socket.mute()
    await fresh(slack, 2)
    await slack.until(lambda: not [link for link in slack.socket.links if link.mute])

    await ann.types("/rollout list", channel=CHANNEL)


async def test_an_address_whose_ticket_is_used_up_is_not_tried_for_ever(
    slack, running, ann, monkeypatch
):
    """slack_sdk would go on with the same address until somebody restarts the bot."""
    await running(links=1)
    issue = slack.socket.ticket
    monkeypatch.setattr(slack.socket, "ticket", lambda: "used-up")
    slack.socket.drop()
    await slack.until(lambda: len(slack.called(OPEN)) >= 2, "a new address")
    monkeypatch.setattr(slack.socket, "ticket", issue)
    await fresh(slack)

    await ann.types("/rollout list", channel=CHANNEL)


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"http_status": 429, "retry_after": "1"}, id="rate-limit"),
        pytest.param({"http_status": 503}, id="503"),
        pytest.param({"http_status": 502}, id="html"),
        pytest.param({"drop": "before"}, id="drop"),
    ],
)
async def test_failing_to_get_an_address_is_waited_for(slack, running, ann, fault):
    await running(links=1)
    slack.fail_next(OPEN, times=2, **fault)
    slack.socket.drop()
    await slack.until(lambda: not slack.socket.links)
    await fresh(slack)

    await ann.types("/rollout list", channel=CHANNEL)


async def test_a_link_outlives_the_time_that_connecting_may_take(slack, running, ann, monkeypatch):
    monkeypatch.setattr(links, "HANDSHAKE", aiohttp.ClientTimeout(total=0.3))
    await running(links=1, ping_interval=0.1)
    (link,) = slack.socket.open_links
    await asyncio.sleep(0.8)  # nothing shall happen

    assert slack.socket.open_links == [link]
    await ann.types("/rollout list", channel=CHANNEL)


@pytest.mark.parametrize("jump", [3_600, -3_600, 86_400], ids=["on", "back", "a-day-on"])
async def test_a_wall_clock_that_is_set_ends_no_link_and_hides_no_dead_one(
    slack, running, ann, monkeypatch, jump
):
    await running(ping_interval=0.1)
    before = list(slack.socket.open_links)
    await asyncio.sleep(0.3)  # pings with the time as it was
    clock = SimpleNamespace(time=lambda: time.time() + jump)
    monkeypatch.setattr("slack_sdk.socket_mode.aiohttp.time", clock)
    await asyncio.sleep(0.5)  # nothing shall happen
    assert slack.socket.open_links == before

    slack.socket.mute()
    await fresh(slack, 2)
    await ann.types("/rollout list", channel=CHANNEL)


async def test_stopping_does_not_wait_for_the_dead(slack, make_app):
    app = make_app()
    await app.start()
    await slack.connected(2)
    slack.socket.mute()
    began = time.monotonic()
    await app.stop()

    assert time.monotonic() - began < 3
    assert not app.is_connected


async def test_it_says_once_that_nothing_arrives_and_once_that_it_does(slack, running, caplog):
    app = await running()
    slack.fail_next(OPEN, http_status=503, times=8)

    def said(action):
        return [r for r in caplog.records if getattr(r, "action", "") == action]

    async def hear(action):
        async with asyncio.timeout(5):
            while not said(action):  # noqa: ASYNC110 - a log has no event
                await asyncio.sleep(0.02)

    slack.socket.drop()
    await hear("links_down")
    assert not app.is_connected
    await hear("links_up")
    await fresh(slack, 2)

    assert len(said("links_down")) == len(said("links_up")) == 1
    assert "Traceback" not in caplog.text
    assert "ticket=" not in caplog.text.replace("ticket=…", "")


# --- the beginning --------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_a_wrong_bot_token_is_named(slack, shelf, flows, mode):
    calls = open_calls("xoxb-wrong", slack.api_url)
    app = SlackApp(
        Settings(mode=mode, app_token=slack.app_token, listen="127.0.0.1:0"),
        calls=calls,
        seal=None,
        bulletin=shelf,
        operate=flows,
        answer=flows,
    )
    with pytest.raises(Denied, match=r"SLACK_BOT_TOKEN is refused by Slack: .*invalid_auth"):
        await app.start()
    await app.stop()
    await calls.close()


@pytest.mark.parametrize(
    ("token", "why"),
    [("xapp-wrong", "invalid_auth"), (LocalSlack.bot_token, "not_allowed_token_type")],
)
async def test_a_wrong_app_token_is_named(slack, make_app, token, why):
    app = make_app(app_token=token)
    with pytest.raises(Denied, match=f"SLACK_APP_TOKEN.*{why}.*connections:write"):
        await app.start()
    await app.stop()


async def test_a_missing_scope_is_named(slack, make_app):
    slack.workspace.scopes.remove("chat:write")
    app = make_app()
    with pytest.raises(Denied, match="these scopes are missing: chat:write") as denied:
        await app.start()

    assert denied.value.missing == {"chat:write"}
    await app.stop()


async def test_a_scope_that_is_only_wanted_is_warned_about(slack, running, caplog):
    slack.workspace.scopes.remove("users:read")
    await running()

    assert "SLACK_BOT_TOKEN lacks the scope users:read: nobody can act" in caplog.text


async def test_an_unreachable_slack_is_waited_for(slack, make_app):
    slack.fail_next("auth.test", drop="before", times=2)
    slack.fail_next("auth.test", http_status=502)
    slack.fail_next(OPEN, http_status=429, retry_after="1")
    app = make_app()
    await app.start()
    await slack.connected(2)

    assert len(slack.called("auth.test")) == 4
    assert app.is_connected
    await app.stop()


async def test_starting_can_be_given_up(slack, make_app):
    slack.fail_next("auth.test", http_status=503, times=99)
    app = make_app()
    starting = asyncio.create_task(app.start())
    await slack.until(lambda: slack.called("auth.test"))
    starting.cancel()
    await asyncio.gather(starting, return_exceptions=True)
    await app.stop()

    assert not app.is_connected
