"""
What becomes of a rule's action when its Services are looked up.

A single Service that does not exist is answered 503; of several one that does not
exist, or a port that none has, stops the whole group. Source:
`pkg/ingress/enhanced_backend_builder.go`, `model_build_target_group.go`,
`pkg/k8s/service_utils.go` of v3.5.0.
"""

from collections.abc import Iterator

from bot.balancing.annotations import Action, FixedResponse, Forward, TargetGroup
from bot.balancing.groups import PREFIX, Failure, params_of
from bot.balancing.inventory import Inventory
from bot.balancing.objects import Ingress, Service, ServicePort

NO_ACTION = "Backend action does not exist"
NO_SERVICE = "Backend service does not exist"
_TARGET_TYPES = {"instance", "ip"}


def unavailable(body: str) -> FixedResponse:
    """Make the answer that the controller gives for what does not exist."""
    return FixedResponse(status="503", content_type="text/plain", body=body)


def resolve(inventory: Inventory, ingress: Ingress, action: Action, where: str) -> Action | Failure:
    """
    Look up the Services of an action.

    Args:
        inventory: where they are; in files what is not here counts as there.
        ingress: the rule's.
        action: as its path or annotation has it.
        where: the path, for words.

    """
    if not isinstance(action, Forward):
        return action
    missing = list(missing_services(inventory, ingress, action))
    if missing:
        if len(action.targets) == 1 and inventory.controller.tolerates_missing_service:
            return unavailable(NO_SERVICE)
        reason = f"Service {missing[0]} does not exist"
        return Failure(id="WIRE-05", ingress=ingress.key, where=where, reason=reason)
    faults = (port_fault(inventory, ingress, target, where) for target in action.targets)
    return next((fault for fault in faults if fault), action)


def missing_services(inventory: Inventory, ingress: Ingress, action: Forward) -> Iterator[str]:
    """Name the Services of an action that do not exist."""
    space = ingress.namespace
    for name in dict.fromkeys(target.service for target in action.targets):
        is_known = name is not None and inventory.knows_services(space)
        if name is not None and is_known and inventory.service(space, name) is None:
            yield name


def port_fault(
    inventory: Inventory, ingress: Ingress, target: TargetGroup, where: str
) -> Failure | None:
    """Tell why no target group can be made of a Service and its port."""
    if target.service is None or target.port is None:
        return None
    service = inventory.service(ingress.namespace, target.service)
    if service is None:
        return None
    port = find_port(service, target.port)
    if port is None:
        has = ", ".join(f"{p.port}{f' ({p.name})' if p.name else ''}" for p in service.ports)
        reason = f"Service {service.name} has no port {target.port!r}; it has {has or 'none'}"
        return Failure(id="WIRE-06", ingress=ingress.key, where=where, reason=reason)
    kind = target_type(inventory, ingress, service)
    if kind not in _TARGET_TYPES:
        reason = f"the target-type must be instance or ip, not {kind!r}"
        return Failure(id="ANN-01", ingress=ingress.key, where=where, reason=reason)
    if kind == "instance" and not service.has_node_ports and not port.node_port:
        reason = f"Service {service.name} is a {service.type} and has no node port"
        return Failure(id="WIRE-07", ingress=ingress.key, where=where, reason=reason)
    return None


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
