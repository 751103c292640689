"""ReplicaSets as the Rollouts controller reads them."""

from datetime import datetime

from bot.sandbox.cluster.objects import Manifest, at

HASH = "rollouts-pod-template-hash"
REVISION = "rollout.argoproj.io/revision"
REVISION_HISTORY = "rollout.argoproj.io/revision-history"
DESIRED = "rollout.argoproj.io/desired-replicas"
POD_TEMPLATE_HASH = "podTemplateHash"
DEADLINE = "scale-down-deadline"
MANAGED_BY = "argo-rollouts.argoproj.io/managed-by-rollouts"


def hash_of(one: Manifest | None) -> str:
    """The revision's hash; empty without a ReplicaSet."""
    return str(at(one, "metadata", "labels", HASH, default=""))


def desired(one: Manifest | None) -> int:
    """How many pods it shall have."""
    return int(at(one, "spec", "replicas", default=0))


def created(one: Manifest | None) -> int:
    """How many pods it has."""
    return int(at(one, "status", "replicas", default=0))


def ready(one: Manifest | None) -> int:
    """How many are ready."""
    return int(at(one, "status", "readyReplicas", default=0))


def available(one: Manifest | None) -> int:
    """How many are available."""
    return int(at(one, "status", "availableReplicas", default=0))


def revision(one: Manifest | None) -> int:
    """Its number, or the rollout's."""
    return int(at(one, "metadata", "annotations", REVISION, default=0))


def note(one: Manifest | None, key: str) -> str:
    """An annotation; empty if it is not there."""
    return str(at(one, "metadata", "annotations", key, default=""))


def deadline(one: Manifest | None) -> float | None:
    """When it shall be scaled down, seconds since the epoch."""
    text = note(one, DEADLINE)
    return datetime.fromisoformat(text).timestamp() if text else None


def age_key(one: Manifest) -> tuple[str, int]:
    """Sorts ReplicaSets by their age, oldest first."""
    return one["metadata"]["creationTimestamp"], revision(one)
