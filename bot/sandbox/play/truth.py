"""The cluster as the page shows it: read from the objects themselves, without the bot."""

import json
from collections.abc import Sequence
from typing import Any

from bot.sandbox.cluster import kinds
from bot.sandbox.cluster.argo import sets
from bot.sandbox.cluster.argo.steps import as_text
from bot.sandbox.cluster.nodes.replicasets import is_ready
from bot.sandbox.cluster.objects import Manifest, at, uid_of
from bot.sandbox.cluster.store import Store

Json = dict[str, Any]
_ACTIONS = "alb.ingress.kubernetes.io/actions."


def rollout_as_json(store: Store, rollout: Manifest, history: Sequence[Json]) -> Json:
    """One rollout with all that belongs to it, as `page.ports` tells it."""
    status, metadata = rollout.get("status") or {}, rollout["metadata"]
    replica_sets = store.owned(kinds.REPLICA_SETS, uid_of(rollout))
    weights = at(status, "canary", "weights", default={})
    return {
        "namespace": metadata["namespace"],
        "name": metadata["name"],
        "phase": status.get("phase", ""),
        "message": status.get("message", ""),
        "revision": sets.note(rollout, sets.REVISION),
        "index": at(status, "currentStepIndex", default=0),
        "aborted": bool(status.get("abort")),
        "paused": bool(at(rollout, "spec", "paused") or status.get("pauseConditions")),
        "images": {role: _image(rollout, replica_sets, role) for role in ("canary", "stable")},
        "weights": {
            "canary": at(weights, "canary", "weight", default=0),
            "stable": at(weights, "stable", "weight", default=100),
        },
        "steps": list(_steps(rollout)),
        "pods": _pods(store, rollout, replica_sets),
        "services": [_service(store, rollout, name) for name in _services_of(rollout)],
        "ingresses": [_ingress(store, rollout, name) for name in ingresses_of(rollout)],
        "history": list(history),
    }


def ingresses_of(rollout: Manifest) -> list[str]:
    """The names of the Ingresses that carry its weights."""
    alb = at(rollout, "spec", "strategy", "canary", "trafficRouting", "alb", default={})
    several = alb.get("ingresses") or ([alb["ingress"]] if alb.get("ingress") else [])
    return list(several)


def action_key(rollout: Manifest) -> str:
    """The annotation that carries its weights."""
    canary = at(rollout, "spec", "strategy", "canary", default={})
    root = at(canary, "trafficRouting", "alb", "rootService") or canary.get("stableService", "")
    return f"{_ACTIONS}{root}"


def weight_on(store: Store, rollout: Manifest, name: str) -> int | None:
    """The canary's weight that stands on an Ingress; None: it cannot be read there."""
    ingress = store.find(kinds.INGRESSES, rollout["metadata"]["namespace"], name)
    text = at(ingress, "metadata", "annotations", action_key(rollout), default="")
    canary = at(rollout, "spec", "strategy", "canary", "canaryService", default="")
    try:
        groups = json.loads(text)["ForwardConfig"]["TargetGroups"]
        return next(int(g["Weight"]) for g in groups if g["ServiceName"] == canary)
    except (ValueError, KeyError, TypeError, StopIteration):
        return None


def _steps(rollout: Manifest) -> list[Json]:
    steps = at(rollout, "spec", "strategy", "canary", "steps", default=())
    index = at(rollout, "status", "currentStepIndex", default=0)

    def state(number: int) -> str:
        return "done" if number < index else "now" if number == index else "next"

    return [{"text": as_text(step), "state": state(i)} for i, step in enumerate(steps)]


def _role(rollout: Manifest, revision: str) -> str:
    stable = at(rollout, "status", "stableRS", default="")
    if revision == stable:
        return "stable"
    return "canary" if revision == at(rollout, "status", "currentPodHash") else "old"


def _image(rollout: Manifest, replica_sets: list[Manifest], role: str) -> str:
    for one in replica_sets:
        if _role(rollout, sets.hash_of(one)) == role:
            return str(at(one, "spec", "template", "spec", "containers", 0, "image", default=""))
    return ""


def _pods(store: Store, rollout: Manifest, replica_sets: list[Manifest]) -> list[Json]:
    found = []
    for one in sorted(replica_sets, key=sets.revision, reverse=True):
        role = _role(rollout, sets.hash_of(one))
        pods = store.owned(kinds.PODS, uid_of(one))
        found += [_pod(pod, role) for pod in sorted(pods, key=_name)]
    return found


def _pod(pod: Manifest, role: str) -> Json:
    return {
        "name": _name(pod),
        "role": role,
        "ready": is_ready(pod),
        "phase": at(pod, "status", "phase", default="Pending"),
        "image": at(pod, "spec", "containers", 0, "image", default=""),
    }


def _name(thing: Manifest) -> str:
    return str(thing["metadata"]["name"])


def _services_of(rollout: Manifest) -> list[str]:
    canary = at(rollout, "spec", "strategy", "canary", default={})
    return [canary[role] for role in ("stableService", "canaryService") if canary.get(role)]


def _service(store: Store, rollout: Manifest, name: str) -> Json:
    service = store.find(kinds.SERVICES, rollout["metadata"]["namespace"], name)
    revision = at(service, "spec", "selector", sets.HASH, default="")
    role = _role(rollout, revision) if revision else "other"
    return {"name": name, "selects": role if role in ("canary", "stable") else "other"}


def _ingress(store: Store, rollout: Manifest, name: str) -> Json:
    ingress = store.find(kinds.INGRESSES, rollout["metadata"]["namespace"], name)
    key = action_key(rollout)
    rules = at(ingress, "spec", "rules", default=())
    paths = [path for rule in rules for path in at(rule, "http", "paths", default=())]
    return {
        "name": name,
        "canary": weight_on(store, rollout, name),
        "annotation": at(ingress, "metadata", "annotations", key, default=""),
        "paths": [_path(path) for path in paths],
        "writer": _writer(ingress, key),
    }


def _path(path: Manifest) -> str:
    service = at(path, "backend", "service", "name", default="?")
    return f"{path.get('path', '/')} → {service}"


def _writer(ingress: Manifest | None, key: str) -> str:
    """Who wrote the annotation last."""
    owners = [
        entry
        for entry in at(ingress, "metadata", "managedFields", default=())
        if at(entry, "fieldsV1", "f:metadata", "f:annotations", f"f:{key}") is not None
    ]
    newest: Manifest = max(owners, key=lambda entry: entry.get("time", ""), default={})
    return str(newest.get("manager", ""))
