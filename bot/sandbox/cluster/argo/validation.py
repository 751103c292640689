"""
What Argo refuses to move, and what it says then.

Argo: pkg/apis/rollouts/validation, for canaries behind an ALB or NGINX. What the local cluster does
not move at all is refused here too, in words of its own: it must not look as if it had been done.
"""

from collections.abc import Iterator
from typing import Any

from bot.sandbox.cluster import kinds
from bot.sandbox.cluster.argo import ingress, nginx, sets, steps
from bot.sandbox.cluster.argo.look import Look
from bot.sandbox.cluster.kinds import Kind
from bot.sandbox.cluster.objects import Manifest, at
from bot.sandbox.cluster.store import Store

_CANARY = "spec.strategy.canary"
_ROUTING = f"{_CANARY}.trafficRouting"
_SERVICES = ("stableService", "canaryService")
_NOT_HERE = ("experiment", "plugin", "setMirrorRoute")


def first_fault(store: Store, look: Look) -> str:
    """What is wrong first; empty: nothing."""
    unknown = next(_not_moved_here(look), "")
    return unknown or next(_faults(look), "") or next(_references(store, look), "")


def _not_moved_here(look: Look) -> Iterator[str]:
    """What the local cluster does not do."""
    said = "the local cluster does not move that"
    if at(look.spec, "strategy", "canary") is None:
        yield f"spec.strategy: {said}, only canaries"
    for key in at(look.canary, "trafficRouting", default={}):
        if key not in ("alb", "nginx", "managedRoutes", "maxTrafficWeight"):
            yield f"{_ROUTING}.{key}: {said}, only an ALB or NGINX"
    if bool(look.alb) == bool(look.nginx):
        yield f"{_ROUTING}: {said}, only canaries behind either an ALB or NGINX"
    for key in ("workloadRef", "restartAt"):
        if look.spec.get(key) is not None:
            yield f"spec.{key}: {said}"
    for number, step in enumerate(look.steps):
        for kind in _NOT_HERE:
            if step.get(kind) is not None:
                yield f"{_CANARY}.steps[{number}].{kind}: {said}"


def _faults(look: Look) -> Iterator[str]:
    stable, canary = (look.canary.get(role, "") for role in _SERVICES)
    if stable and stable == canary:
        yield _invalid(
            f"{_CANARY}.stableService",
            stable,
            "This rollout uses the same service for the stable and canary services, but two "
            "different services are required.",
        )
    pair = look.canary.get("pingPong")
    for role in _SERVICES:
        if not look.canary.get(role) and (look.nginx or not pair):
            yield _invalid(
                f"{_CANARY}.{role}",
                "",
                "Canary service and Stable service must to be set to use Traffic Routing",
            )
    if pair and look.alb and not look.alb.get("rootService"):
        yield _invalid(
            f"{_ROUTING}.alb.rootService",
            "",
            "Root service field is required for the configuration with ALB and ping-pong feature "
            "enabled",
        )
    yield from _router_faults(look)
    if look.is_dynamic and look.canary.get("scaleDownDelaySeconds") is not None:
        yield _invalid(
            f"{_CANARY}.dynamicStableScale",
            look.is_dynamic,
            "Canary dynamicStableScale cannot be used with scaleDownDelaySeconds",
        )
    for number, step in enumerate(look.steps):
        yield from _step_faults(look, step, f"{_CANARY}.steps[{number}]")


def _router_faults(look: Look) -> Iterator[str]:
    """What one of the two routers does not take."""
    most = at(look.canary, "trafficRouting", "maxTrafficWeight")
    if look.alb and most is not None:
        yield _invalid(
            f"{_ROUTING}.maxTrafficWeight",
            most,
            "Canary maxTrafficWeight in traffic routing only supported in Nginx and Plugins",
        )
    if look.nginx and look.canary.get("pingPong"):
        yield (
            f"{_ROUTING}.alb: Invalid value: null: Ping-pong feature works with the ALB, Istio, "
            "and plugin-based traffic routers only"
        )


def _step_faults(look: Look, step: Manifest, where: str) -> Iterator[str]:
    found = [kind for kind in steps.KINDS if step.get(kind) is not None]
    if not found:
        yield _invalid(
            where,
            "",
            "Step must have one of the following set: experiment, setWeight, setCanaryScale, "
            "plugin or pause",
        )
    weight = step.get("setWeight")
    if weight is not None and not 0 <= weight <= look.most:
        why = f"SetWeight needs to be between 0 and {look.most}"
        yield _invalid(f"{where}.setWeight", weight, why)
    duration = at(step, "pause", "duration")
    if duration is not None and steps.seconds(duration) < 0:
        yield _invalid(f"{where}.pause.duration", -1, "Duration needs to be greater than 0")
    route = step.get("setHeaderRoute")
    if route is not None and not look.alb:
        yield _invalid(
            f"{where}.setHeaderRoute",
            route,
            "SetHeaderRoute requires TrafficRouting, supports Istio and ALB and Apisix",
        )
    elif route is not None:
        yield from _route_faults(look, route, f"{where}.setHeaderRoute")


