"""Two replicas of the bot on one PostgreSQL: which of them leads, and what is done to it."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.faults import planted as planting
from tests.faults.doors import Failing
from tests.faults.process import Replica
from tests.faults.theatre import Theatre, theatre

NAMES = ("one", "two")
LEASE = 6.0  #: seconds; nearly the shortest that the configuration takes


@dataclass
class Pair:
    """
    Two replicas in a theatre.

    Attributes:
        takeovers: seconds from each fault until the other replica held the lease.

    """

    here: Theatre
    takeovers: dict[str, list[float]] = field(default_factory=dict)

    @property
    def leader(self) -> str:
        """The replica that stands in the Lease; "": none."""
        holdings = self.here.history.holdings
        return holdings[-1].holder.partition("_")[0] if holdings else ""

    def other(self, name: str) -> str:
        """The one that is not this one."""
        return next(one for one in NAMES if one != name)

    async def led_by(self, name: str, seconds: float = 30.0) -> float:
        """Wait until a replica holds the lease; the seconds that it took."""
        return await self.here.until(lambda: self.leader == name, f"{name} leads", seconds)

    async def taken_over(self, fault: str, name: str, within: float) -> None:
        """Wait until this replica holds the lease, and note how long it took."""
        self.takeovers.setdefault(fault, []).append(await self.led_by(name, within))

    # --- what happens to the leader -------------------------------------------------------------

    async def hangs(self, name: str) -> None:
        """Its API server says nothing for longer than the lease; people's clicks still arrive."""
        door = self.here.cluster_doors[name]
        door.fall_silent()
        await self.taken_over("hang", self.other(name), LEASE + 5)
        await asyncio.sleep(2)
        door.speak_again()

    async def stops(self, name: str) -> None:
        """It stands still for longer than the lease, and wakes up."""
        pid = self.here.replicas[name].pid
        os.kill(pid, signal.SIGSTOP)
        await self.taken_over("stop", self.other(name), LEASE + 5)
        await asyncio.sleep(2)
        os.kill(pid, signal.SIGCONT)

    async def is_killed(self, name: str) -> None:
        """It is gone at once, and comes back later."""
        await self.here.replicas[name].kill()
        await self.taken_over("kill", self.other(name), LEASE + 5)
        await self.starts(name)

    async def is_ended(self, name: str) -> None:
        """
        It is asked to end, as in a deploy: the other leads within three seconds.

        Where the machine has much else to do it may be more; less than the lease in any case.
        """
        ending = asyncio.create_task(self.here.replicas[name].stop())
        await self.taken_over("term", self.other(name), LEASE - 1.5)
        code, seconds = await ending
        assert (code, seconds < 10) == (0, True), f"{name} ended with {code} after {seconds:.1f} s"
        await self.starts(name)

    async def conflicts(self, name: str) -> None:
        """All that it writes into the Lease is refused with 409."""
        storm = self.refuse(name, "PUT", 409)
        await self.taken_over("conflict", self.other(name), LEASE + 5)
        await asyncio.sleep(1)
        self.here.cluster_doors[name].failing.remove(storm)

    def refuse(self, name: str, verb: str, status: int) -> Failing:
        """Let everything that a replica asks of the Lease be refused from now on."""

        def hits(what: str, _: Any) -> bool:
            return what.startswith(verb) and "leases" in what

        storm = Failing(where=hits, status=status, times=float("inf"))
        self.here.cluster_doors[name].fail(storm)
        return storm

    async def jumps(self, name: str) -> None:
        """Its time of day is an hour later, and then an hour earlier: nothing follows from that."""
        for hours in (1, -1):
            self.clock_of(name).write_text(str(3600 * hours))
            await asyncio.sleep(LEASE)
        self.clock_of(name).write_text("0")
        self.takeovers.setdefault("clock", []).append(0.0)

    def clock_of(self, name: str) -> Path:
        """The file with the seconds by which its time of day is off."""
        return self.here.folder / f"{name}.offset"

    async def starts(self, name: str) -> None:
        """Start it again."""
        replica = self.here.replicas[name]
        await replica.start()
        await self.here.ready(replica)


def prepare(replica: Replica, folder: Path, planted: str) -> None:
    """Let a replica be called by its name, as a pod is, and give it a clock that can be wrong."""
    clock = planting.WALL_CLOCK.format(file=str(folder / f"{replica.name}.offset"))
    first = planting.plant(folder / f"{replica.name}-planted", clock + planted)
    before = replica._environ["PYTHONPATH"]
    replica._environ |= {"HOSTNAME": replica.name, "PYTHONPATH": f"{first}{os.pathsep}{before}"}


@asynccontextmanager
async def pair(folder: Path, database: str, planted: str = "") -> AsyncIterator[Pair]:
    """Set up a theatre with two replicas on one database; *planted* breaks them."""
    kubernetes = {"cluster": "faults", "lease": {"duration": f"{LEASE:.0f}s"}}
    async with theatre(
        folder,
        names=NAMES,
        configuration={"kubernetes": kubernetes},
        environ={"ROLLOUT_BOT_DATABASE_URL": database},
    ) as here:
        for replica in here.replicas.values():
            prepare(replica, folder, planted)
        yield Pair(here)
