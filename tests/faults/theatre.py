"""
Everything together.

Slack and the cluster are in this process, the bot in processes of its own; a door is on each way
between them.
"""

import asyncio
import copy
import json
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from bot.sandbox.cluster import kinds, programs
from bot.sandbox.cluster.argo import plugin
from bot.sandbox.cluster.control import Controllers
from bot.sandbox.cluster.managed import Writer
from bot.sandbox.cluster.objects import at, merged
from bot.sandbox.cluster.server import LocalCluster
from bot.sandbox.play.cast import Part, image_patch, manifests
from bot.sandbox.slack import LocalSlack, Message
from tests.faults.cluster_door import ClusterDoor
from tests.faults.crowd import Crowd, buttons
from tests.faults.history import History
from tests.faults.process import Replica
from tests.faults.report import explained
from tests.faults.slack_door import SlackDoor
from tests.faults.violation import Violation
from tests.faults.witness import Witness

#: what a process says that has run what was planted
PLANTED = "planted"
CHANNEL, OTHER = "C0RELEASES", "C0OTHER"
ON_CALL = "S0ONCALL"
PEOPLE = {"U0ANN": "ann", "U0BEN": "ben", "U0CAM": "cam", "U0DEE": "dee"}
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
class Theatre:
    """
    What a test of faults plays in.

    Attributes:
        replicas, slack_doors, cluster_doors: by the name of the replica.

    """

    folder: Path
    slack: LocalSlack
    cluster: LocalCluster
    history: History
    witness: Witness
    crowd: Crowd
    replicas: dict[str, Replica] = field(default_factory=dict)
    slack_doors: dict[str, SlackDoor] = field(default_factory=dict)
    cluster_doors: dict[str, ClusterDoor] = field(default_factory=dict)
    parts: list[Part] = field(default_factory=list)
    tags: dict[str, int] = field(default_factory=dict)  #: the newest image of a rollout

    @property
    def bot(self) -> Replica:
        """The only replica, or the first."""
        return next(iter(self.replicas.values()))

    @property
    def slack_door(self) -> SlackDoor:
        """Its door to Slack."""
        return next(iter(self.slack_doors.values()))

    @property
    def cluster_door(self) -> ClusterDoor:
        """Its door to the cluster."""
        return next(iter(self.cluster_doors.values()))

    @property
    def ledger_file(self) -> Path:
        """The bot's database, where it is SQLite."""
        return self.folder / "state" / "rollout-bot.sqlite3"

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

    def cards(self) -> list[Message]:
        """The cards that have a button now, in all channels."""
        return [card for channel in (CHANNEL, OTHER) for card in self.crowd.cards(channel)]

    def card(self, part: Part, verb: str = "promote") -> Message | None:
        """A copy of the card of a rollout as it is now, if it has this button."""
        for card in self.cards():
            payload = (card.metadata or {}).get("event_payload", {})
            is_its = (payload.get("namespace"), payload.get("name")) == (part.namespace, part.name)
            if is_its and verb in buttons(card):
                return copy.deepcopy(card)
        return None

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

    async def until(
        self,
        holds: Callable[[], Any],
        what: str,
        seconds: float = 30.0,
    ) -> float:
        """Wait until it holds, looking often; the seconds that it took."""
        began = time.monotonic()
        while not holds():
            if time.monotonic() - began > seconds:
                self.close_books()
                waited = Violation(invariant="wait", at=began, words=f"{what}: {seconds:.0f} s")
                raise AssertionError(
                    f"{explained(self.history, [waited])}\n{self.bot.said[-3000:]}"
                )
            await asyncio.sleep(0.02)
        return time.monotonic() - began

    async def healthy(self, *parts: Part) -> None:
        """Wait until these rollouts (all) have their first revision."""
        for part in parts or self.parts:
            await self.until(
                lambda part=part: self.status(part, "phase") == "Healthy", f"{part.name} healthy"
            )

    async def ready(self, replica: Replica | None = None) -> float:
        """Wait until a replica is connected to Slack; the seconds that it took."""
        one = replica or self.bot
        door = self.slack_doors[one.name]
        return await self.until(
            lambda: door.links and door.linked_at > one.started_at, f"{one.name} is connected"
        )

    def close_books(self) -> None:
        """Write down the end, and what stands in the ledger then."""
        self.history.ended = time.monotonic()
        self.history.answers = self.crowd.answers()
        with suppress(sqlite3.Error), closing(sqlite3.connect(self.ledger_file)) as database:
            database.row_factory = sqlite3.Row
            rows = database.execute("select * from ledger").fetchall()
            self.history.ledger = [
                {**dict(row), "actor": {"kind": row["actor_kind"], "id": row["actor_id"]}}
                for row in rows
            ]


