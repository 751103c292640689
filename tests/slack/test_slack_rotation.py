"""Tokens and secrets are changed while the app runs: nothing is missed, no wrong one is taken."""

import asyncio
from dataclasses import replace

import pytest
from slackroom import CHANNEL

from bot.sandbox.slack.http_mode import signed
from bot.slack import rotation
from bot.slack.credentials import Denied
from bot.slack.signatures import OVERLAP, Signatures
from tests.slack.test_slack_http_mode import post

BODY = b'{"type":"url_verification","challenge":"c"}'


async def test_another_bot_token_is_used_for_all_that_follows(slack, running, calls):
    app = await running()
    slack.bot_token = "xoxb-another"
    await rotation.use_bot_token(app, calls, "xoxb-another")

    await calls("chat.postMessage", channel=CHANNEL, text="hello")

    assert slack.channel(CHANNEL).find("hello")


async def test_a_bot_token_that_slack_refuses_is_not_used(slack, running, calls):
    app = await running()
    with pytest.raises(Denied, match="SLACK_BOT_TOKEN is refused by Slack"):
        await rotation.use_bot_token(app, calls, "xoxb-wrong")

    await calls("chat.postMessage", channel=CHANNEL, text="hello")

    assert slack.channel(CHANNEL).find("hello")


async def test_a_token_of_another_app_is_not_used(slack, running, calls):
    app = await running()
    slack.workspace.app = replace(slack.workspace.app, bot="B0ANOTHER")

    with pytest.raises(Denied, match="it belongs to another app"):
        await rotation.use_bot_token(app, calls, slack.bot_token)


async def test_links_are_opened_with_another_app_token_before_the_old_ones_are_closed(
    slack, running, ann
):
    app = await running()
    old = list(slack.socket.open_links)
    slack.app_token = "xapp-another"
    least = 2

    async def look():
        nonlocal least
        while True:
            least = min(least, len(slack.socket.open_links))
            await asyncio.sleep(0)

    looking = asyncio.create_task(look())
    await rotation.use_app_token(app, "xapp-another")
    looking.cancel()

    assert least > 0
    assert app.is_connected
    await slack.until(lambda: not set(old) & set(slack.socket.links), "the old links are gone")
    await slack.connected(2)
    await ann.types("/rollout status shop/api", channel=CHANNEL)


async def test_an_app_token_that_slack_refuses_changes_nothing(slack, running, ann):
    app = await running()
    with pytest.raises(Denied, match="SLACK_APP_TOKEN is refused by Slack"):
        await rotation.use_app_token(app, "xapp-wrong")

    await ann.types("/rollout status shop/api", channel=CHANNEL)

    assert app.is_connected


async def test_both_signing_secrets_are_good_for_a_while(running):
    app = await running(mode="http")
    url = f"http://127.0.0.1:{app.port}/slack/events"
    rotation.use_signing_secret(app, "another secret")

    assert await post(url, BODY, signed("another secret", BODY)) == 200
    assert await post(url, BODY, signed("sandbox-signing-secret", BODY)) == 200
    assert await post(url, BODY, signed("a third", BODY)) == 401


def test_the_secret_before_is_not_good_for_ever():
    moment = 0.0
    signatures = Signatures("old", clock=lambda: moment)
    signatures.use("new")

    def is_taken(secret):
        proof = signed(secret, BODY)
        at, signature = proof["X-Slack-Request-Timestamp"], proof["X-Slack-Signature"]
        return signatures.are_right(BODY, at, signature)

    moment = OVERLAP - 1
    assert is_taken("new")
    assert is_taken("old")
    moment = OVERLAP
    assert not is_taken("old")
    assert is_taken("new")


async def test_people_are_asked_about_the_groups_that_count_now(slack, running, ann):
    app = await running()
    assert (await app.desk.people.actor("U0BEN")).groups == frozenset()
    slack.add_group("S0NEW", "new", ["U0BEN"])

    app.desk.people.watch_groups(["S0NEW"])

    assert (await app.desk.people.actor("U0BEN")).groups == {"S0NEW"}
