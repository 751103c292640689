"""
The paths of one Ingress as the rules that the controller makes of them, in its order.

One path, one rule. Per entry of `spec.rules` the exact paths come first, then the
prefixes, longest first, then the rest as listed; the balancer tries them in this
order. Members of an explicit group stand before or after and are not looked at
here, nor are Services. Source: `pkg/ingress/model_build_listener_rules.go`,
`enhanced_backend_builder.go` of v3.5.0 (the order since v2.4.3).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from typing import Any, TypeVar

from bot.balancing.annotations import (
    Action,
    Condition,
    Forward,
    TargetGroup,
    Undecodable,
    decode_action,
    decode_conditions,
)
from bot.balancing.authentication import Guard
from bot.balancing.groups import Failure, Step
from bot.balancing.objects import Ingress
from bot.balancing.patterns import (
    ANYTHING,
    EVERYTHING,
    PATH_TYPES,
    Patterns,
    path_patterns,
    widened,
)
from bot.balancing.scalars import parse_bool, parse_int
from bot.balancing.transforms import Transform, decode_transforms

USE_ANNOTATION = "use-annotation"
_WIDENING = ("host-header", "path-pattern")

Found = TypeVar("Found")


@dataclass(frozen=True, kw_only=True)
class Rule:
    """
    One path of an Ingress as a rule of the balancer.

    Attributes:
        entry: the index in `spec.rules`; -1: the default backend.
        service: the backend's name: a Service, or the name of an annotation.
        port: the backend's port as written; `use-annotation` leads to the annotation.
        hosts: what the host must match; conditions can only widen it.
        paths: the same for the path.
        tests: the other conditions; all must hold.
        transforms: what is rewritten before the request goes on.
        guards: what is asked of the client before, on HTTPS listeners only.
        action: what happens; None: the annotation is missing, the balancer answers 503.
        ingress: the key of the Ingress.
        failures: why the controller cannot make this rule, in the order in which it finds
            out; then it changes no rule of the whole group.
        unread: whether its conditions cannot be read, so that nobody knows what it takes.

    """

    entry: int
    ingress: str = ""
    host: str = ""
    path: str = ""
    path_type: str = ""
    service: str = ""
    port: str = ""
    hosts: Patterns = ANYTHING
    paths: Patterns = ANYTHING
    tests: tuple[Condition, ...] = ()
    transforms: tuple[Transform, ...] = ()
    guards: tuple[Guard, ...] = ()
    action: Action | None = None
    failures: tuple[Failure, ...] = ()
    unread: bool = False

    @property
    def failure(self) -> Failure | None:
        """The first reason why the controller cannot make it."""
        return self.failures[0] if self.failures else None

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

    @property
    def asks_header(self) -> bool:
        """Whether it takes only requests with some header."""
        return any(test.field == "http-header" for test in self.tests)

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

    def failing(self, *more: Failure) -> "Rule":
        """Add reasons why it cannot be made."""
        found = sorted((*self.failures, *more), key=lambda failure: failure.step)
        return replace(self, failures=tuple(dict.fromkeys(found)))


class _Same:
    """An Ingress that is known by what it is, not by what it says."""

    __slots__ = ("ingress",)

    def __init__(self, ingress: Ingress) -> None:
        self.ingress = ingress

    def __hash__(self) -> int:
        return id(self.ingress)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.ingress is self.ingress


def read_rules(ingress: Ingress, prefix: str) -> tuple[Rule, ...]:
    """Give the rules of an Ingress in the controller's order; never raises."""
    return _read_rules(_Same(ingress), prefix)


@lru_cache(maxsize=256)  # each look at a rollout needs them twice, and looks come in bursts
def _read_rules(same: _Same, prefix: str) -> tuple[Rule, ...]:
    ingress = same.ingress
    rules: list[Rule] = []
    for entry, spec in enumerate(ingress.rules):
        listed = _part(spec, "http").get("paths")
        paths = listed if isinstance(listed, list | tuple) else ()
        ordered = sorted((path for path in paths if isinstance(path, dict)), key=_rank)
        host = _text(spec, "host")
        rules += (_complete(ingress, prefix, plain_rule(ingress, entry, host, p)) for p in ordered)
    return tuple(rules)


def read_default(ingress: Ingress, prefix: str) -> Rule:
    """
    Give the default backend of an Ingress as a rule that takes everything; never raises.

    Its conditions and transforms must be readable, and are dropped.
    """
    spec = {"backend": ingress.default_backend or {}}
    rule = _complete(ingress, prefix, plain_rule(ingress, -1, "", spec))
    return replace(
        rule, path="", hosts=ANYTHING, paths=EVERYTHING, tests=(), transforms=(), unread=False
    )


def plain_rule(ingress: Ingress, entry: int, host: str, path: dict[str, Any]) -> Rule:
    """Give one path as a rule by what it says itself, without any annotation."""
    service = _part(_part(path, "backend"), "service")
    port = _part(service, "port")
    number = parse_int(_text(port, "number") or "0")
    target = TargetGroup(
        service=_text(service, "name"),
        port=_text(port, "name") or (_text(port, "number") if number is None else number),
    )
    return Rule(
        entry=entry,
        ingress=ingress.key,
        host=host,
        path=_text(path, "path"),
        path_type=_path_type(path),
        service=_text(service, "name"),
        port=_text(port, "name") or _text(port, "number"),
        action=Forward(targets=(target,)) if service else None,
        failures=() if service else (_no_service(ingress, path),),
    )


