"""Manifests, of which only what matters in a test is named."""

import json
from typing import Any

Manifest = dict[str, Any]


def a_rollout(
    name: str = "checkout", namespace: str = "shop", *, step: int = 0, **changes: Any
) -> Manifest:
    """
    A rollout behind an ALB, at a pause.

    Its `status` and `canary` strategy can be changed by key, its metadata by the rest.
    """
    canary: Manifest = {
        "stableService": f"{name}-stable",
        "canaryService": f"{name}-canary",
        "trafficRouting": {"alb": {"ingress": name, "servicePort": 80}},
        "steps": [{"setWeight": 10}, {"pause": {}}, {"setWeight": 50}, {"pause": {}}],
    }
    status: Manifest = {
        "observedGeneration": "3",
        "currentPodHash": "new",
        "stableRS": "old",
        "currentStepHash": "steps",
        "currentStepIndex": step,
        "phase": "Paused",
        "message": "CanaryPauseStep",
    }
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Rollout",
        "metadata": {
            "namespace": namespace,
            "name": name,
            "generation": 3,
            **changes.pop("metadata", {}),
        },
        "spec": {
            "replicas": 4,
            "selector": {"matchLabels": {"app": name}},
            "template": {"spec": {"containers": [{"name": "app", "image": "shop/checkout:2"}]}},
            "strategy": {"canary": canary | changes.pop("canary", {})},
        },
        "status": status | changes.pop("status", {}),
    }


def an_ingress(name: str = "checkout", namespace: str = "shop", **annotations: str) -> Manifest:
    return {
        "kind": "Ingress",
        "metadata": {"namespace": namespace, "name": name, "annotations": annotations},
        "spec": {"ingressClassName": "alb"},
    }


def a_service(name: str = "checkout-stable", namespace: str = "shop", **selector: str) -> Manifest:
    return {
        "kind": "Service",
        "metadata": {"namespace": namespace, "name": name},
        "spec": {"selector": selector},
    }


def a_class() -> Manifest:
    """The class of the ALB controller, with parameters."""
    named = {"apiGroup": "elbv2.k8s.aws", "kind": "IngressClassParams", "name": "alb"}
    return {
        "kind": "IngressClass",
        "metadata": {"name": "alb"},
        "spec": {"controller": "ingress.k8s.aws/alb", "parameters": named},
    }


def class_params() -> Manifest:
    return {
        "kind": "IngressClassParams",
        "metadata": {"name": "alb"},
        "spec": {"group": {"name": "shared"}},
    }


def a_replica_set(
    owner: str, revision: str = "new", *, available: int = 1, kind: str = "Rollout"
) -> Manifest:
    return {
        "kind": "ReplicaSet",
        "metadata": {
            "namespace": "shop",
            "name": f"{owner}-{revision}",
            "labels": {"rollouts-pod-template-hash": revision},
            "ownerReferences": [{"kind": kind, "uid": owner, "name": "checkout"}],
        },
        "spec": {"replicas": 1},
        "status": {"availableReplicas": available},
    }


def managed(manager: str, at: str, fields: Manifest, subresource: str = "") -> Manifest:
    """One entry of metadata.managedFields."""
    entry = {"manager": manager, "operation": "Update", "time": at, "fieldsV1": fields}
    return entry | ({"subresource": subresource} if subresource else {})


def kubeconfig(url: str, token_file: str) -> str:
    """A kubeconfig; JSON is YAML too."""
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "test",
        "clusters": [{"name": "test", "cluster": {"server": url}}],
        "users": [{"name": "bot", "user": {"tokenFile": token_file}}],
        "contexts": [{"name": "test", "context": {"cluster": "test", "user": "bot"}}],
    }
    return json.dumps(config)
