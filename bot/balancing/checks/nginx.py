"""Whether a rollout behind NGINX and its Ingresses are tied together. See `wiring.py`."""

from collections.abc import Iterator
from dataclasses import replace

from bot.balancing.argo import canary_ingress, nginx_ingresses
from bot.balancing.catalogue import wiring
from bot.balancing.checks.scene import Bond, BondCheck, Result, not_at_hand
from bot.balancing.checks.wiring_services import services_of
from bot.balancing.foresight import has_backend
from bot.balancing.nginx import Unreadable, canary_share, weight_key
from bot.balancing.nginx_kept import Stray, first_stray
from bot.balancing.objects import Ingress


def missing_ingress(bond: Bond) -> Iterator[Result]:
    """ING-01, and what cannot be looked for without the stable Ingress."""
    rollout, inventory = bond.rollout, bond.inventory
    for name in nginx_ingresses(rollout):
        if inventory.ingress(rollout.namespace, name) is not None:
            continue
        if not inventory.is_whole:
            for id_ in ("ING-01", "WIRE-02", "WIRE-08"):
                yield not_at_hand(id_, "Ingress", rollout.namespace, name)
            continue
        yield wiring.ING_01.at(
            "Ingress",
            rollout.namespace,
            name,
            rollout=rollout.name,
            message=f"The rollout names Ingress {name}, which does not exist.",
            evidence=f"Rollout {rollout.key}: trafficRouting.nginx names {name}; "
            f"there is no such Ingress in {rollout.namespace}",
        )


def no_path(bond: Bond) -> Iterator[Result]:
    """WIRE-02: no path leads to the stable Service, so there is nothing to make a canary of."""
    rollout = bond.rollout
    for stable in _stables(bond):
        if has_backend(stable, rollout.stable_service):
            continue
        yield wiring.WIRE_02.at_ingress(
            stable,
            rollout=rollout.name,
            message=f"No path of Ingress {stable.name} leads to {rollout.stable_service}: "
            "Argo refuses the rollout and makes no canary Ingress.",
            evidence=f"stableService of the rollout is {rollout.stable_service}; "
            "it copies only entries with a path to it",
        )


def missing_services(bond: Bond) -> Iterator[Result]:
    """WIRE-05: a Service of the rollout does not exist."""
    rollout, inventory = bond.rollout, bond.inventory
    for name, role in services_of(rollout).items() if rollout.nginx and not rollout.alb else ():
        if inventory.service(rollout.namespace, name) is not None:
            continue
        if not inventory.knows_services(rollout.namespace):
            yield not_at_hand("WIRE-05", "Service", rollout.namespace, name)
            continue
        yield wiring.WIRE_05.at_rollout(
            rollout,
            message=f"Service {name}, the {role} of {rollout.name}, does not exist: "
            "Argo refuses the rollout.",
            evidence=f"Rollout {rollout.key} names {name}; there is no such Service in "
            f"{rollout.namespace}",
            place=name,
        )


def changed_by_hand(bond: Bond) -> Iterator[Result]:
    """WIRE-08: a canary Ingress is not as Argo keeps it."""
    rollout, inventory = bond.rollout, bond.inventory
    for stable in _stables(bond) if rollout.canary_weight else ():
        name = canary_ingress(rollout, stable.name)
        canary = inventory.ingress(rollout.namespace, name)
        if canary is None and not inventory.is_whole:
            yield not_at_hand("WIRE-08", "Ingress", rollout.namespace, name)
            continue
        stray = _stray(bond, stable, canary)
        if stray is None or (stray.is_gone and not rollout.is_releasing):
            continue
        finding = wiring.WIRE_08.at(
            "Ingress",
            rollout.namespace,
            name,
            rollout=rollout.name,
            message=f"Ingress {name} {stray.what}.",
            evidence=stray.evidence,
            place=stray.place,
            origin=canary.origin if canary else "",
        )
        yield replace(finding, heals=None if stray.heals else False)


def _stray(bond: Bond, stable: Ingress, canary: Ingress | None) -> Stray | None:
    """Tell what is wrong with it; a weight that NGINX does not heed first."""
    key = weight_key(bond.rollout)
    try:
        canary_share(bond.rollout, canary)
    except Unreadable as fault:
        what = "has a weight that NGINX does not heed"
        return Stray(what=what, evidence=str(fault), annotation=key)
    return first_stray(bond.rollout, stable, canary)


def _stables(bond: Bond) -> Iterator[Ingress]:
    for name in nginx_ingresses(bond.rollout):
        found = bond.inventory.ingress(bond.rollout.namespace, name)
        if found is not None:
            yield found


CHECKS: tuple[BondCheck, ...] = (missing_ingress, no_path, missing_services, changed_by_hand)
