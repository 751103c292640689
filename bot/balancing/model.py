"""
The rules of a whole balancer: Ingresses of a group -> listeners -> rules in order.

    members in group order ─▶ entries of spec.rules ─▶ paths, sorted ─▶ backends looked up
    ─▶ redirects that lead back, and what stands behind redirects, left out ─▶ priorities

The model is made whole or not at all: with a `failure` the balancer keeps its last rules.
The `rules` of its listeners are then what it would get, were that mended. Source:
`pkg/ingress/model_builder.go`, `model_build_listener.go`, `model_build_listener_rules.go`
of v3.5.0.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bot.balancing.annotations import Action, FixedResponse, Redirect
from bot.balancing.backends import NO_ACTION, resolve, unavailable
from bot.balancing.groups import PREFIX, Failure, Group
from bot.balancing.inventory import Inventory
from bot.balancing.listeners import Listener
from bot.balancing.objects import Ingress
from bot.balancing.optimiser import Omitted, optimise
from bot.balancing.ports import Ports, find_ports
from bot.balancing.rules import Rule, read_default, read_rules

NOT_FOUND = FixedResponse(status="404", content_type="text/plain")


@dataclass(frozen=True, kw_only=True)
class ListenerModel:
    """
    One listener with its rules.

    Attributes:
        rules: by priority, from 1.
        default: what is done with requests that no rule takes.
        omitted: the rules that the controller leaves out here, and why.
        redirects: whether `ssl-redirect` sends everything to HTTPS, so that no rule stands here.

    """

    listener: Listener
    rules: tuple[Rule, ...] = ()
    default: Action = NOT_FOUND
    omitted: tuple[Omitted, ...] = ()
    redirects: bool = False

    @property
    def port(self) -> int:
        """Its port."""
        return self.listener.port

    @property
    def protocol(self) -> str:
        """HTTP or HTTPS."""
        return self.listener.protocol


@dataclass(frozen=True, kw_only=True)
class Model:
    """
    What the controller makes of a group.

    Attributes:
        failures: every reason for which it makes nothing at all; the order is ours.
        listeners: by port.
        rules: all rules of the members, before listeners leave any out.

    """

    group: Group
    failures: tuple[Failure, ...] = ()
    listeners: tuple[ListenerModel, ...] = ()
    rules: tuple[Rule, ...] = ()

    @property
    def failure(self) -> Failure | None:
        """The first reason."""
        return self.failures[0] if self.failures else None


def build(inventory: Inventory, group: Group) -> Model:
    """Make the rules of a group; never raises."""
    ports = find_ports(inventory, group)
    rules = {member.key: tuple(_resolved(inventory, member)) for member in group.members}
    listeners = tuple(_listeners(inventory, ports, rules))
    failures = [group.failure] if group.failure else []
    failures += ports.failures
    failures += (rule.failure for own in rules.values() for rule in own if rule.failure)
    failures += _defaults_at_odds(inventory, ports)
    return Model(
        group=group,
        failures=tuple(dict.fromkeys(failures)),
        listeners=listeners,
        rules=tuple(rule for own in rules.values() for rule in own),
    )


def _resolved(inventory: Inventory, ingress: Ingress) -> Iterator[Rule]:
    for rule in read_rules(ingress, PREFIX):
        yield _looked_up(inventory, ingress, rule)


def _looked_up(inventory: Inventory, ingress: Ingress, rule: Rule) -> Rule:
    """Look up the Services of a rule, and say what is done where the action is missing."""
    if rule.failure:
        return rule
    if rule.action is None:
        if inventory.controller.tolerates_missing_action:
            return replace(rule, action=unavailable(NO_ACTION))
        where, reason = f"{PREFIX}/actions.{rule.service}", "the annotation is missing"
        return replace(
            rule, failure=Failure(id="WIRE-03", ingress=ingress.key, where=where, reason=reason)
        )
    found = resolve(inventory, ingress, rule.action, f"path {rule}")
    if isinstance(found, Failure):
        return replace(rule, failure=found)
    return rule if found is rule.action else replace(rule, action=found)


def _listeners(
    inventory: Inventory, ports: Ports, rules: dict[str, tuple[Rule, ...]]
) -> Iterator[ListenerModel]:
    for listener, members in ports.members.items():
        if ports.redirect_to is not None and listener.protocol == "HTTP":
            port = str(ports.redirect_to)
            default = Redirect(status="HTTP_301", port=port, protocol="HTTPS")
            yield ListenerModel(listener=listener, default=default, redirects=True)
            continue
        own = [rule for member in members for rule in rules[member.key]]
        kept, omitted = optimise(own, listener)
        yield ListenerModel(
            listener=listener,
            rules=kept,
            omitted=omitted,
            default=_default(inventory, members),
        )


def _default(inventory: Inventory, members: Sequence[Ingress]) -> Action:
    """Tell what the only member with a default backend does with what no rule takes."""
    owners = [member for member in members if member.default_backend is not None]
    if len(owners) != 1:
        return NOT_FOUND
    rule = _looked_up(inventory, owners[0], read_default(owners[0], PREFIX))
    return rule.action or NOT_FOUND


def _defaults_at_odds(inventory: Inventory, ports: Ports) -> Iterator[Failure]:
    for listener, members in ports.members.items():
        if ports.redirect_to is not None and listener.protocol == "HTTP":
            continue
        owners = [member for member in members if member.default_backend is not None]
        if len(owners) > 1:
            names = " and ".join(owner.key for owner in owners)
            reason = f"port {listener.port} can have one default backend; {names} each name one"
            yield Failure(
                id="ORD-10", ingress=owners[1].key, where="spec.defaultBackend", reason=reason
            )
        for owner in owners:
            failure = _looked_up(inventory, owner, read_default(owner, PREFIX)).failure
            if failure:
                yield failure
