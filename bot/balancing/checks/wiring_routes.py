"""WIRE-10, -19: header routes that Argo writes, also before it does."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from bot.balancing.annotations import Redirect, Undecodable
from bot.balancing.argo import (
    MANAGED,
    alb_prefix,
    booked,
    conditions_of_route,
    go_json,
    route_action,
)
from bot.balancing.catalogue import wiring
from bot.balancing.checks.patches import edit_paths, patch_canary, patch_ingress, together
from bot.balancing.checks.scene import Bond, BondCheck, Result, Tie
from bot.balancing.checks.wiring_leaks import asked_by, routes_of, serves
from bot.balancing.entries import Path, annotated_path, backend_of
from bot.balancing.listeners import Listener, read_listeners
from bot.balancing.objects import PREFIX, Ingress
from bot.balancing.optimiser import on_listener
from bot.balancing.ports import listen_ports
from bot.balancing.reach import Reach, reach_of
from bot.balancing.rules import Rule, read_rules
from bot.release.rollout import Rollout

_ENDS = ("actions", "conditions")


def leftover(bond: Bond) -> Iterator[Result]:
    """WIRE-10: no step asks for a header route any more, and it is still there."""
    rollout = bond.rollout
    if not rollout.stable:
        return
    asked = _in_force(rollout)
    idle = [r.name for r in rollout.managed_routes if r.name and r.name not in asked]
    for tie in bond.ties:
        for name in dict.fromkeys(idle):
            if tie.ingress is not None and not _is_shared(bond, tie.ingress, name):
                yield from _left(tie, tie.ingress, name)


def _is_shared(bond: Bond, ingress: Ingress, name: str) -> bool:
    """Whether another rollout may have asked for it (WIRE-12)."""
    sharers = bond.inventory.rollouts_at(ingress.namespace, ingress.name)
    others = (one for one in sharers if one.name != bond.rollout.name)
    return any(name == route.name for one in others for route in one.managed_routes)


def _in_force(rollout: Rollout) -> set[str]:
    """Name the header routes that steps have asked for; that of the present step may be there."""
    if not rollout.is_releasing or rollout.aborted or rollout.promoting_fully:
        return set()
    names: set[str] = set()
    for place, step in enumerate(rollout.steps[: rollout.step + 1]):
        route = step.get("setHeaderRoute")
        if not isinstance(route, dict):
            continue
        if route.get("match"):
            names.add(str(route.get("name", "")))
        elif place < rollout.step:
            names.discard(str(route.get("name", "")))
    return names


def _left(tie: Tie, ingress: Ingress, name: str) -> Iterator[Result]:
    prefix = alb_prefix(tie.rollout)
    keys = [k for end in _ENDS if (k := f"{prefix}/{end}.{name}") in ingress.annotations]
    paths = [rule for rule in tie.written if rule.service == name]
    if not keys and not paths:
        return
    still = f"Ingress {ingress.name} still leads requests to the canary Service by the header route"
    if not paths:
        still = f"Ingress {ingress.name} still holds annotations of the header route"
    evidence = [f"{key}: {ingress.annotations[key]}" for key in keys]
    evidence += (f"path {rule} names {name}" for rule in paths)
    finding = wiring.WIRE_10.at_ingress(
        ingress,
        rollout=tie.rollout.name,
        message=f"{still} {name}, and no step of {tie.rollout.name} asks for it now.",
        evidence="; ".join(evidence),
        patch=_cleared(tie.rollout, ingress, name, keys, has_path=bool(paths)),
        place=name,
    )
    yield finding if paths else replace(finding, fix="Take its annotations off the Ingress.")


def _cleared(
    rollout: Rollout, ingress: Ingress, name: str, keys: list[str], *, has_path: bool
) -> str:
    """Take the route away as Argo does: path, annotations, bookkeeping."""
    annotations: dict[str, str | None] = dict.fromkeys(keys)
    book = booked(ingress)
    if any(key in keys for key in book.get(rollout.name, ())):
        kept = {who: [k for k in said if k not in keys] for who, said in sorted(book.items())}
        annotations[MANAGED] = go_json(kept)
    if not has_path:
        return patch_ingress(ingress, annotations=annotations)
    rules = edit_paths(ingress, lambda _, paths: [p for p in paths if backend_of(p) != name])
    return patch_ingress(ingress, annotations=annotations, rules=rules)


def before_redirects(bond: Bond) -> Iterator[Result]:
    """WIRE-19: with the header, a request is answered where all others are redirected."""
    rollout = bond.rollout
    routes = routes_of(rollout)
    for tie in bond.ties if routes else ():
        ingress = tie.ingress
        if ingress is None:
            continue
        found = list(_overtaken(bond, tie, ingress, routes))
        if not found:
            continue
        listener, route, redirect = found[0]
        ports = ", ".join(dict.fromkeys(f"{one.protocol} {one.port}" for one, _, _ in found))
        yield wiring.WIRE_19.at_ingress(
            ingress,
            rollout=rollout.name,
            message=f"With the header {asked_by(routes[route.service])}, requests on {ports} are "
            "answered by the canary without the redirect.",
            evidence=f"on {listener.protocol} {listener.port} path {route} of setHeaderRoute "
            f"{route.service} stands before path {redirect} "
            f"({PREFIX}/actions.{redirect.service}: "
            f"{ingress.annotations.get(f'{PREFIX}/actions.{redirect.service}', '')})",
            patch=_by_hand(rollout, ingress, routes, {one.service for _, _, one in found}),
        )


def _overtaken(
    bond: Bond, tie: Tie, ingress: Ingress, routes: Mapping[str, Any]
) -> Iterator[tuple[Listener, Rule, Rule]]:
    """Give the listeners on which a route stands before a redirect that would take its requests."""
    rules = tie.foreseen
    if not any(isinstance(rule.action, Redirect) for rule in rules):
        return
    for listener in _listeners(bond, tie, ingress):
        kept = on_listener(rules, listener)
        for place, rule in enumerate(kept):
            if rule.service not in routes:
                continue
            if any(reach_of(one, rule) is Reach.ALL for one in kept[:place]):
                continue  # it is not reached itself: ORD-01
            for later in kept[place + 1 :]:
                if isinstance(later.action, Redirect) and reach_of(later, rule) is Reach.ALL:
                    yield listener, rule, later


def _listeners(bond: Bond, tie: Tie, ingress: Ingress) -> tuple[Listener, ...]:
    """Tell the listeners on which rules of the Ingress stand; none when they cannot be read."""
    try:
        if tie.model is None:
            return read_listeners(ingress, PREFIX)
        ports = listen_ports(bond.inventory, ingress)
    except Undecodable:
        return ()
    bare = {one.listener for one in tie.model.listeners if one.redirects}
    listeners = (Listener(port=port, protocol=protocol) for port, protocol in ports)
    return tuple(listener for listener in listeners if listener not in bare)


def _by_hand(
    rollout: Rollout, ingress: Ingress, routes: Mapping[str, Mapping[str, Any]], redirects: set[str]
) -> str:
    """Write the routes into the Ingress, behind the redirects, and take them out of the steps."""
    annotations: dict[str, str | None] = {}
    for name, route in routes.items():
        annotations[f"{PREFIX}/actions.{name}"] = route_action(rollout)
        annotations[f"{PREFIX}/conditions.{name}"] = conditions_of_route(route)
    own = {rule.entry for rule in read_rules(ingress, PREFIX) if serves(rollout, rule, routes)}

    def edit(entry: int, paths: list[Path]) -> list[Path]:
        rest = [path for path in paths if backend_of(path) not in routes]
        if entry not in own:
            return rest
        behind = [i + 1 for i, path in enumerate(rest) if backend_of(path) in redirects]
        at = max(behind, default=0)
        return [*rest[:at], *(annotated_path(name) for name in routes), *rest[at:]]

    steps = [step for step in rollout.steps if not _makes(step, routes)]
    kept = [{"name": r.name} for r in rollout.managed_routes if r.name not in routes]
    return together(
        patch_ingress(ingress, annotations=annotations, rules=edit_paths(ingress, edit)),
        patch_canary(rollout, trafficRouting={"managedRoutes": kept or None}, steps=steps),
    )


def _makes(step: Mapping[str, Any], routes: Mapping[str, Any]) -> bool:
    route = step.get("setHeaderRoute")
    return isinstance(route, dict) and str(route.get("name", "")) in routes


CHECKS: tuple[BondCheck, ...] = (leftover, before_redirects)
