"""
The rules of a whole balancer: Ingresses of a group -> listeners -> rules in order.

    members in group order ─▶ entries of spec.rules ─▶ paths, sorted ─▶ backends looked up
    ─▶ redirects that lead back, and what stands behind redirects, left out ─▶ priorities

The model is made whole or not at all: with a `failure` the balancer keeps its last rules.
The `rules` of its listeners are then what it would get, were that mended. Source:
`pkg/ingress/model_builder.go`, `model_build_listener.go`, `model_build_listener_rules.go`
of v3.5.0.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from bot.balancing import v1
from bot.balancing.annotations import Action, FixedResponse, Redirect
from bot.balancing.authentication import Guard
from bot.balancing.backends import Surroundings, looked_up
from bot.balancing.groups import Failure, Group, is_legacy, params_of
from bot.balancing.inventory import Inventory
from bot.balancing.listeners import Listener
from bot.balancing.objects import PREFIX, Ingress
from bot.balancing.optimiser import Omitted, optimise
from bot.balancing.ports import Ports, find_ports
from bot.balancing.rules import Rule, read_default, read_rules
from bot.balancing.settings import addon_faults, balancer_faults, is_dual_stack, pairs_faults

NOT_FOUND = FixedResponse(status="404", content_type="text/plain")


@dataclass(frozen=True, kw_only=True)
class ListenerModel:
    """
    One listener with its rules.

    Attributes:
        rules: by priority, from 1.
        default: what is done with requests that no rule takes.
        default_guards: what is asked of the client before that.
        omitted: the rules that the controller leaves out here, and why.
        redirects: whether `ssl-redirect` sends everything to HTTPS, so that no rule stands here.

    """

    listener: Listener
    rules: tuple[Rule, ...] = ()
    default: Action = NOT_FOUND
    default_guards: tuple[Guard, ...] = ()
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

    def priority_of(self, rule: Rule) -> int:
        """Tell the priority of one of its rules."""
        return self._priorities[id(rule)]

    @cached_property
    def _priorities(self) -> Mapping[int, int]:
        places = reversed(list(enumerate(self.rules, start=1)))
        return {id(rule): priority for priority, rule in places}  # the first, if it stands twice

    def guards_of(self, rule: Rule) -> tuple[Guard, ...]:
        """Tell what is asked of the client before a rule acts; on HTTP nothing is."""
        return rule.guards if self.protocol == "HTTPS" else ()


@dataclass(frozen=True, kw_only=True)
class Model:
    """
    What the controller makes of a group.

    Attributes:
        failures: every reason for which it makes nothing at all, in the order in which the
            controller finds out; it tells the first. Of listeners it takes any first, here it
            is the one with the lowest port.
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
    if any(is_legacy(inventory, member) for member in group.members):
        return _build_v1(inventory, group)
    ports = find_ports(inventory, group)
    secure = {
        member.key
        for listener, members in ports.members.items()
        for member in members
        if listener.protocol == "HTTPS"
    }
    dual_stack = is_dual_stack(inventory, group)
    around = {
        member.key: Surroundings(https=member.key in secure, dual_stack=dual_stack)
        for member in group.members
    }
    rules = {
        member.key: tuple(
            looked_up(inventory, member, rule, around[member.key])
            for rule in read_rules(member, PREFIX)
        )
        for member in group.members
    }
    defaults = {
        member.key: looked_up(inventory, member, read_default(member, PREFIX), around[member.key])
        for member in group.members
        if member.default_backend is not None
    }
    listeners = tuple(_listeners(ports, rules, defaults))
    failures = _failures(inventory, group, ports, rules, defaults)
    return Model(
        group=group,
        failures=tuple(dict.fromkeys(failures)),
        listeners=listeners,
        rules=tuple(rule for own in rules.values() for rule in own),
    )


