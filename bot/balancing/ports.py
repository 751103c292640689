"""
The listeners of a group, who stands on them, and where `ssl-redirect` leads.

Members that name the same port share its listener, and must agree on it. Source:
`pkg/ingress/model_builder.go`, `model_build_listener.go` of v3.5.0.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from bot.balancing.annotations import Undecodable
from bot.balancing.groups import PREFIX, Failure, Group, params_of
from bot.balancing.inventory import Inventory
from bot.balancing.listeners import Listener, decode_listen_ports
from bot.balancing.objects import Ingress

LISTEN_PORTS = f"{PREFIX}/listen-ports"
SSL_REDIRECT = f"{PREFIX}/ssl-redirect"
_WHOLE = re.compile(r"[+-]?[0-9]+\Z")
_INT32 = range(-(2**31), 2**31)


@dataclass(frozen=True, kw_only=True)
class Ports:
    """
    The listeners of a group.

    Attributes:
        members: by listener, in the order of their rules.
        redirect_to: the port to which `ssl-redirect` sends all HTTP listeners; None: nothing does.
        failures: what the controller refuses.

    """

    members: Mapping[Listener, tuple[Ingress, ...]] = field(default_factory=dict)
    redirect_to: int | None = None
    failures: tuple[Failure, ...] = ()


def find_ports(inventory: Inventory, group: Group) -> Ports:
    """Tell the listeners of a group."""
    failures: list[Failure] = []
    by_port: dict[int, dict[str, list[Ingress]]] = {}
    for member in group.members:
        try:
            ports = listen_ports(inventory, member)
        except Undecodable as fault:
            failures.append(_failure("ANN-01", member, LISTEN_PORTS, str(fault)))
            continue
        for port, protocol in ports:
            by_port.setdefault(port, {}).setdefault(protocol, []).append(member)
    members = {
        Listener(port=port, protocol=protocol): tuple(owners)
        for port, sides in sorted(by_port.items())
        for protocol, owners in sides.items()
    }
    failures += (_odds(port, sides) for port, sides in sorted(by_port.items()) if len(sides) > 1)
    target = _redirect(inventory, group, members)
    if isinstance(target, Failure):
        failures.append(target)
    return Ports(
        members=members,
        redirect_to=target if isinstance(target, int) else None,
        failures=tuple(failures),
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
    named = ingress.annotations.get(f"{PREFIX}/certificate-arn", "")
    return any(part.strip() for part in named.split(","))


def _odds(port: int, sides: Mapping[str, list[Ingress]]) -> Failure:
    """Tell that members want different things on one port."""
    (one, first), (other, second), *_ = sides.items()
    reason = f"port {port} is {one} for {first[0].key} and {other} for {second[0].key}"
    return _failure("ORD-10", second[0], LISTEN_PORTS, reason)


def _redirect(
    inventory: Inventory, group: Group, members: Mapping[Listener, tuple[Ingress, ...]]
) -> int | Failure | None:
    """Tell where `ssl-redirect` leads: one port for all, and it must be an HTTPS listener."""
    wanted: dict[int, Ingress] = {}
    for member, text, is_param in _wishes(inventory, group):
        if not _WHOLE.match(text) or int(text) not in _INT32:
            if is_param:
                return None  # the controller drops the whole feature in silence
            return _failure("ANN-01", member, SSL_REDIRECT, f"must be a port, not {text!r}")
        wanted.setdefault(int(text), member)
    if not wanted:
        return None
    if len(wanted) > 1:
        said = " and ".join(f"{member.key} wants {port}" for port, member in wanted.items())
        return _failure("ORD-10", [*wanted.values()][1], SSL_REDIRECT, f"all must agree: {said}")
    ((port, member),) = wanted.items()
    protocols = {listener.protocol for listener in members if listener.port == port}
    if "HTTPS" not in protocols:
        there = "is not HTTPS" if protocols else "is no listener of the group"
        return _failure("ORD-10", member, SSL_REDIRECT, f"the port {port} {there}")
    return port


def _wishes(inventory: Inventory, group: Group) -> Iterator[tuple[Ingress, str, bool]]:
    for member in group.members:
        params = params_of(inventory, member)
        if params is not None and params.ssl_redirect_port:
            yield member, params.ssl_redirect_port, True
        elif SSL_REDIRECT in member.annotations:
            yield member, member.annotations[SSL_REDIRECT], False


def _failure(id_: str, ingress: Ingress, where: str, reason: str) -> Failure:
    return Failure(id=id_, ingress=ingress.key, where=where, reason=reason)
