"""When rollouts are looked at: few at once, many in order and each step once."""

import asyncio
from datetime import UTC, datetime

from bot.flows.looks import Looks
from bot.flows.ports import Observed
from tests.builders import a_rollout


def observed(name: str, version: str = "1") -> Observed:
    rollout = a_rollout(uid=name, name=name, resource_version=version)
    return Observed(rollout=rollout, ingresses=(), services=(), replica_sets=())


class Seen:
    """What was looked at, in order; a look takes as many turns of the loop as it is told."""

    def __init__(self, turns: int = 1) -> None:
        self.turns = turns
        self.looked: list[str] = []
        self.looks = Looks(self._look, lambda: datetime.now(UTC), lambda: True)

    async def _look(self, follower, one: Observed) -> None:
        self.looked.append(f"{one.rollout.name} {one.rollout.resource_version}")
        for _ in range(self.turns):
            await asyncio.sleep(0)


async def test_one_alone_is_looked_at_at_once():
    seen = Seen()
    await seen.looks.offer(observed("app"))
    await asyncio.sleep(0)
    assert seen.looked == ["app 1"]
    await seen.looks.stop()


async def test_the_writes_of_one_step_cost_one_look_where_many_move():
    """Thirty move at the same time, with four writes each: one look at each, at its last state."""
    seen = Seen()
    names = [f"app-{number}" for number in range(30)]
    for version in "1234":
        for name in names:
            await seen.looks.offer(observed(name, version))
    await seen.looks.settled()

    late = [one for one in seen.looked if one.endswith(" 4")]
    assert sorted(late) == sorted(f"{name} 4" for name in names)
    assert len(seen.looked) < 2 * len(names)
    await seen.looks.stop()


async def test_somebody_else_has_a_turn_between_any_two_of_many():
    """A thousand that change at once do not hold the loop until all were looked at."""
    seen, turns = Seen(), 0

    async def somebody() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    other = asyncio.create_task(somebody())
    for number in range(1_000):
        await seen.looks.offer(observed(f"app-{number}"))
    other.cancel()
    assert turns > 900
    await seen.looks.stop()


async def test_who_does_not_lead_looks_at_nothing():
    seen = Seen()
    seen.looks.leads = lambda: False
    await seen.looks.offer(observed("app"))
    await seen.looks.settled()
    assert seen.looked == []
