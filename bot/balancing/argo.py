"""
What the Argo Rollouts controller writes on an Ingress, and under which names.

Source: argo-rollouts 9f8d111d, `rollout/trafficrouting/alb/alb.go`,
`utils/ingress/ingress.go`, `ingress/alb.go`; the same in 1.10.1.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bot.balancing.annotations import Undecodable, refused
from bot.balancing.objects import CLASS, PREFIX, Ingress
from bot.balancing.structs import list_of, mapping, read, string
from bot.release.parts import AlbRouting
from bot.release.rollout import Rollout

CONTROLLER = "rollouts-controller"  #: its field manager: the name of its program
MANAGED = "rollouts.argoproj.io/managed-alb-annotations"
CLASSES = frozenset({"alb", "nginx"})  #: `--alb-ingress-classes`, `--nginx-ingress-classes`

_NAME_LIMIT = 253
_CANARY = "-canary"
_ESCAPED = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}  # Go: encoding/json


def alb_prefix(rollout: Rollout) -> str:
    """Tell what stands before the slash in the ALB annotations of this rollout."""
    return (rollout.alb.annotation_prefix if rollout.alb else "") or PREFIX


def root_service(rollout: Rollout) -> str:
    """Tell the backend name whose action carries the weights."""
    return (rollout.alb.root_service if rollout.alb else "") or rollout.stable_service


def action_key(rollout: Rollout) -> str:
    """Tell the annotation that carries the weights."""
    return f"{alb_prefix(rollout)}/actions.{root_service(rollout)}"


def alb_ingresses(rollout: Rollout) -> tuple[str, ...]:
    """Tell the names of its ALB Ingresses, in the order in which the controller writes them."""
    if not rollout.alb:
        return ()
    return rollout.alb.ingresses or ((rollout.alb.ingress,) if rollout.alb.ingress else ())


def nginx_ingresses(rollout: Rollout) -> tuple[str, ...]:
    """Tell the names of its stable NGINX Ingresses."""
    nginx = rollout.nginx
    if not nginx:
        return ()
    return nginx.stable_ingresses or ((nginx.stable_ingress,) if nginx.stable_ingress else ())


def canary_ingress(rollout: Rollout, stable_ingress: str) -> str:
    """Tell the name of the Ingress that the controller makes beside a stable NGINX one."""
    return f"{rollout.name}-{stable_ingress}"[: _NAME_LIMIT - len(_CANARY)] + _CANARY


def expected_action(
    rollout: Rollout, weight: int, *, additional: Sequence[tuple[str, int]] = ()
) -> str:
    """
    Make the weight annotation as the controller writes it, byte for byte.

    Args:
        rollout: whose Services they are.
        weight: of the canary; the stable Service gets what 100 has left, also where
            `maxTrafficWeight` says another number.
        additional: Services of a running experiment with their weights. While a Service is
            not made yet, its name is empty, and the controller leaves it out.

    """
    rest = 100 - weight - sum(share for _, share in additional)
    shares = [
        (rollout.canary_service_now, weight),
        *additional,
        (rollout.stable_service_now, rest),
    ]
    return _forward(rollout, shares)


def route_action(rollout: Rollout) -> str:
    """Make the action of a header route as the controller writes it: everything to the canary."""
    return _forward(rollout, [(rollout.canary_service_now, 100)])


def conditions_of_route(route: Mapping[str, Any]) -> str:
    """
    Make the conditions of a header route as the controller writes them.

    Matches of the same header become alternatives, those of different headers must all
    hold; only `exact` values are heeded. `route` is as `setHeaderRoute` has it.
    """
    conditions = [
        {"field": "http-header", "httpHeaderConfig": {"httpHeaderName": name, "values": found}}
        for name, found in values_of_route(route).items()
    ]
    return go_json(conditions)


def values_of_route(route: Mapping[str, Any]) -> Mapping[str, list[str]]:
    """Tell the values of each header that a `setHeaderRoute` asks for, by the header's name."""
    values: dict[str, list[str]] = {}
    matches = route.get("match")
    for match in matches if isinstance(matches, list | tuple) else ():
        if isinstance(match, dict):
            value = match.get("headerValue")
            exact = str(value.get("exact", "")) if isinstance(value, dict) else ""
            values.setdefault(str(match.get("headerName", "")), []).append(exact)
    return values


def _forward(rollout: Rollout, shares: Iterable[tuple[str, int]]) -> str:
    alb = rollout.alb or AlbRouting()
    forward: dict[str, object] = {
        "TargetGroups": [
            ({"ServiceName": service} if service else {})
            | {"ServicePort": str(alb.service_port), "Weight": share}
            for service, share in shares
        ]
    }
    if alb.is_sticky:
        sticky = {"Enabled": True, "DurationSeconds": alb.sticky_seconds}
        forward["TargetGroupStickinessConfig"] = sticky
    return go_json({"Type": "forward", "ForwardConfig": forward})


def go_json(value: object) -> str:
    """Write JSON as Go does: no spaces, and some signs escaped so that it may stand in HTML."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return text.translate(_ESCAPED)


def with_notes(ingress: Ingress, rollout: Rollout, notes: Mapping[str, str | None]) -> Ingress:
    """
    Write annotations, or take away those that are None, and keep book of them as the controller.

    What the rollout writes is listed in the order in which it was first written. Raises
    Undecodable: it cannot read its book, and then writes nothing.
    """
    annotations = dict(ingress.annotations)
    book = _book(ingress)
    own = book.get(rollout.name) or []
    for key, value in notes.items():
        if value is None:
            annotations.pop(key, None)
            own = [known for known in own if known != key]
        else:
            annotations[key] = value
            own += [] if key in own else [key]
    annotations[MANAGED] = go_json(dict(sorted({**book, rollout.name: own}.items())))
    return ingress.model_copy(update={"annotations": annotations})


def _book(ingress: Ingress) -> dict[str, list[str] | None]:
    """Read who has written which annotations. Raises Undecodable."""
    with refused(MANAGED):
        found = read(ingress.annotations.get(MANAGED) or "{}", mapping(list_of(string)))
    if found is None:
        raise Undecodable(MANAGED, "", 0, "null stops the controller of Argo")
    return {name: list(keys.items()) if keys else None for name, keys in found.items()}


def is_booked(ingress: Ingress, rollout: Rollout) -> bool:
    """
    Whether the Ingress names the rollout in the controller's bookkeeping.

    If not, a change of the Ingress does not wake the controller. What it cannot
    read there stops it altogether.
    """
    try:
        return rollout.name in _book(ingress)
    except Undecodable:
        return False


def class_of(ingress: Ingress) -> str:
    """Tell the class as Argo reads it: the annotation first."""
    return ingress.annotations.get(CLASS) or ingress.class_name


def booked(ingress: Ingress) -> dict[str, tuple[str, ...]]:
    """
    Tell the controller's bookkeeping: the annotations that each rollout writes, by its name.

    Nothing where it cannot be read; then the controller leaves the Ingress alone.
    """
    try:
        with refused(MANAGED):
            text = ingress.annotations.get(MANAGED) or "{}"
            found = read(text, mapping(list_of(string))) or {}
    except Undecodable:
        return {}
    return {name: keys.items() if keys else () for name, keys in found.items()}
