"""
Where traffic goes, each number with its source.

There is never one number called "the weight". *Asked* is what the step says,
*reported* what the controller wrote into the status, *written* what stands on
each Ingress. Only when they agree is one number shown. What the public really
reaches also depends on the Services' selectors: `Traffic.public_share`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from math import ceil
from typing import Any

from bot.release.rollout import Rollout


@dataclass(frozen=True, kw_only=True, slots=True)
class Pods:
    """Pods of one revision: desired and available, from its ReplicaSet."""

    desired: int = 0
    available: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    """
    What one Ingress makes the balancer do with the public's requests.

    `canary` and `stable` are percent of the public, rounded; None with a
    `problem` when the annotation is missing or cannot be read.
    """

    ingress: str
    canary: int | None = None
    stable: int | None = None
    others: int = 0
    problem: str = ""
    annotation: str = ""
    writer: str = ""  #: field manager that wrote the annotation last, if known
    written_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class HeaderRoute:
    """A way by which requests with a header reach the canary."""

    ingress: str
    name: str
    header: str
    value: str
    managed: bool  #: written by Argo's setHeaderRoute; a static one stands in the Ingress itself
    hosts: tuple[str, ...] = ()
    complete: bool = True  #: path, action and condition are all there
    shadowed_by: str = ""  #: the path that takes its requests first, if any


def asked_route(name: str, asked: Mapping[str, Any], ingress: str) -> HeaderRoute:
    """Describe a route that a setHeaderRoute step asks for and that was not written."""
    first: Mapping[str, Any] = next(iter(asked.get("match") or ()), {})
    return HeaderRoute(
        ingress=ingress,
        name=name,
        header=str(first.get("headerName", "")),
        value=str(next(iter((first.get("headerValue") or {}).values()), "")),
        managed=True,
        complete=False,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Selector:
    """What a Service of the rollout selects."""

    service: str
    role: str  #: "stable" or "canary"
    revision: str  #: the hash in its selector; empty: missing
    exists: bool = True
    writer: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Traffic:
    """Where requests go, from every source we read. Percent without decimals."""

    asked: int = 0
    reported: int | None = None
    written: tuple[Written, ...] = ()
    routes: tuple[HeaderRoute, ...] = ()
    selectors: tuple[Selector, ...] = ()
    canary: Pods = field(default_factory=Pods)
    stable: Pods = field(default_factory=Pods)
    stable_image: str = ""  #: of the first container of the stable ReplicaSet
    canary_image: str = ""
    scaling: bool = False  #: a scaling event is not worked off: the controller writes no weights
    blocked: str = ""  #: the controller's own word on why it cannot write (TrafficRoutingError)

    @property
    def agree(self) -> bool:
        """Whether the controller and every Ingress say the same."""
        return all(w.canary == self.reported for w in self.written)

    @property
    def highest(self) -> int:
        """The largest share of the public that any source gives the canary; percent."""
        found = [w.canary for w in self.written if w.canary is not None]
        if not self.written and self.reported is not None:
            found.append(self.reported)
        return max(found, default=0)

    @property
    def is_zero(self) -> bool:
        """Whether every Ingress (without any: the controller) gives the canary nothing."""
        if any(w.canary is None for w in self.written):
            return False
        return self.highest == 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """One rollout and its traffic at one moment."""

    rollout: Rollout
    traffic: Traffic

    @property
    def stray(self) -> Selector | None:
        """
        The Service that sends the public to canary pods whatever the weight says.

        While a canary runs, the stable Service must select the stable revision
        only. Without the hash it selects both by pod count.
        """
        rollout = self.rollout
        if not rollout.is_releasing or self.traffic.canary.available == 0:
            return None
        for selector in self.traffic.selectors:
            is_wrong = selector.exists and selector.revision != rollout.stable
            if selector.role == "stable" and is_wrong:
                return selector
        return None

    @property
    def lost_canary_service(self) -> Selector | None:
        """The canary Service, when it does not select the canary's pods alone."""
        rollout = self.rollout
        if not rollout.is_releasing or rollout.aborted or not self.traffic.canary.available:
            return None
        for selector in self.traffic.selectors:
            is_wrong = selector.exists and selector.revision != rollout.revision
            if selector.role == "canary" and is_wrong:
                return selector
        return None

    @property
    def public_share(self) -> int:
        """
        How much of the public reaches the canary; percent, never too low.

        By the weight on the Ingresses; where the stable Service selects canary
        pods too, those count in with their share of the pods.
        """
        weight = Fraction(self.traffic.highest, 100)
        if not self.stray:
            return round(weight * 100)
        canary, stable = self.traffic.canary.available, self.traffic.stable.available
        by_pods = Fraction(canary, canary + stable) if canary + stable else Fraction(0)
        return ceil((weight + (1 - weight) * by_pods) * 100)

    @property
    def routes_to_canary(self) -> tuple[HeaderRoute, ...]:
        """Header routes that are whole and not shadowed."""
        return tuple(r for r in self.traffic.routes if r.complete and not r.shadowed_by)
