"""
What the server fills in where a manifest of a built-in kind says nothing.

Source: kubernetes `pkg/apis/*/v1/defaults.go`.
"""

from collections.abc import Callable
from typing import Any

from bot.sandbox.cluster.kinds import (
    CLUSTER_ROLE_BINDINGS,
    NAMESPACES,
    PODS,
    REPLICA_SETS,
    ROLE_BINDINGS,
    SERVICES,
    WEBHOOKS,
    Kind,
)
from bot.sandbox.cluster.objects import Manifest, at

_POD: Manifest = {
    "restartPolicy": "Always",
    "terminationGracePeriodSeconds": 30,
    "dnsPolicy": "ClusterFirst",
    "securityContext": {},
    "schedulerName": "default-scheduler",
}
_CONTAINER = {
    "terminationMessagePath": "/dev/termination-log",
    "terminationMessagePolicy": "File",
}
_PROBE = {"timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3}
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_WITH_PORTS = ("NodePort", "LoadBalancer")


def complete(kind: Kind, manifest: Manifest) -> Manifest:
    """Fill in what is missing."""
    fill = _FILLERS.get(kind.key)
    return fill(manifest) if fill else manifest


def _namespace(manifest: Manifest) -> Manifest:
    """A namespace says its own name as a label."""
    metadata = manifest["metadata"]
    if not metadata.get("name"):
        return manifest
    labels = {**(metadata.get("labels") or {}), "kubernetes.io/metadata.name": metadata["name"]}
    return {**manifest, "metadata": {**metadata, "labels": labels}}


def _service(manifest: Manifest) -> Manifest:
    spec = {"sessionAffinity": "None", "type": "ClusterIP"} | manifest["spec"]
    if spec["type"] != "ExternalName":
        spec.setdefault("internalTrafficPolicy", "Cluster")
    if spec["type"] in _WITH_PORTS:
        spec.setdefault("externalTrafficPolicy", "Cluster")
    if spec["type"] == "LoadBalancer":
        spec.setdefault("allocateLoadBalancerNodePorts", True)
    if spec.get("ports"):
        spec["ports"] = [_service_port(port) for port in spec["ports"]]
    return {**manifest, "spec": spec}


def _service_port(port: Manifest) -> Manifest:
    target = port.get("targetPort")
    return {**port, "protocol": port.get("protocol", "TCP"), "targetPort": target or port["port"]}


def _replica_set(manifest: Manifest) -> Manifest:
    spec = {"replicas": 1} | manifest["spec"]
    template = spec["template"]
    spec["template"] = {**template, "spec": _pod_spec(template["spec"])}
    return {**manifest, "spec": spec}


def _pod(manifest: Manifest) -> Manifest:
    spec = {"enableServiceLinks": True, **_pod_spec(manifest["spec"])}
    return {**manifest, "spec": spec, "status": _pod_status(manifest.get("status") or {})}


def _pod_status(status: Manifest) -> Manifest:
    """The address of a pod is also the first of its addresses."""
    one, many = status.get("podIP"), status.get("podIPs") or ()
    first = many[0].get("ip") if many else None
    if one and one != first:
        return {**status, "podIPs": [{"ip": one}]}
    return {**status, "podIP": first} if first else status


def _pod_spec(spec: Manifest) -> Manifest:
    spec = _POD | spec
    if "serviceAccountName" in spec:
        spec["serviceAccount"] = spec["serviceAccountName"]
    for field in ("containers", "initContainers"):
        if spec.get(field):
            spec[field] = [_container(each) for each in spec[field]]
    return spec


def _container(container: Manifest) -> Manifest:
    tag = str(container.get("image", "")).rpartition("/")[2].partition(":")[2]
    pull = "Always" if tag in ("", "latest") else "IfNotPresent"
    result: dict[str, Any] = _CONTAINER | {"imagePullPolicy": pull} | container
    if result.get("ports"):
        result["ports"] = [{"protocol": "TCP"} | port for port in result["ports"]]
    for name in _PROBES:
        if name in result:
            result[name] = _PROBE | result[name]
            if "httpGet" in result[name]:
                get = {"path": "/", "scheme": "HTTP"} | result[name]["httpGet"]
                result[name] = {**result[name], "httpGet": get}
    return result


def _binding(manifest: Manifest) -> Manifest:
    api = "rbac.authorization.k8s.io"
    role = manifest["roleRef"]
    manifest = {**manifest, "roleRef": {**role, "apiGroup": role.get("apiGroup") or api}}
    subjects = [
        {"apiGroup": api, **one} if one.get("kind") in ("User", "Group") else one
        for one in manifest.get("subjects") or ()
    ]
    return {**manifest, "subjects": subjects} if subjects else manifest


def _webhooks(manifest: Manifest) -> Manifest:
    first: Manifest = {
        "failurePolicy": "Fail",
        "matchPolicy": "Equivalent",
        "namespaceSelector": {},
        "objectSelector": {},
        "timeoutSeconds": 10,
    }
    filled: list[Manifest] = [{**first, **one} for one in at(manifest, "webhooks", default=())]
    for each in filled:
        each["rules"] = [{"scope": "*", **rule} for rule in each.get("rules") or ()]
    return {**manifest, "webhooks": filled} if filled else manifest


_FILLERS: dict[tuple[str, str], Callable[[Manifest], Manifest]] = {
    NAMESPACES.key: _namespace,
    SERVICES.key: _service,
    REPLICA_SETS.key: _replica_set,
    PODS.key: _pod,
    ROLE_BINDINGS.key: _binding,
    CLUSTER_ROLE_BINDINGS.key: _binding,
    WEBHOOKS.key: _webhooks,
}
