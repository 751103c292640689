"""
Whether a request with a header would reach the canary: what keeps it away, as findings.

By a route that stands already, or by one that Argo would write now (`setHeaderRoute`); over
all Ingresses of the group, because any of them can stand before it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from bot.balancing.annotations import Condition
from bot.balancing.argo import alb_ingresses, alb_prefix
from bot.balancing.catalogue import CATALOGUE
from bot.balancing.checks import order
from bot.balancing.checks.order_groups import QUOTA, crowd, rules_of, standstill
from bot.balancing.checks.order_redirects import omissions, without_https
from bot.balancing.checks.order_routes import parts, shadows
from bot.balancing.checks.scene import Scene, Tie
from bot.balancing.finding import Finding, Severity
from bot.balancing.foresight import with_routes, with_weight
from bot.balancing.globs import covers
from bot.balancing.groups import Gathering, group_name
from bot.balancing.inventory import Inventory
from bot.balancing.model import build
from bot.balancing.objects import PREFIX, Ingress
from bot.balancing.rules import Rule
from bot.release.parts import ManagedRoute
from bot.release.rollout import Rollout
from bot.release.steps import ROUTE_NAME, header_route_step


@dataclass(frozen=True, kw_only=True)
class _Request:
    header: str
    value: str


def header_reaches_canary(
    inventory: Inventory, rollout: Rollout, header: str, value: str
) -> tuple[Finding, ...]:
    """
    Tell what would keep requests with a header from the canary; nothing: they reach it.

    Args:
        inventory: also the other Ingresses of the group, and the Services.
        rollout: with an ALB; of any other nothing is said.
        header: of the request.
        value: of the header, or as a standing route tells its own (`1 or 2`).

    """
    request = _Request(header=header, value=value)
    found: dict[str, Finding] = {}
    for name in alb_ingresses(rollout):
        for finding in _at(inventory, rollout, name, request):
            found.setdefault(finding.key, finding)
    return tuple(found.values())


def _at(inventory: Inventory, rollout: Rollout, name: str, request: _Request) -> Iterator[Finding]:
    ingress = inventory.ingress(rollout.namespace, name)
    if ingress is None:
        yield _plain("ING-01", rollout, name, "there is no such Ingress.", name)
        return
    if alb_prefix(rollout) != PREFIX:
        says = "the ALB controller reads no annotation with this prefix."
        yield _plain("WIRE-04", rollout, name, says, f"annotationPrefix: {alb_prefix(rollout)}")
        return
    gathering = _gather(inventory, ingress)
    for outsider in gathering.outsiders:
        yield from (one for one in order.outside(inventory, outsider) if isinstance(one, Finding))
    groups = tuple(gathering.groups())
    if not groups and not gathering.outsiders:
        says = "the ALB controller does not look at this Ingress."
        yield _plain("WIRE-15", rollout, name, says, f"class: {ingress.class_name or 'none'}")
    for group in groups:
        model = build(inventory, group)
        tie = Tie(rollout=rollout, name=name, ingress=ingress, model=model)
        yield from _in_group(Scene(inventory=inventory, model=model, ties=(tie,)), request)


def _gather(inventory: Inventory, ingress: Ingress) -> Gathering:
    """Find the group of one Ingress."""
    named, gathering = group_name(inventory, ingress), Gathering(inventory)
    for one in inventory.ingresses:
        if one is ingress or (named is not None and group_name(inventory, one) == named):
            gathering.add(one)
    if named is not None:
        gathering.outsiders = [one for one in gathering.outsiders if one.ingress is ingress]
    return gathering


def _in_group(scene: Scene, request: _Request) -> Iterator[Finding]:
    """Look at a route of this header: the one that stands, or else the one that would."""
    ahead, routes = _standing(scene, request)
    if not routes:
        ahead, routes = _inserted(scene, request)
    (tie,) = ahead.ties
    for failure in ahead.model.failures:
        yield standstill(scene, CATALOGUE[failure.id], failure)
    yield from _not_made(scene, tie, routes)
    yield from shadows(scene, ahead, tie, routes)
    yield from (one for one in parts(scene, ahead, tie, routes) if one.severity != Severity.INFO)
    yield from omissions(ahead, tie, routes)
    yield from (one for one in without_https(scene) if isinstance(one, Finding))
    if rules_of(ahead.model) > QUOTA:
        yield from crowd(scene, ahead)


def _standing(scene: Scene, request: _Request) -> tuple[Scene, tuple[Rule, ...]]:
    (tie,) = scene.ties
    members = tuple(
        with_weight(tie.rollout, member) if member is tie.ingress else member
        for member in scene.model.group.members
    )
    weighted = scene.with_members(members)
    routes = weighted.ties[0].route_rules
    return weighted, tuple(rule for rule in routes if all(_passes(t, request) for t in rule.tests))


def _passes(test: Condition, request: _Request) -> bool:
    """Whether a request that has this header and nothing else meets a condition."""
    if test.field != "http-header" or test.header.lower() != request.header.lower():
        return False
    value = request.value.lower()
    return value == " or ".join(test.values).lower() or any(
        covers(one.lower(), value) for one in test.values
    )


def _inserted(scene: Scene, request: _Request) -> tuple[Scene, tuple[Rule, ...]]:
    (tie,) = scene.ties
    route = header_route_step(request.header, request.value)["setHeaderRoute"]
    managed = (*tie.rollout.managed_routes, ManagedRoute(name=ROUTE_NAME))
    rollout = tie.rollout.model_copy(update={"managed_routes": managed})
    members = tuple(
        with_routes(rollout, with_weight(rollout, member), [route])
        if member is tie.ingress
        else member
        for member in scene.model.group.members
    )
    ahead = scene.with_members(members)
    own = [rule for rule in ahead.ties[0].rules if rule.service == ROUTE_NAME]
    served = {rule.entry for rule in ahead.ties[0].rules if ahead.ties[0].serves(rule)}
    return ahead, tuple(rule for rule in own if rule.entry in served) or tuple(own)


def _not_made(scene: Scene, tie: Tie, routes: tuple[Rule, ...]) -> Iterator[Finding]:
    """Tell of routes that are no routes: without a path, without the canary, with a bad path."""
    canary = tie.rollout.canary_service_now
    if not routes:
        says = "the Ingress has no path, so that no route can be added."
        yield _plain("WIRE-02", tie.rollout, tie.name, says, "spec.rules")
    if any(not rule.broken and rule.share_of(canary) != 1 for rule in routes):
        says = f"Service {canary} does not exist."
        yield _plain("WIRE-05", tie.rollout, tie.name, says, f"canaryService: {canary}")
    if any(rule.paths.regexes for rule in routes):
        says = "its path /* would be read as the regular expression *, which is none."
        key = f"{PREFIX}/use-regex-path-match"
        yield _plain("ANN-16", tie.rollout, tie.name, says, f"{key} of {scene.ties[0].name}")


def _plain(id_: str, rollout: Rollout, name: str, says: str, evidence: str) -> Finding:
    """Tell what another section knows, as what it does to the header."""
    finding = CATALOGUE[id_].at(
        "Ingress",
        rollout.namespace,
        name,
        rollout=rollout.name,
        message=f"No header reaches the canary by Ingress {name}: {says}",
        evidence=evidence,
    )
    return replace(finding, heals=None)
