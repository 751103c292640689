"""
How many pods each revision shall have, and which weight the steps ask for. Pure.

Argo: utils/replicaset/canary.go, for a canary whose traffic is routed.
"""

import math

from bot.sandbox.cluster.argo import sets
from bot.sandbox.cluster.argo.look import MOST, Look
from bot.sandbox.cluster.objects import Manifest, at


def current_weight(look: Look) -> int:
    """The nearest setWeight at or before the current step; everything behind the last one."""
    if look.is_aborted:
        return 0
    if look.step is None or look.index is None:
        return look.most
    return weight_before(look, look.index + 1)


def weight_before(look: Look, index: int) -> int:
    """The nearest setWeight before a step; 0 if there is none."""
    for step in reversed(look.steps[:index]):
        if step.get("setWeight") is not None:
            return int(step["setWeight"])
    return 0


def canary_scale(look: Look) -> Manifest | None:
    """The setCanaryScale that is in force."""
    if look.is_aborted and look.abort_delay is not None:
        return None
    if look.step is None or look.index is None:
        return None
    for step in reversed(look.steps[: look.index + 1]):
        scale: Manifest | None = step.get("setCanaryScale")
        if scale is not None:
            return None if scale.get("matchTrafficWeight") else scale
    return None


def desired_counts(look: Look, weights: Manifest | None) -> tuple[int, int]:
    """
    The pods that canary and stable shall have.

    *weights* are those by which a stable version that shrinks is sized; None: the steps' alone.
    """
    replicas, weight = _replicas_or_weight(look)
    count = _at_least(look, pods_for(look, weight)) if replicas is None else replicas
    if not look.is_dynamic:
        return count, look.replicas
    stable = pods_for(look, look.most - weight)
    if weights:
        stable = max(stable, pods_for(look, weights["stable"]["weight"]))
        if look.is_aborted:
            count = max(count, pods_for(look, weights["canary"]["weight"]))
    return _at_least(look, count), _at_least(look, stable)


def pods_for(look: Look, weight: int) -> int:
    """The pods for a share of the traffic, rounded up."""
    return math.ceil(weight * look.replicas / look.most)


def are_as_desired(look: Look, weights: Manifest | None) -> bool:
    """Whether both revisions have the pods that the current step wants."""
    canary, stable = desired_counts(look, weights)
    if not is_far_enough(look, look.new, canary):
        return False
    if look.is_dynamic:
        return True
    one = look.stable
    return one is not None and stable == sets.desired(one) == sets.created(one)


def is_far_enough(look: Look, one: Manifest | None, wanted: int) -> bool:
    """Whether so many pods are available, or as many as replicaProgressThreshold accepts."""
    threshold = look.canary.get("replicaProgressThreshold")
    if not threshold or one is None:
        return one is not None and wanted == sets.desired(one) == sets.available(one)
    if threshold.get("type") == "Percent":
        return not wanted or sets.available(one) * MOST >= wanted * threshold["value"]
    return sets.available(one) >= int(threshold["value"])


def canary_weight(look: Look) -> int:
    """The weight by which the canary is sized; on an abort of a dynamic one, step by step down."""
    if not (look.is_aborted and look.is_dynamic and look.new and look.stable):
        return current_weight(look)
    expected = look.replicas - sets.available(look.stable)
    pods = max(expected, sets.available(look.new))
    for step in reversed(look.steps):
        weight = step.get("setWeight")
        if weight is not None and pods_for(look, weight) < pods:
            return int(weight)
    return 0


def _replicas_or_weight(look: Look) -> tuple[int | None, int]:
    if look.promotes_fully or not look.stable_hash or look.is_promoted:
        return None, look.most
    scale = canary_scale(look) or {}
    if at(scale, "replicas") is not None:
        return int(scale["replicas"]), 0
    if at(scale, "weight") is not None:
        return None, int(scale["weight"])
    return None, canary_weight(look)


def _at_least(look: Look, count: int) -> int:
    """Not fewer than minPodsPerReplicaSet, if there are any."""
    floor = at(look.canary, "minPodsPerReplicaSet", default=0)
    return max(count, min(int(floor), look.replicas)) if count else 0
