"""WIRE-05, -06, -07, -21: the Services of the weights, their ports, and the pods behind them."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from bot.balancing.annotations import Forward, TargetGroup
from bot.balancing.backends import missing_services
from bot.balancing.catalogue import wiring
from bot.balancing.checks.patches import patch, patch_canary, yaml
from bot.balancing.checks.scene import (
    Bond,
    BondCheck,
    Result,
    Scene,
    SceneCheck,
    not_at_hand,
    sole_rollout,
)
from bot.balancing.groups import params_of
from bot.balancing.inventory import Inventory
from bot.balancing.objects import PREFIX, Ingress, Service
from bot.balancing.rules import Rule
from bot.balancing.targets import find_port, target_type
from bot.balancing.writers import writer_of
from bot.release.replicas import HASH_LABEL
from bot.release.rollout import Rollout

_TARGET_TYPE = f"{PREFIX}/target-type"


def services_of(rollout: Rollout) -> Mapping[str, str]:
    """Tell the Services between which Argo shares the requests, and what each is."""
    if rollout.ping_pong:
        found = {rollout.ping_pong.ping: "ping Service", rollout.ping_pong.pong: "pong Service"}
    else:
        found = {rollout.canary_service: "canary Service", rollout.stable_service: "stable Service"}
    return {name: role for name, role in found.items() if name}


def missing(bond: Bond) -> Iterator[Result]:
    """
    WIRE-05: a Service of the weights does not exist.

    `rootService` need not: it may be a mere name.
    """
    rollout, inventory = bond.rollout, bond.inventory
    for name, role in services_of(rollout).items() if rollout.alb else ():
        if inventory.service(rollout.namespace, name) is not None:
            continue
        if not inventory.knows_services(rollout.namespace):
            for id_ in ("WIRE-05", "WIRE-06", "WIRE-07"):
                yield not_at_hand(id_, "Service", rollout.namespace, name)
            continue
        yield wiring.WIRE_05.at_rollout(
            rollout,
            message=f"Service {name}, the {role} of {rollout.name}, does not exist: "
            "no new weight reaches the ALB.",
            evidence=f"Rollout {rollout.key} names {name}; there is no such Service in "
            f"{rollout.namespace}",
            place=name,
        )


def wrong_port(bond: Bond) -> Iterator[Result]:
    """WIRE-06: `alb.servicePort`, which Argo writes into every target, is none of the Service's."""
    rollout = bond.rollout
    for service in _services(bond):
        asked = rollout.alb.service_port if rollout.alb else 0
        if not asked or find_port(service, asked) is not None:
            continue
        patched = ""
        if len(service.ports) == 1:
            alb = {"servicePort": service.ports[0].port}
            patched = patch_canary(rollout, trafficRouting={"alb": alb})
        yield wiring.WIRE_06.at_rollout(
            rollout,
            message=f"Service {service.name} has no port {asked}: no new weight reaches the ALB.",
            evidence=f"trafficRouting.alb.servicePort is {asked}; Service {service.key} has "
            f"{_ports(service)}",
            patch=patched,
            place=service.name,
        )


def no_node_port(bond: Bond) -> Iterator[Result]:
    """WIRE-07: targets are nodes, and the Service has no port there."""
    rollout = bond.rollout
    for tie in bond.ties:
        for service in _services(bond) if tie.ingress and rollout.alb else ():
            asked = rollout.alb.service_port if rollout.alb else 0
            if tie.ingress and _lacks_node_port(bond.inventory, tie.ingress, service, asked):
                yield _unreachable(bond.inventory, tie.ingress, service, rollout.name)


def _lacks_node_port(
    inventory: Inventory, ingress: Ingress, service: Service, asked: int | str
) -> bool:
    port = find_port(service, asked)
    if port is None or service.has_node_ports or port.node_port:
        return False
    return target_type(inventory, ingress, service) == "instance"


