"""WIRE-05, -06, -07 in what paths, default backends and annotations name beside the weights."""

from collections.abc import Iterator
from dataclasses import replace

from bot.balancing.annotations import Forward, TargetGroup
from bot.balancing.argo import root_service
from bot.balancing.backends import missing_services
from bot.balancing.catalogue import wiring
from bot.balancing.checks.scene import Result, Scene, SceneCheck, not_at_hand, sole_rollout
from bot.balancing.checks.telling import header_of
from bot.balancing.checks.wiring_services import lacks_node_port, ports_of, services_of, unreachable
from bot.balancing.finding import Severity
from bot.balancing.groups import is_legacy
from bot.balancing.inventory import Inventory
from bot.balancing.objects import PREFIX, Ingress
from bot.balancing.rules import Rule, read_default, read_rules
from bot.balancing.targets import find_port


def others(scene: Scene) -> Iterator[Result]:
    """Look at every target that no rollout's weights have; those are told of the rollout."""
    inventory = scene.inventory
    for ingress in scene.model.group.members:
        own = {
            (name, rollout.alb.service_port if rollout.alb else 0)
            for rollout in inventory.rollouts_at(ingress.namespace, ingress.name)
            for name in services_of(rollout)
        }
        rules = _rules(scene, ingress)
        for rule in rules:
            action = rule.action
            if not isinstance(action, Forward) or _is_deaf(inventory, ingress, rule, rules):
                continue
            if not all((t.service, t.port) in own for t in action.targets):
                yield from _faults(inventory, ingress, rule, action, own)


def _rules(scene: Scene, ingress: Ingress) -> tuple[Rule, ...]:
    """Give the rules as they are written, the default backend among them."""
    if is_legacy(scene.inventory, ingress):
        return scene.rules_of(ingress)
    default = (read_default(ingress, PREFIX),) if ingress.default_backend is not None else ()
    return (*read_rules(ingress, PREFIX), *default)


def _is_deaf(inventory: Inventory, ingress: Ingress, rule: Rule, rules: tuple[Rule, ...]) -> bool:
    """Whether its port should be `use-annotation`, which WIRE-01 tells."""
    roots = {
        root_service(rollout) for rollout in inventory.rollouts_at(ingress.namespace, ingress.name)
    }
    host = rule.host.lower()
    heeding = (one for one in rules if one.service == rule.service and one.by_annotation)
    is_root = rule.entry >= 0 and rule.service in roots and not rule.by_annotation
    return is_root and all(one.host.lower() != host for one in heeding)


def _not_here(ingress: Ingress, target: TargetGroup, told: set[str]) -> Iterator[Result]:
    if target.service and target.service not in told:
        yield not_at_hand("WIRE-05", "Service", ingress.namespace, target.service)


def _faults(
    inventory: Inventory, ingress: Ingress, rule: Rule, action: Forward, own: set[tuple[str, int]]
) -> Iterator[Result]:
    """Tell what is wrong with the targets of one rule, without those told of a rollout."""
    names = {name for name, _ in own}
    where = f"path {rule}" if rule.entry >= 0 else "spec.defaultBackend"
    where += " names"
    if rule.by_annotation:
        where = where.removesuffix("names") + f"reads {PREFIX}/actions.{rule.service}, which names"
    for name in missing_services(inventory, ingress, action):
        if name not in names:
            is_alone = len(action.targets) == 1 and inventory.controller.tolerates_missing_service
            tell = _unanswered if is_alone else _nowhere
            yield tell(inventory, ingress, rule, name, where)
    for target in action.targets:
        service = inventory.service(ingress.namespace, target.service or "")
        if service is None and not inventory.knows_services(ingress.namespace):
            yield from _not_here(ingress, target, names)
        if service is None or target.port is None:
            continue
        if find_port(service, target.port) is None:
            if (service.name, target.port) not in own:
                yield _no_such_port(inventory, ingress, target, where)
        elif service.name not in names and lacks_node_port(
            inventory, ingress, service, target.port
        ):
            yield unreachable(inventory, ingress, service, sole_rollout(inventory, ingress))


def _nowhere(inventory: Inventory, ingress: Ingress, _: Rule, name: str, where: str) -> Result:
    return wiring.WIRE_05.at(
        "Ingress",
        ingress.namespace,
        ingress.name,
        rollout=sole_rollout(inventory, ingress),
        message=f"Service {name} does not exist: no new weight of Ingress {ingress.name} "
        "or of its group reaches the ALB.",
        evidence=f"{where} {name}; there is no such Service in {ingress.namespace}",
        place=name,
        origin=ingress.origin,
    )


def _unanswered(
    inventory: Inventory, ingress: Ingress, rule: Rule, name: str, where: str
) -> Result:
    """Tell of the only target: the balancer answers 503 there, and all else goes on."""
    asked = f"requests with {header_of(rule)} on path {rule}" if rule.tests else f"path {rule}"
    if rule.entry < 0:
        asked = "what no path matches"
    finding = wiring.WIRE_05.at(
        "Ingress",
        ingress.namespace,
        ingress.name,
        rollout=sole_rollout(inventory, ingress),
        message=f"Ingress {ingress.name} answers {asked} with 503: Service {name} does not exist.",
        evidence=f"{where} {name}; there is no such Service in {ingress.namespace}",
        place=name,
        origin=ingress.origin,
    )
    return replace(finding, severity=Severity.MEDIUM)


def _no_such_port(
    inventory: Inventory, ingress: Ingress, target: TargetGroup, where: str
) -> Result:
    service = inventory.service(ingress.namespace, target.service or "")
    has = f"Service {service.key} has {ports_of(service)}" if service else ""
    return wiring.WIRE_06.at(
        "Ingress",
        ingress.namespace,
        ingress.name,
        rollout=sole_rollout(inventory, ingress),
        message=f"Service {target.service} has no port {target.port}: no new weight of Ingress "
        f"{ingress.name} or of its group reaches the ALB.",
        evidence=f"{where} {target.service} port {target.port}; {has}",
        place=f"{target.service}:{target.port}",
        origin=ingress.origin,
    )


SCENE_CHECKS: tuple[SceneCheck, ...] = (others,)
