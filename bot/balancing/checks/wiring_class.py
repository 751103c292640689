"""WIRE-15: who looks at the Ingress of a rollout: the ALB controller, and Argo's."""

from collections.abc import Iterator

from bot.balancing.argo import CLASSES
from bot.balancing.argo import class_of as argo_class
from bot.balancing.catalogue import wiring
from bot.balancing.checks.patches import patch_ingress
from bot.balancing.checks.scene import Bond, BondCheck, Result, Tie, unchecked_at
from bot.balancing.groups import ALB_CONTROLLER, class_of, is_managed
from bot.balancing.inventory import Inventory
from bot.balancing.objects import CLASS, Ingress

_WATCHES = "--alb-ingress-classes"
_ALBS = {ALB_CONTROLLER, "eks.amazonaws.com/alb"}  #: the controller, and that of EKS Auto Mode
#: classes of other controllers, known by their usual names
_OTHERS = {"nginx", "gce", "gce-internal", "traefik", "haproxy", "kong", "istio", "contour"}


def unwatched(bond: Bond) -> Iterator[Result]:
    """WIRE-15: no ALB controller looks at the Ingress, or Argo does not watch its class."""
    for tie in bond.ties:
        if tie.ingress is not None and tie.ingress.deleted_at is None:
            yield from _look(bond.inventory, tie, tie.ingress)


def _look(inventory: Inventory, tie: Tie, ingress: Ingress) -> Iterator[Result]:
    if not is_managed(inventory, ingress) and not _is_auto_mode(inventory, ingress):
        if gap := _unknown(inventory, ingress):
            yield unchecked_at(ingress, "WIRE-15", gap)
            return
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
    return found is not None and found.controller in _ALBS


def _unknown(inventory: Inventory, ingress: Ingress) -> str:
    """Tell what would have to be known; empty: the class is certainly not the ALB controller's."""
    if inventory.is_whole:
        return ""
    named = ingress.annotations.get(CLASS)
    if named is not None:
        surely = named in _OTHERS or _means_alb(inventory, ingress)
        reason = f"it is not known whether an ALB controller has the --ingress-class {named}"
        return "" if surely else reason
    if class_of(inventory, ingress) is not None or ingress.class_name in _OTHERS:
        return ""
    if ingress.class_name:
        return f"IngressClass {ingress.class_name} is not at hand"
    return "it names no class, and the default IngressClass is not at hand"


def _means_alb(inventory: Inventory, ingress: Ingress) -> bool:
    """Whether `ingressClassName`, which the annotation beats, is the ALB controller's."""
    found = inventory.class_named(ingress.class_name)
    if found is not None:
        return found.controller in _ALBS
    return bool(ingress.class_name) and ingress.class_name == inventory.controller.ingress_class


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


CHECKS: tuple[BondCheck, ...] = (unwatched,)
