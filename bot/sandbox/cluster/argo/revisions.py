"""
ReplicaSets of revisions: made for a new template, numbered, and forgotten.

Argo: rollout/sync.go, utils/annotations/annotations.go.
"""

from bot.sandbox.cluster import kinds
from bot.sandbox.cluster.argo import conditions, sets
from bot.sandbox.cluster.argo.hands import owner_reference
from bot.sandbox.cluster.argo.status import patch_conditions
from bot.sandbox.cluster.argo.turn import Turn
from bot.sandbox.cluster.objects import Manifest, at, put

_HISTORY = 10  #: older ReplicaSets that are kept, if the spec does not say
#: annotations of the rollout that its ReplicaSets do not get
_OWN = frozenset(
    (
        "kubectl.kubernetes.io/last-applied-configuration",
        sets.REVISION,
        sets.REVISION_HISTORY,
        sets.DESIRED,
    )
)


def create(turn: Turn) -> None:
    """Make the ReplicaSet of a new template, without pods yet."""
    look = turn.look
    number = str(_next_number(turn))
    one = turn.hands.create(kinds.REPLICA_SETS, _manifest(turn, number))
    look.replace_set(one)
    _number_rollout(turn, number)
    name = one["metadata"]["name"]
    turn.tell("NewReplicaSetCreated", f"Created ReplicaSet {name} (revision {number})")
    message = f'Created new replica set "{name}"'
    status = conditions.with_condition(
        look.status, "Progressing", "True", "NewReplicaSetCreated", message, look.now
    )
    patch_conditions(turn, status)


def synchronise(turn: Turn) -> None:
    """Keep the number of the new revision the highest, and the rollout's the same."""
    look = turn.look
    if look.new is None:
        return
    notes = _notes(turn, look.new, str(_next_number(turn)))
    if notes != at(look.new, "metadata", "annotations", default={}):
        after = turn.hands.change(
            kinds.REPLICA_SETS,
            look.new,
            lambda one: put(one, notes, "metadata", "annotations"),
        )
        look.replace_set(after)
        return
    _number_rollout(turn, sets.note(look.new, sets.REVISION))


def forget_old(turn: Turn) -> None:
    """Delete the oldest ReplicaSets without pods, beyond revisionHistoryLimit."""
    limit = int(at(turn.look.spec, "revisionHistoryLimit", default=_HISTORY))
    others = turn.look.others
    for one in others[: max(0, len(others) - limit)]:
        if not sets.desired(one) and not sets.created(one):
            metadata = one["metadata"]
            turn.hands.store.delete(kinds.REPLICA_SETS, metadata["namespace"], metadata["name"])


def _next_number(turn: Turn) -> int:
    return max(map(sets.revision, turn.look.older), default=0) + 1


def _number_rollout(turn: Turn, number: str) -> None:
    look = turn.look
    if sets.note(look.rollout, sets.REVISION) == number:
        return
    look.rollout = turn.hands.annotate(kinds.ROLLOUTS, look.rollout, sets.REVISION, number)
    turn.tell("RolloutUpdated", f"Rollout updated to revision {number}")


def _notes(turn: Turn, one: Manifest, number: str) -> dict[str, str]:
    """The annotations that the new ReplicaSet shall have."""
    notes: dict[str, str] = dict(at(one, "metadata", "annotations", default={}))
    before = notes.get(sets.REVISION, "")
    copied = at(turn.rollout, "metadata", "annotations", default={})
    notes |= {key: value for key, value in copied.items() if key not in _OWN}
    if int(before or 0) < int(number):
        notes[sets.REVISION] = number
    if before and notes != at(one, "metadata", "annotations", default={}):
        history = notes.get(sets.REVISION_HISTORY, "")
        notes[sets.REVISION_HISTORY] = ",".join(filter(None, (history, before)))
    return notes


def _manifest(turn: Turn, number: str) -> Manifest:
    look, metadata = turn.look, turn.rollout["metadata"]
    template = look.spec["template"]
    label = {sets.HASH: look.wanted_hash}
    labels = {**at(template, "metadata", "labels", default={}), **label}
    selector = at(look.spec, "selector", "matchLabels", default={})
    notes = {
        key: value
        for key, value in at(turn.rollout, "metadata", "annotations", default={}).items()
        if key not in _OWN
    }
    return {
        "metadata": {
            "name": f"{metadata['name']}-{look.wanted_hash}",
            "namespace": metadata["namespace"],
            "labels": labels,
            "annotations": {**notes, sets.REVISION: number, sets.DESIRED: str(look.replicas)},
            "ownerReferences": [owner_reference(turn.rollout)],
        },
        "spec": {
            "replicas": 0,
            "selector": {"matchLabels": {**selector, **label}},
            "template": put(template, labels, "metadata", "labels"),
        },
    }
