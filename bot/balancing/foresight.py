"""
An Ingress as Argo will write it, before it does.

What is kept in git has no weights, and no header route of a step: Argo adds them when it
deploys, and when the step is reached. What these do to the order of rules can be told
before. Source: argo-rollouts 1.10.1, `rollout/trafficrouting/alb/alb.go`,
`utils/ingress/wrapper.go`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from bot.balancing.argo import (
    action_key,
    alb_ingresses,
    alb_prefix,
    conditions_of_route,
    expected_action,
    route_action,
)
from bot.balancing.inventory import Inventory
from bot.balancing.objects import Ingress
from bot.balancing.rules import USE_ANNOTATION
from bot.release.rollout import Rollout

Route = Mapping[str, Any]


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
    """Add the weight annotation, unless there is one."""
    key = action_key(rollout)
    if key in ingress.annotations or rollout.alb is None:
        return ingress
    text = expected_action(rollout, 0)
    return ingress.model_copy(update={"annotations": {**ingress.annotations, key: text}})


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
    wanted = list(header_routes(rollout) if routes is None else routes)
    if not wanted or rollout.alb is None:
        return ingress
    annotations, names = dict(ingress.annotations), []
    for route in wanted:
        name = str(route.get("name", ""))
        annotations[f"{alb_prefix(rollout)}/actions.{name}"] = route_action(rollout)
        annotations[f"{alb_prefix(rollout)}/conditions.{name}"] = conditions_of_route(route)
        names.append(name)
    rules = tuple(_with_paths(rollout, rule, names) for rule in ingress.rules)
    return ingress.model_copy(update={"annotations": annotations, "rules": rules})


def header_routes(rollout: Rollout) -> Iterator[Route]:
    """Tell the header routes that steps make; one that takes a route away has no match."""
    managed = [route.name for route in rollout.managed_routes]
    for step in rollout.steps:
        route = step.get("setHeaderRoute")
        if isinstance(route, dict) and route.get("match") and route.get("name") in managed:
            yield route


def _with_paths(rollout: Rollout, rule: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """Put the paths of routes in front, in the order of `managedRoutes`."""
    http = rule.get("http")
    paths = http.get("paths") if isinstance(http, dict) else None
    if not isinstance(paths, list | tuple) or not paths:
        return rule
    there = {_backend(path) for path in paths}
    added = [_path(name) for name in dict.fromkeys(names) if name not in there]
    order = {route.name: place for place, route in enumerate(rollout.managed_routes)}
    ordered = sorted([*reversed(added), *paths], key=lambda p: order.get(_backend(p), len(order)))
    return {**rule, "http": {**(http or {}), "paths": ordered}}


def _path(name: str) -> dict[str, Any]:
    backend = {"service": {"name": name, "port": {"name": USE_ANNOTATION}}}
    return {"path": "/*", "pathType": "ImplementationSpecific", "backend": backend}


def _backend(path: Any) -> str:
    """Tell the name of a path's backend; empty: it has none."""
    for key in ("backend", "service"):
        path = path.get(key) if isinstance(path, dict) else None
    return str(path.get("name", "")) if isinstance(path, dict) else ""
