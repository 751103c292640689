"""WIRE-15: who looks at the Ingress of a rollout: the ALB controller, and Argo's."""

from collections.abc import Iterator

from bot.balancing.argo import CLASSES
from bot.balancing.argo import class_of as argo_class
from bot.balancing.catalogue import wiring
from bot.balancing.checks.patches import patch_ingress
from bot.balancing.checks.scene import Bond, BondCheck, Result, Tie, Unchecked, unchecked_at
from bot.balancing.groups import (
    ALB_CONTROLLER,
    ALBS,
    class_gap,
    class_of,
    is_managed,
    is_taken_for_ours,
)
from bot.balancing.inventory import Inventory
from bot.balancing.objects import CLASS, Ingress

_WATCHES = "--alb-ingress-classes"
#: what is looked for in the rules of a balancer, the gravest
_OF_RULES = ("ANN-01", "ANN-02", "ORD-01", "ORD-02", "ORD-03")


def unwatched(bond: Bond) -> Iterator[Result]:
    """WIRE-15: no ALB controller looks at the Ingress, or Argo does not watch its class."""
    for tie in bond.ties:
        if tie.ingress is not None and tie.ingress.deleted_at is None:
            yield from _look(bond.inventory, tie, tie.ingress)


def _look(inventory: Inventory, tie: Tie, ingress: Ingress) -> Iterator[Result]:
    if gap := class_gap(inventory, ingress):
        if not is_managed(inventory, ingress):
            yield from (_unchecked(ingress, gap, id_) for id_ in ("WIRE-15", *_OF_RULES))
            return
        if is_taken_for_ours(inventory, ingress):
            yield _unchecked(ingress, f"{gap}; it is taken for the ALB controller's")
            return
    if _is_auto_mode(inventory, ingress):
        reason = "it is EKS Auto Mode's, and what that makes of it is not worked out"
        yield from (_unchecked(ingress, reason, id_) for id_ in _OF_RULES)
    elif not is_managed(inventory, ingress):
        yield _finding(
            tie,
            ingress,
            patch=_with_class(inventory, ingress),
            message=f"No ALB controller looks at Ingress {ingress.name}: "
            "its weights reach no balancer.",
            evidence=_said(inventory, ingress),
        )
        return
    name = argo_class(ingress)
    if name in CLASSES:
        return
    if not inventory.is_whole:
        reason = f"it is not known whether Argo watches class {name or '(none)'} ({_WATCHES})"
        yield unchecked_at(ingress, "WIRE-15", reason)
        return
    yield _finding(
        tie,
        ingress,
        message=f"Argo does not watch Ingress {ingress.name}: "
        "weights changed by hand are not put back.",
        evidence=f"its class is {name or '(none)'}; Argo was started with {_WATCHES} "
        f"{','.join(sorted(CLASSES - {'nginx'}))}, as far as is known",
    )


def _is_auto_mode(inventory: Inventory, ingress: Ingress) -> bool:
    found = class_of(inventory, ingress)
    return found is not None and found.controller in ALBS - {ALB_CONTROLLER}


def _said(inventory: Inventory, ingress: Ingress) -> str:
    wanted = inventory.controller.ingress_class or "alb"
    if CLASS in ingress.annotations:
        beaten = f", which beats ingressClassName {ingress.class_name}" * bool(ingress.class_name)
        return f"{CLASS}: {ingress.annotations[CLASS]!r}{beaten}; the ALB controller takes {wanted}"
    found = class_of(inventory, ingress)
    if found is not None:
        return f"IngressClass {found.name} belongs to {found.controller}, not to {ALB_CONTROLLER}"
    if ingress.class_name:
        return f"spec.ingressClassName is {ingress.class_name}, which is not {ALB_CONTROLLER}'s"
    return "it names no class, and no IngressClass is the default one"


def _with_class(inventory: Inventory, ingress: Ingress) -> str:
    """Name the class once: an IngressClass of the ALB controller, else by the annotation."""
    known = (inventory.class_named(name) for name in sorted(CLASSES))
    named = next((one.name for one in known if one and one.controller == ALB_CONTROLLER), "")
    text = None if named else inventory.controller.ingress_class or "alb"
    return patch_ingress(ingress, annotations={CLASS: text}, ingressClassName=named or None)


def _finding(tie: Tie, ingress: Ingress, *, message: str, evidence: str, patch: str = "") -> Result:
    return wiring.WIRE_15.at_ingress(
        ingress,
        rollout=tie.rollout.name,
        message=message,
        evidence=evidence,
        patch=patch,
    )


def _unchecked(ingress: Ingress, reason: str, id_: str = "WIRE-15") -> Unchecked:
    return Unchecked(
        id=id_,
        kind="Ingress",
        namespace=ingress.namespace,
        name=ingress.name,
        reason=reason,
    )


CHECKS: tuple[BondCheck, ...] = (unwatched,)
