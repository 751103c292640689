"""A local Slack, and this room connected to it, by socket or by signed requests."""

import contextlib
import gc
from collections.abc import AsyncIterator

import pytest
from slackroom import CHANNEL, SEAL, SEEN, Flows, Shelf, Swift, card

from bot.sandbox.slack import LocalSlack
from bot.slack.app import Settings, SlackApp
from bot.slack.connection import open_calls
from bot.slack.outbox import Outbox


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
async def slack() -> AsyncIterator[LocalSlack]:
    async with LocalSlack() as started:
        started.add_person("U0ANN", "ann")
        started.add_person("U0BEN", "ben")
        started.add_channel(CHANNEL, "releases", members=["U0ANN", "U0BEN"])
        started.add_group("S0ONCALL", "oncall", ["U0ANN"])
        yield started
    gc.collect()


@pytest.fixture
async def calls(slack):
    opened = open_calls(slack.bot_token, slack.api_url)
    yield opened
    await opened.close()


@pytest.fixture
def shelf():
    shelf = Shelf()
    shelf.sightings[SEAL.short(SEEN)] = SEEN
    return shelf


@pytest.fixture
def flows():
    return Flows()


@pytest.fixture
def make_app(slack, calls, shelf, flows):
    """Make the app, not started; keyword arguments are Settings."""

    def make(owed=None, **settings):
        more = {"owed": owed} if owed else {}
        given = {
            "app_token": slack.app_token,
            "signing_secret": slack.signing_secret,
            "listen": "127.0.0.1:0",
            "groups": frozenset({"S0ONCALL"}),
            "ping_interval": 0.2,
            "modal_patience": 0.3,
        }
        return SlackApp(
            Settings(**(given | settings)),
            calls=calls,
            seal=SEAL,
            bulletin=shelf,
            operate=flows,
            answer=flows,
            **more,
        )

    return make


@pytest.fixture
async def running(slack, make_app):
    """Start the app as often as a test asks for it."""
    async with contextlib.AsyncExitStack() as stack:

        async def run(**settings):
            app = make_app(**settings)
            stack.push_async_callback(app.stop)
            await app.start()
            if settings.get("mode") == "http":
                slack.use_http(f"http://127.0.0.1:{app.port}/slack/events")
            else:
                await slack.connected(settings.get("links", 2))
            return app

        yield run


@pytest.fixture(params=["socket", "http"])
async def app(request, running):
    """The app, once on Socket Mode and once behind signed requests."""
    return await running(mode=request.param)


@pytest.fixture
def ann(slack):
    return slack.person("U0ANN")


@pytest.fixture
async def posted(slack, calls):
    """A card in the channel."""
    await calls("chat.postMessage", **card())
    return slack.channel(CHANNEL).find("shop/api waits")


@pytest.fixture
def make_outbox(slack, calls, shelf):
    """Make an outbox whose seconds are tenths."""
    clock = Swift()
    calls._clock = clock
    made = []

    def make(**more):
        box = Outbox(calls, shelf, clock=clock, sleep=clock.sleep, jitter=lambda: 1.0, **more)
        box.start()
        made.append(box)
        return box

    return make


@pytest.fixture
async def outbox(make_outbox):
    box = make_outbox()
    yield box
    await box.drain(1)


@pytest.fixture
def room(slack):
    return slack.channel(CHANNEL)
