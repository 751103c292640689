"""F16 on PostgreSQL: the server is restarted or only reads; the database is lost or old."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest

from tests.faults import tally as numbers
from tests.faults import trials
from tests.faults.memory import (
    forget,
    past_the_bot,
    promote,
    promote_and_tell,
    refuses,
    start_and_lead,
    start_and_say_nothing,
)
from tests.faults.theatre import Theatre, theatre
from tests.postgres import Server, own

__all__ = ["own"]

pytestmark = [pytest.mark.faults, pytest.mark.timeout(3_600)]

NAME = "rollouts"

Fault = Callable[[Theatre, Server], Awaitable[None]]


async def restarted(here: Theatre, server: Server) -> None:
    """Meanwhile cards tell the truth, and nothing is done."""
    await asyncio.to_thread(server.stop)
    await refuses(here)
    past_the_bot(here)
    assert await trials.come_to_rest(here) < trials.TRUTH
    await asyncio.to_thread(server.start)
    await asyncio.sleep(3)
    await promote(here)


async def away_at_the_start(here: Theatre, server: Server) -> None:
    await here.bot.kill()
    await asyncio.to_thread(server.stop)
    said = len(here.bot.said)
    await here.bot.start()
    await here.until(lambda: "I wait for it" in here.bot.said[said:], "it says that it waits")
    past_the_bot(here)
    await asyncio.to_thread(server.start)
    await here.ready()


async def only_reads(here: Theatre, server: Server) -> None:
    """As after a failover to a standby."""
    throw_out = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{NAME}'"
    await asyncio.to_thread(
        server.execute, f"ALTER DATABASE {NAME} SET default_transaction_read_only = on", throw_out
    )
    await refuses(here)
    past_the_bot(here)
    assert await trials.come_to_rest(here) < trials.TRUTH
    await asyncio.to_thread(
        server.execute, f"ALTER DATABASE {NAME} RESET default_transaction_read_only", throw_out
    )
    await asyncio.sleep(5)
    await promote(here)


async def lost(here: Theatre, server: Server) -> None:
    await here.bot.kill()
    await asyncio.to_thread(
        server.execute, f"DROP DATABASE {NAME} WITH (FORCE)", f"CREATE DATABASE {NAME}"
    )
    forget(here)
    past_the_bot(here)
    await start_and_lead(here)


async def restored(here: Theatre, server: Server) -> None:
    """From a copy that was made before the last promotions."""
    await here.bot.kill()
    await asyncio.to_thread(server.execute, f"CREATE DATABASE copy TEMPLATE {NAME}")
    await start_and_lead(here)
    await promote_and_tell(here)
    await here.bot.kill()
    await asyncio.to_thread(
        server.execute,
        f"DROP DATABASE {NAME} WITH (FORCE)",
        f"ALTER DATABASE copy RENAME TO {NAME}",
    )
    forget(here)
    await start_and_say_nothing(here, start_and_lead)


FAULTS: dict[str, Fault] = {
    "restarted": restarted,
    "away at the start": away_at_the_start,
    "only reads": only_reads,
    "lost": lost,
    "restored": restored,
}


@pytest.mark.postgres
@pytest.mark.parametrize("fault", FAULTS)
async def test_f16_the_memory_in_postgresql_is_lost(fault, tmp_path, tally, own):
    """No card twice, nothing old told again, the truth within a minute, the gap on record."""
    times = numbers.times(2, 10)
    recovery: list[float] = []
    own.execute(f"CREATE DATABASE {NAME}")
    url = own.url(NAME)
    kubernetes = {"cluster": "faults", "lease": {"duration": "6s"}}
    async with theatre(
        tmp_path,
        configuration={"kubernetes": kubernetes},
        environ={"ROLLOUT_BOT_DATABASE_URL": url},
    ) as here:
        await trials.begin(here, 2)

        async def work() -> None:
            for _ in range(times):
                await trials.come_to_rest(here)
                await promote(here)
                began = time.monotonic()
                await FAULTS[fault](here, own)
                await trials.come_to_rest(here)
                recovery.append(time.monotonic() - began)
                past_the_bot(here)

        found, _ = await trials.judged(here, work)
        what = "the memory is lost, old, broken or full"
        tally.count("F16", what, tried=times, violations=found, recovery=recovery)
        said = here.bot.said
    assert not found, "\n".join(map(str, found)) + said[-3000:]
