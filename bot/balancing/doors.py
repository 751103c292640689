"""
Who may come in at the ports of one Ingress, and what is asked of them there.

Source: `pkg/ingress/model_build_listener.go` of v3.5.0.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bot.balancing.annotations import refused
from bot.balancing.groups import Failure, params_of
from bot.balancing.inventory import Inventory
from bot.balancing.objects import PREFIX, Ingress
from bot.balancing.scalars import is_net, parse_list
from bot.balancing.schema import MUTUAL
from bot.balancing.structs import AT, Misfit, read

_MODES = ("off", "passthrough", "verify")
_TEXT = "mutual-authentication"


@dataclass(frozen=True, kw_only=True)
class Mutual:
    """What is asked of the certificate of a client."""

    mode: str
    store: str = ""
    ignores_expiry: bool | None = None
    advertises: str | None = None

    def __str__(self) -> str:
        return f"{self.mode} {self.store}".strip()


@dataclass(frozen=True, kw_only=True)
class Door:
    """
    One port of one Ingress.

    Attributes:
        protocol: HTTP or HTTPS.
        nets: who may come in; empty: not said.
        prefixes: the same as lists that AWS keeps.
        policy: the TLS policy; None: not said.
        mutual: what is asked of the client's certificate; None: not said.
        by_port: the same for each port, before one is chosen.

    """

    protocol: str = ""
    nets: frozenset[str] = frozenset()
    prefixes: frozenset[str] = frozenset()
    policy: str | None = None
    mutual: Mutual | None = None
    by_port: Mapping[int, Mutual] = field(default_factory=dict, compare=False)

    def on(self, port: int, protocol: str) -> "Door":
        """Give what counts on one port; TLS settings count on HTTPS only."""
        if protocol != "HTTPS":
            return replace(self, protocol=protocol, policy=None, mutual=None)
        return replace(self, protocol=protocol, mutual=self.by_port.get(port))


def read_door(inventory: Inventory, ingress: Ingress) -> tuple[Door, list[Failure]]:
    """Read what an Ingress says for all its ports. Raises Undecodable."""
    params = params_of(inventory, ingress)
    spec = params.spec if params else {}

    def listed(suffix: str, own: Any) -> frozenset[str]:
        text = ingress.annotations.get(f"{PREFIX}/{suffix}", "")
        return frozenset(map(str, own)) if own else frozenset(parse_list(text))

    nets = listed("inbound-cidrs", params.inbound_cidrs if params else ())
    key = f"{PREFIX}/{_TEXT}"
    text = ingress.annotations.get(key)
    door = Door(
        nets=nets,
        prefixes=listed(
            "security-group-prefix-lists",
            spec.get("prefixListsIDs") or spec.get("PrefixListsIDs"),
        ),
        policy=(params.ssl_policy if params else "")
        or ingress.annotations.get(f"{PREFIX}/ssl-policy"),
        by_port={} if text is None else decode_mutual(text, key),
    )
    where = f"{PREFIX}/inbound-cidrs"
    return door, [
        Failure(
            id="ANN-01",
            ingress=ingress.key,
            where=where,
            reason=f"must hold nets such as 10.0.0.0/8, not {net!r}",
        )
        for net in sorted(nets)
        if not is_net(net)
    ]


def decode_mutual(text: str, annotation: str = "") -> dict[int, Mutual]:
    """Decode the value of `mutual-authentication`, by port. Raises Undecodable."""
    with refused(annotation):
        cells = read(text, MUTUAL)
        states = cells.items() if cells else ()
        if not states:
            raise Misfit("", 0, "it names no port")
        return {state.get("port", 0): _mutual(state, f"[{i}]") for i, state in enumerate(states)}


def _mutual(state: dict[str, Any], path: str) -> Mutual:
    port, mode, store = state.get("port", 0), state.get("mode", ""), state.get("trustStore") or ""
    ignores, advertises = (
        state.get("ignoreClientCertificateExpiry"),
        state.get("advertiseTrustStoreCaNames"),
    )
    verifies = mode == "verify"
    only = f"can only be given where the mode is verify, not {mode}"
    for field_, is_wrong, reason in (
        ("port", not 1 <= port <= 65_535, f"a port must be from 1 to 65535, not {port}"),
        ("mode", mode not in _MODES, f"must be {' or '.join(_MODES)}, not {mode!r}"),
        ("trustStore", verifies and not store, "is missing; the mode verify needs it"),
        ("trustStore", bool(store) and not verifies, only),
        ("ignoreClientCertificateExpiry", ignores is not None and not verifies, only),
        ("advertiseTrustStoreCaNames", advertises is not None and not verifies, only),
        (
            "advertiseTrustStoreCaNames",
            advertises not in {None, "on", "off"},
            f"must be on or off, not {advertises!r}",
        ),
    ):
        if is_wrong:
            raise Misfit(f"{path}.{field_}", state[AT], reason)
    expiry = bool(ignores) if verifies else ignores
    return Mutual(mode=mode, store=store, ignores_expiry=expiry, advertises=advertises)
