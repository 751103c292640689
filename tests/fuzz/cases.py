"""The numbers of the cases, each with its own generator."""

import os
import random
from collections.abc import Iterator

SEED = int(os.environ.get("FUZZ_SEED", "1"))
CASES = int(os.environ.get("FUZZ_CASES", "400"))
ONE = os.environ.get("FUZZ_ONE", "")


def cases(share: float = 1.0) -> Iterator[tuple[int, random.Random]]:
    """Give each case its number and its generator."""
    numbers = [int(ONE)] if ONE else range(int(CASES * share))
    for number in numbers:
        yield number, random.Random(SEED * 10_000_019 + number)


def replay(number: int) -> str:
    """Say how a case is done again."""
    return f"FUZZ_SEED={SEED} FUZZ_ONE={number}"
