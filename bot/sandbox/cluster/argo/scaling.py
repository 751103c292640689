"""
How many pods the ReplicaSets get.

Argo: rollout/canary.go and replicaset.go. Each function tells whether it scaled something: then the
turn goes no further than that.
"""

from bot.sandbox.cluster import kinds
from bot.sandbox.cluster.argo import counts, sets
from bot.sandbox.cluster.argo.turn import Turn
from bot.sandbox.cluster.objects import Manifest, at, put
from bot.sandbox.cluster.rules import timestamp

_SCALE_DOWN_DELAY = 30.0  #: seconds that the former stable revision stays


def reconcile(turn: Turn) -> bool:
    """Scale stable, canary and older ones; whether one of them was scaled."""
    if turn.halted:
        return False
    _remove_deadlines(turn)
    return _scale_stable(turn) or _scale_canary(turn) or _scale_others(turn)


def is_event(turn: Turn) -> bool:
    """Whether spec.replicas has changed since the ReplicaSets were scaled last."""
    look = turn.look
    wanted = str(look.replicas)
    active = [one for one in (look.new, look.stable) if sets.desired(one)]
    return any(sets.note(one, sets.DESIRED) not in ("", wanted) for one in active)


def scale(turn: Turn, one: Manifest, pods: int) -> bool:
    """Give a ReplicaSet so many pods; whether that was a change."""
    wanted, before = str(turn.look.replicas), sets.desired(one)
    if before == pods and sets.note(one, sets.DESIRED) == wanted:
        return False

    def change(old: Manifest) -> Manifest:
        after = put(
            put(old, pods, "spec", "replicas"), wanted, "metadata", "annotations", sets.DESIRED
        )
        if pods or turn.delays_scale_down:
            return after
        return put(after, None, "metadata", "annotations", sets.DEADLINE)

    after = turn.hands.change(kinds.REPLICA_SETS, one, change)
    turn.look.replace_set(after)
    if before == pods:
        return False
    direction = "up" if before < pods else "down"
    name, number = after["metadata"]["name"], sets.revision(after)
    turn.tell(
        "ScalingReplicaSet",
        f"Scaled {direction} ReplicaSet {name} (revision {number}) from {before} to {pods}",
    )
    return True


def _scale_stable(turn: Turn) -> bool:
    look = turn.look
    if not look.has_other_stable or look.stable is None:
        return False
    # By the weights of before this turn: pods follow traffic, one turn later.
    _, pods = counts.desired_counts(look, look.weights)
    return scale(turn, look.stable, pods)


def _scale_canary(turn: Turn) -> bool:
    look = turn.look
    if look.new is None:
        return False
    pods, _ = counts.desired_counts(look, turn.weights)
    if turn.delays_scale_down:
        until = sets.deadline(look.new)
        if until is None:
            _delay_scale_down(turn, look.new)
            return False
        if until > look.now:
            turn.look_again(until - look.now)
            _note_replicas(turn, look.new)
            return False
        pods = 0
    return scale(turn, look.new, pods)


def _delay_scale_down(turn: Turn, one: Manifest) -> None:
    """Set the time at which an aborted canary goes, once stable can serve everything."""
    _note_replicas(turn, one)
    delay = turn.look.abort_delay
    if delay and sets.available(turn.look.stable) >= turn.look.replicas:
        _set_deadline(turn, one, float(delay))


def _note_replicas(turn: Turn, one: Manifest) -> None:
    """Keep the book of spec.replicas, or every later turn would take it for a scaling event."""
    newest = turn.look.new or one
    scale(turn, newest, sets.desired(newest))


def _set_deadline(turn: Turn, one: Manifest, delay: float) -> None:
    moment = timestamp(turn.look.now + delay)
    turn.look.replace_set(turn.hands.annotate(kinds.REPLICA_SETS, one, sets.DEADLINE, moment))
    turn.look_again(delay)


def _remove_deadlines(turn: Turn) -> None:
    look = turn.look
    kept = [] if turn.delays_scale_down else [look.new]
    if look.has_other_stable or not kept:
        kept.append(look.stable)
    for one in kept:
        if one is not None and sets.deadline(one) is not None:
            look.replace_set(turn.hands.annotate(kinds.REPLICA_SETS, one, sets.DEADLINE, None))


def _scale_others(turn: Turn) -> bool:
    """Scale older revisions down, unless something still needs them."""
    active = [one for one in turn.look.others if sets.desired(one)]
    scaled = [
        scale(turn, one, sets.available(one)) for one in active
    ]  # what does not work goes first
    newest_first = sorted(turn.look.others, key=sets.revision, reverse=True)
    scaled += [_scale_other(turn, one) for one in newest_first if sets.desired(one)]
    return any(scaled)


def _has_spare_pods(turn: Turn) -> bool:
    """Whether more pods are available, of all revisions, than maxUnavailable demands."""
    there = sum(sets.available(one) for one in turn.look.replica_sets)
    return there > turn.look.replicas - _max_unavailable(turn)


def _max_unavailable(turn: Turn) -> int:
    replicas = turn.look.replicas
    surge = _share(turn.look.canary.get("maxSurge", "25%"), replicas, up=True)
    down = _share(turn.look.canary.get("maxUnavailable", "25%"), replicas, up=False)
    return min(down or int(not surge), replicas)


def _share(wanted: int | str, replicas: int, *, up: bool) -> int:
    """Read a number of pods, or a percentage of them."""
    if isinstance(wanted, int):
        return wanted
    percent = int(wanted.removesuffix("%")) * replicas
    return -(-percent // 100) if up else percent // 100


def _scale_other(turn: Turn, one: Manifest) -> bool:
    if not _has_spare_pods(turn) or _is_referenced(turn, one):
        return False
    until = sets.deadline(one)
    keeps = turn.look.is_promoted or until is not None
    if not keeps or turn.look.is_dynamic:
        return scale(turn, one, 0)
    if until is None:
        _set_deadline(turn, one, _delay_of(turn))
        return False
    if until > turn.look.now:
        turn.look_again(until - turn.look.now)
        return False
    return scale(turn, one, 0)


def _delay_of(turn: Turn) -> float:
    return float(at(turn.look.canary, "scaleDownDelaySeconds", default=_SCALE_DOWN_DELAY))


def _is_referenced(turn: Turn, one: Manifest) -> bool:
    """Whether the status, the weights or a Service still lead to this revision."""
    look, revision = turn.look, sets.hash_of(one)
    recorded = [at(look.weights, part, sets.POD_TEMPLATE_HASH) for part in ("canary", "stable")]
    if revision in (look.stable_hash, look.current_hash, *recorded):
        return True
    namespace = turn.rollout["metadata"]["namespace"]
    for role in ("canaryService", "stableService"):
        service = turn.hands.store.find(kinds.SERVICES, namespace, look.canary.get(role, ""))
        if service and at(service, "spec", "selector", sets.HASH) == revision:
            return True
    return False
