"""F14: two replicas, and whatever happens to the one that leads."""

import asyncio

import pytest

from tests.faults import tally as numbers
from tests.faults import trials
from tests.faults.checker import check
from tests.faults.planted import LEADS_FOR_EVER
from tests.faults.several import NAMES, Pair, pair
from tests.postgres import postgres

__all__ = ["postgres"]

pytestmark = [pytest.mark.faults, pytest.mark.timeout(3_600)]

FAULTS = (Pair.hangs, Pair.stops, Pair.is_killed, Pair.is_ended, Pair.conflicts, Pair.jumps)


async def test_f14_one_posts_whatever_happens_to_the_leader(tmp_path, tally, postgres):
    """Releases go on, people press, and the leader hangs, stops, dies, ends and is refused."""
    rng, rounds = numbers.rng_for("F14"), numbers.times(1, 10)
    async with pair(tmp_path, postgres.new_database()) as both:
        here = both.here
        await trials.begin(here, 4)

        async def work() -> None:
            faults = [*FAULTS] * rounds
            rng.shuffle(faults)
            crowd = trials.crowd(here, rng, 10_000, pause=0.6)
            for number, fault in enumerate(faults):
                await here.until(lambda: both.leader in NAMES, "somebody leads")
                here.release(rng.choice(here.parts), str(number + 3))
                await asyncio.sleep(rng.uniform(0.5, 2.0))
                await fault(both, both.leader)
            crowd.cancel()
            await asyncio.sleep(4)  # what is pressed is acknowledged by then, or never

        soon = numbers.times(0.0, trials.BACKLOG)
        found, seconds = await trials.judged(here, work, backlog=soon)
        taken = [one for all_of_kind in both.takeovers.values() for one in all_of_kind]
        what = "two replicas: hang, stop, kill, term, 409, clock"
        tally.count("F14", what, tried=len(taken), violations=found, recovery=[*taken, seconds])
    assert not found, "\n".join(map(str, found))
    assert len(taken) == rounds * len(FAULTS), both.takeovers


async def test_a_build_that_leads_without_asking_its_lease_is_found_out(tmp_path, postgres):
    """The checker sees the fault of the client library's electors, in histories alone."""
    async with pair(tmp_path, postgres.new_database(), planted=LEADS_FOR_EVER) as both:
        here = both.here
        await trials.begin(here, 2)
        await here.until(lambda: both.leader in NAMES, "somebody leads")
        first = both.leader
        both.refuse(first, "", 503)
        await both.led_by(both.other(first))
        for number, part in enumerate(here.parts):
            here.release(part, str(number + 3))
        await trials.come_to_rest(here, 10)
        here.close_books()
        assert "I5" in {violation.invariant for violation in check(here.history)}
