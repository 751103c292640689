"""
The balancers that serve one rollout: their rules in order, and what each is for the rollout.

    Inventory, Rollout ─▶ the groups of its Ingresses ─▶ models ─▶ rows: role, and who takes from it
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.balancing.annotations import Redirect
from bot.balancing.argo import alb_ingresses, root_service
from bot.balancing.groups import find_groups, group_name
from bot.balancing.inventory import Inventory
from bot.balancing.model import ListenerModel, Model, build
from bot.balancing.objects import Ingress
from bot.balancing.reach import Reach
from bot.balancing.rules import Rule
from bot.balancing.shadows import Queue
from bot.release.rollout import Rollout


class Role(StrEnum):
    """What a rule is for a rollout."""

    HEADER = "header path"  #: requests with a header go to the canary
    WEIGHTED = "weighted path"  #: the weights of the steps count here
    OWN = "own path"  #: some of its requests go to a Service of the rollout
    OTHER = ""


@dataclass(frozen=True, kw_only=True)
class Row:
    """
    One rule of a listener.

    Attributes:
        priority: from 1.
        covered_by: priority of the first rule that takes all its requests; None: none does.
        partly_by: priorities of those that take some of them. Both are told for the rules of
            the rollout and for redirects only.

    """

    priority: int
    rule: Rule
    role: Role = Role.OTHER
    covered_by: int | None = None
    partly_by: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Floor:
    """One listener of a balancer, with its rules."""

    listener: ListenerModel
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Balancer:
    """The balancer of one group, as it matters to a rollout."""

    model: Model
    floors: tuple[Floor, ...] = ()


def neighbourhood(inventory: Inventory, rollout: Rollout) -> Inventory:
    """Give the part of an inventory that decides what the balancers of a rollout do."""
    found = (inventory.ingress(rollout.namespace, name) for name in alb_ingresses(rollout))
    wanted = {_group(inventory, ingress) for ingress in found if ingress}
    ingresses = tuple(i for i in inventory.ingresses if _group(inventory, i) in wanted)
    spaces = {rollout.namespace, *(ingress.namespace for ingress in ingresses)}
    return replace(
        inventory,
        rollouts=tuple(r for r in inventory.rollouts if r.namespace in spaces),
        ingresses=ingresses,
        services=tuple(s for s in inventory.services if s.namespace in spaces),
    )


def serving(inventory: Inventory, rollout: Rollout) -> tuple[Balancer, ...]:
    """Tell the balancers that serve a rollout; none: no ALB controller looks at its Ingresses."""
    near = neighbourhood(inventory, rollout)
    models = (build(near, group) for group in find_groups(near))
    return tuple(
        Balancer(
            model=model,
            floors=tuple(
                Floor(listener=listener, rows=tuple(_rows(listener, rollout)))
                for listener in model.listeners
            ),
        )
        for model in models
    )


def role_of(rule: Rule, rollout: Rollout) -> Role:
    """Tell what a rule is for a rollout."""
    names = {f"{rollout.namespace}/{name}" for name in alb_ingresses(rollout)}
    if rule.ingress.partition("/")[0] != rollout.namespace:
        return Role.OTHER
    if rule.ingress in names and rule.service == root_service(rollout):
        return Role.WEIGHTED
    if rule.asks_header and rule.share_of(rollout.canary_service_now) == 1:
        return Role.HEADER
    services = (rollout.canary_service_now, rollout.stable_service_now)
    return Role.OWN if any(rule.share_of(name) > 0 for name in services if name) else Role.OTHER


def _rows(listener: ListenerModel, rollout: Rollout) -> Iterator[Row]:
    queue = Queue(listener.rules)
    for place, rule in enumerate(listener.rules):
        row = Row(priority=place + 1, rule=rule, role=role_of(rule, rollout))
        matters = row.role is not Role.OTHER or isinstance(rule.action, Redirect)
        yield _judged(row, listener, queue) if matters else row


def _judged(row: Row, listener: ListenerModel, queue: Queue) -> Row:
    """Tell who takes the requests of a rule."""
    takers = [(listener.priority_of(by), reach) for by, reach in queue.takers(row.priority - 1)]
    for priority, reach in takers:
        if reach is Reach.ALL:
            return replace(row, covered_by=priority)
    parts = tuple(priority for priority, reach in takers if reach is Reach.PART)
    return replace(row, partly_by=parts)


def _group(inventory: Inventory, ingress: Ingress) -> tuple[bool, str]:
    named = group_name(inventory, ingress)
    return (False, ingress.key) if named is None else (True, named)
