"""What the local server answers to requests of chance, by itself."""

import pytest

from tests.wire.invariants import broken
from tests.wire.sequences import sequence

_BLOCK = 24  #: sequences, about 750 requests


@pytest.mark.parametrize("first", [1, 101, 201, 301])
async def test_refusals_say_why_and_watches_tell_everything(local, first):
    """3,000 requests: nothing stumbles, versions only grow, a watch makes the next list."""
    faults = []
    for seed in range(first, first + _BLOCK):
        steps = sequence(seed)
        outcomes = await local.run(steps, f"wire-{seed}")
        faults += [f"seed {seed}: {fault}" for fault in broken(steps, outcomes)]

    assert faults == []


def test_a_seed_always_makes_the_same_sequence():
    assert [str(step) for step in sequence(7)] == [str(step) for step in sequence(7)]
