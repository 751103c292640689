"""Findings that parameters of a class may belie, where in files the class is not at hand."""

from bot.balancing.checks.scene import Result, Unchecked
from bot.balancing.finding import Finding
from bot.balancing.groups import class_gap
from bot.balancing.inventory import Inventory
from bot.balancing.objects import CLASS, PREFIX

#: the target type, the listeners and the certificates may stand in IngressClassParams
_BY_CLASS = {"WIRE-07", "ANN-20", "ORD-09", "ORD-10"}
_TARGET_TYPE = f"{PREFIX}/target-type"


def doubted(inventory: Inventory, result: Result) -> Result:
    """
    Say of a finding that it could not be looked for, where nobody knows what the class says.

    An Ingress with the class as annotation has no parameters.
    """
    if not isinstance(result, Finding) or result.id not in _BY_CLASS or result.kind != "Ingress":
        return result
    ingress = inventory.ingress(result.namespace, result.name)
    if ingress is None or CLASS in ingress.annotations:
        return result
    gap = class_gap(inventory, ingress)
    if not gap or (result.id == "WIRE-07" and _TARGET_TYPE in ingress.annotations):
        return result
    return Unchecked(
        id=result.id,
        kind=result.kind,
        namespace=result.namespace,
        name=result.name,
        reason=f"{gap}, and its parameters may say otherwise",
    )
