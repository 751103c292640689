"""The app ends: what was delivered is acknowledged, nothing new is taken."""

import asyncio

import aiohttp
import pytest
from slackroom import CHANNEL

from bot.sandbox.slack.errors import NoApp


async def test_what_was_delivered_is_acknowledged_before_the_end(slack, app, ann, shelf):
    """Writing it down takes a moment; the end comes in between."""
    written = asyncio.Event()

    async def slowly(_promise):
        written.set()
        await asyncio.sleep(0.3)

    shelf.promise = slowly
    typing = asyncio.create_task(ann.types("/rollout promote shop/api", channel=CHANNEL))
    await written.wait()

    await app.stop()

    await typing  # raises where it is not acknowledged


async def test_after_the_end_a_socket_takes_nothing(running, ann):
    app = await running()
    await app.stop()

    with pytest.raises(NoApp):
        await ann.types("/rollout", channel=CHANNEL)
    assert not app.is_connected


async def test_after_the_end_the_port_takes_nothing(running):
    app = await running(mode="http")
    url = f"http://127.0.0.1:{app.port}/slack/events"
    await app.stop()

    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientConnectorError):
            await session.post(url, data=b"{}")
    assert not app.is_connected
