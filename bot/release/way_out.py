"""
The way out of header-only, and what is left to do behind it.

Resume returns to the weight that the public had before, by the index of its
setWeight step. An inserted gate is taken out only when its revision is stable:
any edit of the steps before that would start the release again.
"""

from collections.abc import Iterator, Sequence

from bot.release.actions import Patch, Plan, ReturnPoint
from bot.release.checks import ensure_seen
from bot.release.errors import NotNow
from bot.release.guards import (
    CONTROLLER_PAUSE,
    INDEX,
    MANAGED_ROUTES,
    PAUSES,
    STEPS,
    Operation,
    put,
    remove,
    same_pause,
    same_place,
    test,
)
from bot.release.rollout import Rollout, Step
from bot.release.steps import (
    canary_pods_at,
    describe,
    index_behind_gate,
    insert_gate,
    set_weight_index,
    weight_at,
)
from bot.release.traffic import Look

_FOLLOW = {"setCanaryScale": {"matchTrafficWeight": True}}  #: stands behind the first weight


def leave(look: Look, back: ReturnPoint) -> Plan:
    """Plan the way out: the weight that the public had before. Raises NotNow."""
    rollout = look.rollout
    ensure_seen(rollout)
    operations = (
        *same_place(rollout),
        *same_pause(rollout),
        *((remove(PAUSES),) if rollout.pauses else ()),
        put(CONTROLLER_PAUSE, value=False),
        put(INDEX, back.step),
    )
    first = f"First {back.first} %, while canary pods come up, then " if back.first else ""
    effect = f"{first}{back.weight} % of the public go to the canary again."
    return Plan(
        patches=(Patch(status=True, operations=operations),),
        effect=" ".join((effect, *goes_on(rollout.steps, back, rollout.most))),
    )


def goes_on(steps: Sequence[Step], back: ReturnPoint, most: int = 100) -> Iterator[str]:
    """Warn where the rollout does not stay at the weight to which Resume returns."""
    ahead = weight_at(steps, back.step, most)
    if ahead > back.weight:
        yield f"It then goes on to {ahead} % by itself, as soon as the pods for it are available."
    if back.step >= len(steps):
        return
    following = (s for s in steps[back.step + 1 :] if s != _FOLLOW)
    after = next(following, None)
    if "setWeight" in steps[back.step] and not (after and "pause" in after):
        yield f"It then goes on by itself with “{describe(after, most) if after else '100 %'}”."


def way_back(
    look: Look, pods: int, *, gate: int, enter: int, inserted: tuple[Step, ...] = ()
) -> ReturnPoint:
    """
    Take down the way back, before going in.

    Args:
        look: what the public has now, and where.
        pods: canary pods that header-only will keep.
        gate: index of the pause at which header-only will stand.
        enter: index to which the way in leads.
        inserted: the steps with the gate that is put in; empty: an authored gate.

    """
    rollout, traffic = look.rollout, look.traffic
    index = set_weight_index(rollout.steps, rollout.step)
    step = rollout.step if index is None else index
    weight = traffic.asked if traffic.reported is None else traffic.reported
    before = weight_at(rollout.steps, step - 1, rollout.most) if step else 0
    is_short = pods < canary_pods_at(rollout, step) and before < weight
    moved = index_behind_gate(rollout.steps, step, with_route=gate > 1) if inserted else step
    return ReturnPoint(
        step=moved,
        weight=weight,
        first=before if is_short else None,
        gate=gate,
        enter=enter,
        inserted=inserted,
        original=rollout.steps if inserted else (),
        pods=pods,
    )


def tidy_up(rollout: Rollout, back: ReturnPoint) -> Plan:
    """Plan that the inserted gate is taken out, once the revision is stable. Raises NotNow."""
    if rollout.is_releasing or rollout.aborted or not rollout.stable:
        raise NotNow("An edit of the steps would start the release again.")
    if rollout.steps != back.inserted:
        raise NotNow("The steps are not those that I inserted.")
    if not _is_inserted(back):
        raise NotNow(
            "Those steps are not the old ones with a gate in front: I do not put back more."
        )
    operations: list[Operation] = [
        test("/metadata/uid", rollout.uid),
        test("/status/currentPodHash", rollout.revision),
        test("/status/stableRS", rollout.revision),
        test(STEPS, list(back.inserted)),
        put(STEPS, list(back.original)),
    ]
    names = [route.name for route in rollout.managed_routes]
    if back.route in names:
        index = names.index(back.route)
        path = MANAGED_ROUTES if len(names) == 1 else f"{MANAGED_ROUTES}/{index}"
        operations += [test(f"{MANAGED_ROUTES}/{index}/name", back.route), remove(path)]
    return Plan(
        patches=(Patch(status=False, operations=tuple(operations)),),
        effect="The gate that was inserted for header-only is taken out again.",
    )


def _is_inserted(back: ReturnPoint) -> bool:
    """Whether nothing but our gate tells the steps apart: the record is not believed further."""
    route = next((step for step in back.inserted[:2] if "setHeaderRoute" in step), None)
    return insert_gate(back.original, pods=back.pods, route=route) == back.inserted
