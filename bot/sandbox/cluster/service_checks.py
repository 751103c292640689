"""What must hold of a Service. Source: kubernetes `pkg/apis/core/validation`."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.sandbox.cluster import names
from bot.sandbox.cluster.checking import PORTS, Found, each, named, no_port, unsupported
from bot.sandbox.cluster.errors import fault, required
from bot.sandbox.cluster.objects import Manifest, at
from bot.sandbox.cluster.texts import text_of


def service(before: Manifest | None, after: Manifest) -> Found:
    """What is wrong with ports, selector, type and address."""
    spec = after["spec"]
    ports = spec.get("ports") or ()
    if before is not None:
        yield from _address_change(before["spec"], spec)
    if not ports and spec.get("clusterIP") != "None" and spec["type"] != "ExternalName":
        yield required("spec.ports")
    if spec["type"] == "ExternalName":
        yield from _external_name(spec)
    yield from _outside(spec)
    for index, port in enumerate(ports):
        others = ports[:index] if len(ports) > 1 else None
        yield from _service_port(port, others, f"spec.ports[{index}]")
    yield from _same_ports(ports)
    for key, value in (spec.get("selector") or {}).items():
        yield from each(names.label_key_faults(key), "spec.selector", key)
        yield from each(names.label_value_faults(value), "spec.selector", value)
    for field, words in _WORDS.items():
        if spec.get(field) not in (None, *words):
            yield unsupported(f"spec.{field}", spec[field], words)


def _outside(spec: Mapping[str, Any]) -> Found:
    """What may be said only of a Service that is reached from outside, and what not of it."""
    policy, kind = spec.get("externalTrafficPolicy"), spec["type"]
    if kind in ("NodePort", "LoadBalancer"):
        if spec.get("clusterIP") == "None":
            words = f"Invalid value: \"None\": may not be set to 'None' for {kind} services"
            yield fault("spec.clusterIPs[0]", words)
        if policy not in (None, *_POLICIES):
            yield unsupported("spec.externalTrafficPolicy", policy, _POLICIES)
    elif policy:
        words = "may only be set for externally-accessible services"
        yield fault("spec.externalTrafficPolicy", f'Invalid value: "{policy}": {words}')


def service_status(_: Manifest | None, after: Manifest) -> Found:
    """Only a load balancer has addresses."""
    if at(after, "status", "loadBalancer", "ingress") and after["spec"]["type"] != "LoadBalancer":
        words = "Forbidden: may only be used when `spec.type` is 'LoadBalancer'"
        yield fault("status.loadBalancer.ingress", words, "FieldValueForbidden")


_POLICIES = ("Cluster", "Local")
_WORDS = {
    "internalTrafficPolicy": _POLICIES,
    "sessionAffinity": ("ClientIP", "None"),
    "type": ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort"),
}


def _address_change(old: Mapping[str, Any], new: Mapping[str, Any]) -> Found:
    before, after = old.get("clusterIP"), new.get("clusterIP")
    if before and before != after and "ExternalName" not in (old["type"], new["type"]):
        shown = text_of([after]).decode()
        yield fault("spec.clusterIPs[0]", f"Invalid value: {shown}: may not change once set")


def _external_name(spec: Mapping[str, Any]) -> Found:
    if not spec.get("externalName"):
        yield required("spec.externalName")
    else:
        yield from named(spec["externalName"].removesuffix("."), "spec.externalName")


def _service_port(
    port: Mapping[str, Any], others: Sequence[Mapping[str, Any]] | None, field: str
) -> Found:
    """What is wrong with a port; *others*: those before it, None: it is the only one."""
    name, target = port.get("name", ""), port.get("targetPort")
    if not name and others is not None:
        yield required(f"{field}.name")
    elif name:
        yield from each(names.label_faults(name), f"{field}.name", name)
        if any(one.get("name") == name for one in others or ()):
            yield fault(f"{field}.name", f'Duplicate value: "{name}"', "FieldValueDuplicate")
    if port.get("port") not in PORTS:
        yield no_port(f"{field}.port", port.get("port", 0))
    if port.get("protocol") not in ("SCTP", "TCP", "UDP"):
        yield unsupported(f"{field}.protocol", port.get("protocol", ""), ("SCTP", "TCP", "UDP"))
    if isinstance(target, int) and target not in PORTS:
        yield no_port(f"{field}.targetPort", target)
    elif isinstance(target, str):
        yield from each(names.port_name_faults(target), f"{field}.targetPort", target)


def _same_ports(ports: Sequence[Mapping[str, Any]]) -> Found:
    seen: set[tuple[Any, Any]] = set()
    for index, port in enumerate(ports):
        key = (port.get("protocol"), port.get("port"))
        if key in seen:
            shown = text_of(
                {
                    "Name": "",
                    "Protocol": key[0],
                    "AppProtocol": None,
                    "Port": key[1],
                    "TargetPort": 0,
                    "NodePort": 0,
                }
            ).decode()
            words = f"Duplicate value: {shown}"
            yield fault(f"spec.ports[{index}]", words, "FieldValueDuplicate")
        seen.add(key)
