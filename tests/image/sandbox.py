"""A Slack and a cluster in this process, for a bot in another one."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from bot.sandbox.cluster import kinds, programs
from bot.sandbox.cluster.managed import Writer
from bot.sandbox.cluster.objects import at, merged
from bot.sandbox.play import cast
from bot.sandbox.slack import LocalSlack
from tests.scenarios.local import LocalBed

PATIENCE = 30.0  #: seconds for anything
_BY_KIND = {kind.kind: kind for kind in kinds.BUILT_IN}
_GIT = Writer(manager="argocd-controller")


class Sandbox:
    """People, channels, and the rollouts that are deployed here."""

    def __init__(self, bed: LocalBed, slack: LocalSlack) -> None:
        self.bed = bed
        self.slack = slack
        self._store = bed.cluster.store

    @property
    def tokens(self) -> Mapping[str, str]:
        """How the bot comes to this Slack."""
        return {
            "SLACK_API_URL": self.slack.api_url,
            "SLACK_BOT_TOKEN": self.slack.bot_token,
            "SLACK_APP_TOKEN": self.slack.app_token,
        }

    async def deploy(self, part: cast.Part) -> None:
        """Make a rollout, and wait until it has its first revision."""
        for manifest in cast.manifests(part, "http://127.0.0.1:9/none"):
            kind, metadata = _BY_KIND[manifest["kind"]], manifest["metadata"]
            if self._store.find(kinds.NAMESPACES, "", metadata["namespace"]) is None:
                space = {"metadata": {"name": metadata["namespace"]}}
                programs.create(self._store, kinds.NAMESPACES, space, _GIT)
            if self._store.find(kind, metadata["namespace"], metadata["name"]) is None:
                programs.create(self._store, kind, manifest, _GIT)
        async with asyncio.timeout(PATIENCE):
            while at(self._rollout(part), "status", "phase") != "Healthy":
                await self._store.shelf(kinds.ROLLOUTS).bell.wait()

    def release(self, part: cast.Part) -> None:
        """Write its second image."""
        change = cast.image_patch(part, part.tags[1])
        self._store.update(
            kinds.ROLLOUTS, part.namespace, part.name, lambda one: merged(one, change), _GIT
        )

    def _rollout(self, part: cast.Part) -> Any:
        return self._store.get(kinds.ROLLOUTS, part.namespace, part.name)


@asynccontextmanager
async def a_sandbox() -> AsyncIterator[Sandbox]:
    """Set it up, with the demo's people and channels."""
    async with LocalBed() as bed, LocalSlack() as slack:
        cast.invite(slack)
        yield Sandbox(bed, slack)
