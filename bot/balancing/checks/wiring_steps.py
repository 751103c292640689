"""WIRE-20: how many canary pods the steps keep while the header is tested."""

from collections.abc import Iterator
from typing import Any

from bot.balancing.argo import alb_prefix
from bot.balancing.catalogue import wiring
from bot.balancing.checks.patches import patch_canary
from bot.balancing.checks.scene import Bond, BondCheck, Result, Unchecked
from bot.balancing.foresight import header_routes
from bot.balancing.objects import PREFIX
from bot.release.rollout import Rollout, Step
from bot.release.steps import canary_pods_at, fixed_scale_at

_ENOUGH = 2  # canary pods: one may be away for a moment


def single_pod(bond: Bond) -> Iterator[Result]:
    """WIRE-20: the header route of a step lives only as long as the one canary pod."""
    rollout = bond.rollout
    if rollout.alb is None or alb_prefix(rollout) != PREFIX:
        return
    made = list(header_routes(rollout))
    for place, step in enumerate(rollout.steps):
        if not any(step.get("setHeaderRoute") is route for route in made):
            continue
        try:
            is_fixed = (fixed_scale_at(rollout.steps, place) or {}).get("replicas") is not None
            pods = canary_pods_at(rollout, place)
        except (AttributeError, TypeError, ValueError):
            return  # steps that Argo refuses
        if not is_fixed and rollout.written_replicas is None:
            yield Unchecked(
                id="WIRE-20",
                kind="Rollout",
                namespace=rollout.namespace,
                name=rollout.name,
                reason="spec.replicas is not written, and the canary pods are a part of it",
            )
        elif pods < _ENOUGH:
            yield _finding(rollout, place, pods)


def _finding(rollout: Rollout, place: int, pods: int) -> Result:
    name = rollout.steps[place]["setHeaderRoute"]["name"]
    how = f"hangs on {pods} pod" if pods else "has no canary pod to reach"
    return wiring.WIRE_20.at_rollout(
        rollout,
        message=f"The header test of {rollout.name} {how}: "
        f"without one Argo takes the header route {name} away for good.",
        evidence=f"step {place + 1} of {len(rollout.steps)} is setHeaderRoute {name}, "
        f"and the canary has {pods} of {rollout.replicas} pods there",
        patch=patch_canary(rollout, steps=_with_pods(rollout, place)),
        place=str(place),
    )


def _with_pods(rollout: Rollout, place: int) -> list[Step]:
    """Keep enough pods from this step to the next weight; from there they follow it again."""
    steps: list[Step] = [dict(step) for step in rollout.steps]
    scale: dict[str, Any] | None = fixed_scale_at(steps, place)
    if scale is not None and scale.get("replicas") is not None:
        at = max(i for i in range(place + 1) if steps[i].get("setCanaryScale"))
        steps[at] = {"setCanaryScale": {"replicas": _ENOUGH}}
        return steps
    behind = range(place + 1, len(steps))
    weight = next((i for i in behind if "setWeight" in steps[i]), None)
    scaled = next((i for i in behind if "setCanaryScale" in steps[i]), None)
    if weight is not None and (scaled is None or scaled > weight + 1):
        back = scale or {"matchTrafficWeight": True}
        steps.insert(weight + 1, {"setCanaryScale": back})
    steps.insert(place, {"setCanaryScale": {"replicas": _ENOUGH}})
    return steps


CHECKS: tuple[BondCheck, ...] = (single_pod,)
