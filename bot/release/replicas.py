"""ReplicaSets of a rollout: how many pods each revision has."""

from dataclasses import dataclass
from typing import Annotated

from bot.release.parts import Container, Part, at

HASH_LABEL = "rollouts-pod-template-hash"
DESIRED_ANNOTATION = "rollout.argoproj.io/desired-replicas"


@dataclass(frozen=True, kw_only=True, slots=True)
class ReplicaSet(Part):
    """One revision's ReplicaSet."""

    namespace: Annotated[str, at("metadata", "namespace")]
    name: Annotated[str, at("metadata", "name")]
    uid: Annotated[str, at("metadata", "uid")]
    resource_version: Annotated[str, at("metadata", "resourceVersion")] = ""
    owner: Annotated[str, at("metadata", "ownerReferences", 0, "uid")] = ""
    owner_kind: Annotated[str, at("metadata", "ownerReferences", 0, "kind")] = ""
    revision: Annotated[str, at("metadata", "labels", HASH_LABEL)] = ""
    #: what the controller thought `spec.replicas` of the rollout was when it scaled last
    wanted_for: Annotated[str, at("metadata", "annotations", DESIRED_ANNOTATION)] = ""
    containers: Annotated[tuple[Container, ...], at("spec", "template", "spec", "containers")] = ()
    desired: Annotated[int, at("spec", "replicas")] = 0
    available: Annotated[int, at("status", "availableReplicas")] = 0
