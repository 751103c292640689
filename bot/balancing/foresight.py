"""
An Ingress as Argo will write it, before it does.

What is kept in git has no weights, and no header route of a step: Argo adds them when it
deploys, and when the step is reached. What these do to the order of rules can be told
before. Source: argo-rollouts 1.10.1, `rollout/trafficrouting/alb/alb.go`,
`utils/ingress/wrapper.go`; each function that it names was held against the running
controller.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.balancing.annotations import Undecodable
from bot.balancing.argo import (
    action_key,
    alb_ingresses,
    alb_prefix,
    conditions_of_route,
    expected_action,
    root_service,
    route_action,
    with_notes,
)
from bot.balancing.entries import Path, annotated_path, backend_of, paths_of
from bot.balancing.inventory import Inventory
from bot.balancing.objects import Ingress
from bot.release.rollout import Rollout

Route = Mapping[str, Any]

_STICKY_SECONDS = range(1, 604_801)


class Unwritten(Exception):  # noqa: N818 - what becomes of the Ingress
    """Argo's controller fails there and writes nothing. Args: the sentence why."""


def foresee(inventory: Inventory) -> Inventory:
    """Add the weights that Argo will write where none are written: nothing for the canary."""
    changed: dict[str, Ingress] = {}
    for rollout in inventory.rollouts:
        for name in alb_ingresses(rollout):
            ingress = inventory.ingress(rollout.namespace, name)
            if ingress is not None:
                known = changed.get(ingress.key, ingress)
                changed[ingress.key] = with_weight(rollout, known)
    ingresses = tuple(changed.get(one.key, one) for one in inventory.ingresses)
    return replace(inventory, ingresses=ingresses)


def with_weight(rollout: Rollout, ingress: Ingress) -> Ingress:
    """Add the weight annotation, unless there is one, or Argo would not write it."""
    if action_key(rollout) in ingress.annotations or rollout.alb is None:
        return ingress
    try:
        return set_weight(rollout, ingress, 0)
    except Unwritten:
        return ingress


def with_routes(
    rollout: Rollout, ingress: Ingress, routes: Iterable[Route] | None = None
) -> Ingress:
    """
    Add the header routes of the rollout's steps, as if all of them were in force.

    Args:
        rollout: whose routes they are.
        ingress: one of its ALB Ingresses.
        routes: other routes, as `setHeaderRoute` steps have them.

    """
    if rollout.alb is None:
        return ingress
    for route in header_routes(rollout) if routes is None else routes:
        try:
            ingress = set_route(rollout, ingress, route)
        except Unwritten:
            break
    return ingress


def header_routes(rollout: Rollout) -> Iterator[Route]:
    """Tell the header routes that steps make; one that takes a route away has no match."""
    managed = [route.name for route in rollout.managed_routes]
    for step in rollout.steps:
        route = step.get("setHeaderRoute")
        if isinstance(route, dict) and route.get("name") in managed and _has_match(route):
            yield route


def set_weight(
    rollout: Rollout, ingress: Ingress, weight: int, additional: Sequence[tuple[str, int]] = ()
) -> Ingress:
    """Write a weight (`SetWeight`); see `expected_action`. Raises Unwritten."""
    _ensure_readable(ingress)
    root = root_service(rollout)
    if not has_backend(ingress, root):
        raise Unwritten(f"Ingress {ingress.name} has no path with the backend {root}")
    _ensure_sticky(rollout)
    text = expected_action(rollout, weight, additional=additional)
    return _noted(ingress, rollout, {action_key(rollout): text})


def set_route(rollout: Rollout, ingress: Ingress, route: Route) -> Ingress:
    """
    Write a header route, or take it away when it has no match (`SetHeaderRoute`).

    The path comes first in every entry of `spec.rules`, those of other applications too,
    unless one of them has it already; then all managed paths are put in order. Raises
    Unwritten.
    """
    _ensure_readable(ingress)
    name, keys = str(route.get("name", "")), _keys(rollout, route)
    is_there = has_backend(ingress, name)
    if not _has_match(route):
        after = _noted(ingress, rollout, dict.fromkeys(keys))
        return _sorted(_without_path(after, name), rollout)
    _ensure_sticky(rollout)
    texts = (route_action(rollout), conditions_of_route(route))
    after = _noted(ingress, rollout, dict(zip(keys, texts, strict=True)))
    if not is_there:
        after = _with_paths(after, lambda paths: [annotated_path(name), *paths])
    return _sorted(after, rollout)


def drop_routes(rollout: Rollout, ingress: Ingress) -> Ingress:
    """Take all managed header routes away (`RemoveManagedRoutes`). Raises Unwritten."""
    if not rollout.managed_routes:
        return ingress
    _ensure_readable(ingress)
    keys = [key for one in rollout.managed_routes for key in _keys(rollout, {"name": one.name})]
    after = _noted(ingress, rollout, dict.fromkeys(keys))
    for one in rollout.managed_routes:
        after = _without_path(after, one.name)
    return after


def _keys(rollout: Rollout, route: Route) -> tuple[str, str]:
    prefix, name = alb_prefix(rollout), str(route.get("name", ""))
    return f"{prefix}/actions.{name}", f"{prefix}/conditions.{name}"


def _has_match(route: Route) -> bool:
    """Whether it makes a route; an empty list is the same as none."""
    return bool(route.get("match"))


def _noted(ingress: Ingress, rollout: Rollout, notes: Mapping[str, str | None]) -> Ingress:
    try:
        return with_notes(ingress, rollout, notes)
    except Undecodable as fault:
        raise Unwritten(str(fault)) from fault


def _ensure_sticky(rollout: Rollout) -> None:
    alb = rollout.alb
    if alb and alb.is_sticky and alb.sticky_seconds not in _STICKY_SECONDS:
        raise Unwritten(f"stickinessConfig.durationSeconds {alb.sticky_seconds} is refused")


def _ensure_readable(ingress: Ingress) -> None:
    """Refuse what makes the controller panic: it takes every entry to have paths to Services."""
    for rule in ingress.rules:
        if not paths_of(rule):
            raise Unwritten(f"Ingress {ingress.name} has an entry without paths")
        if not all(backend_of(path) for path in paths_of(rule)):
            raise Unwritten(f"Ingress {ingress.name} has a path that leads to no Service")


def has_backend(ingress: Ingress, service: str) -> bool:
    """Whether a path leads to this backend."""
    return any(backend_of(path) == service for rule in ingress.rules for path in paths_of(rule))


def _with_paths(ingress: Ingress, change: Callable[[list[Path]], list[Path]]) -> Ingress:
    rules = tuple(
        {**rule, "http": {**rule["http"], "paths": change(paths_of(rule))}}
        for rule in ingress.rules
    )
    return ingress.model_copy(update={"rules": rules})


def _without_path(ingress: Ingress, service: str) -> Ingress:
    """Take away the first path to this backend from each entry."""

    def change(paths: list[Path]) -> list[Path]:
        first = next((i for i, path in enumerate(paths) if backend_of(path) == service), None)
        return paths if first is None else [*paths[:first], *paths[first + 1 :]]

    return _with_paths(ingress, change)


def _sorted(ingress: Ingress, rollout: Rollout) -> Ingress:
    """Put the paths of managed routes first, in the order of `managedRoutes`."""
    order = {route.name: place for place, route in enumerate(rollout.managed_routes)}

    def place(path: Path) -> int:
        return order.get(backend_of(path), len(order))

    return _with_paths(ingress, lambda paths: sorted(paths, key=place))
