"""
A house in which the bot plays: Slack, the doors, the bot's processes, and what is written down.

    Slack ◀─▶ door ◀─▶ replica ◀─▶ door ◀─▶ cluster, of whatever kind
"""

import asyncio
import copy
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from bot.sandbox.play.cast import Part
from bot.sandbox.slack import LocalSlack, Message
from tests.faults.books import Books
from tests.faults.cluster_door import ClusterDoor
from tests.faults.crowd import Crowd, buttons
from tests.faults.history import History, Size
from tests.faults.process import Replica
from tests.faults.report import explained
from tests.faults.slack_door import SlackDoor
from tests.faults.violation import Violation

#: what a process says that has run what was planted
PLANTED = "planted"
_LAST_WORDS = 3_000  #: characters of a log that a failure shows
CHANNEL, OTHER = "C0RELEASES", "C0OTHER"
ON_CALL = "S0ONCALL"
PEOPLE = {"U0ANN": "ann", "U0BEN": "ben", "U0CAM": "cam", "U0DEE": "dee"}


@dataclass(frozen=True, kw_only=True)
class Behind:
    """
    The cluster behind the doors.

    Attributes:
        url: of its API server.
        kubeconfig: of the bot's account there; only the server's address is changed in it.
        ssl: how the server's certificate is checked.

    """

    url: str
    kubeconfig: Path
    ssl: Any = True


@dataclass
class House:
    """
    What every test of faults needs.

    Attributes:
        database: the URL of the PostgreSQL that all replicas share; "": it is SQLite.
        replicas, slack_doors, cluster_doors: by the name of the replica.

    """

    folder: Path
    slack: LocalSlack
    history: History
    crowd: Crowd
    database: str = ""
    replicas: dict[str, Replica] = field(default_factory=dict)
    slack_doors: dict[str, SlackDoor] = field(default_factory=dict)
    cluster_doors: dict[str, ClusterDoor] = field(default_factory=dict)

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

    @property
    def books(self) -> Books:
        """The bot's own record."""
        return Books(self.database or self.ledger_file)

    def cards(self) -> list[Message]:
        """The cards that have a button now, in all channels."""
        return [card for channel in (CHANNEL, OTHER) for card in self.crowd.cards(channel)]

    def card(self, part: Part, verb: str = "promote") -> Message | None:
        """A copy of the newest card of a rollout as it is now, if it has this button."""
        for card in reversed(self.cards()):
            payload = (card.metadata or {}).get("event_payload", {})
            is_its = (payload.get("namespace"), payload.get("name")) == (part.namespace, part.name)
            if is_its and verb in buttons(card):
                return copy.deepcopy(card)
        return None

    async def until(
        self,
        holds: Callable[[], Any],
        what: str | Callable[[], str],
        seconds: float = 30.0,
    ) -> float:
        """Wait until it holds, looking often; the seconds that it took. *what*: for who failed."""
        began = time.monotonic()
        while not holds():
            if time.monotonic() - began > seconds:
                with suppress(*Books.UNREADABLE):
                    self.close_books()
                words = what if isinstance(what, str) else what()
                waited = Violation(
                    invariant="wait", at=began + 8.0, words=f"{words}: {seconds:.0f} s"
                )
                raise AssertionError(explained(self.history, [waited], self.said))
            await asyncio.sleep(0.02)
        return time.monotonic() - began

    async def ready(self, replica: Replica | None = None) -> float:
        """Wait until a replica is connected to Slack; the seconds that it took."""
        one = replica or self.bot
        door = self.slack_doors[one.name]
        return await self.until(
            lambda: door.links and door.linked_at > one.started_at, f"{one.name} is connected"
        )

    def weigh(self) -> list[Size]:
        """Look at how much each process holds."""
        return [size for one in self.replicas.values() if (size := one.measure())]

    def close_books(self) -> None:
        """Write down the end, and what stands in the ledger then."""
        self.history.ended = time.monotonic()
        self.history.answers = self.crowd.answers()
        self.history.ledger = self.books.ledger()

    def unsettled(self) -> list[Any]:
        """Who is owed an answer, what is to be told, and which entries are open; or why not."""
        try:
            return self.books.unsettled()
        except Books.UNREADABLE as error:
            return [error]

    async def settled(
        self, seconds: float, *, goes_on: Callable[[], object] = lambda: None
    ) -> None:
        """Wait until nothing of that is left, and nothing of what *goes_on* gives."""

        def left() -> object:
            return self.unsettled() or goes_on()

        await self.until(lambda: not left(), lambda: f"not settled: {left()}", seconds)

    @property
    def said(self) -> str:
        """The last words in the logs of all replicas."""
        logs = (f"{one.name}: {one.said[-_LAST_WORDS:]}" for one in self.replicas.values())
        return "\n".join(logs)

    async def add(
        self,
        name: str,
        behind: Behind,
        stack: AsyncExitStack,
        *,
        planted: str | Path = "",
        configuration: dict[str, Any] | None = None,
        environ: dict[str, str] | None = None,
    ) -> None:
        """Make a replica with doors of its own; it is started by the test."""
        slack_door = SlackDoor(self.slack.url, self.history, name)
        cluster_door = ClusterDoor(behind.url, self.history, name, self.books, behind.ssl)
        self.slack_doors[name] = await stack.enter_async_context(slack_door)
        self.cluster_doors[name] = await stack.enter_async_context(cluster_door)
        content = yaml.safe_load(behind.kubeconfig.read_text())
        content["clusters"][0]["cluster"] = {"server": cluster_door.url}
        kubeconfig = self.folder / f"{name}.kubeconfig"
        kubeconfig.write_text(yaml.safe_dump(content))
        file = self.folder / f"{name}.yaml"
        file.write_text(yaml.safe_dump(_configuration() | (configuration or {})))
        own = {
            "HOSTNAME": name,  # replicas are told apart by it, also in the Lease
            "KUBECONFIG": str(kubeconfig),
            "ROLLOUT_BOT_CONFIG": str(file),
            "ROLLOUT_BOT_STATE_DIR": str(self.ledger_file.parent),
            "SLACK_API_URL": f"{slack_door.url}/api/",
            "SLACK_BOT_TOKEN": self.slack.bot_token,
            "SLACK_APP_TOKEN": self.slack.app_token,
        }
        plant = _plant(self.folder, planted)
        everything = own | (environ or {})
        self.replicas[name] = Replica(name, self.folder, everything, self.history, plant)

    async def close(self) -> None:
        """End all processes."""
        for replica in self.replicas.values():
            if replica.runs:
                await replica.kill()


