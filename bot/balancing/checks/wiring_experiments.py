"""
WIRE-05, -06, -07 in the Services that Argo makes for weighted templates of experiments.

Told from the steps, before the experiment runs. Source: argo-rollouts 1.10.1
`experiments/experiment.go`, createTemplateService: a Service of the containers' own ports, of
type ClusterIP, and none at all where they name no ports; `rollout/trafficrouting.go` then
writes a target group without a Service. The first was seen on the running controllers.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.balancing.argo import alb_prefix
from bot.balancing.catalogue import wiring
from bot.balancing.checks.patches import patch_canary, patch_ingress
from bot.balancing.checks.scene import Bond, BondCheck, Result, Unchecked
from bot.balancing.checks.wiring_services import lacks_node_port, ports_of, services_of, unreachable
from bot.balancing.groups import params_of
from bot.balancing.inventory import Inventory
from bot.balancing.objects import PREFIX, Ingress, Service, ServicePort
from bot.balancing.targets import find_port
from bot.release.rollout import Rollout

_NO_PORTS = "Name the ports of the containers in the pod template: Argo makes a Service of them."
_OTHER_PORT = "Let a container name the port of alb.servicePort, or set that to one they name."
_BY_ADDRESS = "Set target-type to ip on the Ingress; the Service that Argo makes is a ClusterIP."


def experiments(bond: Bond) -> Iterator[Result]:
    """Look at the weighted templates of all experiment steps; one finding for all of them."""
    rollout = bond.rollout
    names = list(dict.fromkeys(_weighted(rollout.steps)))
    if rollout.alb is None or alb_prefix(rollout) != PREFIX or not names:
        return
    if not rollout.containers:
        for id_ in ("WIRE-05", "WIRE-06"):
            yield _unchecked(rollout, id_)
        return
    service = _to_come(rollout, names[0])
    if not service.ports:
        yield _no_service(rollout, names)
    elif find_port(service, rollout.alb.service_port) is None:
        yield _no_such_port(bond.inventory, rollout, service, names)
    else:
        for tie in bond.ties:
            asked = rollout.alb.service_port
            if tie.ingress and lacks_node_port(bond.inventory, tie.ingress, service, asked):
                yield _out_of_reach(bond.inventory, rollout, tie.ingress, service, names)


def _weighted(steps: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Name the templates of experiments that get a share of the requests."""
    for step in steps:
        experiment = step.get("experiment")
        templates = experiment.get("templates") if isinstance(experiment, dict) else None
        for template in templates if isinstance(templates, list | tuple) else ():
            if isinstance(template, dict) and template.get("weight") is not None:
                yield str(template.get("name", ""))


def _to_come(rollout: Rollout, template: str) -> Service:
    """Give the Service that Argo will make; its name gets more, which nobody knows before."""
    ports = (
        ServicePort(port=port.number, name=port.name)
        for container in rollout.containers
        for port in container.ports
    )
    name = f"{rollout.name}-…-{template}"
    return Service(namespace=rollout.namespace, name=name, ports=tuple(ports))


def _unchecked(rollout: Rollout, id_: str) -> Unchecked:
    return Unchecked(
        id=id_,
        kind="Rollout",
        namespace=rollout.namespace,
        name=rollout.name,
        reason="the pod template is not in the Rollout, and Argo makes the Services of its "
        "experiments of the ports there",
    )


def _no_service(rollout: Rollout, names: Sequence[str]) -> Result:
    finding = wiring.WIRE_05.at(
        "Rollout",
        rollout.namespace,
        rollout.name,
        rollout=rollout.name,
        message=f"At the experiment of {rollout.name} no new weight will reach the ALB: Argo makes "
        f"no Service for {_listed(names)}.",
        evidence=f"the experiment gives a share to {_listed(names)}; the containers "
        f"{', '.join(one.name for one in rollout.containers)} of spec.template name no ports, and "
        "Argo then writes a target group without ServiceName",
        place="experiment",
    )
    return replace(finding, fix=_NO_PORTS)


def _no_such_port(
    inventory: Inventory, rollout: Rollout, service: Service, names: Sequence[str]
) -> Result:
    asked = rollout.alb.service_port if rollout.alb else 0
    finding = wiring.WIRE_06.at(
        "Rollout",
        rollout.namespace,
        rollout.name,
        rollout=rollout.name,
        message=f"At the experiment of {rollout.name} no new weight will reach the ALB: the "
        f"Service that Argo makes for {_listed(names)} has no port {asked}.",
        evidence=f"trafficRouting.alb.servicePort is {asked}; the experiment gives a share to "
        f"{_listed(names)}, and its Service gets what the containers name: {ports_of(service)}",
        patch=_with_port(inventory, rollout, service),
        place="experiment",
    )
    return replace(finding, fix=_OTHER_PORT)


def _with_port(inventory: Inventory, rollout: Rollout, service: Service) -> str:
    """Take the only port of the containers, where the other Services have it too."""
    others = [inventory.service(rollout.namespace, name) for name in services_of(rollout)]
    if len(service.ports) != 1:
        return ""
    port = service.ports[0].port
    if not all(other is not None and find_port(other, port) for other in others):
        return ""
    return patch_canary(rollout, trafficRouting={"alb": {"servicePort": port}})


def _out_of_reach(
    inventory: Inventory, rollout: Rollout, ingress: Ingress, service: Service, names: Sequence[str]
) -> Result:
    finding = unreachable(inventory, ingress, service, rollout.name)
    params, key = params_of(inventory, ingress), f"{PREFIX}/target-type"
    by_class = params is not None and params.target_type
    return replace(
        finding,
        message=f"At the experiment of {rollout.name} no new weight will reach the ALB: the "
        f"Service that Argo makes for {_listed(names)} cannot be reached through nodes.",
        fix=_BY_ADDRESS,
        patch="" if by_class else patch_ingress(ingress, annotations={key: "ip"}),
        place="experiment",
        origin=ingress.origin,
    )


def _listed(names: Sequence[str]) -> str:
    return f"template{'s' * (len(names) > 1)} {' and '.join(names)}"


CHECKS: tuple[BondCheck, ...] = (experiments,)
