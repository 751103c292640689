"""
The same requests to the local server and to the real one.

Every run asks the same, unless told otherwise: WIRE_SEED=random goes where nobody has been yet,
WIRE_SEED=… repeats what it found there; WIRE_REQUESTS=… (to the local one alone) and
WIRE_SEQUENCES=… (to both) make it shorter or longer.
"""

import asyncio
import os
import random
from collections import Counter
from collections.abc import Sequence

import pytest

from tests.wire.differences import Difference, differences
from tests.wire.invariants import broken
from tests.wire.runner import Runner
from tests.wire.sequences import sequence
from tests.wire.steps import Step

_GIVEN = os.environ.get("WIRE_SEED") or 20_260
_SEED = random.randrange(10**6) if _GIVEN == "random" else int(_GIVEN)
_COMPARED = int(os.environ.get("WIRE_SEQUENCES") or 2_000)
_LOCAL_REQUESTS = int(os.environ.get("WIRE_REQUESTS") or 100_000)
_AT_ONCE = 6
_SHOWN = 5

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(3_600)]


async def test_100_000_requests_to_the_local_server(local: Runner):
    """None of them makes it stumble; the first of them are those that both servers are asked."""
    asked: Counter[str] = Counter()
    faults: list[str] = []
    seed = _SEED
    while asked.total() < _LOCAL_REQUESTS:
        steps = sequence(seed)
        outcomes = await local.run(steps, f"wire-{seed}")
        faults += [f"seed {seed}: {fault}" for fault in broken(steps, outcomes)]
        asked.update(_named(steps))
        seed += 1

    _tell(asked, seed - _SEED)
    assert faults == []


async def test_both_servers_answer_alike(local: Runner, real: Runner):
    """The same status codes and the same objects, versions and owners of fields included."""
    seeds = iter(range(_SEED, _SEED + _COMPARED))
    asked: Counter[str] = Counter()
    found: list[Difference] = []

    async def compare() -> None:
        for seed in seeds:
            steps = sequence(seed)
            answers = [await one.run(steps, f"both-{seed}") for one in (real, local)]
            found.extend(differences(seed, steps, *answers))
            asked.update(_named(steps))

    await asyncio.gather(*(compare() for _ in range(_AT_ONCE)))

    _tell(asked, _COMPARED)
    assert not found, "\n".join([f"{len(found)} differ", *map(str, found[:_SHOWN])])


def _tell(asked: Counter[str], sequences: int) -> None:
    """List what was asked; `pytest -s` shows it."""
    print(f"\n{asked.total():,} requests in {sequences:,} sequences, WIRE_SEED={_SEED}")
    print("\n".join(f"{count:7,} {name}" for name, count in sorted(asked.items())))


def _named(steps: Sequence[Step]) -> list[str]:
    """What is asked, in words to count."""
    return [
        f"{step.kind:14} {'watch' if step.until else step.method.lower():7}"
        f" {step.content.removeprefix('application/') if step.method == 'PATCH' else ''}"
        for step in steps
    ]
