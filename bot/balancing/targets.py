"""
What the controller demands of a Service before it makes a target group of one of its ports.

Annotations may stand on the Service or on the Ingress; the Service's win, but class parameters
beat both for the target type. Source: `pkg/ingress/model_build_target_group.go`,
`pkg/k8s/service_utils.go` of v3.5.0.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.balancing.annotations import TargetGroup
from bot.balancing.groups import Failure, Step, params_of
from bot.balancing.inventory import Inventory
from bot.balancing.objects import PREFIX, Ingress, Service, ServicePort
from bot.balancing.scalars import parse_bool, parse_int, parse_pairs

_CHOICES = {
    "backend-protocol": ("HTTP", "HTTPS"),
    "backend-protocol-version": ("HTTP1", "HTTP2", "GRPC"),
    "healthcheck-protocol": ("HTTP", "HTTPS"),
}
_NUMBERS = (
    "healthcheck-interval-seconds",
    "healthcheck-timeout-seconds",
    "healthy-threshold-count",
    "unhealthy-threshold-count",
)
_TARGET_TYPES = ("instance", "ip")


@dataclass(frozen=True, kw_only=True)
class Annotations:
    """The annotations of a Service and of an Ingress, of which the Service's win."""

    service: Service
    ingress: Ingress

    def get(self, suffix: str) -> str | None:
        """Give the value that counts; None: neither has it."""
        key = f"{PREFIX}/{suffix}"
        own = self.service.annotations.get(key)
        return self.ingress.annotations.get(key) if own is None else own

    def where(self, suffix: str) -> str:
        """Tell where the value that counts stands."""
        key = f"{PREFIX}/{suffix}"
        on_service = key in self.service.annotations
        return f"{key} of Service {self.service.name}" if on_service else key

    def fault(self, suffix: str, reason: str, id_: str = "ANN-01") -> Failure:
        """Say that the value that counts cannot be used."""
        where = self.where(suffix)
        key = self.ingress.key
        return Failure(id=id_, ingress=key, where=where, reason=reason, step=Step.ACTIONS)


def target_faults(
    inventory: Inventory, ingress: Ingress, target: TargetGroup, where: str, *, dual_stack: bool
) -> Iterator[Failure]:
    """
    Tell why no target group can be made of a Service and its port, first things first.

    Args:
        inventory: where the Service is.
        ingress: the one that asks for it.
        target: the Service and its port.
        where: the path, for words.
        dual_stack: whether the balancer takes IPv6 as well.

    """
    if target.service is None or target.port is None:
        return
    service = inventory.service(ingress.namespace, target.service)
    if service is None:
        return

    def fault(id_: str, reason: str) -> Failure:
        key = ingress.key
        return Failure(id=id_, ingress=key, where=where, reason=reason, step=Step.ACTIONS)

    port = find_port(service, target.port)
    if port is None:
        has = ", ".join(f"{p.port}{f' ({p.name})' if p.name else ''}" for p in service.ports)
        reason = f"Service {service.name} has no port {target.port!r}; it has {has or 'none'}"
        yield fault("WIRE-06", reason)
        return
    said = Annotations(service=service, ingress=ingress)
    kind = target_type(inventory, ingress, service)
    yield from _settings(said, kind)
    if "IPv6" in service.families and not dual_stack:
        yield fault("ANN-01", f"Service {service.name} is for IPv6, and the balancer is not")
    control = f"target-control-port.{service.name}.{target.port}"
    yield from _control(said, control, kind)
    if kind == "instance" and not service.has_node_ports and not port.node_port:
        yield fault("WIRE-07", f"Service {service.name} is a {service.type} and has no node port")
    yield from _bindings(said, kind)


def _settings(said: Annotations, kind: str) -> Iterator[Failure]:
    if kind not in _TARGET_TYPES:
        reason = f"the target type must be {' or '.join(_TARGET_TYPES)}, not {kind!r}"
        yield said.fault("target-type", reason)
    for suffix, choices in _CHOICES.items():
        value = said.get(suffix)
        if value is not None and value not in choices:
            yield said.fault(suffix, f"must be {' or '.join(choices)}, not {value!r}")
        if suffix == "backend-protocol-version":
            yield from _health_port(said, kind)
    for suffix in _NUMBERS:
        value = said.get(suffix)
        if value is not None and parse_int(value) is None:
            yield said.fault(suffix, f"must be a whole number, not {value!r}")
    for suffix in ("target-group-attributes", "tags"):
        yield from _pairs(said, suffix)


def _health_port(said: Annotations, kind: str) -> Iterator[Failure]:
    """Look for the port of health checks: a number, a name of the Service, or `traffic-port`."""
    value = said.get("healthcheck-port")
    if value is None or value == "traffic-port" or parse_int(value) is not None:
        return
    port = find_port(said.service, value)
    if port is None:
        reason = f"Service {said.service.name} has no port named {value!r}"
        yield said.fault("healthcheck-port", reason)
    elif kind == "ip" and isinstance(port.target_port, str):
        reason = f"the port {value!r} leads to the named port {port.target_port!r} of the pods"
        yield said.fault("healthcheck-port", reason)


def _control(said: Annotations, suffix: str, kind: str) -> Iterator[Failure]:
    value = said.get(suffix)
    if value is None:
        return
    if parse_int(value) is None:
        yield said.fault(suffix, f"must be a port, not {value!r}")
    elif kind == "instance":
        yield said.fault(suffix, "targets of type instance can have no control port")


def _bindings(said: Annotations, kind: str) -> Iterator[Failure]:
    if kind == "instance":
        yield from _pairs(said, "target-node-labels")
    key = f"{PREFIX}/multi-cluster-target-group"
    for thing in (said.ingress, said.service):
        value = thing.annotations.get(key)
        if value is not None and parse_bool(value) is None:
            yield said.fault("multi-cluster-target-group", f"must be true or false, not {value!r}")
        if value is not None and parse_bool(value):
            return


def _pairs(said: Annotations, suffix: str) -> Iterator[Failure]:
    value = said.get(suffix)
    if value is not None and parse_pairs(value) is None:
        yield said.fault(suffix, f"must be key=value pairs with commas between, not {value!r}")


def find_port(service: Service, port: int | str) -> ServicePort | None:
    """Find a port by its number, or by its name (an empty one is a port without a name)."""
    if isinstance(port, int):
        return next((one for one in service.ports if one.port == port), None)
    return next((one for one in service.ports if one.name == port), None)


def target_type(inventory: Inventory, ingress: Ingress, service: Service) -> str:
    """Tell how targets are reached: class parameters, then the Service, then the Ingress."""
    params, key = params_of(inventory, ingress), f"{PREFIX}/target-type"
    if params is not None and params.target_type:
        return params.target_type
    own = service.annotations.get(key, ingress.annotations.get(key))
    return inventory.controller.target_type if own is None else own
