"""A sandbox for browser tests: four people, two channels, a tiny app, a cluster of plain dicts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from bot.messages import helps
from bot.messages.blocks import Message
from bot.sandbox.page import Page
from bot.sandbox.slack import LocalSlack
from tests.sandbox.page.fakecluster import FakeCluster
from tests.sandbox.page.tinyapp import Json, TinyApp

ROLES = {
    "U0ANN": "on call, may act",
    "U0BEN": "on call, may act",
    "U0EVE": "may only read",
    "U0GUS": "guest",
}
#: What the box completes: the bot's own verbs, in its own words.
VERBS = {
    verb: f"{after} · {does}" for verb, (after, does, _) in (helps.READING | helps.ACTING).items()
}


@dataclass
class Stage:
    """What a test plays on."""

    slack: LocalSlack
    app: TinyApp
    cluster: FakeCluster
    page: Page

    async def post(self, message: Message, **more: Any) -> str:
        """Let the app post a message of the bot; its ts."""
        return await self.app.post(message.text, blocks=list(message.blocks), **more)

    async def heard(self, count: int = 1) -> Json:
        """Wait until the app has heard so much, and give the last of it."""
        await self.slack.until(lambda: len(self.app.heard) >= count, f"{count} payloads")
        return self.app.heard[-1]


@asynccontextmanager
async def a_stage(cluster: FakeCluster | None = None, *, port: int = 0) -> AsyncIterator[Stage]:
    """A stage that has started."""
    slack = LocalSlack(port=port, ack_deadline=1.0)
    for person, name in (("U0ANN", "ann"), ("U0BEN", "ben"), ("U0EVE", "eve")):
        slack.add_person(person, name)
    slack.add_person("U0GUS", "gus", is_ultra_restricted=True)
    slack.add_channel("C0RELEASES", "releases", members=list(ROLES))
    slack.add_channel("C0PAYMENTS", "payments", members=["U0ANN", "U0BEN"], is_private=True)
    slack.add_group("S0ONCALL", "oncall", ["U0ANN", "U0BEN"])
    shown = cluster or FakeCluster()
    page = Page(slack, shown, verbs=VERBS, roles=ROLES)
    async with slack, TinyApp(slack) as app:
        yield Stage(slack, app, shown, page)
