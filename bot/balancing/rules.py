"""
The paths of one Ingress as the rules that the controller makes of them, in its order.

One path, one rule. Per entry of `spec.rules` the exact paths come first, then the
prefixes, longest first, then the rest as listed; the balancer tries them in this
order. Members of an explicit group stand before or after and are not looked at
here. Source: `pkg/ingress/model_build_listener_rules.go` of v3.5.0 (the order since
v2.4.3).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from bot.balancing.annotations import (
    Action,
    Condition,
    Forward,
    TargetGroup,
    Undecodable,
    decode_action,
    decode_conditions,
)
from bot.balancing.groups import Failure
from bot.balancing.objects import Ingress

USE_ANNOTATION = "use-annotation"
_NUMBER = re.compile(r"[0-9]{1,9}\Z")
_TRUE = {"1", "t", "T", "TRUE", "true", "True"}  # Go: strconv.ParseBool
_ORDER = {"Exact": 0, "Prefix": 1, "ImplementationSpecific": 2}


@dataclass(frozen=True, kw_only=True)
class Patterns:
    """What a host or a path must match: one of these. None at all: anything."""

    globs: tuple[str, ...] = ()
    regexes: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.globs or self.regexes)


@dataclass(frozen=True, kw_only=True)
class Rule:
    """
    One path of an Ingress as a rule of the balancer.

    Attributes:
        entry: the index in `spec.rules`.
        service: the backend's name: a Service, or the name of an annotation.
        port: the backend's port as written; `use-annotation` leads to the annotation.
        hosts: what the host must match; conditions can only widen it.
        paths: the same for the path.
        tests: the other conditions; all must hold.
        action: what happens; None: the annotation is missing, the balancer answers 503.
        ingress: the key of the Ingress.
        failure: why the controller cannot make this rule; then it changes no rule of
            the whole group.
        unread: whether its conditions cannot be read, so that nobody knows what it takes.

    """

    entry: int
    ingress: str = ""
    host: str = ""
    path: str = ""
    path_type: str = ""
    service: str = ""
    port: str = ""
    hosts: Patterns = Patterns()
    paths: Patterns = Patterns()
    tests: tuple[Condition, ...] = ()
    action: Action | None = None
    failure: Failure | None = None
    unread: bool = False

    @property
    def broken(self) -> str:
        """Why it cannot be made, in words; empty: it can."""
        if self.failure is None:
            return ""
        where = f"{self.failure.where}: " if self.failure.where else ""
        return f"{where}{self.failure.reason}"

    @property
    def by_annotation(self) -> bool:
        """Whether the annotation decides, not the backend itself."""
        return self.port == USE_ANNOTATION

    def __str__(self) -> str:
        host = f" of {self.host}" if self.host else ""
        return f"{self.path_type} {self.path or '(empty)'}{host}"

    def share_of(self, service: str) -> Fraction:
        """Tell which part of its requests goes to a Service, 0 to 1."""
        if not isinstance(self.action, Forward):
            return Fraction(0)
        weights = [(t.service, 1 if t.weight is None else t.weight) for t in self.action.targets]
        total = sum(weight for _, weight in weights)
        own = sum(weight for name, weight in weights if name == service)
        return Fraction(own, total) if total > 0 else Fraction(0)


def read_rules(ingress: Ingress, prefix: str) -> tuple[Rule, ...]:
    """Give the rules of an Ingress in the controller's order; never raises."""
    rules: list[Rule] = []
    for entry, spec in enumerate(ingress.rules):
        listed = _part(spec, "http").get("paths")
        paths = listed if isinstance(listed, list | tuple) else ()
        ordered = sorted((path for path in paths if isinstance(path, dict)), key=_rank)
        rules += (_rule(ingress, prefix, entry, _text(spec, "host"), path) for path in ordered)
    return tuple(rules)


def _rank(path: dict[str, Any]) -> tuple[int, int]:
    kind = _path_type(path)
    length = len(_text(path, "path").encode(errors="replace"))
    return _ORDER.get(kind, 0), -length if kind == "Prefix" else 0


def _path_type(path: dict[str, Any]) -> str:
    return _text(path, "pathType") or "ImplementationSpecific"


