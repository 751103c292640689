"""What must hold of an Ingress. Source: kubernetes `pkg/apis/networking/validation`."""

from collections.abc import Mapping
from typing import Any

from bot.sandbox.cluster import names
from bot.sandbox.cluster.checking import (
    PORTS,
    Found,
    each,
    is_address,
    named,
    no_address,
    no_port,
    unsupported,
)
from bot.sandbox.cluster.errors import fault, required
from bot.sandbox.cluster.objects import Manifest, at

_PATH_TYPES = ("Exact", "ImplementationSpecific", "Prefix")


def ingress(_: Manifest | None, after: Manifest) -> Found:
    """What is wrong with rules, backends and certificates."""
    spec = after["spec"]
    if not spec.get("rules") and "defaultBackend" not in spec:
        yield fault(
            "spec", "Invalid value: null: either `defaultBackend` or `rules` must be specified"
        )
    if "defaultBackend" in spec:
        yield from _backend(spec["defaultBackend"], "spec.defaultBackend")
    for index, rule in enumerate(spec.get("rules") or ()):
        yield from _ingress_rule(rule, f"spec.rules[{index}]")
    if spec.get("ingressClassName") is not None:
        yield from named(spec["ingressClassName"], "spec.ingressClassName")
    for index, tls in enumerate(spec.get("tls") or ()):
        for number, host in enumerate(tls.get("hosts") or ()):
            yield from _host(host, f"spec.tls[{index}].hosts[{number}]")
        if tls.get("secretName"):
            yield from named(tls["secretName"], f"spec.tls[{index}].secretName")


def _ingress_rule(rule: Mapping[str, Any], field: str) -> Found:
    if rule.get("host"):
        yield from _host(rule["host"], f"{field}.host")
    if "http" not in rule:
        return
    paths = rule["http"].get("paths") or ()
    if not paths:
        yield required(f"{field}.http.paths")
    for index, path in enumerate(paths):
        yield from _ingress_path(path, f"{field}.http.paths[{index}]")


def _ingress_path(path: Mapping[str, Any], field: str) -> Found:
    kind, text = path.get("pathType"), path.get("path", "")
    if kind is None:
        yield required(f"{field}.pathType", "pathType must be specified")
        return
    if kind not in _PATH_TYPES:
        yield unsupported(f"{field}.pathType", kind, _PATH_TYPES)
    elif kind != "ImplementationSpecific" and not text.startswith("/"):
        yield fault(f"{field}.path", f'Invalid value: "{text}": must be an absolute path')
    elif kind != "ImplementationSpecific":
        for part in ("//", "/./", "/../", "%2f", "%2F"):
            if part in text:
                yield fault(
                    f"{field}.path", f"Invalid value: \"{text}\": must not contain '{part}'"
                )
    elif text and not text.startswith("/"):
        yield fault(f"{field}.path", f'Invalid value: "{text}": must be an absolute path')
    yield from _backend(path["backend"], f"{field}.backend")


def _backend(backend: Mapping[str, Any], field: str) -> Found:
    service, resource = backend.get("service"), backend.get("resource")
    if service is not None and resource is not None:
        yield fault(field, 'Invalid value: "": cannot set both resource and service backends')
    elif service is None and resource is None:
        yield fault(field, 'Invalid value: "": resource or service backend is required')
    elif service is not None:
        yield from _backend_service(service, field)


def _backend_service(service: Mapping[str, Any], field: str) -> Found:
    name, port = service.get("name", ""), service.get("port") or {}
    if not name:
        yield required(f"{field}.service.name")
    else:
        yield from each(names.service_faults(name), f"{field}.service.name", name)
    number, called = port.get("number", 0), port.get("name", "")
    if called and number:
        yield fault(field, 'Invalid value: "": cannot set both port name & port number')
    elif called:
        yield from each(names.port_name_faults(called), f"{field}.service.port.name", called)
    elif number not in PORTS:
        if number:
            yield no_port(f"{field}.service.port.number", number)
        else:
            yield required(field, "port name or number is required")


def _host(host: str, field: str) -> Found:
    if is_address(host):
        yield fault(field, f'Invalid value: "{host}": must be a DNS name, not an IP address')
    elif "*" in host:
        yield from each(names.wildcard_faults(host), field, host)
    else:
        yield from named(host, field)


def ingress_status(_: Manifest | None, after: Manifest) -> Found:
    """What is wrong with the addresses of its load balancer."""
    for index, one in enumerate(at(after, "status", "loadBalancer", "ingress", default=())):
        field = f"status.loadBalancer.ingress[{index}]"
        if one.get("ip") and not is_address(one["ip"]):
            yield fault(f"{field}.ip", no_address(one["ip"]))
        if one.get("hostname"):
            yield from _host(one["hostname"], f"{field}.hostname")
