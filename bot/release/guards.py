"""
The operations of which guarded patches are made.

A `test` names what the person saw; the API server refuses the whole patch (422)
when one of them does not hold any more. `add` is used where others would use
`replace`: the controller leaves out false booleans and empty lists.
"""

from datetime import UTC, datetime
from typing import Any

from bot.release.rollout import Rollout

Operation = dict[str, Any]

STEPS = "/spec/strategy/canary/steps"
MANAGED_ROUTES = "/spec/strategy/canary/trafficRouting/managedRoutes"
PAUSES = "/status/pauseConditions"
INDEX = "/status/currentStepIndex"
CONTROLLER_PAUSE = "/status/controllerPause"
ABORT = "/status/abort"
PROMOTE_FULL = "/status/promoteFull"
PAUSED = "/spec/paused"


def test(path: str, value: Any) -> Operation:
    """Refuse the patch unless the field has this value."""
    return {"op": "test", "path": path, "value": value}


def put(path: str, value: Any) -> Operation:
    """Set a field, whether it is there or not."""
    return {"op": "add", "path": path, "value": value}


def remove(path: str) -> Operation:
    """Take a field away; the patch is refused when it is not there."""
    return {"op": "remove", "path": path}


def same_revision(rollout: Rollout) -> tuple[Operation, ...]:
    """Refuse unless it is the same object on its way to the same revision."""
    return (
        test("/metadata/uid", rollout.uid),
        test("/status/currentPodHash", rollout.revision),
    )


def same_place(rollout: Rollout) -> tuple[Operation, ...]:
    """Refuse unless it also stands at the same step of the same steps."""
    return (
        *same_revision(rollout),
        test("/status/currentStepHash", rollout.step_hash),
        test(INDEX, rollout.step),
    )


def same_pause(rollout: Rollout) -> tuple[Operation, ...]:
    """Refuse unless it is this very pause: the start tells one from the next."""
    pause = rollout.pause
    if pause is None:
        return ()
    started = (test(f"{PAUSES}/0/startTime", wire_time(pause.started)),) if pause.started else ()
    return (test(f"{PAUSES}/0/reason", pause.reason), *started)


def wire_time(moment: datetime) -> str:
    """Write a time as the API server does: UTC, whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
