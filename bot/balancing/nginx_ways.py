"""
Which requests go where behind NGINX: a rollout's stable Ingresses and the canary Ingresses beside.

For a path that has a canary, NGINX asks in this order: the header, the cookie, the weight.
Source: ingress-nginx `rootfs/etc/nginx/lua/balancer.lua` (`route_to_alternative_balancer`),
`internal/ingress/controller/controller.go` (`mergeAlternativeBackends`).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from bot.balancing.argo import canary_ingress, nginx_ingresses
from bot.balancing.entries import backend_of, paths_of
from bot.balancing.foresight import Unwritten
from bot.balancing.inventory import Inventory
from bot.balancing.nginx import Unreadable, canary_share, nginx_prefix
from bot.balancing.nginx_kept import kept
from bot.balancing.objects import Ingress
from bot.release.rollout import Rollout

_ALWAYS, _NEVER = "always", "never"  #: the values that NGINX knows by itself


@dataclass(frozen=True, kw_only=True)
class Way:
    """
    Where some of the requests to one path go.

    Attributes:
        ingress: the stable Ingress that has the path.
        host: of the path; empty: any.
        path: with its kind in `kind` (`Prefix`).
        kind: see path.
        asks: which requests, in words (`X-Canary: always`); empty: all that are left.
        shares: Services, each with its part of these requests, 0 to 1.
        to_canary: whether all of them reach the canary.
        foreseen: whether the canary Ingress is not there, and this is what Argo will make.

    """

    ingress: str
    host: str
    path: str
    kind: str
    asks: str = ""
    shares: tuple[tuple[str, Fraction], ...] = ()
    to_canary: bool = False
    foreseen: bool = False


def read_ways(rollout: Rollout, inventory: Inventory) -> tuple[Way, ...]:
    """Tell them for each path of each stable Ingress at hand, in the order in which NGINX asks."""
    return tuple(
        way
        for name in nginx_ingresses(rollout)
        if (stable := inventory.ingress(rollout.namespace, name)) is not None
        for way in _of_ingress(rollout, inventory, stable)
    )


def _of_ingress(rollout: Rollout, inventory: Inventory, stable: Ingress) -> Iterator[Way]:
    there = inventory.ingress(rollout.namespace, canary_ingress(rollout, stable.name))
    canary = there or _foreseen(rollout, stable)
    for rule in stable.rules:
        for path in paths_of(rule):
            way = Way(
                ingress=stable.name,
                host=str(rule.get("host") or ""),
                path=str(path.get("path", "")),
                kind=str(path.get("pathType", "")),
                foreseen=there is None and canary is not None,
            )
            yield from _of_path(rollout, way, backend_of(path), canary)


def _foreseen(rollout: Rollout, stable: Ingress) -> Ingress | None:
    weight = rollout.canary_weight.weight if rollout.canary_weight else 0
    try:
        return kept(rollout, stable, weight)
    except Unwritten:
        return None


def _of_path(rollout: Rollout, way: Way, service: str, canary: Ingress | None) -> Iterator[Way]:
    """Ask as NGINX does; a canary with the same Service, or with another path, is none."""
    other = _canary_of(way, canary)
    if canary is None or not other or other == service:
        yield replace(way, shares=((service, Fraction(1)),), foreseen=False)
        return
    try:
        share = canary_share(rollout, canary)
    except Unreadable:
        yield replace(way, shares=((service, Fraction(1)),))
        return
    everything = {True: ((other, Fraction(1)),), False: ((service, Fraction(1)),)}
    for asks, goes in _asked(rollout, canary):
        yield replace(way, asks=asks, shares=everything[goes], to_canary=goes)
    yield replace(way, shares=((other, share), (service, 1 - share)), to_canary=share == 1)


def _canary_of(way: Way, canary: Ingress | None) -> str:
    """Tell the Service that the canary Ingress has for the same host, path and kind."""
    for rule in canary.rules if canary else ():
        for path in paths_of(rule):
            if (str(rule.get("host") or ""), *_place(path)) == (way.host, way.path, way.kind):
                return backend_of(path)
    return ""


def _place(path: dict[str, Any]) -> tuple[str, str]:
    return str(path.get("path", "")), str(path.get("pathType", ""))


def _asked(rollout: Rollout, canary: Ingress) -> Iterator[tuple[str, bool]]:
    """Tell what is asked before the weight, and whether it leads to the canary."""
    prefix = nginx_prefix(rollout)

    def said(name: str) -> str:
        return canary.annotations.get(f"{prefix}/{name}", "")

    if header := said("canary-by-header"):
        value, pattern = said("canary-by-header-value"), said("canary-by-header-pattern")
        if value or pattern:
            yield f"{header}: {value or f'/{pattern}/'}", True
        else:
            yield f"{header}: {_ALWAYS}", True
            yield f"{header}: {_NEVER}", False
    if cookie := said("canary-by-cookie"):
        yield f"cookie {cookie}={_ALWAYS}", True
        yield f"cookie {cookie}={_NEVER}", False
