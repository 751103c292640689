"""
Whether Argo's controller will put back by itself what somebody changed on an Ingress.

Source: argo-rollouts 9f8d111d, `ingress/ingress.go`, `ingress/alb.go`,
`rollout/trafficrouting.go`, `rollout/trafficrouting/alb/alb.go`; the early return
and the stable gate were also seen on the running controller 1.10.1.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from bot.balancing.argo import alb_ingresses, class_of, is_booked
from bot.balancing.objects import Ingress
from bot.balancing.reading import Fault, Reading
from bot.release.rollout import Rollout
from bot.release.traffic import Look, Written

_NEXT_TURN = "it writes when something else wakes it, within 15 min"
_FOR_PEOPLE = {Fault.NO_INGRESS, Fault.NO_PATH, Fault.NOT_USED, Fault.GROUP_BROKEN}


@dataclass(frozen=True, kw_only=True)
class Repair:
    """Whether it heals by itself (None: not known), and why not."""

    heals: bool | None
    why: str = ""


def held_by(look: Look) -> str:
    """
    Tell why the controller writes no weights at present; empty: it does.

    It waits until the stable revision can carry what the canary does not get, and
    until a change of the number of replicas is worked off. It says neither.
    """
    rollout, traffic = look.rollout, look.traffic
    if traffic.scaling:
        return "the controller has to scale first"
    # a full promotion keeps the recorded weight until its pods are there
    weight = (traffic.reported or 0) if rollout.promoting_fully else traffic.asked
    needed = (100 - weight) * rollout.replicas // 100
    if rollout.stable and traffic.stable.available < needed:
        return f"the controller waits: {traffic.stable.available} of {needed} stable pods available"
    return ""


def differs(look: Look, reading: Reading) -> bool:
    """Whether an Ingress says something else than what the controller reported."""
    reported, written = look.traffic.reported, reading.written
    if reported is None or reading.fault:
        return False
    if written.canary != reported:
        return True
    experiments = any("experiment" in step for step in look.rollout.steps)
    return written.others > 0 and not experiments


def difference(written: Written, reported: int) -> str:
    """Say what an Ingress says instead of what the controller reported, without a full stop."""
    if written.canary == reported:
        return (
            f"Ingress {written.ingress} gives {written.others} % to others "
            "than the rollout's Services"
        )
    return (
        f"Ingress {written.ingress} gives the canary {written.canary} %, "
        f"the controller wrote {reported} %"
    )


def find_repair(
    look: Look,
    readings: Sequence[Reading],
    position: int,
    ingress: Ingress | None,
    classes: Collection[str],
) -> Repair:
    """
    Tell whether the reading at *position* heals by itself.

    Args:
        look: the rollout and its traffic.
        readings: all its Ingresses, in the order in which the controller writes them.
        position: the one that is wrong.
        ingress: the Ingress of that reading, if it exists.
        classes: the Ingress classes that the controller was told to watch.

    """
    if readings[position].fault in _FOR_PEOPLE:
        return Repair(heals=False, why="it is not for the controller to mend")
    if look.traffic.blocked:
        return Repair(heals=False, why=f"the controller cannot write: {look.traffic.blocked}")
    if ingress is None:
        return Repair(heals=None, why=f"the controller does not notice; {_NEXT_TURN}")
    if deaf := _deaf_to(look.rollout, ingress, classes):
        return Repair(heals=False, why=f"{deaf}; {_NEXT_TURN}")
    stray = readings[position].stray
    if stray and not stray.heals and not differs(look, readings[position]):
        why = "the controller leaves alone what the rollout does not ask for; delete it there"
        return Repair(heals=False, why=why)
    done = _done_before(look, readings, position)
    if done:
        why = f"the controller stops at Ingress {done}, which needs no change"
        return Repair(heals=False, why=why)
    if held := held_by(look):
        return Repair(heals=None, why=held)
    return Repair(heals=True)


def _deaf_to(rollout: Rollout, ingress: Ingress, classes: Collection[str]) -> str:
    """Tell why a change of this Ingress does not wake the controller."""
    name = class_of(ingress)
    if name not in classes:
        return f"the controller does not watch Ingresses of class {name or '(none)'}"
    if ingress.name in alb_ingresses(rollout) and not is_booked(ingress, rollout):
        return "the Ingress does not name the rollout in managed-alb-annotations"
    return ""


def _done_before(look: Look, readings: Sequence[Reading], position: int) -> str:
    """Name an earlier ALB Ingress at which the controller stops: one that needs no change."""
    albs = len(alb_ingresses(look.rollout))
    if position >= albs:
        return ""
    earlier = (r for r in readings[:position] if r.fault is None and not differs(look, r))
    return next((reading.written.ingress for reading in earlier), "")
