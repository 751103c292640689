"""F16: the bot's memory is lost, old, broken, full or takes nothing; while it is down, or runs."""

import asyncio
import resource
import shutil
import sqlite3
import time
from collections.abc import Awaitable, Callable
from contextlib import closing

import pytest

from tests.faults import tally as numbers
from tests.faults import trials
from tests.faults.house import PLANTED
from tests.faults.memory import (
    forget,
    past_the_bot,
    promote,
    promote_and_tell,
    refuses,
    start,
    start_and_say_nothing,
)
from tests.faults.theatre import Theatre, theatre

pytestmark = [pytest.mark.faults, pytest.mark.timeout(3_600)]

Fault = Callable[[Theatre], Awaitable[None]]


def remove(here: Theatre) -> None:
    for file in here.ledger_file.parent.glob("rollout-bot.sqlite3*"):
        if "corrupt" not in file.name:
            file.unlink()


# --- while it is down -----------------------------------------------------------------------------


async def deleted(here: Theatre) -> None:
    await here.bot.kill()
    remove(here)
    forget(here)
    past_the_bot(here)
    await start(here)


async def deleted_and_nothing_happened(here: Theatre) -> None:
    await here.bot.kill()
    remove(here)
    forget(here)
    await start_and_say_nothing(here)


async def restored(here: Theatre) -> None:
    """From a copy that was made before the last promotions."""
    copy = here.folder / "copy.sqlite3"
    with closing(sqlite3.connect(here.ledger_file)) as now, closing(sqlite3.connect(copy)) as then:
        now.backup(then)
    await here.bot.kill()
    await start(here)  # else as long as an edition of the memory lasts
    await promote_and_tell(here)
    await here.bot.kill()
    remove(here)
    shutil.move(copy, here.ledger_file)
    forget(here)
    await start_and_say_nothing(here)


async def corrupt(here: Theatre) -> None:
    """Pages in the middle are overwritten."""
    await here.bot.stop()
    content = bytearray(here.ledger_file.read_bytes())
    content[4096 * 2 : 4096 * 6] = b"\xff" * 4096 * 4
    here.ledger_file.write_bytes(content)
    forget(here)
    past_the_bot(here)
    await start(here)
    assert list(here.ledger_file.parent.glob("*.corrupt-*"))


async def headless(here: Theatre) -> None:
    """Its first page is zeros: it is no database any more."""
    await here.bot.stop()
    content = bytearray(here.ledger_file.read_bytes())
    content[:4096] = bytes(range(256)) * 16
    here.ledger_file.write_bytes(content)
    forget(here)
    await start_and_say_nothing(here)


# --- while it runs --------------------------------------------------------------------------------


async def gone_under_it(here: Theatre) -> None:
    """Somebody deletes the file of a bot that runs: what it writes then must be on a disk."""
    remove(here)
    forget(here)
    await here.until(here.ledger_file.exists, "a new one is begun")
    await promote(here)


def fill(here: Theatre) -> None:
    """No byte more can be written by the bot: as on a disk that is full."""
    _, most = resource.prlimit(here.bot.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(here.bot.pid, resource.RLIMIT_FSIZE, (0, most))


def make_room(here: Theatre) -> None:
    _, most = resource.prlimit(here.bot.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(here.bot.pid, resource.RLIMIT_FSIZE, (most, most))


async def full(here: Theatre) -> None:
    """Cards go on telling the truth, nothing is done, and it recovers by itself."""
    fill(here)
    await refuses(here)
    past_the_bot(here)
    assert await trials.come_to_rest(here) < trials.TRUTH
    make_room(here)
    await asyncio.sleep(5)
    await promote(here)


async def read_only_at_the_start(here: Theatre) -> None:
    """Neither its file nor its folder may be written to; it waits, says so, and starts then."""
    await here.bot.stop()
    folder, file = here.ledger_file.parent, here.ledger_file
    folder.chmod(0o500)
    file.chmod(0o400)
    said = len(here.bot.said)
    await here.bot.start()
    await here.until(lambda: "I wait for it" in here.bot.said[said:], "it says that it waits")
    past_the_bot(here)
    assert here.bot.runs
    file.chmod(0o600)
    folder.chmod(0o700)
    await here.ready()


async def full_at_the_start(here: Theatre) -> None:
    """It does not end for it: it is there as soon as there is room."""
    await here.bot.kill()
    said = len(here.bot.said)
    await here.bot.start()
    await here.until(lambda: PLANTED in here.bot.said[said:], "it says that it begins")
    fill(here)  # from here on it cannot even say anything
    past_the_bot(here)
    await asyncio.sleep(4)
    assert here.bot.runs
    make_room(here)
    await here.ready()


async def full_and_killed(here: Theatre) -> None:
    """What was said while nothing could be written down is not said again."""
    fill(here)
    past_the_bot(here)
    assert await trials.come_to_rest(here) < trials.TRUTH
    await here.bot.kill()
    await start(here)


FAULTS: dict[str, Fault] = {
    "deleted": deleted,
    "deleted, nothing happened": deleted_and_nothing_happened,
    "restored": restored,
    "corrupt": corrupt,
    "headless": headless,
    "deleted while it runs": gone_under_it,
    "read-only at the start": read_only_at_the_start,
    "full": full,
    "full at the start": full_at_the_start,
    "full and killed": full_and_killed,
}


#: root may write to what is read-only; whoever has given up this right may not
_LIKE_OTHERS = """
import ctypes
libc, version, nobody = ctypes.CDLL(None), 0x20080522, 0
header = (ctypes.c_uint32 * 2)(version, nobody)
rights = (ctypes.c_uint32 * 6)()
if libc.capget(header, rights) == 0:
    for kind in (0, 1, 2):  # effective, permitted, inheritable
        rights[kind] &= ~0b10  # CAP_DAC_OVERRIDE
    libc.capset(header, rights)
"""


@pytest.mark.parametrize("fault", FAULTS)
async def test_f16_the_memory_is_lost(fault, tmp_path, tally):
    """No card twice, nothing old told again, the truth within a minute, the gap on record."""
    times = numbers.times(2, 10)
    recovery: list[float] = []
    async with theatre(tmp_path, planted=_LIKE_OTHERS) as here:
        await trials.begin(here, 2)

        async def work() -> None:
            for _ in range(times):
                await trials.come_to_rest(here)
                await promote(here)
                began = time.monotonic()
                await FAULTS[fault](here)
                await trials.come_to_rest(here)
                recovery.append(time.monotonic() - began)
                past_the_bot(here)

        found, _ = await trials.judged(here, work)
        what = "the memory is lost, old, broken or full"
        tally.count("F16", what, tried=times, violations=found, recovery=recovery)
        said = here.bot.said
    assert not found, "\n".join(map(str, found)) + said[-3000:]
