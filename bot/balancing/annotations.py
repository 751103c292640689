"""
The JSON in `actions.*` and `conditions.*`, decoded as the AWS Load Balancer Controller does.

The controller reads it with Go's `encoding/json` into fixed structs, so here as
there: keys match without regard to case, unknown keys are ignored, a repeated key
wins or merges, null is absent, and types are strict. What it refuses stops the
whole IngressGroup: the balancer keeps the last good rules and new weights do not
arrive. Source: `pkg/ingress/config_types.go` and `enhanced_backend_builder.go` of
v3.5.0 (the same since v2.0), compared with the real Go code by execution.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from bot.balancing.gojson import BadJson
from bot.balancing.schema import ACTION, CONDITIONS
from bot.balancing.structs import AT, Flaw, Misfit, read

_KEPT = 256  #: values that are remembered: every path of an Ingress asks for the same ones

FIELDS = {
    "host-header": "hostHeaderConfig",
    "path-pattern": "pathPatternConfig",
    "http-header": "httpHeaderConfig",
    "http-request-method": "httpRequestMethodConfig",
    "query-string": "queryStringConfig",
    "source-ip": "sourceIPConfig",
}


class Undecodable(Exception):  # noqa: N818 - what the annotation is
    """
    The controller refuses the annotation.

    Attributes:
        annotation: its key, or as much of it as the caller named.
        path: of the value within, such as `forwardConfig.targetGroups[0].weight`.
        offset: the character at which that value begins, from 0; None: it is all of the value.
        reason: what is wrong there, in words.
        flaw: what sort of mistake it is.

    """

    def __init__(
        self,
        annotation: str,
        path: str,
        offset: int | None,
        reason: str,
        flaw: Flaw = Flaw.OTHER,
    ) -> None:
        self.annotation = annotation
        self.path = path
        self.offset = offset
        self.reason = reason
        self.flaw = flaw
        super().__init__(": ".join(part for part in (annotation, self.detail) if part))

    @property
    def detail(self) -> str:
        """What is wrong and where in the annotation, without its key."""
        at = "" if self.offset is None else f" (at character {self.offset + 1})"
        return f"{self.path}: {self.reason}{at}" if self.path else f"{self.reason}{at}"

    @property
    def finding(self) -> str:
        """The id of the finding by which it is told."""
        return _FINDINGS.get(self.flaw, "ANN-01")


_FINDINGS = {Flaw.SLIP: "ANN-07", Flaw.NO_WEIGHT: "ANN-03"}


@dataclass(frozen=True, kw_only=True)
class TargetGroup:
    """
    One target of a forward: a Service with its port, or a target group of AWS.

    `weight` is a relative number, not a percentage; None: not written.
    """

    service: str | None = None
    port: int | str | None = None  #: digits are a number, whether quoted or not
    arn: str | None = None
    group: str | None = None  #: the name of a target group
    weight: int | None = None


@dataclass(frozen=True, kw_only=True)
class Stickiness:
    """Whether a client stays with the target group it met first."""

    enabled: bool | None = None
    seconds: int | None = None


@dataclass(frozen=True, kw_only=True)
class Forward:
    """Requests go to target groups, by weight."""

    targets: tuple[TargetGroup, ...] = ()
    stickiness: Stickiness | None = None


@dataclass(frozen=True, kw_only=True)
class Redirect:
    """The client is sent elsewhere; None: that part stays as it was asked for."""

    status: str
    host: str | None = None
    path: str | None = None
    port: str | None = None
    protocol: str | None = None
    query: str | None = None


@dataclass(frozen=True, kw_only=True)
class FixedResponse:
    """The balancer answers by itself."""

    status: str
    content_type: str | None = None
    body: str | None = None


Action = Forward | Redirect | FixedResponse


@dataclass(frozen=True, kw_only=True)
class Condition:
    """
    One condition of a rule; several must all hold.

    Attributes:
        field: what it looks at (`http-header`, …), as written.
        header: the name, for `http-header` and for a misspelt field that has one.
        values: patterns of which one must match.
        regexes: the same as regular expressions (controller v2.14.1 and later).
        pairs: key (None: any) and value, for `query-string`.

    """

    field: str
    header: str = ""
    values: tuple[str, ...] = ()
    regexes: tuple[str, ...] = ()
    pairs: tuple[tuple[str | None, str], ...] = ()

    @property
    def counts(self) -> bool:
        """Whether the controller heeds it; a misspelt field it drops in silence."""
        return self.field in FIELDS


@lru_cache(maxsize=_KEPT)
def decode_action(text: str, annotation: str = "") -> Action:
    """Decode the value of an `actions.<name>` annotation. Raises Undecodable."""
    with refused(annotation):
        return _action(read(text, ACTION))


@lru_cache(maxsize=_KEPT)
def decode_conditions(text: str, annotation: str = "") -> tuple[Condition, ...]:
    """Decode the value of a `conditions.<name>` annotation. Raises Undecodable."""
    with refused(annotation):
        cells = read(text, CONDITIONS)
        states = cells.items() if cells else ()
        return tuple(_condition(state, f"[{i}]") for i, state in enumerate(states))


@contextmanager
def refused(annotation: str) -> Iterator[None]:
    """Say in the name of an annotation what does not fit. Raises Undecodable."""
    try:
        yield
    except BadJson as bad:
        reason = f"this is not JSON: {bad.reason}"
        raise Undecodable(annotation, "", bad.at, reason) from bad
    except Misfit as bad:
        raise Undecodable(annotation, bad.path, bad.at, bad.reason, bad.flaw) from bad


def _action(state: dict[str, Any]) -> Action:
    match state.get("type", ""):
        case "forward":
            return _forward(state)
        case "redirect":
            return _redirect(state)
        case "fixed-response":
            return _fixed_response(state)
        case "":
            raise Misfit("type", state[AT], "is missing")
        case other:
            reason = f"must be forward, redirect or fixed-response, not {other}"
            raise Misfit("type", state[AT], reason)


def _forward(state: dict[str, Any]) -> Forward:
    arn, group = state.get("targetGroupARN"), state.get("targetGroupName")
    config = state.get("forwardConfig")
    if arn is None and group is None and config is None:
        raise Misfit(
            "", state[AT], "a forward needs forwardConfig, targetGroupARN or targetGroupName"
        )
    if config is None:
        return Forward(targets=(TargetGroup(arn=arn, group=group),))
    if arn is not None or group is not None:
        raise Misfit(
            "", state[AT], "either forwardConfig or one target group may be given, not both"
        )
    cells, path = config.get("targetGroups"), "forwardConfig.targetGroups"
    states = cells.items() if cells else ()
    targets = tuple(_target(item, f"{path}[{i}]") for i, item in enumerate(states))
    for i, target in enumerate(targets if len(targets) > 1 else ()):
        if target.weight is None:
            reason = "is missing; each of several needs one"
            raise Misfit(f"{path}[{i}].weight", states[i][AT], reason, Flaw.NO_WEIGHT)
    sticky = config.get("targetGroupStickinessConfig")
    return Forward(
        targets=targets,
        stickiness=sticky
        and Stickiness(enabled=sticky.get("enabled"), seconds=sticky.get("durationSeconds")),
    )


def _target(state: dict[str, Any], path: str) -> TargetGroup:
    target = TargetGroup(
        service=state.get("serviceName"),
        port=state.get("servicePort"),
        arn=state.get("targetGroupARN"),
        group=state.get("targetGroupName"),
        weight=state.get("weight"),
    )
    by_aws = target.arn is not None or target.group is not None
    if target.service is None and not by_aws:
        raise Misfit(path, state[AT], "names no serviceName, targetGroupARN or targetGroupName")
    if target.service is not None and by_aws:
        raise Misfit(path, state[AT], "names both a Service and a target group of AWS")
    if target.service is not None and target.port is None:
        raise Misfit(f"{path}.servicePort", state[AT], "is missing")
    return target


def _redirect(state: dict[str, Any]) -> Redirect:
    config = _config(state, "redirectConfig")
    parts = {key: config.get(key) for key in ("host", "path", "port", "protocol", "query")}
    return Redirect(status=config["statusCode"], **parts)


def _fixed_response(state: dict[str, Any]) -> FixedResponse:
    config = _config(state, "fixedResponseConfig")
    return FixedResponse(
        status=config["statusCode"],
        content_type=config.get("contentType"),
        body=config.get("messageBody"),
    )


def _config(state: dict[str, Any], name: str) -> dict[str, Any]:
    """Give the config that belongs to the type; it must name a status."""
    config: dict[str, Any] | None = state.get(name)
    if config is None:
        raise Misfit(name, state[AT], "is missing")
    if not config.get("statusCode"):
        raise Misfit(f"{name}.statusCode", config[AT], "is missing")
    return config


def _condition(state: dict[str, Any], path: str) -> Condition:
    field = state.get("field", "")
    known = field in FIELDS
    name = FIELDS.get(field, FIELDS["http-header"])
    config, path = state.get(name), f"{path}.{name}"
    if config is None:
        if known:
            raise Misfit(path, state[AT], f"is missing; the field {field} needs it")
        return Condition(field=field)
    values, regexes = _members(config, "values"), _members(config, "regexValues")
    if known and not values and not regexes:
        raise Misfit(f"{path}.values", config[AT], "is missing or empty")
    if known and values and regexes:
        raise Misfit(path, config[AT], "has both values and regexValues; only one may be given")
    if field != "query-string":
        return Condition(
            field=field, header=config.get("httpHeaderName", ""), values=values, regexes=regexes
        )
    pairs = tuple((pair.get("key"), pair.get("value", "")) for pair in values)
    for i, (_, value) in enumerate(pairs):
        if not value:
            raise Misfit(f"{path}.values[{i}].value", values[i][AT], "is missing or empty")
    return Condition(field=field, pairs=pairs)


def _members(config: dict[str, Any], name: str) -> tuple[Any, ...]:
    cells = config.get(name)
    return cells.items() if cells else ()
