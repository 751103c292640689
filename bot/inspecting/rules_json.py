"""The rules of all groups as data, in the annotations' own field names."""

from collections.abc import Iterator, Sequence
from typing import Any

from bot.balancing.annotations import (
    FIELDS,
    Action,
    Condition,
    FixedResponse,
    Forward,
    Redirect,
    TargetGroup,
)
from bot.balancing.authentication import Authenticate, Guard
from bot.balancing.groups import Outsider
from bot.balancing.model import ListenerModel, Model
from bot.balancing.optimiser import Omitted
from bot.balancing.patterns import Patterns
from bot.balancing.rules import Rule
from bot.balancing.transforms import Transform

Data = dict[str, Any]


def as_data(models: Sequence[Model], outsiders: Sequence[Outsider] = ()) -> Data:
    """Give everything."""
    return {"groups": [*map(_group, models), *map(_outsider, outsiders)]}


def _group(model: Model) -> Data:
    reasons = "; ".join(str(failure) for failure in model.failures)
    return {
        "group": model.group.name,
        "error": reasons or None,
        "listeners": [_listener(one) for one in model.listeners],
    }


def _outsider(one: Outsider) -> Data:
    error = f"Ingress {one.ingress.key}: group.name {one.name}: {one.reason}"
    return {"group": one.ingress.key, "error": error, "listeners": []}


def _listener(listener: ListenerModel) -> Data:
    return {
        "port": listener.port,
        "protocol": listener.protocol,
        "rules": [
            _rule(rule, priority, listener) for priority, rule in enumerate(listener.rules, 1)
        ],
        "default": _action(listener.default),
        "omitted": [_omitted(one) for one in listener.omitted],
    }


def _rule(rule: Rule, priority: int, listener: ListenerModel) -> Data:
    """Give one rule; what is asked of the client and what is rewritten only where there is any."""
    guards = [{"type": _guard(guard)} for guard in listener.guards_of(rule)]
    transforms = [_transform(one) for one in rule.transforms]
    return {
        "priority": priority,
        "ingress": rule.ingress,
        "conditions": list(_conditions(rule)),
        **({"authentication": guards} if guards else {}),
        **({"transforms": transforms} if transforms else {}),
        "action": _action(rule.action),
    }


def _guard(guard: Guard) -> str:
    return f"authenticate-{guard.kind}" if isinstance(guard, Authenticate) else "jwt-validation"


def _transform(one: Transform) -> Data:
    config = "hostHeaderRewriteConfig" if one.kind == "host-header-rewrite" else "urlRewriteConfig"
    rewrites = [{"regex": regex, "replace": text} for regex, text in one.rewrites]
    return {"type": one.kind, config: {"rewrites": rewrites}}


def _omitted(one: Omitted) -> Data:
    rule = one.rule
    why = "redirected-before" if one.by else "leads-back"
    return {"ingress": rule.ingress, "conditions": list(_conditions(rule)), "reason": why}


def _conditions(rule: Rule) -> Iterator[Data]:
    """Give the conditions in the order in which the controller sends them."""
    for one in rule.tests:
        yield {"field": one.field, FIELDS[one.field]: _config(one)}
    for field, given in (("host-header", rule.hosts), ("path-pattern", rule.paths)):
        if given:
            yield {"field": field, FIELDS[field]: _patterns(given)}


def _config(one: Condition) -> Data:
    if one.field == "query-string":
        pairs = ({"key": key, "value": value} for key, value in one.pairs)
        return {"values": [_given(pair) for pair in pairs]}
    name = {"httpHeaderName": one.header} if one.field == "http-header" else {}
    return {**name, **_patterns(Patterns(globs=one.values, regexes=one.regexes))}


def _patterns(given: Patterns) -> Data:
    both = {"values": [*given.globs], "regexValues": [*given.regexes]}
    return {key: values for key, values in both.items() if values}


def _action(given: Action | None) -> Data | None:
    match given:
        case Forward():
            forward: Data = {"targetGroups": [_target(one) for one in given.targets]}
            if given.stickiness:
                sticky = given.stickiness
                told = {"enabled": sticky.enabled, "durationSeconds": sticky.seconds}
                forward["targetGroupStickinessConfig"] = _given(told)
            return {"type": "forward", "forwardConfig": forward}
        case Redirect():
            config = {
                "protocol": given.protocol,
                "host": given.host,
                "port": given.port,
                "path": given.path,
                "query": given.query,
                "statusCode": given.status,
            }
            return {"type": "redirect", "redirectConfig": _given(config)}
        case FixedResponse():
            config = {
                "statusCode": given.status,
                "contentType": given.content_type,
                "messageBody": given.body,
            }
            return {"type": "fixed-response", "fixedResponseConfig": _given(config)}
    return None


def _target(one: TargetGroup) -> Data:
    return _given(
        {
            "serviceName": one.service,
            "servicePort": one.port,
            "targetGroupARN": one.arn,
            "targetGroupName": one.group,
            "weight": one.weight,
        }
    )


def _given(config: Data) -> Data:
    """Leave out what is not given."""
    return {key: value for key, value in config.items() if value is not None}
