"""
The Argo Rollouts controller of the local cluster: canaries behind an ALB or NGINX, as Argo does it.

Written from what version 1.10.1 does, read in its code and seen in its running; each module names
the part of Argo that it follows. The scenarios of `tests/scenarios` run on both, and what they
record must not differ.

    controller   who wakes it, the order of a turn
    look, turn   what it sees of one rollout; what it decides and writes with
    revisions    ReplicaSets for new templates        scaling    how many pods they get
    services     which pods the Services select       counts     … computed
    routing      weight and header routes             weights    … decided
    ingress      … as text, for an ALB                nginx      … as a canary Ingress
    steps        pauses, and steps as text            analysis   AnalysisRuns of the steps
    conditions   conditions, phase                    status     the end of a turn
    validation   what is refused                      metrics    what AnalysisRuns measure
    leftovers    what a deleted Rollout leaves        plugin     what kubectl's plugin writes

What it does not do it refuses as an invalid spec that says so: blueGreen, other traffic routers,
both of these at once, experiments, plugins, mirror routes, workloadRef, restartAt.
"""

from bot.sandbox.cluster.argo.controller import RolloutsController
from bot.sandbox.cluster.argo.metrics import AnalysisController

__all__ = ["AnalysisController", "RolloutsController"]
