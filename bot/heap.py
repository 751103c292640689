"""
The garbage collector of a process that keeps a whole cluster in memory.

Left alone it walks through all of it again and again: with 5,000 rollouts it stops everything
for half a second (`bench/inspection.py`). What is known after the first listing lives as long as
the process does. What comes later and refers to itself mostly dies young: it is looked for
often and in small portions, and among what has grown old only seldom.
"""

import gc

#: new objects until the young are looked through; times until the middle-aged are; until all are
_THRESHOLDS = (2_000, 5, 10_000)


def settle() -> None:
    """Take what there is now for lasting."""
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
