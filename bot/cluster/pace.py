"""How long to wait for what, and the clocks, in one place so that tests need not wait."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

_MOST_DOUBLINGS = 16  # 2**16 s is past any cap; higher powers only cost


@dataclass(frozen=True, kw_only=True)
class Pace:
    """
    The patience of a watch, in seconds.

    Attributes:
        round: a watch is ended by the server after a time between these two, so that not all
            watches of all replicas come back at once.
        silence: no byte for so long means that the line may be dead. The server sends a bookmark
            every minute (within 62 s), so this must be more, and less than the 90 s in which a dead
            line must be found.
        opening: until the first answer of a watch; the server itself gives up after 3 s when its
            cache is behind.
        relist: a full list is read so often although the watch is well: what a watch lost or an
            etcd restored from a backup hides would otherwise never be seen.
        gap: at least so long between two lists of one kind, and between two watches of it: also a
            server that ends each of them after one event must not make a hot loop.
        cap: no backoff is longer, unless the server asks for it.
        young: a watch that ends sooner, without a word, has failed.

    """

    round: tuple[float, float] = (240.0, 300.0)
    silence: float = 75.0
    opening: float = 15.0
    relist: float = 900.0
    gap: float = 1.0
    cap: float = 30.0
    young: float = 5.0
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    uniform: Callable[[float, float], float] = random.uniform

    def backoff(self, failures: int, at_least: float = 0.0) -> float:
        """
        Tell how long to wait after that many failures in a row, in seconds.

        Full jitter: replicas that lost the same server must not come back together.
        """
        most = min(self.cap, 2.0 ** min(failures - 1, _MOST_DOUBLINGS))
        return max(at_least, self.uniform(0.0, most))
