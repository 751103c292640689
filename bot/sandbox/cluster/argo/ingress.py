"""
What Argo writes on an Ingress of the AWS Load Balancer Controller, byte for byte. Pure.

Argo: rollout/trafficrouting/alb/alb.go, utils/ingress/ingress.go and wrapper.go.
"""

import json
from collections.abc import Mapping
from typing import Any

from bot.sandbox.cluster.argo.look import MOST, Look
from bot.sandbox.cluster.objects import Manifest, at, put
from bot.sandbox.cluster.queue import Trouble

MANAGED = "rollouts.argoproj.io/managed-alb-annotations"
_PREFIX = "alb.ingress.kubernetes.io"
#: what Go's encoder escapes, so that JSON may stand in HTML
_ESCAPED = {
    "&": "\\u0026",
    "<": "\\u003c",
    ">": "\\u003e",
    "\u2028": "\\u2028",
    "\u2029": "\\u2029",
}
_LONGEST_STICKINESS = 604_800  #: seconds


def names(look: Look) -> list[str]:
    """The names of the Ingresses, in the order in which they are written."""
    several = look.alb.get("ingresses")
    return list(several) if several else [look.alb.get("ingress", "")]


def services(look: Look) -> tuple[str, str]:
    """The Services behind canary and stable; ping and pong change their roles."""
    pair = look.canary.get("pingPong")
    if not pair:
        return look.canary.get("canaryService", ""), look.canary.get("stableService", "")
    if at(look.rollout, "status", "canary", "stablePingPong") == "ping":
        return pair["pongService"], pair["pingService"]
    return pair["pingService"], pair["pongService"]


def root_service(look: Look) -> str:
    """The backend whose action carries the weights."""
    return str(look.alb.get("rootService") or look.canary.get("stableService", ""))


def has_backend(ingress: Manifest, service: str) -> bool:
    """Whether a path leads to this backend."""
    return any(_backend(path) == service for paths in _all_paths(ingress) for path in paths)


def with_weight(ingress: Manifest, look: Look, weight: int) -> Manifest:
    """Give the Ingress in which the canary has this weight. Raises Trouble."""
    if not has_backend(ingress, root_service(look)):
        raise Trouble(f"ingress does not have service `{root_service(look)}` in rules")
    canary, stable = services(look)
    groups = [_group(look, canary, weight), _group(look, stable, MOST - weight)]
    key = _action_key(look, root_service(look))
    return _annotated(ingress, look, {key: _forward(look, groups)})


def with_header_route(ingress: Manifest, look: Look, route: Manifest) -> Manifest:
    """Give the Ingress with a header route, or without it where the route matches nothing."""
    name, match = route["name"], route.get("match")
    action, condition = _action_key(look, name), _condition_key(look, name)
    there = has_backend(ingress, name)
    if not match:  # an empty list is lost on its way through the controller
        after = _annotated(ingress, look, {action: None, condition: None})
        return _sorted(_without_path(after, name) if there else after, look)
    canary, _ = services(look)
    notes = {
        action: _forward(look, [_group(look, canary, MOST)]),
        condition: go_json(_conditions(match)),
    }
    after = _annotated(ingress, look, notes)
    return _sorted(after if there else _with_path(after, name), look)


def without_routes(ingress: Manifest, look: Look) -> Manifest:
    """Give the Ingress without any managed header route."""
    gone: dict[str, str | None] = {}
    for name in look.managed_routes:
        gone |= {_action_key(look, name): None, _condition_key(look, name): None}
    after = _annotated(ingress, look, gone)
    for name in look.managed_routes:
        after = _without_path(after, name)
    return after


def booked(ingress: Manifest) -> dict[str, list[str]]:
    """Whose annotations are on the Ingress, as Argo's bookkeeping says. Raises Trouble."""
    text = at(ingress, "metadata", "annotations", MANAGED, default="")
    try:
        return dict(json.loads(text)) if text else {}
    except ValueError as error:
        raise Trouble(f"{MANAGED}: {error}") from error


