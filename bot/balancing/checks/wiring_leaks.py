"""WIRE-14: the header routes of a rollout take requests that are other applications'."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from bot.balancing.annotations import Redirect
from bot.balancing.argo import alb_prefix, root_service, values_of_route
from bot.balancing.catalogue import wiring
from bot.balancing.checks.scene import Bond, BondCheck, Result, Tie
from bot.balancing.checks.wiring_services import services_of
from bot.balancing.foresight import header_routes
from bot.balancing.objects import PREFIX
from bot.balancing.reach import Reach, reach_of
from bot.balancing.rules import Rule
from bot.release.rollout import Rollout

_BEFORE = (
    "Write the paths of the other application as Exact or Prefix: these come before the header "
    "route."
)


def foreign_hosts(bond: Bond) -> Iterator[Result]:
    """WIRE-14: Argo puts a header route into entries that have nothing to do with the rollout."""
    rollout = bond.rollout
    routes = routes_of(rollout)
    for tie in bond.ties if routes else ():
        ingress = tie.ingress
        if ingress is None:
            continue
        rules = tie.foreseen
        led = {rule.entry for rule in rules if rule.service in routes}
        own = {rule.entry for rule in rules if serves(rollout, rule, routes)}
        foreign = dict.fromkeys(
            (rule.host or "any host") for rule in rules if rule.entry in led - own
        )
        if not foreign or not own:
            continue
        headers = ", ".join(asked_by(route) for route in routes.values())
        yield wiring.WIRE_14.at(
            "Ingress",
            ingress.namespace,
            ingress.name,
            rollout=rollout.name,
            message=f"With the header {headers}, requests to {', '.join(foreign)} reach the "
            f"canary of {rollout.name}.",
            evidence="; ".join(
                f"setHeaderRoute {name} puts {_path_of(name)} into every entry of spec.rules"
                for name in routes
            )
            + f"; no path of {', '.join(foreign)} leads to {root_service(rollout)}",
            origin=ingress.origin,
        )


def foreign_paths(bond: Bond) -> Iterator[Result]:
    """WIRE-14 on the rollout's own host: the route's /* takes paths of other applications too."""
    rollout = bond.rollout
    routes = routes_of(rollout)
    for tie in bond.ties if routes else ():
        ingress, taken = tie.ingress, list(_taken_paths(tie, routes))
        if ingress is None or not taken:
            continue
        paths = ", ".join(dict.fromkeys(f"`{rule.path}` of {rule.service}" for rule in taken))
        headers = ", ".join(asked_by(route) for route in routes.values())
        finding = wiring.WIRE_14.at(
            "Ingress",
            ingress.namespace,
            ingress.name,
            rollout=rollout.name,
            message=f"With the header {headers}, requests to {paths} reach the canary of "
            f"{rollout.name}.",
            evidence="; ".join(
                f"setHeaderRoute {name} puts {_path_of(name)} before the paths of type "
                "ImplementationSpecific"
                for name in routes
            )
            + f"; {', '.join(f'path {rule} leads to {rule.service}' for rule in taken)}",
            place="paths",
            origin=ingress.origin,
        )
        yield replace(finding, fix=_BEFORE)


def _taken_paths(tie: Tie, routes: Mapping[str, Any]) -> Iterator[Rule]:
    """Give the rules of others that stand behind a route, and would get requests without it."""
    own, led = list[Rule](), set[int]()
    home = {rule.entry for rule in tie.foreseen if serves(tie.rollout, rule, routes)}
    for rule in (one for one in tie.foreseen if one.entry in home):
        if rule.service in routes:
            led.add(rule.entry)
        elif isinstance(rule.action, Redirect) or rule.tests:
            continue
        elif serves(tie.rollout, rule, routes):
            own.append(rule)
        elif rule.entry in led and not any(reach_of(one, rule) is Reach.ALL for one in own):
            yield rule


def routes_of(rollout: Rollout) -> Mapping[str, Mapping[str, Any]]:
    """Give the header routes that the steps make, by name, where the ALB controller reads them."""
    if rollout.alb is None or alb_prefix(rollout) != PREFIX:
        return {}
    return {str(route.get("name", "")): route for route in header_routes(rollout)}


def serves(rollout: Rollout, rule: Rule, routes: Mapping[str, Any]) -> bool:
    """Whether a rule leads to this rollout, other than by a route of its steps."""
    if rule.service in routes:
        return False
    to = {root_service(rollout), *services_of(rollout)}
    return rule.service in to or any(rule.share_of(service) > 0 for service in to)


def _path_of(name: str) -> str:
    return f"path /* to {name}"


def asked_by(route: Mapping[str, Any]) -> str:
    """Put what a route asks for into words: `X-Canary: true`."""
    found = values_of_route(route)
    return " and ".join(f"{name}: {' or '.join(values)}" for name, values in found.items())


CHECKS: tuple[BondCheck, ...] = (foreign_hosts, foreign_paths)
