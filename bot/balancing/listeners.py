"""The listeners of one Ingress: which ports of the balancer its rules stand on."""

from dataclasses import dataclass

from bot.balancing.annotations import refused
from bot.balancing.objects import PREFIX, Ingress
from bot.balancing.schema import LISTEN_PORTS as SCHEMA
from bot.balancing.structs import Misfit, read

LISTEN_PORTS = f"{PREFIX}/listen-ports"


@dataclass(frozen=True, kw_only=True, order=True)
class Listener:
    """One port of the balancer, and whether it speaks HTTP or HTTPS."""

    port: int
    protocol: str


def decode_listen_ports(text: str, annotation: str = "") -> tuple[tuple[int, str], ...]:
    """Decode `listen-ports` to (port, HTTP or HTTPS), by port. Raises Undecodable."""
    with refused(annotation):
        cells = read(text, SCHEMA)
        states = cells.items() if cells else ()
        if not states:
            raise Misfit("", 0, "it names no port")
        ports: dict[int, str] = {}
        for i, state in enumerate(states):
            for protocol, (number, at) in (state or {}).items():
                path = f"[{i}].{protocol}"
                if not 1 <= number <= 65535:
                    raise Misfit(path, at, f"a port must be from 1 to 65535, not {number}")
                if protocol not in {"HTTP", "HTTPS"}:
                    raise Misfit(path, at, f"a protocol must be HTTP or HTTPS, not {protocol}")
                ports[number] = protocol
        return tuple(sorted(ports.items()))


def read_listeners(ingress: Ingress, prefix: str) -> tuple[Listener, ...]:
    """
    Give the listeners on which the rules of this Ingress can stand. Raises Undecodable.

    Without `listen-ports` it is one of the two usual ones; which, depends on
    certificates and class parameters that the Ingress does not show: both are given.
    With `ssl-redirect` no rules stand on HTTP.
    """
    key = f"{prefix}/listen-ports"
    ports: tuple[tuple[int, str], ...] = ((80, "HTTP"), (443, "HTTPS"))
    if key in ingress.annotations:
        ports = decode_listen_ports(ingress.annotations[key], key)
    if f"{prefix}/ssl-redirect" in ingress.annotations:
        ports = tuple((port, protocol) for port, protocol in ports if protocol == "HTTPS")
    return tuple(Listener(port=port, protocol=protocol) for port, protocol in ports)
