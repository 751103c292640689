"""
The listeners of a group, who stands on them, and where `ssl-redirect` leads.

Members that name the same port share its listener, and must agree on it. Source:
`pkg/ingress/model_builder.go`, `model_build_listener.go` of v3.5.0.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field

from bot.balancing.annotations import Undecodable
from bot.balancing.doors import Door, read_door
from bot.balancing.groups import Failure, Group, params_of
from bot.balancing.inventory import Inventory
from bot.balancing.listeners import LISTEN_PORTS, Listener, decode_listen_ports
from bot.balancing.objects import PREFIX, Ingress
from bot.balancing.scalars import parse_int, parse_list

SSL_REDIRECT = f"{PREFIX}/ssl-redirect"


#: what members on one port must agree on, in the order in which it is compared
_SHARED: Mapping[str, Callable[[Door], Hashable | None]] = {
    "listen-ports": lambda door: door.protocol,
    "inbound-cidrs": lambda door: door.nets or None,
    "security-group-prefix-lists": lambda door: door.prefixes or None,
    "ssl-policy": lambda door: door.policy,
    "mutual-authentication": lambda door: door.mutual,
}


@dataclass(frozen=True, kw_only=True)
class Ports:
    """
    The listeners of a group.

    Attributes:
        members: by listener, in the order of their rules.
        redirect_to: the port to which `ssl-redirect` sends all HTTP listeners; None: nothing does.
        failures: what the controller refuses of the listeners.
        redirect_failure: what it refuses of `ssl-redirect`, later.

    """

    members: Mapping[Listener, tuple[Ingress, ...]] = field(default_factory=dict)
    redirect_to: int | None = None
    failures: tuple[Failure, ...] = ()
    redirect_failure: Failure | None = None

    def serves(self, listener: Listener) -> bool:
        """Whether rules stand on a listener; under `ssl-redirect` none does on HTTP."""
        return self.redirect_to is None or listener.protocol != "HTTP"


def find_ports(inventory: Inventory, group: Group) -> Ports:
    """Tell the listeners of a group."""
    failures: list[Failure] = []
    by_port: dict[int, list[tuple[Ingress, Door]]] = {}
    for member in group.members:
        try:
            door, faults = read_door(inventory, member)
            failures += faults
            ports = listen_ports(inventory, member)
        except Undecodable as fault:
            failures.append(
                Failure(
                    id=fault.finding,
                    ingress=member.key,
                    where=fault.annotation,
                    reason=fault.detail,
                    offset=fault.offset,
                )
            )
            continue
        for port, protocol in ports:
            by_port.setdefault(port, []).append((member, door.on(port, protocol)))
    members: dict[Listener, tuple[Ingress, ...]] = {}
    for port, standing in sorted(by_port.items()):
        failures += _odds(port, standing)
        for protocol in dict.fromkeys(door.protocol for _, door in standing):
            own = tuple(member for member, door in standing if door.protocol == protocol)
            members[Listener(port=port, protocol=protocol)] = own
    target = _redirect(inventory, group, members)
    return Ports(
        members=members,
        redirect_to=target if isinstance(target, int) else None,
        failures=tuple(failures),
        redirect_failure=target if isinstance(target, Failure) else None,
    )


def listen_ports(inventory: Inventory, ingress: Ingress) -> tuple[tuple[int, str], ...]:
    """
    Tell the ports of one Ingress with their protocols. Raises Undecodable.

    Without `listen-ports` it is 443 where a certificate is named, else 80; `spec.tls` does
    not count.
    """
    text = ingress.annotations.get(LISTEN_PORTS)
    if text is not None:
        return decode_listen_ports(text, LISTEN_PORTS)
    return ((443, "HTTPS"),) if _has_certificate(inventory, ingress) else ((80, "HTTP"),)


def _has_certificate(inventory: Inventory, ingress: Ingress) -> bool:
    params = params_of(inventory, ingress)
    if params is not None and params.certificates:
        return True
    return bool(parse_list(ingress.annotations.get(f"{PREFIX}/certificate-arn", "")))


def _odds(port: int, standing: list[tuple[Ingress, Door]]) -> Iterator[Failure]:
    """Tell in what members differ that share a port; who says nothing agrees with everybody."""
    known: dict[str, tuple[Hashable, Ingress]] = {}
    for member, door in standing:
        for suffix, read in _SHARED.items():
            value = read(door)
            if value is None:
                continue
            said, first = known.setdefault(suffix, (value, member))
            if value != said:
                both = f"{_said(said)} for {first.key} and {_said(value)} for {member.key}"
                reason = f"port {port} has {both}; all must agree"
                where = f"{PREFIX}/{suffix}"
                yield Failure(id="ORD-10", ingress=member.key, where=where, reason=reason)


def _said(value: Hashable) -> str:
    return ", ".join(sorted(map(str, value))) if isinstance(value, frozenset) else str(value)


def _redirect(
    inventory: Inventory, group: Group, members: Mapping[Listener, tuple[Ingress, ...]]
) -> int | Failure | None:
    """Tell where `ssl-redirect` leads: one port for all, and it must be an HTTPS listener."""
    wanted: dict[int, Ingress] = {}
    for member, text, is_param in _wishes(inventory, group):
        port = parse_int(text)
        if port is not None:
            wanted.setdefault(port, member)
        elif is_param:
            return None  # the controller drops the whole feature in silence
        else:
            return _failure("ANN-01", member, f"must be a port, not {text!r}")
    if not wanted:
        return None
    if len(wanted) > 1:
        said = " and ".join(f"{member.key} wants {port}" for port, member in wanted.items())
        return _failure("ORD-10", [*wanted.values()][1], f"all must agree: {said}")
    ((port, member),) = wanted.items()
    protocols = {listener.protocol for listener in members if listener.port == port}
    if "HTTPS" not in protocols:
        there = "is not HTTPS" if protocols else "is no listener of the group"
        return _failure("ORD-10", member, f"the port {port} {there}")
    return port


def _wishes(inventory: Inventory, group: Group) -> Iterator[tuple[Ingress, str, bool]]:
    for member in group.members:
        params = params_of(inventory, member)
        if params is not None and params.ssl_redirect_port:
            yield member, params.ssl_redirect_port, True
        elif SSL_REDIRECT in member.annotations:
            yield member, member.annotations[SSL_REDIRECT], False


def _failure(id_: str, ingress: Ingress, reason: str) -> Failure:
    return Failure(id=id_, ingress=ingress.key, where=SSL_REDIRECT, reason=reason)
