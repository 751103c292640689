"""
The AnalysisRuns of a rollout: when one is made, what its end means, when it is called off.

Argo: rollout/analysis.go. What a run measures is not here but in `metrics`.
"""

from collections.abc import Iterable

from bot.sandbox.cluster import kinds
from bot.sandbox.cluster.argo import sets
from bot.sandbox.cluster.argo.hands import owner_reference
from bot.sandbox.cluster.argo.turn import INCONCLUSIVE, STEP_PAUSE, Turn
from bot.sandbox.cluster.errors import Exists
from bot.sandbox.cluster.objects import Manifest, at, merged, put, uid_of

STEP, BACKGROUND = "currentStepAnalysisRunStatus", "currentBackgroundAnalysisRunStatus"
FINAL = frozenset(("Successful", "Failed", "Error", "Inconclusive"))
_STEP_LABEL = "step-index"
_MOST_TRIES = 100


def reconcile(turn: Turn) -> None:
    """Keep the runs that the current step needs, end the others; may pause or abort."""
    look = turn.look
    current = {part: _current(turn, part) for part in (STEP, BACKGROUND)}
    kept: dict[str, Manifest] = {}
    if not _is_needless(turn):
        step = _reconcile_step(turn, current[STEP])
        background = _reconcile_background(turn, current[BACKGROUND])
        kept = {p: r for p, r in ((STEP, step), (BACKGROUND, background)) if r is not None}
    names = {run["metadata"]["name"] for run in kept.values()}
    owned = turn.hands.store.owned(kinds.ANALYSIS_RUNS, uid_of(turn.rollout))
    _cancel(turn, (run for run in owned if run["metadata"]["name"] not in names))
    turn.analyses = {part: _said(run) for part, run in kept.items()}
    for part, run in kept.items():
        _tell(turn, at(look.rollout, "status", "canary", part), run, part)


def step_is_done(turn: Turn) -> bool:
    """Whether the run of the current step has ended well."""
    return bool(at(turn.analyses.get(STEP), "status") == "Successful")


def _is_needless(turn: Turn) -> bool:
    look = turn.look
    return (
        look.is_promoted
        or turn.is_aborted
        or look.promotes_fully
        or not look.stable_hash
        or look.stable_hash == sets.hash_of(look.new)
        or look.rolls_back_within_window
    )


def _reconcile_step(turn: Turn, current: Manifest | None) -> Manifest | None:
    look = turn.look
    if look.pauses or look.is_aborted:
        return current
    wanted = (look.step or {}).get("analysis")
    index = str(look.index)
    is_other = current is not None and _label(current, _STEP_LABEL) != index
    if not wanted or not wanted.get("templates") or is_other:
        return None
    if _needs_new(turn, current):
        return _create(turn, wanted, index, {"rollout-type": "Step", _STEP_LABEL: index})
    _judge(turn, current, "Step-based analysis phase error/failed")
    return current


def _reconcile_background(turn: Turn, current: Manifest | None) -> Manifest | None:
    look = turn.look
    wanted = look.canary.get("analysis") or {}
    if not wanted.get("templates") or not look.current_hash:
        return None
    start = int(wanted.get("startingStep") or 0)
    if look.step is not None and look.index is not None and look.index < start:
        return None
    if look.pause(INCONCLUSIVE):
        return current
    if _needs_new(turn, current):
        return _create(turn, wanted, "", {"rollout-type": "Background"})
    _judge(turn, current, "Background analysis phase error/failed")
    return current


def _judge(turn: Turn, run: Manifest | None, words: str) -> None:
    """Pause or abort, as the end of a run demands."""
    phase, message = at(run, "status", "phase"), at(run, "status", "message", default="")
    if phase == "Inconclusive":
        turn.decided.added.append(INCONCLUSIVE)
    elif phase in ("Error", "Failed"):
        turn.decided.abort(f"{words}: {message}" if message else words)


def _needs_new(turn: Turn, current: Manifest | None) -> bool:
    if current is None:
        return True
    status = turn.look.status
    if status.get("controllerPause") and not turn.look.pause(STEP_PAUSE):
        return bool(at(current, "status", "phase") == "Inconclusive")
    return status.get("abortedAt") is not None


def _current(turn: Turn, part: str) -> Manifest | None:
    """The run that the status names."""
    name = at(turn.rollout, "status", "canary", part, "name", default="")
    namespace = turn.rollout["metadata"]["namespace"]
    return turn.hands.store.find(kinds.ANALYSIS_RUNS, namespace, name)


def _create(turn: Turn, wanted: Manifest, infix: str, labels: dict[str, str]) -> Manifest:
    metadata = turn.rollout["metadata"]
    revision = sets.hash_of(turn.look.new)
    base = "-".join(filter(None, (metadata["name"], revision, str(turn.number), infix)))
    metrics, args = _measurements(turn, wanted)
    run: Manifest = {
        "metadata": {
            "name": base,
            "namespace": metadata["namespace"],
            "labels": {**labels, sets.HASH: revision},
            "annotations": {sets.REVISION: str(turn.number)},
            "ownerReferences": [owner_reference(turn.rollout)],
        },
        "spec": {"metrics": metrics} | ({"args": args} if args else {}),
        "status": {"phase": ""},
    }
    for number in range(1, _MOST_TRIES):
        try:
            return turn.hands.create(kinds.ANALYSIS_RUNS, run)
        except Exists:  # of an earlier try of this revision
            run = put(run, f"{base}.{number}", "metadata", "name")
    raise Exists(f"too many runs called {base}")


def _measurements(turn: Turn, wanted: Manifest) -> tuple[list[Manifest], list[Manifest]]:
    """The metrics of all templates, and the arguments with their values."""
    metrics: list[Manifest] = []
    args: dict[str, Manifest] = {}
    for reference in wanted["templates"]:
        namespace = turn.rollout["metadata"]["namespace"]
        template = turn.hands.store.get(
            kinds.ANALYSIS_TEMPLATES, namespace, reference["templateName"]
        )
        metrics += at(template, "spec", "metrics", default=())
        args |= {arg["name"]: arg for arg in at(template, "spec", "args", default=())}
    args |= {arg["name"]: arg for arg in wanted.get("args") or ()}
    return metrics, list(args.values())


def _cancel(turn: Turn, runs: Iterable[Manifest]) -> None:
    for run in runs:
        if not at(run, "spec", "terminate") and at(run, "status", "phase") not in FINAL:
            turn.hands.change(
                kinds.ANALYSIS_RUNS, run, lambda one: merged(one, {"spec": {"terminate": True}})
            )


def _said(run: Manifest) -> Manifest:
    """What the rollout's status says of a run."""
    said = {"name": run["metadata"]["name"], "status": at(run, "status", "phase", default="")}
    message = at(run, "status", "message")
    return said | ({"message": message} if message else {})


def _tell(turn: Turn, before: Manifest | None, run: Manifest, part: str) -> None:
    phase, name = at(run, "status", "phase"), run["metadata"]["name"]
    if not phase or (before and (before["name"] != name or before.get("status") == phase)):
        return
    kind = "Step" if part == STEP else "Background"
    was = before.get("status") if before else "NoPreviousStatus"
    turn.tell(
        f"AnalysisRun{phase}",
        f"{kind} Analysis Run '{name}' Status New: '{phase}' Previous: '{was}'",
        warning=phase in ("Failed", "Error"),
    )


def _label(run: Manifest, key: str) -> str:
    return str(at(run, "metadata", "labels", key, default=""))