@asynccontextmanager
async def theatre(
    folder: Path,
    *,
    names: tuple[str, ...] = ("bot",),
    limits: bool = True,
    planted: str = "",
    configuration: dict[str, Any] | None = None,
    environ: dict[str, str] | None = None,
) -> AsyncIterator[Theatre]:
    """
    Set everything up; the bot is started by the test.

    Args:
        folder: for files.
        names: of the replicas.
        limits: whether Slack has its limits.
        planted: what the bot's processes run before they begin: it breaks or changes the bot.
        configuration, environ: what is changed in the bot's own.

    """
    history = History()
    async with AsyncExitStack() as stack:
        cluster = await stack.enter_async_context(LocalCluster())
        await stack.enter_async_context(Controllers(cluster.store))
        slack = await stack.enter_async_context(LocalSlack(limits=limits))
        for user, name in PEOPLE.items():
            slack.add_person(user, name)
        slack.add_group(ON_CALL, "oncall", list(PEOPLE))
        slack.add_channel(CHANNEL, "releases", members=list(PEOPLE))
        slack.add_channel(OTHER, "other", members=list(PEOPLE))
        token = cluster.people.token("admin")
        witness = await stack.enter_async_context(Witness(cluster.url, token, history))
        here = Theatre(folder, slack, cluster, history, witness, Crowd(slack, history))
        for name in names:
            plant = _plant(folder, planted)
            await _add_replica(here, name, stack, plant, configuration or {}, environ or {})
        try:
            yield here
        finally:
            for replica in here.replicas.values():
                if replica.runs:
                    await replica.kill()


def _plant(folder: Path, planted: str) -> Path | None:
    """Let Python run something at its start, and say that it did."""
    if not planted:
        return None
    ground = folder / "planted"
    ground.mkdir(exist_ok=True)
    (ground / "sitecustomize.py").write_text(f"{planted}\nprint({PLANTED!r}, flush=True)\n")
    return ground


async def _add_replica(
    here: Theatre,
    name: str,
    stack: AsyncExitStack,
    planted: Path | None,
    changes: dict[str, Any],
    environ: dict[str, str],
) -> None:
    slack_door = SlackDoor(here.slack.url, here.history, name)
    cluster_door = ClusterDoor(here.cluster.url, here.history, name, here.ledger_file)
    here.slack_doors[name] = await stack.enter_async_context(slack_door)
    here.cluster_doors[name] = await stack.enter_async_context(cluster_door)
    kubeconfig = here.cluster.kubeconfig("admin", here.folder / f"{name}.kubeconfig")
    content = json.loads(kubeconfig.read_text())
    content["clusters"][0]["cluster"]["server"] = cluster_door.url
    kubeconfig.write_text(json.dumps(content))
    file = here.folder / f"{name}.yaml"
    file.write_text(yaml.safe_dump(_configuration() | changes))
    here.replicas[name] = Replica(
        name,
        here.folder,
        {
            "KUBECONFIG": str(kubeconfig),
            "ROLLOUT_BOT_CONFIG": str(file),
            "ROLLOUT_BOT_STATE_DIR": str(here.ledger_file.parent),
            "SLACK_API_URL": f"{slack_door.url}/api/",
            "SLACK_BOT_TOKEN": here.slack.bot_token,
            "SLACK_APP_TOKEN": here.slack.app_token,
            **environ,
        },
        here.history,
        planted,
    )


def _configuration() -> dict[str, Any]:
    acts = ["promote", "header-only", "resume", "abort", "pause", "retry", "full"]
    return {
        "kubernetes": {"cluster": "faults"},
        "channels": [{"channel": CHANNEL}],
        "access": [{"allow": acts, "groups": [ON_CALL]}],
        "drift": {"every": "5s", "grace": "3s", "remind": "1h"},
        "health": {"listen": "127.0.0.1:0"},
    }
