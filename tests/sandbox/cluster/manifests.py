"""Small manifests."""

from typing import Any

Manifest = dict[str, Any]


def rollout(name: str = "web", **labels: str) -> Manifest:
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Rollout",
        "metadata": {"name": name, **({"labels": labels} if labels else {})},
        "spec": {"replicas": 1, "strategy": {"canary": {"steps": [{"pause": {}}]}}},
    }


def config_map(name: str = "settings", **data: str) -> Manifest:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


def pod(name: str = "web-1", **spec: Any) -> Manifest:
    containers = [{"name": "app", "image": "shop/web:1"}]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name},
        "spec": {"containers": containers, **spec},
    }


def ingress(name: str = "web") -> Manifest:
    backend = {"service": {"name": "web", "port": {"number": 80}}}
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": name},
        "spec": {"defaultBackend": backend},
    }