def _route_faults(look: Look, route: Manifest, where: str) -> Iterator[str]:
    for number, match in enumerate(route.get("match") or ()):
        value = match.get("headerValue") or {}
        if not value.get("exact") or value.get("regex") or value.get("prefix"):
            yield _invalid(
                f"{where}.match[{number}]",
                value,
                "SetHeaderRoute match value invalid. ALB supports 'exact' value only",
            )
    if at(look.canary, "trafficRouting", "managedRoutes") is None:
        yield (
            f"{_ROUTING}.managedRoutes: Required value: "
            "Rollout has missing field 'spec.strategy.canary.trafficRouting.managedRoutes'"
        )
    elif route["name"] not in look.managed_routes:
        yield _invalid(
            where,
            route["name"],
            "Steps define a route that does not exist in "
            "spec.strategy.canary.trafficRouting.managedRoutes",
        )


def _references(store: Store, look: Look) -> Iterator[str]:
    """Services, templates and Ingresses that are named must be there and fit."""
    roles = [(role, look.canary.get(role)) for role in _SERVICES]
    roles += [
        (f"pingPong.{key}", at(look.canary, "pingPong", key))
        for key in ("pingService", "pongService")
    ]
    for role, name in roles:
        if name:
            yield from _service_faults(store, look, name, f"{_CANARY}.{role}")
    analyses = [("analysis", look.canary.get("analysis"))]
    analyses += [(f"steps[{n}].analysis", s.get("analysis")) for n, s in enumerate(look.steps)]
    for place, wanted in analyses:
        for reference in at(wanted, "templates", default=()):
            yield from _template_faults(store, look, reference, f"{_CANARY}.{place}.templates")
    yield from _ingress_faults(store, look)


def _ingress_faults(store: Store, look: Look) -> Iterator[str]:
    if look.alb:
        where = f"{_ROUTING}.alb.{'ingresses' if look.alb.get('ingresses') else 'ingress'}"
        names, root = ingress.names(look), ingress.root_service(look)
    else:
        several = look.nginx.get("stableIngresses") is not None
        where = f"{_ROUTING}.nginx.{'stableIngresses' if several else 'stableIngress'}"
        names, root = nginx.names(look.nginx), look.canary.get("stableService", "")
    for name in names:
        found = _find(store, look, kinds.INGRESSES, name)
        if found is None:
            yield _invalid(where, name, f'{kinds.INGRESSES.resource} "{name}" not found')
        elif not ingress.has_backend(found, root):
            yield _invalid(
                where, name, f"ingress `{name}` has no rules using service {root} backend"
            )


def _service_faults(store: Store, look: Look, name: str, where: str) -> Iterator[str]:
    service = _find(store, look, kinds.SERVICES, name)
    if service is None:
        yield _invalid(where, name, f'service "{name}" not found')
        return
    labels = at(look.spec, "template", "metadata", "labels", default={})
    for key, value in at(service, "spec", "selector", default={}).items():
        if key != sets.HASH and labels.get(key) != value:
            yield _invalid(where, name, f'Service "{name}" has unmatch label "{key}" in rollout')
    owner = at(service, "metadata", "annotations", sets.MANAGED_BY)
    if owner is not None and owner != look.rollout["metadata"]["name"]:
        yield _invalid(where, name, f'Service "{name}" is managed by another Rollout')


def _template_faults(store: Store, look: Look, reference: Manifest, where: str) -> Iterator[str]:
    name = reference.get("templateName", "")
    if reference.get("clusterScope"):
        yield f"{where}: the local cluster knows no ClusterAnalysisTemplate"
    elif _find(store, look, kinds.ANALYSIS_TEMPLATES, name) is None:
        yield _invalid(where, name, f"AnalysisTemplate '{name}' not found")


def _find(store: Store, look: Look, kind: Kind, name: str) -> Manifest | None:
    return store.find(kind, look.rollout["metadata"]["namespace"], name)


def _invalid(where: str, value: Any, why: str) -> str:
    shown = f'"{value}"' if isinstance(value, str) else str(value).lower()
    return f"{where}: Invalid value: {shown}: {why}"
