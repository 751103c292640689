"""A sandbox with its page, a tiny app on it, and visitors that are no browsers."""

from collections.abc import AsyncIterator, Awaitable, Callable

import aiohttp
import pytest

from bot.sandbox.page import Page
from bot.sandbox.slack import LocalSlack
from tests.sandbox.page.fakecluster import FakeCluster
from tests.sandbox.page.tinyapp import TinyApp
from tests.sandbox.page.visitor import Visitor

CHANNEL = "C0RELEASES"

Arrive = Callable[[str], Awaitable[Visitor]]


@pytest.fixture
def cluster() -> FakeCluster:
    return FakeCluster()


@pytest.fixture
async def slack(cluster: FakeCluster) -> AsyncIterator[LocalSlack]:
    """Ann and Ben are in #releases, Ann alone in the private #payments, Gus nowhere."""
    slack = LocalSlack(ack_deadline=1.5)
    for person, name in (("U0ANN", "ann"), ("U0BEN", "ben"), ("U0GUS", "gus")):
        slack.add_person(person, name)
    slack.add_channel(CHANNEL, "releases", members=["U0ANN", "U0BEN"])
    slack.add_channel("C0PAYMENTS", "payments", members=["U0ANN"], is_private=True)
    slack.add_group("S0ONCALL", "oncall", ["U0ANN"])
    Page(slack, cluster, verbs={"promote": "goes on"}, roles={"U0ANN": "on call"})
    async with slack:
        yield slack


@pytest.fixture
async def app(slack: LocalSlack) -> AsyncIterator[TinyApp]:
    async with TinyApp(slack) as app:
        yield app


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


@pytest.fixture
async def arrive(slack: LocalSlack, session: aiohttp.ClientSession) -> AsyncIterator[Arrive]:
    """Open the page as somebody."""
    arrived: list[Visitor] = []

    async def open_page(person: str) -> Visitor:
        arrived.append(await Visitor.arrive(session, slack.url, person))
        return arrived[-1]

    yield open_page
    for visitor in arrived:
        await visitor.leave()


@pytest.fixture
async def ann(arrive: Arrive) -> Visitor:
    return await arrive("U0ANN")


@pytest.fixture
async def ben(arrive: Arrive) -> Visitor:
    return await arrive("U0BEN")