def read_annotation(
    ingress: Ingress, key: str, decode: Callable[[str, str], Found]
) -> Found | Failure | None:
    """Decode an annotation; None: it is not there. What the controller refuses is a Failure."""
    text = ingress.annotations.get(key)
    try:
        return None if text is None else decode(text, key)
    except Undecodable as fault:
        return undecodable(ingress, fault)


def undecodable(ingress: Ingress, fault: Undecodable, step: Step = Step.BACKEND) -> Failure:
    """Say as a Failure what the controller refuses in an annotation."""
    return Failure(
        id=fault.finding,
        ingress=ingress.key,
        where=fault.annotation,
        reason=fault.detail,
        offset=fault.offset,
        step=step,
    )


def _rank(path: dict[str, Any]) -> tuple[int, int]:
    """Sort paths of one entry; one of unknown type is the first thing that the controller sees."""
    kind = _path_type(path)
    place = PATH_TYPES.index(kind) if kind in PATH_TYPES else -1
    length = len(_text(path, "path").encode(errors="replace"))
    return place, -length if kind == "Prefix" else 0


def _path_type(path: dict[str, Any]) -> str:
    return _text(path, "pathType") or PATH_TYPES[-1]


def _no_service(ingress: Ingress, path: dict[str, Any]) -> Failure:
    named = f"{_path_type(path)} {_text(path, 'path') or '(empty)'}"
    reason = "the backend names no Service"
    return Failure(id="ANN-17", ingress=ingress.key, where=f"path {named}", reason=reason)


def _complete(ingress: Ingress, prefix: str, rule: Rule) -> Rule:
    """Add what annotations say: conditions, transforms and the action."""
    flag = ingress.annotations.get(f"{prefix}/use-regex-path-match", "false")
    own = path_patterns(rule.path, rule.path_type, as_regex=bool(parse_bool(flag)))
    hosts = Patterns(globs=(rule.host,) if rule.host else ())
    if rule.failures:
        return replace(rule, hosts=hosts, paths=own, unread=True)
    name = rule.service
    conditions = read_annotation(ingress, f"{prefix}/conditions.{name}", decode_conditions)
    transforms = read_annotation(ingress, f"{prefix}/transforms.{name}", decode_transforms)
    action = _action(ingress, prefix, rule)
    known = conditions if isinstance(conditions, tuple) else ()
    tests = tuple(c for c in known if c.counts and c.field not in _WIDENING)
    hosts, paths = widened(hosts, "host-header", known), widened(own, "path-pattern", known)
    rule = replace(
        rule,
        hosts=hosts,
        paths=paths if hosts or paths or tests else EVERYTHING,
        tests=tests,
        transforms=transforms if isinstance(transforms, tuple) else (),
        action=None if isinstance(action, Failure) else action,
        unread=isinstance(conditions, Failure),
    )
    found = [one for one in (conditions, transforms, action) if isinstance(one, Failure)]
    return rule.failing(*found, *_faults(rule, prefix, flag))


def _faults(rule: Rule, prefix: str, flag: str) -> Iterator[Failure]:
    """Tell what the controller refuses in a rule whose annotations it can read."""

    def fault(id_: str, reason: str, where: str = "", step: Step = Step.CONDITIONS) -> Failure:
        where = where or f"path {rule}"
        return Failure(id=id_, ingress=rule.ingress, where=where, reason=reason, step=step)

    if rule.path_type not in PATH_TYPES:
        reason = f"the pathType {rule.path_type} is not known"
        yield fault("ANN-17", reason, step=Step.ORDER)
        return
    if rule.path and rule.path_type == PATH_TYPES[-1] and parse_bool(flag) is None:
        where = f"{prefix}/use-regex-path-match"
        yield fault("ANN-01", f"must be true or false, not {flag!r}", where)
    if rule.path_type != PATH_TYPES[-1] and {"*", "?"} & {*rule.path}:
        yield fault("ANN-17", f"a path of type {rule.path_type} may not hold * or ?")
    for what, patterns in (("host", rule.hosts), ("path", rule.paths)):
        if patterns.globs and patterns.regexes:
            both = f"the {what} is given both as pattern and as regular expression"
            yield fault("ANN-15", both)


def _action(ingress: Ingress, prefix: str, rule: Rule) -> Action | Failure | None:
    if not rule.by_annotation:
        return rule.action
    return read_annotation(ingress, f"{prefix}/actions.{rule.service}", decode_action)


def _part(spec: Any, key: str) -> dict[str, Any]:
    """Give a part of a manifest; what is no object is empty."""
    value = spec.get(key) if isinstance(spec, dict) else None
    return value if isinstance(value, dict) else {}


def _text(spec: Any, key: str) -> str:
    """Give a field as text; what is no object has none."""
    value = spec.get(key) if isinstance(spec, dict) else None
    return "" if value is None else str(value)