def _services(bond: Bond) -> tuple[Service, ...]:
    """Give the Services of the weights that are at hand."""
    space = bond.rollout.namespace
    found = (bond.inventory.service(space, name) for name in services_of(bond.rollout))
    return tuple(service for service in found if service is not None)


def _ports(service: Service) -> str:
    ports = (f"{p.port}{f' ({p.name})' if p.name else ''}" for p in service.ports)
    return f"ports {', '.join(ports)}" if service.ports else "no ports"


def _unreachable(inventory: Inventory, ingress: Ingress, service: Service, rollout: str) -> Result:
    return wiring.WIRE_07.at(
        "Ingress",
        ingress.namespace,
        ingress.name,
        rollout=rollout,
        message=f"The ALB cannot reach Service {service.name} through nodes: "
        f"no new weight of Ingress {ingress.name} arrives.",
        evidence=f"Service {service.key} is a {service.type}; "
        f"target-type is instance {_why_instance(inventory, ingress, service)}",
        patch=patch("Service", service.namespace, service.name, spec={"type": "NodePort"}),
        place=service.name,
        origin=service.origin or ingress.origin,
    )


def _why_instance(inventory: Inventory, ingress: Ingress, service: Service) -> str:
    params = params_of(inventory, ingress)
    if params is not None and params.target_type:
        return f"(IngressClassParams {params.name})"
    for kind, thing in (("Service", service), ("Ingress", ingress)):
        if _TARGET_TYPE in thing.annotations:
            return f"({_TARGET_TYPE} of the {kind})"
    return "(the default: nothing else is written)"


def others(scene: Scene) -> Iterator[Result]:
    """WIRE-05, -06, -07 in what a path or an annotation names beside the rollouts' own targets."""
    inventory = scene.inventory
    here = {one.key: one for one in scene.model.group.members}
    for rule in scene.model.rules:
        ingress = here.get(rule.ingress)
        if ingress is None or not isinstance(rule.action, Forward):
            continue
        own = {
            (name, rollout.alb.service_port if rollout.alb else 0)
            for rollout in inventory.rollouts_at(ingress.namespace, ingress.name)
            for name in services_of(rollout)
        }
        if not all((t.service, t.port) in own for t in rule.action.targets):
            yield from _faults(inventory, ingress, rule, rule.action, own)


def _faults(
    inventory: Inventory, ingress: Ingress, rule: Rule, action: Forward, own: set[tuple[str, int]]
) -> Iterator[Result]:
    """Tell what is wrong with the targets of one rule, without those told of a rollout."""
    names = {name for name, _ in own}
    where = f"path {rule} names"
    if rule.by_annotation:
        where = f"path {rule} reads {PREFIX}/actions.{rule.service}, which names"
    yield from _absent(inventory, ingress, action, names, where)
    for target in action.targets:
        service = inventory.service(ingress.namespace, target.service or "")
        if service is None or target.port is None:
            continue
        if find_port(service, target.port) is None:
            if (service.name, target.port) not in own:
                yield _no_such_port(inventory, ingress, service, target, where)
        elif service.name not in names and _lacks_node_port(
            inventory, ingress, service, target.port
        ):
            yield _unreachable(inventory, ingress, service, sole_rollout(inventory, ingress))


def _absent(
    inventory: Inventory, ingress: Ingress, action: Forward, told: set[str], where: str
) -> Iterator[Result]:
    """Tell of the targets' Services that do not exist, or are not at hand."""
    for name in missing_services(inventory, ingress, action):
        if name not in told:
            yield _nowhere(inventory, ingress, name, where)
    if inventory.knows_services(ingress.namespace):
        return
    for target in action.targets:
        name = target.service or ""
        if name and name not in told:
            yield not_at_hand("WIRE-05", "Service", ingress.namespace, name)


