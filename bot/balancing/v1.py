"""
What the v1 ALB Ingress Controller makes of an Ingress.

One balancer for each Ingress: it knows no groups, no `ssl-redirect` annotation and no class
parameters. Paths stand in the order of the list, each literally a pattern, whatever its type.
Every action and condition is decoded, also those that no path names, and every Service of an
action must exist; a missing action is an error. Source: `internal/alb/ls/rules.go`,
`listener.go`, `internal/alb/tg/targetgroup_group.go`, `internal/ingress/auth` of v1.1.9.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.balancing.annotations import (
    Action,
    Condition,
    FixedResponse,
    Forward,
    Redirect,
    Undecodable,
)
from bot.balancing.authentication import Guard, decode_authentication
from bot.balancing.groups import Failure, Step
from bot.balancing.inventory import Inventory
from bot.balancing.listeners import LISTEN_PORTS, Listener, decode_listen_ports
from bot.balancing.objects import PREFIX, Ingress
from bot.balancing.optimiser import Omitted, leads_back
from bot.balancing.patterns import EVERYTHING, Patterns, widened
from bot.balancing.rules import Rule, plain_rule, read_annotation, undecodable
from bot.balancing.targets import target_faults
from bot.balancing.v1_annotations import decode_action, decode_conditions

_KINDS = {"oidc", "cognito"}


@dataclass(frozen=True, kw_only=True)
class Annotations:
    """All actions and conditions of an Ingress by name, and those that cannot be decoded."""

    actions: Mapping[str, Action] = field(default_factory=dict)
    conditions: Mapping[str, tuple[Condition, ...]] = field(default_factory=dict)
    failures: tuple[Failure, ...] = ()


def read_annotations(ingress: Ingress) -> Annotations:
    """Decode all actions and conditions of an Ingress; never raises."""
    actions: dict[str, Action] = {}
    conditions: dict[str, tuple[Condition, ...]] = {}
    failures: list[Failure] = []
    for key in sorted(ingress.annotations):
        kind, _, name = key.removeprefix(f"{PREFIX}/").partition(".")
        found: Action | tuple[Condition, ...] | Failure | None = None
        if not key.startswith(f"{PREFIX}/"):
            continue
        if kind == "actions":
            found = read_annotation(ingress, key, decode_action)
        elif kind == "conditions":
            found = read_annotation(ingress, key, decode_conditions)
        if isinstance(found, Failure):
            failures.append(found)
        elif isinstance(found, tuple):
            conditions[name] = found
        elif found is not None:
            actions[name] = found
    return Annotations(actions=actions, conditions=conditions, failures=tuple(failures))


def read_ports(ingress: Ingress) -> tuple[tuple[Listener, ...], tuple[Failure, ...]]:
    """Tell the listeners of an Ingress; without `listen-ports` a certificate decides."""
    key = f"{PREFIX}/certificate-arn"
    ports: tuple[tuple[int, str], ...] = (
        ((443, "HTTPS"),) if key in ingress.annotations else ((80, "HTTP"),)
    )
    try:
        if LISTEN_PORTS in ingress.annotations:
            ports = decode_listen_ports(ingress.annotations[LISTEN_PORTS], LISTEN_PORTS)
    except Undecodable as fault:
        return (), (undecodable(ingress, fault),)
    return tuple(Listener(port=port, protocol=protocol) for port, protocol in ports), ()


def read_rules(inventory: Inventory, ingress: Ingress, known: Annotations) -> tuple[Rule, ...]:
    """Give the rules of an Ingress as listed, before any listener leaves some out."""
    return tuple(
        _complete(inventory, ingress, known, plain)
        for entry, spec in enumerate(ingress.rules)
        for plain in _paths(ingress, entry, spec)
    )


def read_default(inventory: Inventory, ingress: Ingress, known: Annotations) -> Rule | None:
    """Give the default backend as a rule that takes everything; None: there is none."""
    if ingress.default_backend is None:
        return None
    plain = plain_rule(ingress, -1, "", {"backend": ingress.default_backend})
    rule = _complete(inventory, ingress, replace(known, conditions={}), plain)
    return replace(rule, hosts=Patterns(), paths=EVERYTHING, tests=())


def optimise(
    rules: Sequence[Rule], listener: Listener
) -> tuple[tuple[Rule, ...], tuple[Omitted, ...]]:
    """
    Separate the rules that stand on a listener from those that the controller leaves out.

    A redirect that leads back is dropped; behind a redirect that takes all paths of its entry
    the rest of that entry is.
    """
    kept: list[Rule] = []
    omitted: list[Omitted] = []
    closed: dict[int, Rule] = {}
    for rule in rules:
        if rule.entry in closed:
            omitted.append(Omitted(rule=rule, by=closed[rule.entry]))
        elif leads_back(rule, listener):
            omitted.append(Omitted(rule=rule))
        else:
            kept.append(rule)
            if _takes_all(rule):
                closed[rule.entry] = rule
    return tuple(kept), tuple(omitted)


def target_failures(
    inventory: Inventory, ingress: Ingress, known: Annotations, rules: Sequence[Rule]
) -> Iterator[Failure]:
    """Tell which Services keep it from making target groups, also for actions nobody names."""
    backends = [(f"path {rule}", rule.action) for rule in rules if not rule.by_annotation]
    backends += [(f"{PREFIX}/actions.{name}", action) for name, action in known.actions.items()]
    for where, action in backends:
        for target in action.targets if isinstance(action, Forward) else ():
            space, name = ingress.namespace, target.service
            is_gone = name is not None and inventory.service(space, name) is None
            if is_gone and inventory.knows_services(space):
                reason = f"Service {name} does not exist"
                step = Step.SERVICES
                yield Failure(
                    id="WIRE-05", ingress=ingress.key, where=where, reason=reason, step=step
                )
            yield from target_faults(inventory, ingress, target, where, dual_stack=True)


def guards_of(inventory: Inventory, ingress: Ingress, rule: Rule) -> tuple[Guard, ...] | Failure:
    """
    Tell what is asked of the client before a rule acts on HTTPS.

    The Service's annotations count when the path names it itself.
    """
    service = inventory.service(ingress.namespace, rule.service)
    own = service.annotations if service and not rule.by_annotation else {}
    annotations = ingress.annotations | own
    kind = annotations.get(f"{PREFIX}/auth-type", "none")
    if kind not in _KINDS:
        return ()
    others = {f"{PREFIX}/auth-idp-{other}" for other in _KINDS - {kind}}
    try:
        login = decode_authentication(
            {key: text for key, text in annotations.items() if key not in others}, PREFIX
        )
    except Undecodable as fault:
        return undecodable(ingress, fault, Step.GUARDS)
    if login is None or login.provider is None:
        where, reason = f"{PREFIX}/auth-type", f"{kind} needs {PREFIX}/auth-idp-{kind}"
        return Failure(
            id="ANN-01", ingress=ingress.key, where=where, reason=reason, step=Step.GUARDS
        )
    return (login,)


def _paths(ingress: Ingress, entry: int, spec: Mapping[str, object]) -> Iterator[Rule]:
    http, host = spec.get("http"), spec.get("host")
    listed = http.get("paths") if isinstance(http, dict) else None
    for path in listed if isinstance(listed, list | tuple) else ():
        if isinstance(path, dict):
            yield plain_rule(ingress, entry, "" if host is None else str(host), path)


def _complete(inventory: Inventory, ingress: Ingress, known: Annotations, rule: Rule) -> Rule:
    conditions = known.conditions.get(rule.service, ())
    own_hosts = Patterns(globs=(rule.host,) if rule.host else ())
    own_paths = Patterns(globs=(rule.path,) if rule.path else ())
    hosts = widened(own_hosts, "host-header", conditions)
    paths = widened(own_paths, "path-pattern", conditions)
    tests = tuple(
        c for c in conditions if c.counts and c.field not in {"host-header", "path-pattern"}
    )
    unread = any(f.where == f"{PREFIX}/conditions.{rule.service}" for f in known.failures)
    action, failures = rule.action, rule.failures
    if rule.by_annotation:
        action, failures = _annotated(ingress, known, rule)
    elif isinstance(action, Forward):
        action = replace(action, targets=tuple(replace(t, weight=1) for t in action.targets))
    guards = guards_of(inventory, ingress, rule)
    rule = replace(
        rule,
        hosts=hosts,
        paths=paths if hosts or paths or tests else EVERYTHING,
        tests=tests,
        action=action,
        guards=() if isinstance(guards, Failure) else guards,
        failures=failures,
        unread=unread,
    )
    return rule.failing(replace(guards, on_https=True)) if isinstance(guards, Failure) else rule


def _annotated(
    ingress: Ingress, known: Annotations, rule: Rule
) -> tuple[Action | None, tuple[Failure, ...]]:
    if rule.service == "Default 404":  # the controller's own name for its usual answer
        return FixedResponse(status="404", content_type="text/plain"), ()
    key = f"{PREFIX}/actions.{rule.service}"
    if key in ingress.annotations:
        return known.actions.get(rule.service), ()
    reason = "the annotation is missing"
    return None, (Failure(id="WIRE-03", ingress=ingress.key, where=key, reason=reason),)


def _takes_all(rule: Rule) -> bool:
    """Whether it redirects everything on its own host."""
    if not isinstance(rule.action, Redirect) or rule.tests or set(rule.hosts.globs) - {rule.host}:
        return False
    return not rule.paths or "/*" in rule.paths.globs
