"""
The canary Ingress that Argo keeps beside a stable one of NGINX. Pure.

Argo: rollout/trafficrouting/nginx/nginx.go, utils/ingress/ingress.go.
"""

from collections.abc import Iterator
from typing import Any

from bot.sandbox.cluster.argo.hands import owner_reference
from bot.sandbox.cluster.argo.look import Look
from bot.sandbox.cluster.objects import Manifest, at, put
from bot.sandbox.cluster.queue import Trouble

_PREFIX = "nginx.ingress.kubernetes.io"
_CLASS = "kubernetes.io/ingress.class"
_SUFFIX = "-canary"
_LONGEST_NAME = 253


def names(routing: Manifest) -> list[str]:
    """The names of the stable Ingresses, in their order."""
    several = routing.get("stableIngresses")
    return list(several) if several is not None else [routing.get("stableIngress", "")]


def canary_name(rollout: str, stable: str) -> str:
    """The name of the canary Ingress beside a stable one."""
    return f"{rollout}-{stable}"[: _LONGEST_NAME - len(_SUFFIX)] + _SUFFIX


def watched(rollout: Manifest) -> Iterator[str]:
    """The Ingresses of NGINX that wake the controller: the stable ones and theirs."""
    routing = at(rollout, "spec", "strategy", "canary", "trafficRouting", "nginx")
    for name in names(routing) if routing else ():
        if name:
            yield name
            yield canary_name(rollout["metadata"]["name"], name)


def wanted(stable: Manifest, look: Look, name: str, weight: int) -> Manifest:
    """Make the canary Ingress as it shall be. Raises Trouble."""
    spec: Manifest = {"rules": list(_rules(stable, look))}
    if not spec["rules"]:
        named = look.nginx.get("stableIngress", "")
        service = look.canary.get("stableService", "")
        raise Trouble(f"ingress `{named}` has no rules using service {service} backend")
    for key in ("tls", "ingressClassName"):
        if key in stable["spec"]:
            spec[key] = stable["spec"][key]
    metadata = {
        "name": name,
        "namespace": stable["metadata"]["namespace"],
        "annotations": _annotations(stable, look, weight),
        "ownerReferences": [owner_reference(look.rollout)],
    }
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": metadata,
        "spec": spec,
    }


def adopted(present: Manifest, desired: Manifest) -> Manifest:
    """Give the canary Ingress that is there as it shall be; annotations of others stay."""
    notes = {
        **at(present, "metadata", "annotations", default={}),
        **at(desired, "metadata", "annotations"),
    }
    after = put(present, notes, "metadata", "annotations")
    return put(put(after, None, "metadata", "labels"), desired["spec"], "spec")


def _annotations(stable: Manifest, look: Look, weight: int) -> dict[str, str]:
    prefix = look.nginx.get("annotationPrefix") or _PREFIX
    notes: dict[str, str] = {}
    if (name := at(stable, "metadata", "annotations", _CLASS)) is not None:
        notes[_CLASS] = name
    for key, value in (look.nginx.get("additionalIngressAnnotations") or {}).items():
        notes[key if key.startswith(prefix) else f"{prefix}/{key}"] = value
    notes.update(look.nginx.get("canaryIngressAnnotations") or {})
    notes[f"{prefix}/canary"] = "true"
    notes[f"{prefix}/canary-weight"] = str(weight)
    if (most := at(look.canary, "trafficRouting", "maxTrafficWeight")) is not None:
        notes[f"{prefix}/canary-weight-total"] = str(most)
    return notes


def _rules(stable: Manifest, look: Look) -> Iterator[Manifest]:
    """Copy the rules that lead to the stable Service, also their paths to others."""
    service = look.canary.get("stableService", "")
    for rule in at(stable, "spec", "rules", default=()):
        if not rule.get("http"):
            raise Trouble("a rule without http")  # Argo panics there
        paths = list(rule["http"]["paths"])
        if any(_backend(path) == service for path in paths):
            yield put(rule, [_turned(path, look) for path in paths], "http", "paths")


def _turned(path: Manifest, look: Look) -> Manifest:
    if _backend(path) != look.canary.get("stableService", ""):
        return path
    return put(path, look.canary.get("canaryService", ""), "backend", "service", "name")


def _backend(path: Manifest) -> Any:
    if at(path, "backend", "service") is None:
        raise Trouble("a path without a Service")  # Argo panics there
    return at(path, "backend", "service", "name")
