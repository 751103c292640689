"""
The theatre: a house before the local cluster, whose rollouts the test moves as it likes.

Slack and the cluster are in this process, the bot in processes of its own.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.sandbox.cluster import kinds, programs
from bot.sandbox.cluster.argo import plugin
from bot.sandbox.cluster.control import Controllers
from bot.sandbox.cluster.managed import Writer
from bot.sandbox.cluster.objects import at, merged
from bot.sandbox.cluster.server import LocalCluster
from bot.sandbox.play.cast import Part, image_patch, manifests
from tests.faults.crowd import Crowd
from tests.faults.history import History
from tests.faults.house import CHANNEL, ON_CALL, OTHER, PEOPLE, PLANTED, Behind, House, workspace
from tests.faults.witness import Witness

__all__ = ["CHANNEL", "ON_CALL", "OTHER", "PEOPLE", "PLANTED", "Theatre", "theatre"]

_GIT = Writer(manager="argocd-controller")
_BY_KIND = {kind.kind: kind for kind in kinds.BUILT_IN}
STEPS = [
    {"setWeight": 10},
    {"pause": {}},
    {"setWeight": 30},
    {"pause": {"duration": "1s"}},
    {"setWeight": 60},
    {"pause": {}},
]


@dataclass
class Theatre(House):
    """
    What a test of faults plays in.

    Attributes:
        tags: the newest image of a rollout.

    """

    cluster: LocalCluster = field(kw_only=True)
    parts: list[Part] = field(default_factory=list)
    tags: dict[str, int] = field(default_factory=dict)

    def deploy(
        self,
        count: int,
        steps: Sequence[dict[str, Any]] = STEPS,
        *,
        namespace: str = "shop",
    ) -> list[Part]:
        """Make so many rollouts of the seed's kind."""
        store = self.cluster.store
        if store.find(kinds.NAMESPACES, "", namespace) is None:
            programs.create(store, kinds.NAMESPACES, {"metadata": {"name": namespace}}, _GIT)
        first = len(self.parts)
        for number in range(first, first + count):
            part = Part(
                namespace=namespace,
                name=f"app-{number}",
                steps=steps,
                tags=("1", "2"),
                replicas=2,
            )
            self.parts.append(part)
            self.apply(part)
        return self.parts[first:]

    def apply(self, part: Part) -> None:
        """Make of a rollout and what belongs to it whatever is not there."""
        store = self.cluster.store
        for manifest in manifests(part, "http://127.0.0.1:9/none"):
            kind, metadata = _BY_KIND[manifest["kind"]], manifest["metadata"]
            if store.find(kind, metadata["namespace"], metadata["name"]) is None:
                programs.create(store, kind, manifest, _GIT)

    def delete(self, part: Part) -> None:
        """Delete a rollout; what belongs to it stays."""
        self.cluster.store.delete(kinds.ROLLOUTS, part.namespace, part.name)

    async def by_hand(self, verb: str, part: Part) -> None:
        """Do something to a rollout with kubectl: `promote`, `abort`, …."""
        await plugin.run(self.cluster.store, verb, part.namespace, part.name)

    def release(self, part: Part, tag: str) -> None:
        """Write another image into the rollout."""
        change = image_patch(part, tag)
        self.cluster.store.update(
            kinds.ROLLOUTS, part.namespace, part.name, lambda one: merged(one, change), _GIT
        )

    def status(self, part: Part, *path: str) -> Any:
        """Read a field of its status."""
        rollout = self.cluster.store.get(kinds.ROLLOUTS, part.namespace, part.name)
        return at(rollout, "status", *path)

    def uid(self, part: Part) -> str:
        """Tell which object has its name now."""
        rollout = self.cluster.store.get(kinds.ROLLOUTS, part.namespace, part.name)
        return str(at(rollout, "metadata", "uid"))

    async def healthy(self, *parts: Part) -> None:
        """Wait until these rollouts (all) have their first revision."""
        for part in parts or self.parts:
            await self.until(
                lambda part=part: self.status(part, "phase") == "Healthy", f"{part.name} healthy"
            )


@asynccontextmanager
async def theatre(
    folder: Path,
    *,
    names: tuple[str, ...] = ("bot",),
    limits: bool = True,
    planted: str | Path = "",
    configuration: dict[str, Any] | None = None,
    environ: dict[str, str] | None = None,
) -> AsyncIterator[Theatre]:
    """
    Set everything up; the bot is started by the test.

    Args:
        folder: for files.
        names: of the replicas.
        limits: whether Slack has its limits.
        planted: what the bot's processes run before they begin, or the folder where it lies: it
            breaks or changes the bot.
        configuration, environ: what is changed in the bot's own.

    """
    history = History()
    async with AsyncExitStack() as stack:
        cluster = await stack.enter_async_context(LocalCluster())
        await stack.enter_async_context(Controllers(cluster.store))
        slack = await stack.enter_async_context(workspace(limits=limits))
        token = cluster.people.token("admin")
        await stack.enter_async_context(Witness(cluster.url, token, history))
        database = (environ or {}).get("ROLLOUT_BOT_DATABASE_URL", "")
        here = Theatre(folder, slack, history, Crowd(slack, history), database, cluster=cluster)
        kubeconfig = cluster.kubeconfig("admin", folder / "admin.kubeconfig")
        behind = Behind(url=cluster.url, kubeconfig=kubeconfig)
        how = {"planted": planted, "configuration": configuration, "environ": environ}
        for name in names:
            await here.add(name, behind, stack, **how)
        stack.push_async_callback(here.close)
        yield here
