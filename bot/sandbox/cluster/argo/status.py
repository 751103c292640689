"""
The end of a turn: the new status.

Argo: rollout/canary.go, syncRolloutStatusCanary; rollout/sync.go, persistRolloutStatus.
"""

from typing import Any

from bot.sandbox.cluster import kinds
from bot.sandbox.cluster.argo import analysis, conditions, counts, sets, steps
from bot.sandbox.cluster.argo.turn import STEP_PAUSE, Turn
from bot.sandbox.cluster.objects import Manifest, at, merged

#: fields that are taken over from the last status in every turn
_KEPT = ("stableRS", "restartedAt", "collisionCount")


def write(turn: Turn) -> None:
    """Go one step further, if the current one is done, and write down where the rollout is."""
    look = turn.look
    status = base(turn)
    if look.is_changed:
        _reset(turn, status)
    elif look.promotes_fully or look.rolls_back_within_window:
        turn.decided.clears = turn.decided.unaborts = True
        _finish_or_go_on(turn, status, len(look.steps) if look.steps else None)
    else:
        _finish_or_go_on(turn, status, look.index)
    persist(turn, status)


def base(turn: Turn) -> Manifest:
    """What every status says."""
    look = turn.look
    old = look.status
    status: Manifest = {key: old[key] for key in _KEPT if key in old}
    revision = sets.hash_of(look.new)
    status |= {"currentPodHash": revision, "currentStepHash": look.step_hash}
    status |= _numbers(turn)
    status["conditions"] = [
        one for one in old.get("conditions") or () if one["type"] != "InvalidSpec"
    ]
    if revision != look.stable_hash and old.get("promoteFull"):
        status["promoteFull"] = True
    labels = at(look.spec, "selector", "matchLabels", default={})
    status["selector"] = ",".join(f"{key}={value}" for key, value in sorted(labels.items()))
    status["blueGreen"] = {}
    canary: Manifest = {**turn.analyses}
    if turn.weights:
        canary["weights"] = turn.weights
    ping_pong = at(old, "canary", "stablePingPong")
    status["canary"] = canary | ({"stablePingPong": ping_pong} if ping_pong else {})
    return status


def persist(turn: Turn, status: Manifest) -> None:
    """Write the status, if it says something new."""
    _abort_without_progress(turn, status)
    status |= turn.pause_status()
    status["observedGeneration"] = str(turn.rollout["metadata"]["generation"])
    _store(turn, conditions.calculate(turn, status))


def patch_conditions(turn: Turn, status: Manifest) -> None:
    """Write only conditions, and the phase that follows from them."""
    status["observedGeneration"] = str(turn.rollout["metadata"]["generation"])
    _store(turn, status)


def _store(turn: Turn, status: Manifest) -> None:
    phase, message = conditions.phase(turn.rollout, status)
    status = {key: value for key, value in status.items() if key not in ("phase", "message")}
    status |= {"phase": phase} | ({"message": message} if message else {})
    patch = {"status": _difference(turn.look.status, status)}
    turn.hands.change(kinds.ROLLOUTS, turn.rollout, lambda one: merged(one, patch), status=True)
    _tell_pause(turn, status)


def _difference(before: Manifest, after: Manifest) -> Manifest:
    """
    Make the merge patch between two states.

    What is false or nothing in *before* and not in *after* is the same to Argo, and stays: so the
    `abort: false` of a retry keeps the name of who wrote it.
    """
    patch: Manifest = {}
    for key, value in after.items():
        old = before.get(key)
        if isinstance(value, dict) and isinstance(old, dict):
            if inner := _difference(old, value):
                patch[key] = inner
        elif value != old:
            patch[key] = value
    return patch | {key: None for key, old in before.items() if key not in after and old}


def _tell_pause(turn: Turn, status: Manifest) -> None:
    """Tell that a pause has begun, or that the controller itself has ended one."""
    now = status.get("pauseConditions")
    if bool(now) == bool(turn.look.pauses):
        return
    if now:
        turn.tell("RolloutPaused", f"Rollout is paused ({now[0]['reason']})")
    elif not status.get("abortedAt"):
        turn.tell("RolloutResumed", "Rollout is resumed")


def _abort_without_progress(turn: Turn, status: Manifest) -> None:
    """Abort what makes no progress, if the spec wants that."""
    if not turn.look.spec.get("progressDeadlineAbort") or turn.is_aborted:
        return
    completed = status.get("stableRS") == status["currentPodHash"]
    if completed or conditions.made_progress(turn, status) or not conditions.may_time_out(turn):
        return
    if conditions.timed_out(turn, turn.look.status):
        why = f'ReplicaSet "{turn.canary_name}" has timed out progressing.'
        turn.decided.abort(why)
        turn.tell("RolloutAborted", why, warning=True)


