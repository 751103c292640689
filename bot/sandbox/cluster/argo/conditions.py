"""
The conditions of a rollout's status, and the phase that people see.

Argo: utils/conditions/conditions.go; utils/rollout/rolloututil.go, CalculateRolloutPhase.
"""

from datetime import datetime

from bot.sandbox.cluster.argo import sets
from bot.sandbox.cluster.argo.turn import Turn
from bot.sandbox.cluster.objects import Manifest, at
from bot.sandbox.cluster.rules import timestamp

_DEADLINE = 600  #: seconds without progress, if the spec does not say
_ENDLESS_STEPS = ("experiment", "analysis", "pause")


def find(status: Manifest, kind: str) -> Manifest | None:
    """The condition of this type."""
    return next((c for c in status.get("conditions") or () if c["type"] == kind), None)


def without(status: Manifest, kind: str) -> Manifest:
    """The status without the condition of this type."""
    left = [one for one in status.get("conditions") or () if one["type"] != kind]
    return {**status, "conditions": left}


def with_condition(
    status: Manifest, kind: str, value: str, reason: str, message: str, now: float
) -> Manifest:
    """The status with a condition; one of the same status and reason stays as it is."""
    before = find(status, kind)
    if before and (before["status"], before["reason"]) == (value, reason):
        return status
    since = timestamp(now)
    if before and before["status"] == value:
        since = before["lastTransitionTime"]
    new = {
        "type": kind,
        "status": value,
        "lastUpdateTime": timestamp(now),
        "lastTransitionTime": since,
        "reason": reason,
        "message": message,
    }
    rest = without(status, kind)
    return {**rest, "conditions": [*rest["conditions"], new]}


def paused_first(turn: Turn) -> Manifest | None:
    """What is written before anything else when pause or abort have come or gone; None: nothing."""
    status, now = turn.look.status, turn.look.now
    progress = find(status, "Progressing") or {}
    paused = bool(turn.look.pauses) or turn.look.is_paused_by_spec
    aborted = progress.get("reason") == "RolloutAborted"
    after = status
    told = progress.get("reason") == "RolloutPaused"
    if paused != told and not aborted and not _is_completed(status):
        word = "Paused" if paused else "Resumed"
        message = f"Rollout is {word.lower()}"
        after = with_condition(after, "Progressing", "Unknown", f"Rollout{word}", message, now)
    if aborted and not turn.look.is_aborted:
        message = "Retrying Rollout after abort"
        after = with_condition(after, "Progressing", "Unknown", "RolloutRetry", message, now)
    known = (find(status, "Paused") or {}).get("status") == "True"
    if paused != known and not aborted:
        value = "True" if paused else "False"
        after = with_condition(after, "Paused", value, "RolloutPaused", "Rollout is paused", now)
    return None if after is status else after


def calculate(turn: Turn, status: Manifest) -> Manifest:
    """The new status with all its conditions."""
    paused = bool(status.get("pauseConditions")) or turn.look.is_paused_by_spec
    healthy = is_healthy(turn, status)
    now = turn.look.now
    became_unhealthy = False
    if healthy and not paused:
        status = with_condition(
            status, "Healthy", "True", "RolloutHealthy", "Rollout is healthy", now
        )
    elif find(turn.look.status, "Healthy"):
        after = with_condition(
            status, "Healthy", "False", "RolloutHealthy", "Rollout is not healthy", now
        )
        became_unhealthy, status = after is not status, after
    if turn.is_aborted:
        status = _aborted(turn, status)
    else:
        status = _progress(turn, status, healthy=healthy, became_unhealthy=became_unhealthy)
    status = _available(turn, status)
    return _completed(turn, status)


def is_healthy(turn: Turn, status: Manifest) -> bool:
    """Whether all is done and served."""
    look = turn.look
    index = status.get("currentStepIndex")
    seen = look.status.get("observedGeneration") == str(turn.rollout["metadata"]["generation"])
    return (
        seen
        and (not look.steps or index is None or index == len(look.steps))
        and _is_completed(status)
        and status.get("replicas", 0) == look.replicas
        and status.get("updatedReplicas", 0) == look.replicas
        and status.get("availableReplicas", 0) == look.replicas
    )


def phase(rollout: Manifest, status: Manifest) -> tuple[str, str]:
    """Phase and message, as people see them."""
    for one in status.get("conditions") or ():
        if one["type"] == "InvalidSpec":
            return "Degraded", f"InvalidSpec: {one['message']}"
        if one["reason"] in ("RolloutAborted", "ProgressDeadlineExceeded"):
            return "Degraded", f"{one['reason']}: {one['message']}"
    if at(rollout, "spec", "paused"):
        return "Paused", "manually paused"
    if status.get("pauseConditions"):
        return "Paused", str(status["pauseConditions"][0]["reason"])
    if status.get("updatedReplicas", 0) < at(rollout, "spec", "replicas", default=1):
        return "Progressing", "more replicas need to be updated"
    if status.get("availableReplicas", 0) < status.get("updatedReplicas", 0):
        return "Progressing", "updated replicas are still becoming available"
    if not _is_completed(status):
        return "Progressing", "waiting for all steps to complete"
    return "Healthy", ""


