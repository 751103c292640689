"""The panel of the page: the truth about the cluster, and what its levers do."""

import asyncio
from collections.abc import Sequence
from typing import Any, Protocol

from bot.sandbox.cluster import kinds
from bot.sandbox.cluster.control import Controllers
from bot.sandbox.cluster.errors import Refused
from bot.sandbox.cluster.kinds import Kind
from bot.sandbox.cluster.server import LocalCluster
from bot.sandbox.cluster.shelves import Event
from bot.sandbox.page.ports import Json, LeverError
from bot.sandbox.play import deeds
from bot.sandbox.play.history import History
from bot.sandbox.play.truth import rollout_as_json
from bot.sandbox.play.verdicts import Verdicts
from bot.sandbox.slack import LocalSlack

_SHOWN = frozenset(
    kind.key
    for kind in (
        kinds.ROLLOUTS,
        kinds.REPLICA_SETS,
        kinds.PODS,
        kinds.SERVICES,
        kinds.INGRESSES,
        kinds.ANALYSIS_RUNS,
    )
)


class Bot(Protocol):
    """The bot, which can be ended and started."""

    @property
    def runs(self) -> bool:
        """Whether it runs."""
        ...

    async def start(self) -> None:
        """Start it, and return when it is at work."""
        ...

    async def stop(self) -> None:
        """End it as SIGTERM does."""
        ...


class Panel:
    """What the page shows beside Slack."""

    def __init__(
        self,
        slack: LocalSlack,
        cluster: LocalCluster,
        controllers: Controllers,
        verdicts: Verdicts,
        bot: Bot,
    ) -> None:
        self._slack, self._cluster, self._controllers = slack, cluster, controllers
        self._verdicts, self._bot = verdicts, bot
        self._history = History(cluster.store)
        self._bell = asyncio.Event()
        self._one_at_a_time = asyncio.Lock()
        cluster.store.hear(self._hear)

    # --- what is shown --------------------------------------------------------------------------

    def rollouts(self) -> Sequence[Json]:
        """Every rollout, in the order in which they were made."""
        store = self._cluster.store
        found = store.all(kinds.ROLLOUTS)
        return [rollout_as_json(store, one, self._history.of(one)) for one in found]

    def system(self) -> Json:
        """What runs and what does not."""
        return {
            "bot": self._bot.runs,
            "slack": not self._slack.is_cut,
            "api": not self._cluster.is_cut,
            "controller": self._controllers.argo_runs,
        }

    async def changed(self) -> None:
        """Wait for the next change."""
        await self._bell.wait()

    def _hear(self, kind: Kind, _: Event) -> None:
        if kind.key in _SHOWN:
            self._ring()

    def _ring(self) -> None:
        self._bell.set()
        self._bell = asyncio.Event()

    # --- the levers -----------------------------------------------------------------------------

    async def pull(self, lever: str, arguments: Json) -> str:
        """Do what a lever stands for. Raises LeverError."""
        try:
            if "namespace" in arguments:
                return await self._move(lever, arguments)
            async with self._one_at_a_time:  # a bot is started once, whoever presses
                return await self._switch(lever)
        except (Refused, deeds.Impossible) as error:
            raise LeverError(str(error)) from error
        finally:
            self._ring()

    async def _move(self, lever: str, arguments: dict[str, Any]) -> str:
        """Pull a lever of a rollout, a pod or an Ingress."""
        store = self._cluster.store
        space, name = arguments["namespace"], arguments["name"]
        match lever:
            case "new-image":
                return deeds.set_image(store, space, name, arguments["tag"])
            case "break-pod" | "mend-pod":
                ready = lever == "mend-pod"
                return deeds.set_ready(store, space, arguments["pod"], ready=ready)
            case "edit-annotation":
                return await self._edit(space, name, arguments["ingress"], arguments["weight"])
            case "analysis":
                return self._judge(space, name, arguments["verdict"])
        return await deeds.use_plugin(store, lever.removeprefix("plugin-"), space, name)

    async def _edit(self, namespace: str, name: str, ingress: str, weight: int) -> str:
        """Write a weight by hand, and tell what became of it: often it does not last."""
        edit = (self._cluster.store, namespace, name, ingress, weight)
        said = deeds.write_weight(*edit)
        if await deeds.is_put_back(*edit):
            return f"{said} The controller has put it back already: stop it first, and it stays."
        return f"{said} It stays."

    def _judge(self, namespace: str, name: str, verdict: str) -> str:
        if not self._verdicts.give(namespace, name, verdict):
            raise deeds.Impossible(f"No analysis of {namespace}/{name} is running.")
        return f"The analysis of {namespace}/{name} ends: {verdict}."

    async def _switch(self, lever: str) -> str:
        """Pull a lever of the system."""
        match lever:
            case "bot-restart":
                await self._bot.stop()
                await self._bot.start()
                return "The bot was ended and started again; it remembers what it said."
            case "bot-stop":
                await self._bot.stop()
                return "The bot is ended: nobody answers in Slack."
            case "bot-start":
                await self._bot.start()
                return "The bot is at work again."
            case "slack-cut":
                self._slack.cut()
                return "The bot cannot reach Slack, and Slack not the bot."
            case "slack-mend":
                self._slack.mend()
                return "The bot can reach Slack again."
            case "api-cut":
                await self._cluster.cut()
                return "The API server answers nobody; the controller goes on."
            case "api-mend":
                await self._cluster.mend()
                return "The API server answers again."
            case "controller-stop":
                await self._controllers.stop_argo()
                return "Argo Rollouts stands still."
        self._controllers.start_argo()
        return "Argo Rollouts goes on."
