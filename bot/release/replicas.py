"""ReplicaSets of a rollout: how many pods each revision has."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict

from bot.release.parts import Container, at

HASH_LABEL = "rollouts-pod-template-hash"
DESIRED_ANNOTATION = "rollout.argoproj.io/desired-replicas"


class ReplicaSet(BaseModel):
    """One revision's ReplicaSet."""

    model_config = ConfigDict(frozen=True, validate_by_name=True, validate_by_alias=True)

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