def timed_out(turn: Turn, status: Manifest) -> bool:
    """Whether there was no progress for too long."""
    progress = find(status, "Progressing")
    if not progress or progress["reason"] in ("RolloutAborted", "RolloutPaused"):
        return False
    if progress["reason"] == "ProgressDeadlineExceeded":
        return True
    since = datetime.fromisoformat(progress["lastUpdateTime"]).timestamp()
    left = since + _deadline(turn) - turn.look.now
    if left > 0:
        turn.look_again(left + 1)
    return left < 0


def may_time_out(turn: Turn) -> bool:
    """Whether lack of progress counts now: not in pauses, analyses, and waits of old revisions."""
    step = turn.look.step or {}
    if any(step.get(kind) is not None for kind in _ENDLESS_STEPS):
        return False
    if (find(turn.look.status, "Paused") or {}).get("status") == "True":
        return False
    return all(sets.deadline(one) is None for one in turn.look.others)


def made_progress(turn: Turn, status: Manifest) -> bool:
    """Whether something moved since the last status."""
    old = turn.look.status

    def count(of: Manifest, key: str) -> int:
        return int(of.get(key, 0))

    before = count(old, "replicas") - count(old, "updatedReplicas")
    after = count(status, "replicas") - count(status, "updatedReplicas")
    return (
        count(status, "updatedReplicas") != count(old, "updatedReplicas")
        or after < before
        or count(status, "readyReplicas") > count(old, "readyReplicas")
        or count(status, "availableReplicas") > count(old, "availableReplicas")
        or any(
            status.get(key) != old.get(key)
            for key in ("stableRS", "currentStepIndex", "currentStepHash")
        )
    )


def _aborted(turn: Turn, status: Manifest) -> Manifest:
    message = f"Rollout aborted update to revision {turn.number}"
    if turn.decided.why:
        message += f": {turn.decided.why}"
    after = with_condition(status, "Progressing", "False", "RolloutAborted", message, turn.look.now)
    if after is not status:
        turn.tell("RolloutAborted", message, warning=True)
    return after


def _progress(turn: Turn, status: Manifest, *, healthy: bool, became_unhealthy: bool) -> Manifest:
    now, name = turn.look.now, turn.canary_name
    if healthy:
        message = f'ReplicaSet "{name}" has successfully progressed.'
        return with_condition(status, "Progressing", "True", "NewReplicaSetAvailable", message, now)
    if made_progress(turn, status) or became_unhealthy:
        reason, message = "ReplicaSetUpdated", f'ReplicaSet "{name}" is progressing.'
        if _is_completed(status) and became_unhealthy:
            reason = "ReplicaSetNotAvailable"
            message = "Rollout does not have minimum availability"
        before = find(status, "Progressing")
        after = with_condition(
            without(status, "Progressing"), "Progressing", "True", reason, message, now
        )
        if before and before["status"] == "True":
            after["conditions"][-1]["lastTransitionTime"] = before["lastTransitionTime"]
        return after
    if may_time_out(turn) and timed_out(turn, status):
        message = f'ReplicaSet "{name}" has timed out progressing.'
        return with_condition(
            status, "Progressing", "False", "ProgressDeadlineExceeded", message, now
        )
    return status


def _available(turn: Turn, status: Manifest) -> Manifest:
    there = sum(sets.available(one) for one in turn.look.replica_sets)
    if there >= turn.look.replicas:
        value, message = "True", "Rollout has minimum availability"
    else:
        value, message = "False", "Rollout does not have minimum availability"
    return with_condition(status, "Available", value, "AvailableReason", message, turn.look.now)


def _completed(turn: Turn, status: Manifest) -> Manifest:
    value = "True" if _is_completed(status) else "False"
    word = "RolloutCompleted"
    after = with_condition(status, "Completed", value, word, word, turn.look.now)
    if after is not status and value == "False":
        revision = status["currentPodHash"]
        turn.tell(
            "RolloutNotCompleted",
            f"Rollout not completed, started update to revision {turn.number} ({revision})",
        )
    return after


def _is_completed(status: Manifest) -> bool:
    stable = status.get("stableRS", "")
    return bool(stable) and stable == status.get("currentPodHash")


def _deadline(turn: Turn) -> float:
    return float(turn.look.spec.get("progressDeadlineSeconds") or _DEADLINE)