def _nowhere(inventory: Inventory, ingress: Ingress, name: str, where: str) -> Result:
    return wiring.WIRE_05.at_ingress(
        ingress,
        rollout=sole_rollout(inventory, ingress),
        message=f"Service {name} does not exist: no new weight of Ingress {ingress.name} "
        "or of its group reaches the ALB.",
        evidence=f"{where} {name}; there is no such Service in {ingress.namespace}",
        place=name,
    )


def _no_such_port(
    inventory: Inventory, ingress: Ingress, service: Service, target: TargetGroup, where: str
) -> Result:
    return wiring.WIRE_06.at_ingress(
        ingress,
        rollout=sole_rollout(inventory, ingress),
        message=f"Service {service.name} has no port {target.port}: no new weight of Ingress "
        f"{ingress.name} or of its group reaches the ALB.",
        evidence=f"{where} {service.name} port {target.port}; Service {service.key} has "
        f"{_ports(service)}",
        place=f"{service.name}:{target.port}",
    )


def wrong_pods(bond: Bond) -> Iterator[Result]:
    """
    WIRE-21: while a release runs, a Service of the rollout selects other pods than its own.

    The canary Service is let follow: it changes when canary pods are there, and after an
    abort it goes to and fro. Another revision there counts once the controller gives the
    canary a share; none at all always does.
    """
    rollout, inventory = bond.rollout, bond.inventory
    if (rollout.alb or rollout.nginx) is None or not rollout.is_releasing:
        return
    share = rollout.canary_weight.weight if rollout.canary_weight else 0
    for name, wanted, is_canary in (
        (rollout.stable_service_now, rollout.stable, False),
        (rollout.canary_service_now, rollout.revision, True),
    ):
        service = inventory.service(rollout.namespace, name)
        if service is None:
            if name and not inventory.knows_services(rollout.namespace):
                yield not_at_hand("WIRE-21", "Service", rollout.namespace, name)
            continue
        found = service.selector.get(HASH_LABEL, "")
        may_follow = is_canary and found and (rollout.aborted or not share)
        if found != wanted and not may_follow:
            yield _astray(rollout, service, wanted, is_canary=is_canary)


def _astray(rollout: Rollout, service: Service, wanted: str, *, is_canary: bool) -> Result:
    found = service.selector.get(HASH_LABEL, "")
    mine, other = ("canary", "stable") if is_canary else ("stable", "canary")
    whose = "Requests meant for the canary reach" if is_canary else "The public reaches"
    reached = f"{other} pods instead of {mine} ones"
    if not found:
        reached = f"{other} pods too"
    elif found not in {rollout.revision, rollout.stable}:
        reached = f"pods of revision {found}"
    weight = ""
    if rollout.canary_weight:
        weight = f"; the controller gives the canary {rollout.canary_weight.weight} %"
    finding = wiring.WIRE_21.at(
        "Service",
        service.namespace,
        service.name,
        rollout=rollout.name,
        message=f"{whose} {reached}, whatever the weights say: "
        f"Service {service.name} selects them.",
        evidence=f"spec.selector {HASH_LABEL} is {found or 'missing'}, wanted {wanted} "
        f"(the {mine} revision){weight}",
        patch=_cure(service),
        origin=service.origin,
    )
    return replace(finding, writer=writer_of(service, "spec", "selector").manager)


def _cure(service: Service) -> str:
    """Tell what keeps Argo CD from taking the revision out of the selector again."""
    named = service.tracking_id.partition(":")[0]
    owner = f"Application {named}" if named else f"Application that applies Service {service.key}"
    head = f"# in the Argo CD {owner}, beside what it has\n"
    field = f"/spec/selector/{HASH_LABEL}"
    ignored = {"group": "", "kind": "Service", "jsonPointers": [field]}
    spec = {
        "ignoreDifferences": [ignored],
        "syncPolicy": {"syncOptions": ["RespectIgnoreDifferences=true"]},
    }
    return head + yaml({"spec": spec})


CHECKS: tuple[BondCheck, ...] = (missing, wrong_port, no_node_port, wrong_pods)
SCENE_CHECKS: tuple[SceneCheck, ...] = (others,)
