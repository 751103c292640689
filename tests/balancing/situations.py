"""Rollouts and what belongs to them as manifests, of which only what matters is named."""

import json
from pathlib import Path
from typing import Any

import yaml

from bot.balancing.objects import PREFIX, Ingress, Service
from bot.release.replicas import ReplicaSet
from bot.release.rollout import Rollout

ROOT = f"{PREFIX}/actions.stable"
SEED = Path(__file__).parents[1] / "manifests" / "seed.yaml"
STEPS = ({"setWeight": 20}, {"pause": {}}, {"setWeight": 60}, {"pause": {}})

#: as the controller 1.10.1 wrote it
WRITTEN = (
    '{"Type":"forward","ForwardConfig":{"TargetGroups":['
    '{"ServiceName":"canary","ServicePort":"80","Weight":20},'
    '{"ServiceName":"stable","ServicePort":"80","Weight":80}]}}'
)
#: the header route that goes with it
ROUTE = {
    f"{PREFIX}/actions.route": (
        '{"Type":"forward","ForwardConfig":{"TargetGroups":['
        '{"ServiceName":"canary","ServicePort":"80","Weight":100}]}}'
    ),
    f"{PREFIX}/conditions.route": (
        '[{"field":"http-header","httpHeaderConfig":{"httpHeaderName":"X-Canary","values":["1"]}}]'
    ),
}


def a_rollout(
    *,
    canary: dict[str, Any] | None = None,
    routing: dict[str, Any] | None = None,
    steps: Any = STEPS,
    weight: int | None = 20,
    replicas: int = 4,
    **status: Any,
) -> Rollout:
    """shop/app on its way from revision `old` to `new`, at the pause after weight 20."""
    strategy = {
        "stableService": "stable",
        "canaryService": "canary",
        "trafficRouting": routing or {"alb": {"ingress": "app", "servicePort": 80}},
        "steps": list(steps),
    }
    weights = {} if weight is None else {"weights": {"canary": {"weight": weight}}}
    found = {
        "observedGeneration": "3",
        "currentPodHash": "new",
        "stableRS": "old",
        "currentStepIndex": 1,
        "canary": {**weights, **status.pop("on_canary", {})},
    }
    return Rollout.model_validate(
        {
            "metadata": {"namespace": "shop", "name": "app", "uid": "uid-1", "generation": 3},
            "spec": {
                "replicas": replicas,
                "template": {"spec": {"containers": [{"name": "app", "image": "app:2"}]}},
                "strategy": {"canary": strategy | (canary or {})},
            },
            "status": found | status,
        }
    )


def a_path(
    service: str, path: str = "/*", kind: str = "ImplementationSpecific", port: Any = None
) -> dict[str, Any]:
    """One path; its port is `use-annotation` if nothing else is said."""
    named = port if isinstance(port, dict) else {"name": port or "use-annotation"}
    spec = {"path": path, "backend": {"service": {"name": service, "port": named}}}
    return spec | ({"pathType": kind} if kind else {})


def an_ingress(
    annotations: dict[str, str] | None = None,
    *paths: dict[str, Any],
    name: str = "app",
    namespace: str = "shop",
    host: str = "app.test",
    writers: tuple[dict[str, Any], ...] = (),
) -> Ingress:
    """An Ingress of class alb with one rule entry; its root path leads to `stable`."""
    entry = {"host": host, "http": {"paths": list(paths or (a_path("stable"),))}}
    return Ingress.model_validate(
        {
            "metadata": {
                "namespace": namespace,
                "name": name,
                "annotations": {ROOT: WRITTEN} if annotations is None else annotations,
                "managedFields": list(writers),
            },
            "spec": {"ingressClassName": "alb", "rules": [entry]},
        }
    )


def a_service(name: str, revision: str = "", namespace: str = "shop") -> Service:
    """A Service that selects one revision."""
    selector = {"app": "app"} | ({"rollouts-pod-template-hash": revision} if revision else {})
    metadata = {"namespace": namespace, "name": name}
    return Service.model_validate({"metadata": metadata, "spec": {"selector": selector}})


def a_replica_set(
    revision: str,
    desired: int = 4,
    available: int = 4,
    *,
    wanted_for: str = "4",
    owner: str = "uid-1",
    image: str = "app:1",
) -> ReplicaSet:
    """The pods of one revision."""
    return ReplicaSet.model_validate(
        {
            "metadata": {
                "namespace": "shop",
                "name": f"app-{revision}",
                "uid": f"rs-{revision}",
                "labels": {"rollouts-pod-template-hash": revision},
                "annotations": {"rollout.argoproj.io/desired-replicas": wanted_for},
                "ownerReferences": [{"kind": "Rollout", "uid": owner}],
            },
            "spec": {
                "replicas": desired,
                "template": {"spec": {"containers": [{"name": "app", "image": image}]}},
            },
            "status": {"availableReplicas": available},
        }
    )


def forward(*targets: tuple[str, Any]) -> str:
    """The weight annotation with these Services and weights."""
    groups = [
        {"ServiceName": service, "ServicePort": "80", "Weight": weight}
        for service, weight in targets
    ]
    return json.dumps({"Type": "forward", "ForwardConfig": {"TargetGroups": groups}})


def wrote(manager: str, key: str, at: str = "2026-11-24T03:00:00Z") -> dict[str, Any]:
    """Who wrote an annotation, as an entry of managedFields."""
    fields = {"f:metadata": {"f:annotations": {".": {}, f"f:{key}": {}}}}
    return {"manager": manager, "operation": "Update", "time": at, "fieldsV1": fields}


def the_seed(weight: str = "") -> tuple[Rollout, Ingress]:
    """The article's manifests, as they are after `setWeight 10`."""
    manifests = {m["kind"]: m for m in yaml.safe_load_all(SEED.read_text()) if m}
    rollout, ingress = manifests["Rollout"], manifests["Ingress"]
    for manifest in (rollout, ingress):
        manifest["metadata"] |= {"namespace": "tomozo", "uid": manifest["kind"]}
    rollout["status"] = {
        "currentPodHash": "new",
        "stableRS": "old",
        "currentStepIndex": 1,
        "canary": {"weights": {"canary": {"weight": 10}}},
    }
    if weight:
        ingress["metadata"]["annotations"][f"{PREFIX}/actions.tomozo-stable"] = weight
    return Rollout.model_validate(rollout), Ingress.model_validate(ingress)
