"""All kinds that are asked about, and how often."""

from tests.wire.argo_words import ANALYSIS_RUNS, ROLLOUTS
from tests.wire.built_in_words import (
    CONFIG_MAPS,
    EVENTS,
    INGRESSES,
    LEASES,
    PODS,
    REPLICA_SETS,
    SERVICES,
)

ALL = (
    ROLLOUTS,
    ANALYSIS_RUNS,
    INGRESSES,
    SERVICES,
    REPLICA_SETS,
    EVENTS,
    LEASES,
    CONFIG_MAPS,
    PODS,
)
#: rollouts are what this is about
WEIGHTS = (8, 2, 3, 3, 2, 2, 2, 2, 1)
