"""Slack's limits: who has to wait, for how long, and who has not."""

from collections.abc import AsyncIterator

import pytest

from bot.sandbox.slack import LocalSlack
from bot.sandbox.slack.limits import Limits

CHANNEL = "C0RELEASES"


class Clock:
    """A clock that only moves when told."""

    def __init__(self) -> None:
        self.now = 1_764_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def slack(clock) -> AsyncIterator[LocalSlack]:
    async with LocalSlack(limits=True, clock=clock) as started:
        started.add_person("U0ANN", "ann")
        started.add_channel(CHANNEL, "releases", members=["U0ANN"])
        yield started


@pytest.fixture
def call(slack, session):
    """Call a method; the seconds to wait, 0 if it passed."""

    async def make(method, **body):
        headers = {"Authorization": f"Bearer {slack.bot_token}"}
        url = f"{slack.api_url}{method}"
        async with session.post(url, json=body, headers=headers) as answer:
            return await waits(answer)

    return make


async def waits(answer):
    """What 429 looks like: whole seconds in the header, one word in the body."""
    if answer.status == 200:
        return 0
    assert answer.status == 429
    assert await answer.json() == {"ok": False, "error": "ratelimited"}
    return int(answer.headers["Retry-After"])


async def test_one_post_a_second_for_each_channel(call, clock, slack):
    slack.add_channel("C0OTHER", "other")
    burst = [await call("chat.postMessage", channel=CHANNEL, text="x") for _ in range(6)]
    other = await call("chat.postMessage", channel="C0OTHER", text="x")
    passed = 0
    for _ in range(60):
        clock.now += 1
        passed += await call("chat.postMessage", channel=CHANNEL, text="x") == 0
        assert await call("chat.postMessage", channel=CHANNEL, text="x") == 1

    assert burst == [0, 0, 0, 0, 0, 1]
    assert other == 0
    assert passed == 60
    assert len(slack.channel(CHANNEL).messages) == 65


@pytest.mark.parametrize(
    "names",
    [
        pytest.param([CHANNEL, "#releases", "releases"], id="a-channel"),
        pytest.param(["U0ANN", "D0ANN"], id="direct-messages"),
    ],
)
async def test_a_channel_has_one_limit_whatever_it_is_called(call, names):
    said = [await call("chat.postMessage", channel=names[0], text="x") for _ in range(5)]

    assert said == [0] * 5
    assert [await call("chat.postMessage", channel=name, text="x") for name in names] == [1] * len(
        names
    )


async def test_a_response_url_counts_for_its_channel(call, slack, session):
    for _ in range(5):
        await call("chat.postMessage", channel=CHANNEL, text="x")
    url, _ = slack._responses.issue("U0ANN", CHANNEL)
    async with session.post(url, json={"text": "x", "response_type": "in_channel"}) as answer:
        loud = await waits(answer)
    async with session.post(url, json={"text": "x"}) as answer:
        quiet = await waits(answer)

    assert (loud, quiet) == (1, 0)


async def test_fifty_updates_a_minute_for_the_whole_workspace(call, clock, slack):
    """Messages of two channels share them; other methods go on."""
    slack.add_channel("C0OTHER", "other")
    for channel in (CHANNEL, "C0OTHER"):
        await call("chat.postMessage", channel=channel, text="x")
    shown = {name: slack.channel(name).messages[0].ts for name in (CHANNEL, "C0OTHER")}

    async def update(name):
        return await call("chat.update", channel=name, ts=shown[name], text="y")

    while not await update(CHANNEL):
        pass

    assert await update("C0OTHER") == 2, "1.2 s, in whole seconds"
    assert await call("users.info", user="U0ANN") == 0
    passed = 0
    for second in range(60):
        clock.now += 1
        passed += await update(CHANNEL if second % 2 else "C0OTHER") == 0
    assert passed == 50


async def test_a_call_that_waits_as_told_passes(call, clock):
    while not (seconds := await call("conversations.list")):
        pass
    clock.now += seconds

    assert await call("conversations.list") == 0


@pytest.mark.parametrize(
    ("method", "burst", "per_minute"),
    [
        pytest.param("chat.update", 10, 50, id="tier-3"),
        pytest.param("conversations.list", 5, 20, id="tier-2"),
        pytest.param("users.info", 20, 100, id="tier-4"),
    ],
)
def test_a_method_passes_its_burst_and_then_its_rate(clock, method, burst, per_minute):
    """In the first minute the burst and the rate together, then the rate alone."""
    limits = Limits(clock)

    def minute():
        passed = 0
        for _ in range(600):
            passed += limits.admit(method) == 0
            clock.now += 0.1
        return passed

    assert minute() == pytest.approx(burst + per_minute, abs=1)
    assert minute() == pytest.approx(per_minute, abs=1)


def test_a_refused_call_costs_nothing(clock):
    limits = Limits(clock)
    while not limits.admit("conversations.list"):
        pass

    assert limits.admit("conversations.list") == 3
    assert limits.admit("users.info") == 0
    clock.now += 0.5
    assert limits.admit("conversations.list") == 3, "whole seconds, rounded up"
    clock.now += 2.5
    assert limits.admit("conversations.list") == 0
