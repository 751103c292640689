"""
What the server itself puts into Services and pods: addresses, ports, tolerations.

Sources: kubernetes `pkg/registry/core/service/storage`, `plugin/pkg/admission/priority` and
`defaulttolerationseconds`.
"""

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

from bot.sandbox.cluster.objects import Manifest

_WITH_NODE_PORTS = ("NodePort", "LoadBalancer")
_NO_ADDRESS = "None"
_addresses = itertools.count(1)
_node_ports = itertools.count()
_FIRST_NODE_PORT, _NODE_PORTS = 30000, 2768
_SECONDS = 300  #: that a pod stays on a node which is not well


def finished_service(before: Manifest | None, thing: Manifest) -> Manifest:
    """Give a Service its addresses and ports, or those that it had."""
    spec = dict(thing["spec"])
    kind = spec.get("type", "ClusterIP")
    old: Mapping[str, Any] = before["spec"] if before else {}
    _drop(spec, old, kind)
    if kind == "ExternalName":
        return {**thing, "spec": spec}
    if old.get("type") != "ExternalName":
        for field in ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"):
            if not spec.get(field) and old.get(field):
                spec[field] = old[field]
    _address(spec)
    if kind in _WITH_NODE_PORTS:
        spec["ports"] = list(_with_node_ports(spec, old))
    return {**thing, "spec": spec}


def _drop(spec: dict[str, Any], old: Mapping[str, Any], kind: str) -> None:
    """Take away what only the type that it had before needs, if nobody changed it."""
    before = old.get("type", "")
    if kind not in _WITH_NODE_PORTS and before in _WITH_NODE_PORTS:
        if _node_ports_of(spec) <= _node_ports_of(old):
            spec["ports"] = [_without(port, "nodePort") for port in spec.get("ports") or ()]
        _forget(spec, old, "externalTrafficPolicy")
    if kind != "LoadBalancer" and before == "LoadBalancer":
        _forget(spec, old, "allocateLoadBalancerNodePorts")
    if kind != "ExternalName" and before == "ExternalName":
        _forget(spec, old, "externalName")
    if kind == "ExternalName" and old.get("clusterIP") == spec.get("clusterIP"):
        for field in ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"):
            spec.pop(field, None)
        if old:
            _forget(spec, old, "internalTrafficPolicy")


def _forget(spec: dict[str, Any], old: Mapping[str, Any], field: str) -> None:
    if spec.get(field) == old.get(field):
        spec.pop(field, None)


def _address(spec: dict[str, Any]) -> None:
    if not spec.get("clusterIP"):
        number = next(_addresses)
        spec["clusterIP"] = f"10.0.{number // 250 % 250 + 1}.{number % 250 + 2}"
    spec.setdefault("clusterIPs", [spec["clusterIP"]])
    alone = spec["clusterIP"] == _NO_ADDRESS and not spec.get("selector")
    spec.setdefault("ipFamilies", ["IPv4", "IPv6"] if alone else ["IPv4"])
    spec.setdefault("ipFamilyPolicy", "RequireDualStack" if alone else "SingleStack")


def _node_ports_of(spec: Mapping[str, Any]) -> set[int]:
    return {port["nodePort"] for port in spec.get("ports") or () if port.get("nodePort")}


def _with_node_ports(spec: Mapping[str, Any], old: Mapping[str, Any]) -> Iterator[Manifest]:
    """Give each port the one that the port of its name had, or a new one."""
    known = {port.get("name", ""): port.get("nodePort") for port in old.get("ports") or ()}
    used = _node_ports_of(spec) & _node_ports_of(old)
    for port in spec.get("ports") or ():
        number = port.get("nodePort") or known.get(port.get("name", "")) or 0
        if not port.get("nodePort") and (not number or number in used):
            number = _FIRST_NODE_PORT + next(_node_ports) % _NODE_PORTS
        used.add(int(number))
        yield {**port, "nodePort": number}


def _without(port: Manifest, field: str) -> Manifest:
    return {key: value for key, value in port.items() if key != field}


def finished_pod(before: Manifest | None, thing: Manifest) -> Manifest:
    """Give a new pod what admission gives it, and its first status."""
    if before is not None:
        quality = {"qosClass": before["status"].get("qosClass", "BestEffort")}
        thing = {**thing, "status": {**(thing.get("status") or {}), **quality}}
    spec = dict(thing["spec"])
    tolerations = list(spec.get("tolerations") or ())
    for key in ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"):
        if not any(one.get("key") == key for one in tolerations):
            tolerations.append(
                {
                    "key": key,
                    "operator": "Exists",
                    "effect": "NoExecute",
                    "tolerationSeconds": _SECONDS,
                }
            )
    spec["tolerations"] = tolerations
    spec.setdefault("priority", 0)
    spec.setdefault("preemptionPolicy", "PreemptLowerPriority")
    if before is not None:
        return {**thing, "spec": spec}
    return {**thing, "spec": spec, "status": {"phase": "Pending", "qosClass": _quality(spec)}}


def _quality(spec: Mapping[str, Any]) -> str:
    """Whether the pod says what it needs, and whether that is also the most that it gets."""
    needs = [each.get("resources") or {} for each in spec.get("containers") or ()]
    if not any(each.get("requests") or each.get("limits") for each in needs):
        return "BestEffort"
    wanted = {"cpu", "memory"}
    guaranteed = all(
        wanted <= set(each.get("limits") or {})
        and (each.get("requests") or each["limits"]) == each["limits"]
        for each in needs
    )
    return "Guaranteed" if guaranteed else "Burstable"