def go_json(value: Any) -> str:
    """Write JSON as Go's encoder does."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    for sign, escaped in _ESCAPED.items():
        text = text.replace(sign, escaped)
    return text


def _annotated(ingress: Manifest, look: Look, notes: Mapping[str, str | None]) -> Manifest:
    """Write (None: remove) annotations, and keep book of them."""
    books = booked(ingress)
    name = look.rollout["metadata"]["name"]
    own = list(books.get(name) or ())
    present = dict(at(ingress, "metadata", "annotations", default={}))
    for key, value in notes.items():
        if value is None:
            present.pop(key, None)
            own = [one for one in own if one != key]
        else:
            present[key] = value
            own += [] if key in own else [key]
    present[MANAGED] = go_json(dict(sorted({**books, name: own}.items())))
    return put(ingress, present, "metadata", "annotations")


def _action_key(look: Look, name: str) -> str:
    return f"{look.alb.get('annotationPrefix') or _PREFIX}/actions.{name}"


def _condition_key(look: Look, name: str) -> str:
    return f"{look.alb.get('annotationPrefix') or _PREFIX}/conditions.{name}"


def _group(look: Look, service: str, weight: int) -> Manifest:
    port = str(look.alb.get("servicePort", 0))
    return {"ServiceName": service, "ServicePort": port, "Weight": weight}


def _forward(look: Look, groups: list[Manifest]) -> str:
    forward: Manifest = {"TargetGroups": groups}
    sticky = look.alb.get("stickinessConfig") or {}
    if sticky.get("enabled"):
        seconds = int(sticky.get("durationSeconds", 0))
        if not 1 <= seconds <= _LONGEST_STICKINESS:
            raise Trouble(
                "TargetGroupStickinessConfig's duration must be between 1 and 604800 seconds "
                "(7 days)!"
            )
        forward["TargetGroupStickinessConfig"] = {"Enabled": True, "DurationSeconds": seconds}
    return go_json({"Type": "forward", "ForwardConfig": forward})


def _conditions(match: list[Manifest]) -> list[Manifest]:
    """One condition for each header; values of the same header are alternatives."""
    values: dict[str, list[str]] = {}
    for one in match:
        values.setdefault(one["headerName"], []).append(at(one, "headerValue", "exact", default=""))
    return [
        {
            "field": "http-header",
            "httpHeaderConfig": {"httpHeaderName": header, "values": alternatives},
        }
        for header, alternatives in values.items()
    ]


def _backend(path: Manifest) -> str:
    return str(at(path, "backend", "service", "name", default=""))


def _all_paths(ingress: Manifest) -> list[list[Manifest]]:
    rules = at(ingress, "spec", "rules", default=())
    return [list(at(rule, "http", "paths", default=())) for rule in rules]


def _with_paths(ingress: Manifest, change: Any) -> Manifest:
    """Change the paths of every rule; a rule without paths makes Argo panic."""
    rules = []
    for rule in at(ingress, "spec", "rules", default=()):
        if not rule.get("http"):
            raise Trouble("a rule without http")
        rules.append(put(rule, change(rule["http"]["paths"]), "http", "paths"))
    return put(ingress, rules, "spec", "rules")


def _with_path(ingress: Manifest, name: str) -> Manifest:
    path = {
        "path": "/*",
        "pathType": "ImplementationSpecific",
        "backend": {"service": {"name": name, "port": {"name": "use-annotation"}}},
    }
    return _with_paths(ingress, lambda paths: [path, *paths])


def _without_path(ingress: Manifest, name: str) -> Manifest:
    """Take away the first path to this backend from each rule."""

    def change(paths: list[Manifest]) -> list[Manifest]:
        first = next((i for i, path in enumerate(paths) if _backend(path) == name), None)
        return paths if first is None else [*paths[:first], *paths[first + 1 :]]

    return _with_paths(ingress, change)


def _sorted(ingress: Manifest, look: Look) -> Manifest:
    """Put managed routes first, in their order."""
    place = {name: number for number, name in enumerate(look.managed_routes)}

    def change(paths: list[Manifest]) -> list[Manifest]:
        return sorted(paths, key=lambda path: place.get(_backend(path), len(place)))

    return _with_paths(ingress, change)
