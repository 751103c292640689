"""With how many examples a property is tried: few while somebody waits, all in `make fuzz`."""

import os

from hypothesis import settings

_SHARE = 1 if "FUZZ_CASES" in os.environ else 4


def tries(number: int) -> settings:
    """Try so many, or a quarter of them; without a limit of time for one."""
    return settings(max_examples=number // _SHARE, deadline=None)
