"""The whole bot between the real cluster and a Slack that speaks the real wire."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from bot.app import Application, running
from bot.config import Secrets, load
from bot.release.ledger import Entry
from bot.sandbox.slack import LocalSlack
from bot.sandbox.slack.model import Message
from tests.cluster.bed.api import Manifest
from tests.cluster.bed.cluster import Bed
from tests.cluster.bed.kube import Kube, has_phase
from tests.cluster.bed.seed import NEXT_IMAGE
from tests.cluster.bed.users import HOME_NAMESPACE
from tests.scenarios.cast import seed

RELEASES, OTHER = "C0RELEASES", "C0OTHER"
ANN, BEN, EVE, GUS = "U0ANN", "U0BEN", "U0EVE", "U0GUS"
ACTS = ["promote", "header-only", "resume", "abort", "pause", "retry", "full", "mute"]


class Stage:
    """One bot, one namespace, one workspace."""

    def __init__(self, bed: Bed, kube: Kube, slack: LocalSlack, namespace: str, folder: Path):
        self.bed, self.kube, self.slack = bed, kube, slack
        self.namespace, self.folder = namespace, folder
        self.user = "rollout-bot"  #: as whom the bot shows itself to the cluster
        self.database_url = f"sqlite:///{folder / 'bot.sqlite3'}"
        self.app: Application | None = None
        self._stack: AsyncExitStack | None = None
        self.ann, self.ben = slack.person(ANN), slack.person(BEN)
        self.eve, self.gus = slack.person(EVE), slack.person(GUS)

    # --- the bot --------------------------------------------------------------------------------

    def config(self, **changes: Any) -> dict[str, Any]:
        """The configuration, changed at its first level."""
        base = {
            "kubernetes": {
                "cluster": "bed",
                "namespaces": [self.namespace],
                "lease": {"namespace": HOME_NAMESPACE, "duration": "5s"},  # with PostgreSQL
            },
            "channels": [{"channel": RELEASES}],
            "access": [{"allow": ACTS, "users": [ANN, BEN], "channels": [RELEASES]}],
            "drift": {"every": "1s", "grace": "2s", "remind": "4h"},
            "health": {"listen": "127.0.0.1:0"},
        }
        return base | changes

    async def start(self, *, user: str = "", **changes: Any) -> Application:
        """Start the bot, and wait until it knows the cluster."""
        file = self.folder / "rollout-bot.yaml"
        file.write_text(yaml.safe_dump(self.config(**changes)))
        os.environ["KUBECONFIG"] = str(self.bed.kubeconfig(user or self.user))
        secrets = Secrets.from_environment(self.environment, "socket")
        self._stack = AsyncExitStack()
        bot = running(load(file), secrets, self.database_url)
        self.app = await self._stack.enter_async_context(bot)
        await asyncio.wait_for(self.app.flows.follow.listed.wait(), 10)
        return self.app

    @property
    def environment(self) -> dict[str, str]:
        """What the bot finds in its environment."""
        return {
            "SLACK_BOT_TOKEN": self.slack.bot_token,
            "SLACK_APP_TOKEN": self.slack.app_token,
            "SLACK_API_URL": self.slack.api_url,
        }

    async def stop(self) -> None:
        """Stop the bot as SIGTERM does."""
        if self._stack:
            await self._stack.aclose()
        self._stack = self.app = None

    # --- what people see ------------------------------------------------------------------------

    def cards(self, channel: str = RELEASES, name: str = "tomozo") -> list[Message]:
        """The cards of a rollout in a channel, oldest first."""
        return [
            message
            for message in self.slack.channel(channel).messages
            if (message.metadata or {}).get("event_type") == "rollout_card"
            and message.metadata["event_payload"]["name"] == name
        ]

    def card(self, name: str = "tomozo") -> Message:
        """The newest card of a rollout, as it is now."""
        cards = self.cards(name=name)
        assert cards, f"no card of {name}; the channel says: {self.channel_says()}"
        return cards[-1]

    def thread(self, name: str = "tomozo") -> str:
        """All that the thread of the newest card says."""
        ts = self.card(name).ts
        return "\n".join(m.plain for m in self.slack.channel(RELEASES).thread(ts))

    def channel_says(self) -> str:
        """All that stands in the channel itself."""
        return "\n---\n".join(m.plain for m in self.slack.channel(RELEASES).messages)

    async def shows(
        self, *words: str, name: str = "tomozo", within: float = 10, never: str = ""
    ) -> Message:
        """Wait until the newest card shows all these words."""

        def holds() -> bool:
            cards = self.cards(name=name)
            if cards and never:
                assert never not in cards[-1].plain
            return bool(cards) and all(word in cards[-1].plain for word in words)

        await self.slack.until(holds, f"the card shows {words}", timeout=within)
        return self.card(name)

    async def tells(self, *words: str, name: str = "tomozo", within: float = 10) -> str:
        """Wait until the thread of the newest card tells all these words."""

        def holds() -> bool:
            return bool(self.cards(name=name)) and all(word in self.thread(name) for word in words)

        await self.slack.until(holds, f"the thread tells {words}", timeout=within)
        return self.thread(name)

    async def hears(self, person: Any, *words: str, after: int = 0, within: float = 10) -> str:
        """Wait until somebody got an answer with these words; *after* so many earlier ones."""

        def heard() -> list[str]:
            return [m.plain for m in person.ephemerals[after:] if all(w in m.plain for w in words)]

        await self.slack.until(lambda: bool(heard()), f"{person.id} hears {words}", timeout=within)
        return heard()[-1]

    # --- the cluster ----------------------------------------------------------------------------

    async def deploy(self, *, name: str = "tomozo", **changes: Any) -> None:
        """Apply the seed, changed as `cast.seed` tells, and wait until it is healthy."""
        for manifest in seed(name=name, **changes):
            await self.kube.apply(manifest, self.namespace)
        await self.phase("Healthy", name=name)

    async def release(self, image: str = NEXT_IMAGE, *, name: str = "tomozo") -> None:
        """Set a new image."""
        await self.kube.set_image(self.namespace, name, image)

    async def phase(self, phase: str, *, name: str = "tomozo", within: float = 20) -> Manifest:
        """Wait until the controller says that the rollout is in this phase."""
        return await self.kube.wait_for(
            has_phase(phase), phase, within, kind="rollouts", name=name, namespace=self.namespace
        )

    # --- what was written -----------------------------------------------------------------------

    async def entries(self, verb: str = "") -> list[Entry]:
        """The ledger of this namespace, oldest first."""
        found = await self.app.journal.since(datetime.now(UTC) - timedelta(hours=1))
        return [e for e in found if e.namespace == self.namespace and verb in {"", e.verb}]

    async def settled(self, verb: str, within: float = 15) -> Entry:
        """The only entry of that verb, as soon as nothing of it is pending."""
        async with asyncio.timeout(within):
            while (await self.entries(verb))[0].is_pending:  # noqa: ASYNC110 - nothing tells it
                await asyncio.sleep(0.05)
        (entry,) = await self.entries(verb)
        return entry

    async def rollout(self, name: str = "tomozo") -> dict[str, Any]:
        """The Rollout as the API server has it."""
        return await self.kube.get("rollouts", name, self.namespace)

    async def weight(self, ingress: str = "tomozo", service: str = "tomozo-canary") -> int:
        """The canary's weight in the Ingress's annotation."""
        weights = await self.kube.weights(self.namespace, ingress, "tomozo-stable")
        return weights.get(service, 0)


@asynccontextmanager
async def stage(bed: Bed, kube: Kube, namespace: str, folder: Path) -> AsyncIterator[Stage]:
    """Set the stage: people, channels, no bot yet."""
    async with LocalSlack() as slack:
        for user in (ANN, BEN, EVE):
            slack.add_person(user, user[2:].lower())
        slack.add_person(GUS, "gus", is_ultra_restricted=True)
        for channel, name in ((RELEASES, "releases"), (OTHER, "other")):
            slack.add_channel(channel, name, members=[ANN, BEN, EVE, GUS])
        one = Stage(bed, kube, slack, namespace, folder)
        try:
            yield one
        finally:
            await one.stop()