def _numbers(turn: Turn) -> Manifest:
    every = turn.look.replica_sets
    numbers = {
        "replicas": sum(map(sets.created, every)),
        "updatedReplicas": sets.created(turn.look.new),
        "readyReplicas": sum(map(sets.ready, every)),
        "availableReplicas": sum(map(sets.available, every)),
        "HPAReplicas": sum(map(sets.created, every)),
    }
    return {key: number for key, number in numbers.items() if number}


def _reset(turn: Turn, status: Manifest) -> None:
    """Begin anew: the template or the steps are others."""
    look = turn.look
    turn.decided.clears = turn.decided.unaborts = True
    status.pop("promoteFull", None)
    for part in (analysis.STEP, analysis.BACKGROUND):
        status["canary"].pop(part, None)
    if look.spec.get("restartAt"):
        status["restartedAt"] = look.spec["restartAt"]
    if not look.steps:
        return
    status["currentStepIndex"] = 0
    if look.new is not None and look.stable_hash == sets.hash_of(look.new):
        turn.tell("SkipSteps", "Rollback to stable ReplicaSets")
        status["currentStepIndex"] = len(look.steps)
    elif look.rolls_back_within_window and sets.desired(look.new):
        turn.tell("SkipSteps", "Rollback to active ReplicaSets within RollbackWindow")
        status["currentStepIndex"] = len(look.steps)


def _finish_or_go_on(turn: Turn, status: Manifest, index: int | None) -> None:
    look = turn.look
    if why := _promotion(turn, index):
        _promote(turn, status, why)
        return
    if turn.is_aborted:
        if look.steps:
            done = status.get("stableRS") == status["currentPodHash"]
            status["currentStepIndex"] = len(look.steps) if done else 0
        return
    if index is None:
        return
    if look.step is not None and index == look.index and _is_done(turn):
        index += 1
        status["canary"].pop(analysis.STEP, None)
        turn.decided.removed.add(STEP_PAUSE)
        turn.tell(
            "RolloutStepCompleted",
            f"Rollout step {index}/{len(look.steps)} completed ({steps.as_text(look.step)})",
        )
    status["currentStepIndex"] = index


def _promotion(turn: Turn, index: int | None) -> str:
    """Why the new revision becomes the stable one now; empty: it does not."""
    look = turn.look
    if look.stable is None:
        return "Initial deploy"
    if turn.is_aborted or look.new is None:
        return ""
    enough = sets.available(look.new) >= look.replicas
    if not enough and not _meets_threshold(turn):
        return ""
    if look.promotes_fully:
        return "Full promotion requested"
    if look.rolls_back_within_window:
        return "Rollback within window"
    if look.stable_hash == sets.hash_of(look.new):
        return "Fast rollback"
    if not look.steps or index == len(look.steps):
        return f"Completed all {len(look.steps)} canary steps"
    return ""


def _meets_threshold(turn: Turn) -> bool:
    has_one = turn.look.canary.get("replicaProgressThreshold")
    return bool(has_one) and counts.is_far_enough(turn.look, turn.look.new, turn.look.replicas)


def _promote(turn: Turn, status: Manifest, why: str) -> None:
    look = turn.look
    turn.decided.clears = turn.decided.unaborts = True
    status.pop("promoteFull", None)
    if look.steps:
        status["currentStepIndex"] = len(look.steps)
    revision = status["currentPodHash"]
    if status.get("stableRS") == revision:
        return
    if look.canary.get("pingPong"):
        was_ping = at(look.rollout, "status", "canary", "stablePingPong") == "ping"
        status["canary"]["stablePingPong"] = "pong" if was_ping else "ping"
    status["stableRS"] = revision
    turn.tell(
        "RolloutCompleted",
        f"Rollout completed update to revision {turn.number} ({revision}): {why}",
    )


def _is_done(turn: Turn) -> bool:
    """Whether the current step is done."""
    look = turn.look
    step: Any = look.step
    if look.is_paused_by_spec:
        return False
    if "pause" in step:
        return steps.pause_is_over(turn, step["pause"] or {})
    if "setCanaryScale" in step or "setWeight" in step:
        return counts.are_as_desired(look, turn.weights)
    if "analysis" in step:
        return analysis.step_is_done(turn)
    return "setHeaderRoute" in step or "setMirrorRoute" in step
