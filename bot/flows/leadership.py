"""
Who leads, as the flows see it: one replica at a time posts, the others answer.

To lead is no state but a span of time. It ends by itself, so that a process that was stopped, or
that reaches nobody, does not lead when it wakes up.
"""

import asyncio
import time
from dataclasses import dataclass
from typing import Protocol, Self


def boot_time() -> float:
    """Tell seconds since the machine started; they go on while it sleeps, if it can tell."""
    clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return time.clock_gettime(clock)


@dataclass(frozen=True, kw_only=True)
class Term:
    """
    How long a holder may be silent, in seconds. With these numbers no two ever post at once.

    Let a renewal begin at *b* on the holder's clock, and succeed. The server wrote it after *b*;
    whoever watches saw it change later still, and counts the whole lease from then on its own
    clock: nobody else holds it before *b + lease*. The holder begins a call only before
    *b + deadline*, and gives it up after *call* seconds at most: its last call has ended at
    *b + deadline + call*, which is less. What is left between the two is for clocks of which one
    runs faster; what time of day they show does not matter.

    Attributes:
        lease: one that was not renewed for so long is free.
        deadline: so long after the beginning of a renewal its holder may begin something.
        call: so long something that was begun may take.
        retry: between two tries.

    """

    lease: float = 15.0
    deadline: float = 9.0
    call: float = 5.0
    retry: float = 1.5

    def __post_init__(self) -> None:
        if not 0 < self.retry < self.deadline:
            raise ValueError("retry < deadline must hold")
        if not self.deadline + self.call < self.lease:
            raise ValueError("deadline + call < lease must hold")

    @classmethod
    def of(cls, lease: float) -> Self:
        """Give the term of a lease that is longer or shorter, in the same proportions."""
        part = lease / 15
        return cls(lease=lease, deadline=9 * part, call=5 * part, retry=1.5 * part)


class Leadership(Protocol):
    """Whether this process leads."""

    @property
    def leads(self) -> bool:
        """Whether it may act as the leader at this moment."""
        ...

    @property
    def room(self) -> float:
        """For how many seconds a call that begins now may go on; 0: it must not begin."""
        ...

    async def rise(self) -> None:
        """Wait until it leads."""
        ...

    async def fall(self) -> None:
        """Wait until it does not lead any more."""
        ...

    async def resign(self) -> None:
        """Let another lead at once. Nothing of what a leader does may be under way any more."""
        ...


class Alone(Leadership):
    """There is one replica only: it leads for ever."""

    leads = True
    room = float("inf")

    async def rise(self) -> None:
        """It leads."""

    async def fall(self) -> None:
        """Never."""
        await asyncio.Event().wait()

    async def resign(self) -> None:
        """There is nobody else."""
