"""
The JSON in `actions.*` and `conditions.*`, decoded as the v1 ALB Ingress Controller does.

It is stricter in ports (text only) and laxer elsewhere: a fixed response needs no status, a
weight that is missing is 1. It knows no names of target groups, no regular expressions and no
transforms. Source: `internal/ingress/annotations/action`, `conditions` of v1.1.9.
"""

from typing import Any

from bot.balancing.annotations import (
    FIELDS,
    Action,
    Condition,
    FixedResponse,
    Forward,
    Redirect,
    Stickiness,
    TargetGroup,
    refused,
)
from bot.balancing.scalars import parse_int
from bot.balancing.schema import V1_ACTION, V1_CONDITIONS
from bot.balancing.structs import AT, Misfit, read

_PARTS = {
    "host": "#{host}",
    "path": "/#{path}",
    "port": "#{port}",
    "protocol": "#{protocol}",
    "query": "#{query}",
}


def decode_action(text: str, annotation: str = "") -> Action:
    """Decode the value of an `actions.<name>` annotation. Raises Undecodable."""
    with refused(annotation):
        state = read(text, V1_ACTION)
        match state.get("type") or "":
            case "forward":
                return _forward(state)
            case "redirect":
                return _redirect(state)
            case "fixed-response":
                config = _config(state, "fixedResponseConfig")
                return FixedResponse(
                    status=config.get("statusCode") or "",
                    content_type=config.get("contentType"),
                    body=config.get("messageBody"),
                )
            case "":
                raise Misfit("type", state[AT], "is missing")
            case other:
                reason = f"must be forward, redirect or fixed-response, not {other}"
                raise Misfit("type", state[AT], reason)


def decode_conditions(text: str, annotation: str = "") -> tuple[Condition, ...]:
    """Decode the value of a `conditions.<name>` annotation. Raises Undecodable."""
    with refused(annotation):
        cells = read(text, V1_CONDITIONS)
        states = cells.items() if cells else ()
        return tuple(_condition(state, f"[{i}]") for i, state in enumerate(states))


def _forward(state: dict[str, Any]) -> Forward:
    arn, config = state.get("targetGroupArn"), state.get("forwardConfig")
    if (arn is None) == (config is None):
        raise Misfit("", state[AT], "a forward needs either forwardConfig or targetGroupArn")
    if config is None:
        return Forward(targets=(TargetGroup(arn=arn, weight=1),))
    cells, path = config.get("targetGroups"), "forwardConfig.targetGroups"
    states = [state or {AT: config[AT]} for state in (cells.items() if cells else ())]
    for i, one in enumerate(states):
        _check(one, f"{path}[{i}]")
    for i, one in enumerate(states if len(states) > 1 else ()):
        if one.get("weight") is None:
            reason = "is missing; each of several needs one"
            raise Misfit(f"{path}[{i}].weight", one[AT], reason)
    sticky = config.get("targetGroupStickinessConfig") or {"enabled": False}
    return Forward(
        targets=tuple(_target(one) for one in states),
        stickiness=Stickiness(enabled=sticky.get("enabled"), seconds=sticky.get("durationSeconds")),
    )


def _check(state: dict[str, Any], path: str) -> None:
    service = state.get("serviceName")
    if (state.get("targetGroupArn") is None) == (service is None):
        raise Misfit(path, state[AT], "must name either a serviceName or a targetGroupArn")
    if service is not None and state.get("servicePort") is None:
        raise Misfit(f"{path}.servicePort", state[AT], "is missing")


def _target(state: dict[str, Any]) -> TargetGroup:
    text, weight = state.get("servicePort"), state.get("weight")
    number = parse_int(text) if text is not None else None
    return TargetGroup(
        service=state.get("serviceName"),
        port=text if number is None else number,
        arn=state.get("targetGroupArn"),
        weight=1 if weight is None else weight,
    )


def _redirect(state: dict[str, Any]) -> Redirect:
    config = _config(state, "redirectConfig")
    if config.get("statusCode") is None:
        raise Misfit("redirectConfig.statusCode", config[AT], "is missing")
    said = {name: config.get(name) for name in _PARTS}
    parts = {name: _PARTS[name] if value is None else value for name, value in said.items()}
    return Redirect(status=config["statusCode"], **parts)


def _config(state: dict[str, Any], name: str) -> dict[str, Any]:
    config: dict[str, Any] | None = state.get(name)
    if config is None:
        raise Misfit(name, state[AT], "is missing")
    return config


def _condition(state: dict[str, Any], path: str) -> Condition:
    field = state.get("field") or ""
    if field not in FIELDS:
        return Condition(field=field)
    name = FIELDS[field]
    config, path = state.get(name), f"{path}.{name}"
    if config is None:
        raise Misfit(path, state[AT], f"is missing; the field {field} needs it")
    cells = config.get("values")
    values = cells.items() if cells else ()
    if not values:
        raise Misfit(f"{path}.values", config[AT], "is missing or empty")
    if field == "query-string":
        return Condition(
            field=field, pairs=tuple((pair.get("key"), pair.get("value") or "") for pair in values)
        )
    return Condition(field=field, header=config.get("httpHeaderName") or "", values=values)