def _build_v1(inventory: Inventory, group: Group) -> Model:
    """Make the rules of one Ingress as the v1 controller does."""
    (ingress,) = group.members
    known = v1.read_annotations(ingress)
    listeners, failures = v1.read_ports(ingress)
    rules = v1.read_rules(inventory, ingress, known)
    default = v1.read_default(inventory, ingress, known)
    models = []
    for listener in listeners:
        kept, omitted = v1.optimise(rules, listener)
        models.append(
            ListenerModel(
                listener=listener,
                rules=kept,
                omitted=omitted,
                default=(default.action if default else None) or NOT_FOUND,
                default_guards=default.guards if default and listener.protocol == "HTTPS" else (),
            )
        )
    own = (default,) if default else ()
    found = [*known.failures, *failures]
    found += v1.target_failures(inventory, ingress, known, (*own, *rules))
    for model in models:
        for rule in (*own, *model.rules):
            found += _met(rule, model.listener)
    return Model(
        group=group,
        failures=tuple(dict.fromkeys(found)),
        listeners=tuple(models),
        rules=rules,
    )


def _met(rule: Rule, listener: Listener) -> Iterator[Failure]:
    """Tell what the controller refuses in a rule on this listener."""
    for failure in rule.failures:
        if listener.protocol == "HTTPS" or not failure.on_https:
            yield failure


def _listeners(
    ports: Ports, rules: Mapping[str, tuple[Rule, ...]], defaults: Mapping[str, Rule]
) -> Iterator[ListenerModel]:
    for listener, members in ports.members.items():
        if not ports.serves(listener):
            port = str(ports.redirect_to)
            default = Redirect(status="HTTP_301", port=port, protocol="HTTPS")
            yield ListenerModel(listener=listener, default=default, redirects=True)
            continue
        own = [rule for member in members for rule in rules[member.key]]
        kept, omitted = optimise(own, listener)
        backends = [defaults[member.key] for member in members if member.key in defaults]
        default_ = backends[0] if len(backends) == 1 else None
        yield ListenerModel(
            listener=listener,
            rules=kept,
            omitted=omitted,
            default=(default_.action if default_ else None) or NOT_FOUND,
            default_guards=default_.guards if default_ and listener.protocol == "HTTPS" else (),
        )


def _failures(
    inventory: Inventory,
    group: Group,
    ports: Ports,
    rules: Mapping[str, tuple[Rule, ...]],
    defaults: Mapping[str, Rule],
) -> Iterator[Failure]:
    """Tell all that the controller refuses, in its order."""
    if group.failure:
        yield group.failure
    yield from ports.failures
    yield from balancer_faults(inventory, group)
    if ports.redirect_failure:
        yield ports.redirect_failure
    for listener, members in ports.members.items():
        if ports.serves(listener):
            yield from _default_faults(listener, members, defaults)
        yield from _attribute_faults(inventory, listener, members)
        if ports.serves(listener):
            for member in members:
                for rule in rules[member.key]:
                    yield from _met(rule, listener)
    yield from addon_faults(inventory, group)


def _default_faults(
    listener: Listener, members: Sequence[Ingress], defaults: Mapping[str, Rule]
) -> Iterator[Failure]:
    owners = [member for member in members if member.key in defaults]
    if len(owners) > 1:
        names = " and ".join(owner.key for owner in owners)
        reason = f"port {listener.port} can have one default backend; {names} each name one"
        where = "spec.defaultBackend"
        yield Failure(id="ORD-10", ingress=owners[1].key, where=where, reason=reason)
    for owner in owners:
        yield from _met(defaults[owner.key], listener)


def _attribute_faults(
    inventory: Inventory, listener: Listener, members: Sequence[Ingress]
) -> Iterator[Failure]:
    params = params_of(inventory, members[0]) if members else None
    known = params.spec.get("listeners") if params else None
    fixed = {
        str(attribute.get("key")): attribute.get("value")
        for one in (known if isinstance(known, list) else ())
        if isinstance(one, dict)
        and (one.get("protocol"), one.get("port")) == (listener.protocol, listener.port)
        for attribute in one.get("listenerAttributes") or ()
    }
    suffix = f"listener-attributes.{listener.protocol}-{listener.port}"
    yield from pairs_faults(members, suffix, fixed)
