"""
A local Slack, and a small real Bolt app that talks to it.

The app knows one command, a card with buttons, a modal and a Home tab: enough to see that the wire
is Slack's. It has nothing to do with the bot.
"""

import logging
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import LocalSlack

CHANNEL = "C0RELEASES"


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """slack_sdk reads the proxy variables and ignores NO_PROXY."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def settled(slack: LocalSlack) -> LocalSlack:
    """A workspace with Ann and Ben in #releases, and a guest who is not; the app may all."""
    slack.workspace.scopes |= {"im:history", "im:read", "im:write", "team:read"}
    slack.add_person("U0ANN", "ann")
    slack.add_person("U0BEN", "ben")
    slack.add_person("U0GUS", "gus", is_ultra_restricted=True)
    slack.add_channel(CHANNEL, "releases", members=["U0ANN", "U0BEN"])
    slack.add_group("S0ONCALL", "oncall", ["U0ANN"])
    return slack


@pytest.fixture
def deadline() -> float:
    """Seconds that an app has to acknowledge; as many as Slack gives."""
    return 3.0


@pytest.fixture
async def slack(deadline: float) -> AsyncIterator[LocalSlack]:
    async with LocalSlack(ack_deadline=deadline) as started:
        yield settled(started)


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


@pytest.fixture
def client(slack: LocalSlack, session: aiohttp.ClientSession) -> AsyncWebClient:
    """slack_sdk's own client, without its retries."""
    return AsyncWebClient(
        token=slack.bot_token, base_url=slack.api_url, session=session, retry_handlers=[]
    )


def button(verb: str, **more: Any) -> dict[str, Any]:
    return {
        "type": "button",
        "action_id": f"rollout:{verb}",
        "text": {"type": "plain_text", "text": verb.title()},
        "value": f"{verb} v2",
        **more,
    }


def card(state: str) -> list[dict[str, Any]]:
    more = {
        "type": "overflow",
        "action_id": "rollout:more",
        "options": [
            {"text": {"type": "plain_text", "text": word.title()}, "value": f"{word} k1"}
            for word in ("steps", "history")
        ],
    }
    return [
        {"type": "section", "text": {"type": "mrkdwn", "text": f"*shop/api* {state}"}},
        {
            "type": "actions",
            "block_id": "verbs",
            "elements": [button("promote"), button("header-only"), more],
        },
    ]


MODAL = {
    "type": "modal",
    "callback_id": "rollout:header-only",
    "private_metadata": "v2",
    "notify_on_close": True,
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


class Bolt:
    """The app, and what it heard."""

    def __init__(self, client: AsyncWebClient, slack: LocalSlack) -> None:
        self.heard: list[dict[str, Any]] = []
        self.app = AsyncApp(client=client, signing_secret=slack.signing_secret)
        self.app.command("/rollout")(self.command)
        self.app.action("rollout:promote")(self.promote)
        self.app.action("rollout:more")(self.more)
        self.app.action("rollout:header-only")(self.open_modal)
        self.app.view("rollout:header-only")(self.submitted)
        self.app.view_closed("rollout:header-only")(self.closed)
        self.app.event("app_home_opened")(self.home)
        self.app.event("app_mention")(self.mention)

    async def command(self, ack, command, respond, client) -> None:
        self.heard.append(command)
        if command["text"] == "help":
            await ack("verbs: promote")
            return
        await ack()
        await client.chat_postMessage(
            channel=command["channel_id"],
            text="shop/api waits",
            blocks=card("waits"),
            metadata={"event_type": "rollout_card", "event_payload": {"revision": "v2"}},
        )
        await respond("the card is in the channel")

    async def promote(self, ack, body, client) -> None:
        self.heard.append(body)
        await ack()
        await client.chat_update(
            channel=body["channel"]["id"],
            ts=body["message"]["ts"],
            text="shop/api moves",
            blocks=card("moves")[:1],
        )

    async def more(self, ack, action, respond) -> None:
        await ack()
        await respond(f"asked for {action['selected_option']['value']}", replace_original=False)

    async def open_modal(self, ack, body, client) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=MODAL)

    async def submitted(self, ack, view, body) -> None:
        self.heard.append(body)
        reason = view["state"]["values"]["reason"]["text"]["value"]
        if len(reason) < 5:
            await ack(response_action="errors", errors={"reason": "say more"})
        else:
            await ack()

    async def closed(self, ack, body) -> None:
        self.heard.append(body)
        await ack()

    async def home(self, event, client) -> None:
        blocks = card("waits")
        await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": blocks})

    async def mention(self, event, say) -> None:
        await say(f"yes, <@{event['user']}>?", thread_ts=event["ts"])


@pytest.fixture
def bolt(client: AsyncWebClient, slack: LocalSlack) -> Bolt:
    logging.getLogger("slack_bolt").setLevel(logging.CRITICAL)
    return Bolt(client, slack)


@pytest.fixture
async def connected(bolt: Bolt, slack: LocalSlack) -> AsyncIterator[Bolt]:
    """The app on Socket Mode; it looks after its link five times a second."""
    handler = AsyncSocketModeHandler(bolt.app, slack.app_token, ping_interval=0.2)
    await handler.connect_async()
    await slack.connected()
    yield bolt
    await handler.close_async()
