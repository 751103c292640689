"""R15: the cluster or Slack is away for a while; nothing is lost, and nothing is said twice."""

import asyncio
import math

import aiohttp
import pytest

from tests.scenarios.stage import RELEASES

pytestmark = pytest.mark.real_only  # faults of the server itself, and long waits
AWAY = 20  # seconds, so that the watches have met several refusals


def texts(scene):
    """Every message of the channel and of its threads, as notifications tell it."""
    return [m.text for m in scene.slack.workspace.messages(RELEASES)]


async def readiness(scene):
    """What the bot says of itself to Kubernetes: the status, and which of its parts are well."""
    host, port = scene.app.address
    async with aiohttp.ClientSession() as http, http.get(f"http://{host}:{port}/readyz") as answer:
        return answer.status, await answer.json()


async def test_r15_the_api_server_is_away_and_comes_back(scene, bed, paused, patient):
    await scene.start()
    card = await scene.shows("Waiting for you", "10 %")
    await scene.app.outbox.idle()
    before = texts(scene)

    await bed.stop_api_server()
    await scene.ann.presses(card, "rollout:promote")
    await scene.hears(scene.ann, "Not done: The cluster cannot be reached since")
    await scene.ann.types("/rollout promote tomozo", channel=RELEASES)
    await scene.hears(scene.ann, "Not done: The cluster cannot be reached since", after=1)
    await scene.ann.types("/rollout status tomozo", channel=RELEASES)
    await scene.hears(scene.ann, "has not answered since", "10 %", after=2)
    status, _ = await readiness(scene)
    assert status == 503
    await asyncio.sleep(AWAY)
    await bed.start_api_server()

    await scene.ben.presses(scene.card(), "rollout:promote")
    await scene.shows("Done", "@U0BEN", within=20)
    await scene.hears(scene.ben, "Done", within=30)
    await scene.app.outbox.idle()
    news = texts(scene)[len(before) :]
    assert sum("is stable" in text for text in news) == 1
    assert sum("not done" in text for text in news) >= 1
    shown = [*news, *(version.plain for version in scene.card().history)]
    assert not [text for text in shown if "⚠" in text], "a false alarm"
    assert [e.outcome for e in await scene.entries("promote")] == [
        *["refused:unreachable"] * 2,
        "done",
    ]
    status, _ = await readiness(scene)
    assert status == 200


@pytest.mark.parametrize("how", ["dropped", "refreshed"])
async def test_r15_the_socket_ends_and_the_bot_goes_on(scene, paused, how):
    await scene.start()
    await scene.shows("Waiting for you", "10 %")
    links = scene.slack.socket.open_links
    if how == "dropped":
        scene.slack.socket.drop()
    else:
        await scene.slack.socket.disconnect()

    await scene.slack.until(
        lambda: set(scene.slack.socket.open_links) - set(links), "another connection"
    )
    await scene.ann.types("/rollout status tomozo", channel=RELEASES)
    await scene.hears(scene.ann, "Waiting for you", "10 %")
    await scene.ann.presses(scene.card(), "rollout:promote")
    await scene.shows("Done", "@U0ANN")


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"http_status": 503}, id="refused"),
        pytest.param({"drop": "before"}, id="cut"),
        pytest.param({"drop": "after"}, id="answer-lost"),
    ],
)
async def test_r15_what_is_said_while_slack_is_away_arrives_once(scene, seed, fault):
    await scene.start()
    times = 2 if fault.get("drop") == "after" else math.inf
    for method in ("chat.postMessage", "chat.update"):
        scene.slack.fail_next(method, times=times, **fault)
    tried = len(scene.slack.called("chat.postMessage"))

    await scene.release()
    await scene.phase("Paused")
    await scene.slack.until(
        lambda: len(scene.slack.called("chat.postMessage")) >= tried + 2, "two tries"
    )
    scene.slack.heal()

    await scene.shows("Waiting for you", "stable 90 %", within=40)
    await scene.tells("waits at 10 %", within=40)
    await scene.app.outbox.idle()
    assert len(scene.cards()) == 1
    assert sum("waits at 10 %" in m.plain for m in thread(scene)) == 1


def thread(scene):
    """What the thread under the card says, without the card."""
    card = scene.card()
    return [m for m in scene.slack.channel(RELEASES).thread(card.ts) if m.ts != card.ts]
