"""Looking for drift at shop/app, where the controller wrote 20 %."""

from datetime import UTC, datetime, timedelta

from bot.balancing.drift import find_drift
from bot.balancing.weights import read_traffic
from bot.release.traffic import Look
from tests.balancing.situations import (
    ROOT,
    WRITTEN,
    a_replica_set,
    a_rollout,
    an_ingress,
    wrote,
)

NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
GRACE = timedelta(seconds=30)
PODS = (a_replica_set("old"), a_replica_set("new", 1, 1))
BOOKED = {"rollouts.argoproj.io/managed-alb-annotations": f'{{"app":["{ROOT}"]}}'}
HALF = WRITTEN.replace("20", "50").replace("80", "50")


def at(weights=WRITTEN, *, name="app", booked=True, writer="", **annotations):
    """An Ingress that says these weights; None: it says none."""
    keys = ({} if weights is None else {ROOT: weights}) | (BOOKED if booked else {}) | annotations
    writers = (wrote(writer, ROOT),) if writer else ()
    return an_ingress(keys, name=name, writers=writers)


def drift(*ingresses, rollout=None, pods=PODS, grace=timedelta(0), now=NOW, memory=None, **kw):
    rollout = rollout or a_rollout()
    look = Look(rollout=rollout, traffic=read_traffic(rollout, ingresses, (), pods))
    return find_drift(look, ingresses, now=now, grace=grace, memory=memory, **kw)
