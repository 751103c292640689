"""
Which Ingresses share a balancer, and in which order their rules stand.

Membership: a deleted Ingress is none; the annotation `kubernetes.io/ingress.class` beats
`ingressClassName`. A group by name, of the class parameters or else of the annotation,
spans namespaces; an Ingress without one is a group of its own. Members stand by
`group.order`, ties by namespace/name. Source: `pkg/ingress/group_loader.go`,
`class_loader.go` of v3.5.0.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from operator import itemgetter

from bot.balancing.inventory import Inventory
from bot.balancing.objects import CLASS, PREFIX, ClassParams, Ingress, IngressClass
from bot.balancing.scalars import parse_int

ALB_CONTROLLER = "ingress.k8s.aws/alb"
ALBS = {ALB_CONTROLLER, "eks.amazonaws.com/alb"}  #: the controller, and that of EKS Auto Mode

#: classes of other controllers, known by their usual names
_OTHERS = {"nginx", "gce", "gce-internal", "traefik", "haproxy", "kong", "istio", "contour"}
_PARAMS_GROUP = "elbv2.k8s.aws"
_PARAMS_KIND = "IngressClassParams"
_NAME = re.compile(r"([a-z0-9][-a-z0-9.]*)?[a-z0-9]\Z")
_LONGEST = 63
_ORDERS = range(-1000, 1001)


class Step(IntEnum):
    """How far the controller gets with a rule before it gives up."""

    ORDER = 0  #: putting the paths of an entry in order
    BACKEND = 1  #: decoding what the backend and its annotations say
    SERVICES = 2  #: looking for the Services
    GUARDS = 3  #: what is asked of the client
    CONDITIONS = 4  #: what the rule takes
    ACTIONS = 5  #: what it does, with its target groups


@dataclass(frozen=True, kw_only=True)
class Failure:
    """
    Why the controller makes nothing of a whole group; the balancer keeps its last rules.

    Attributes:
        id: of the finding by which it is told.
        ingress: the key of the member that has it.
        where: the annotation or path.
        reason: in words.
        offset: the character of the annotation at which it is, from 0; None: it is all of it.
        step: when the controller finds out.
        on_https: whether it only finds out on HTTPS listeners.

    """

    id: str
    ingress: str
    where: str
    reason: str
    offset: int | None = None
    step: Step = Step.BACKEND
    on_https: bool = False

    def __str__(self) -> str:
        where = f"{self.where}: " if self.where else ""
        return f"Ingress {self.ingress}: {where}{self.reason}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """
    The Ingresses of one balancer, in the order of their rules.

    Attributes:
        name: of the group; `namespace/name` when an Ingress is alone.
        is_explicit: whether the group was given a name.
        failure: why not even the order is known.

    """

    name: str
    is_explicit: bool
    members: tuple[Ingress, ...]
    failure: Failure | None = None


@dataclass(frozen=True, kw_only=True)
class Outsider:
    """An Ingress that is in no group though it names one."""

    ingress: Ingress
    name: str
    reason: str


def find_groups(inventory: Inventory) -> tuple[Group, ...]:
    """Put the Ingresses of the ALB controller into their groups, by name."""
    gathering = Gathering(inventory)
    for ingress in inventory.ingresses:
        gathering.add(ingress)
    return tuple(gathering.groups())


class Gathering:
    """
    Puts Ingresses into their groups, one after the other.

    Attributes:
        outsiders: the Ingresses whose group has an impossible name: their rules are taken away.

    """

    def __init__(self, inventory: Inventory) -> None:
        self.outsiders: list[Outsider] = []
        self._inventory = inventory
        self._members: dict[tuple[str, bool], list[Ingress]] = defaultdict(list)
        self._stuck: Failure | None = None

    def add(self, ingress: Ingress) -> None:
        """Put one where it belongs, if it belongs anywhere."""
        self._stuck = self._stuck or _stuck(self._inventory, ingress)
        if not is_managed(self._inventory, ingress):
            return
        named = group_name(self._inventory, ingress)
        if named is None or is_legacy(self._inventory, ingress):
            self._members[ingress.key, False].append(ingress)
        elif reason := group_fault(named):
            self.outsiders.append(Outsider(ingress=ingress, name=named, reason=reason))
        else:
            self._members[named, True].append(ingress)

    def groups(self) -> Iterator[Group]:
        """Give the groups by name."""
        for (name, is_explicit), ingresses in sorted(self._members.items(), key=itemgetter(0)):
            yield _group(name, ingresses, self._stuck, is_explicit=is_explicit)


def is_managed(inventory: Inventory, ingress: Ingress) -> bool:
    """Whether the ALB controller looks at this Ingress."""
    wanted = inventory.controller.ingress_class
    if ingress.deleted_at is not None:
        return False
    if CLASS in ingress.annotations:
        named = ingress.annotations[CLASS]
        is_ours = named == wanted or (not wanted and named in {"", "alb"})
        return is_ours or is_taken_for_ours(inventory, ingress)
    found = class_of(inventory, ingress)
    if found is not None:
        return found.controller == ALB_CONTROLLER and _has_params(inventory, found)
    if ingress.class_name:  # its class is not here: in files the usual name is taken at its word
        is_usual = not inventory.is_whole and ingress.class_name == (wanted or "alb")
        return is_usual or is_taken_for_ours(inventory, ingress)
    return not wanted or is_taken_for_ours(inventory, ingress)


def is_taken_for_ours(inventory: Inventory, ingress: Ingress) -> bool:
    """
    Whether an Ingress of a class that is not at hand is plainly meant for the ALB controller.

    In files: a rollout has its weights there by ALB, or its annotations are the controller's.
    """
    if not class_gap(inventory, ingress):
        return False
    named = ingress.annotations.get(CLASS, ingress.class_name).lower()
    is_meant = any(key.startswith(f"{PREFIX}/") for key in ingress.annotations)
    is_meant = is_meant or bool(inventory.rollouts_at(ingress.namespace, ingress.name))
    return is_meant and not any(other in named for other in _OTHERS)


def class_gap(inventory: Inventory, ingress: Ingress) -> str:
    """Tell what would have to be known of its class; empty: it is known whose it is."""
    if inventory.is_whole:
        return ""
    named, usual = ingress.annotations.get(CLASS), inventory.controller.ingress_class or "alb"
    if named is not None:
        surely = named in {*_OTHERS, usual}
        reason = f"it is not known whether an ALB controller has the --ingress-class {named}"
        return "" if surely or _means_alb(inventory, ingress) else reason
    if class_of(inventory, ingress) is not None or ingress.class_name in {*_OTHERS, usual}:
        return ""
    if ingress.class_name:
        return f"IngressClass {ingress.class_name} is not at hand"
    return "it names no class, and the default IngressClass is not at hand"


def _means_alb(inventory: Inventory, ingress: Ingress) -> bool:
    """Whether `ingressClassName`, which the annotation beats, is the ALB controller's."""
    found = inventory.class_named(ingress.class_name)
    if found is not None:
        return found.controller in ALBS
    return bool(ingress.class_name) and ingress.class_name == inventory.controller.ingress_class