@asynccontextmanager
async def workspace(*, limits: bool = True) -> AsyncIterator[LocalSlack]:
    """Give a Slack with the people and the channels."""
    async with LocalSlack(limits=limits) as slack:
        for user, name in PEOPLE.items():
            slack.add_person(user, name)
        slack.add_group(ON_CALL, "oncall", list(PEOPLE))
        slack.add_channel(CHANNEL, "releases", members=list(PEOPLE))
        slack.add_channel(OTHER, "other", members=list(PEOPLE))
        yield slack


def _plant(folder: Path, planted: str | Path) -> Path | None:
    """Let Python run something at its start, and say that it did; a folder is there already."""
    if not planted:
        return None
    if isinstance(planted, Path):
        return planted
    ground = folder / "planted"
    ground.mkdir(exist_ok=True)
    (ground / "sitecustomize.py").write_text(f"{planted}\nprint({PLANTED!r}, flush=True)\n")
    return ground


def _configuration() -> dict[str, Any]:
    acts = ["promote", "header-only", "resume", "abort", "pause", "retry", "full"]
    return {
        "kubernetes": {"cluster": "faults"},
        "channels": [{"channel": CHANNEL}],
        "access": [{"allow": acts, "groups": [ON_CALL]}],
        "drift": {"every": "5s", "grace": "3s", "remind": "1h"},
        "health": {"listen": "127.0.0.1:0"},
    }