def _rule(ingress: Ingress, prefix: str, entry: int, host: str, path: dict[str, Any]) -> Rule:
    service = _part(_part(path, "backend"), "service")
    port = _part(service, "port")
    name = _text(service, "name")
    plain = Rule(
        entry=entry,
        ingress=ingress.key,
        host=host,
        path=_text(path, "path"),
        path_type=_path_type(path),
        service=name,
        port=_text(port, "name") or _text(port, "number"),
    )
    if not service:
        return replace(
            plain, failure=_failure(plain, "ANN-17", f"the path {plain} names no Service")
        )
    try:
        return _complete(ingress, prefix, plain)
    except Undecodable as fault:
        where, reason = fault.annotation, str(fault).removeprefix(f"{fault.annotation}: ")
        return replace(plain, failure=_failure(plain, fault.finding, reason, where))


def read_default(ingress: Ingress, prefix: str) -> Rule:
    """
    Give the default backend of an Ingress as a rule that takes everything; never raises.

    Its conditions must be readable, and are dropped.
    """
    backend = ingress.default_backend or {}
    rule = _rule(ingress, prefix, -1, "", {"backend": backend})
    return replace(rule, hosts=Patterns(), paths=Patterns(globs=("/*",)), tests=())


def _failure(rule: Rule, id_: str, reason: str, where: str = "") -> Failure:
    return Failure(id=id_, ingress=rule.ingress, where=where, reason=reason)


def _complete(ingress: Ingress, prefix: str, rule: Rule) -> Rule:
    """Add conditions and action. Raises Undecodable."""
    conditions: tuple[Condition, ...] = ()
    key = f"{prefix}/conditions.{rule.service}"
    if key in ingress.annotations:
        conditions = decode_conditions(ingress.annotations[key], key)
    hosts = _widen((rule.host,) if rule.host else (), "host-header", conditions)
    regex = ingress.annotations.get(f"{prefix}/use-regex-path-match", "") in _TRUE
    paths = _widen(tuple(_path_globs(rule)), "path-pattern", conditions)
    if regex and rule.path and rule.path_type not in {"Exact", "Prefix"}:
        paths = Patterns(globs=paths.globs[1:], regexes=(rule.path[1:], *paths.regexes))
    tests = tuple(c for c in conditions if c.counts and c.field not in _WIDENING)
    if not (hosts or paths or tests):
        paths = Patterns(globs=("/*",))
    fault = _fault(rule, hosts, paths)
    action = _action(ingress, prefix, rule)
    return replace(rule, hosts=hosts, paths=paths, tests=tests, action=action, failure=fault)


_WIDENING = ("host-header", "path-pattern")


def _widen(own: tuple[str, ...], field: str, conditions: tuple[Condition, ...]) -> Patterns:
    """Put what the spec says and what conditions say into one list of alternatives."""
    same = [condition for condition in conditions if condition.field == field]
    return Patterns(
        globs=(*own, *(value for c in same for value in c.values)),
        regexes=tuple(value for c in same for value in c.regexes),
    )


def _path_globs(rule: Rule) -> Iterator[str]:
    if rule.path_type == "Prefix" and rule.path == "/":
        yield "/*"
    elif rule.path_type == "Prefix" and rule.path:
        yield rule.path.removesuffix("/")
        yield f"{rule.path.removesuffix('/')}/*"
    elif rule.path:
        yield rule.path


def _fault(rule: Rule, hosts: Patterns, paths: Patterns) -> Failure | None:
    """Tell what the controller refuses in a rule whose annotations it can read."""
    if rule.path_type not in _ORDER:
        return _failure(
            rule, "ANN-17", f"the pathType {rule.path_type} of {rule.path} is not known"
        )
    if rule.path_type != "ImplementationSpecific" and {"*", "?"} & {*rule.path}:
        return _failure(rule, "ANN-17", f"the path {rule} may not hold * or ?")
    for what, patterns in (("host", hosts), ("path", paths)):
        if patterns.globs and patterns.regexes:
            both = f"the {what} of {rule} is given both as pattern and as regular expression"
            return _failure(rule, "ANN-15", both)
    return None


def _action(ingress: Ingress, prefix: str, rule: Rule) -> Action | None:
    if not rule.by_annotation:
        port = int(rule.port) if _NUMBER.match(rule.port) else rule.port
        return Forward(targets=(TargetGroup(service=rule.service, port=port),))
    key = f"{prefix}/actions.{rule.service}"
    text = ingress.annotations.get(key)
    return None if text is None else decode_action(text, key)


def _part(spec: Any, key: str) -> dict[str, Any]:
    """Give a part of a manifest; what is no object is empty."""
    value = spec.get(key) if isinstance(spec, dict) else None
    return value if isinstance(value, dict) else {}


def _text(spec: Any, key: str) -> str:
    """Give a field as text; what is no object has none."""
    value = spec.get(key) if isinstance(spec, dict) else None
    return "" if value is None else str(value)