def is_legacy(inventory: Inventory, ingress: Ingress) -> bool:
    """Whether the v1 controller looks at it, which knows no groups."""
    legacy = inventory.controller.legacy
    return ingress.legacy if legacy is None else legacy


def class_of(inventory: Inventory, ingress: Ingress) -> IngressClass | None:
    """Give the IngressClass that counts, also the default one."""
    if CLASS in ingress.annotations:
        return None
    if ingress.class_name:
        return inventory.class_named(ingress.class_name)
    defaults = [one for one in inventory.classes if one.is_default]
    return defaults[0] if len(defaults) == 1 else None


def _has_params(inventory: Inventory, found: IngressClass) -> bool:
    """Whether the controller finds what the class names; else its Ingresses are in no group."""
    named = found.parameters
    if not named:
        return True
    if (named.get("apiGroup"), named.get("kind")) != (_PARAMS_GROUP, _PARAMS_KIND):
        return False
    return not inventory.is_whole or inventory.params_named(str(named.get("name", ""))) is not None


def params_of(inventory: Inventory, ingress: Ingress) -> ClassParams | None:
    """Give the parameters of its class."""
    found = class_of(inventory, ingress)
    if found is None or found.parameters.get("kind") != _PARAMS_KIND:
        return None
    return inventory.params_named(str(found.parameters.get("name", "")))


def group_name(inventory: Inventory, ingress: Ingress) -> str | None:
    """Tell the name of its group; None: it is alone."""
    params = params_of(inventory, ingress)
    if params is not None and params.group is not None:
        return params.group
    return ingress.annotations.get(f"{PREFIX}/group.name")


def group_fault(name: str) -> str:
    """Tell why a group cannot have this name; empty: it can."""
    if not _NAME.match(name):
        return (
            "a group's name has a-z, 0-9, - and . only, and begins and ends with a letter or digit"
        )
    if len(name) > _LONGEST:
        return f"a group's name has at most {_LONGEST} characters, not {len(name)}"
    return ""


def _stuck(inventory: Inventory, ingress: Ingress) -> Failure | None:
    """Tell why its class cannot be told: then the controller loads no group at all."""
    defaults = [one.name for one in inventory.classes if one.is_default]
    has_class = ingress.class_name or CLASS in ingress.annotations
    if len(defaults) < 2 or ingress.deleted_at or has_class:
        return None
    reason = f"it names no class, and several are the default: {', '.join(defaults)}"
    where = "spec.ingressClassName"
    return Failure(id="WIRE-15", ingress=ingress.key, where=where, reason=reason)


def _group(
    name: str, ingresses: list[Ingress], stuck: Failure | None, *, is_explicit: bool
) -> Group:
    orders = {ingress.key: _order(ingress) for ingress in ingresses}
    failure = stuck or next((o for o in orders.values() if isinstance(o, Failure)), None)

    def place(ingress: Ingress) -> tuple[int, bytes]:
        order = orders[ingress.key]
        return (order if isinstance(order, int) else 0), ingress.key.encode()

    members = tuple(sorted(ingresses, key=place))
    return Group(name=name, is_explicit=is_explicit, members=members, failure=failure)


def order_of(ingress: Ingress) -> int | None:
    """Tell its `group.order`; None: not written, or not a number that is taken."""
    order = _order(ingress)
    return order if isinstance(order, int) and ORDER in ingress.annotations else None


ORDER = f"{PREFIX}/group.order"


def _order(ingress: Ingress) -> int | Failure:
    text = ingress.annotations.get(ORDER)
    if text is None:
        return 0
    if (order := parse_int(text)) is not None and order in _ORDERS:
        return order
    reason = f"must be a whole number from -1000 to 1000, not {text!r}"
    return Failure(id="ORD-11", ingress=ingress.key, where=ORDER, reason=reason)
