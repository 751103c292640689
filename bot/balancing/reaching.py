"""
Whether requests with the header would reach the canary, once a release is header-only.

    Inventory ─▶ the route that comes with it is written ─▶ rules in order ─▶ who takes its requests
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from bot.balancing.argo import alb_ingresses
from bot.balancing.finding import Finding, Severity
from bot.balancing.foresight import with_routes
from bot.balancing.inventory import Inventory
from bot.balancing.served import Balancer, Floor, Role, Row, neighbourhood, serving
from bot.release.rollout import Rollout

Route = Mapping[str, Any]

#: whether these stop a group depends on flags of the controller that nobody can see from here
#: (`--default-target-type`): no reason to refuse anything
_BY_FLAGS = frozenset({"WIRE-07"})


def obstacles(
    inventory: Inventory, rollout: Rollout, routes: Iterable[Route] = ()
) -> tuple[Finding, ...]:
    """
    Tell what would keep the header from the canary, the gravest first.

    Args:
        inventory: as it is now.
        rollout: as it is now; without an ALB nothing is found.
        routes: header routes that will be added (as `setHeaderRoute` steps have them); none:
            the routes that stand in the Ingress are what is used.

    Returns:
        Findings; with a critical one the header would reach the canary nowhere, or the
        balancer would not even hear of the new weight.

    """
    near, added = neighbourhood(inventory, rollout), tuple(routes)
    own = {f"{rollout.namespace}/{name}" for name in alb_ingresses(rollout)}
    ingresses = tuple(
        with_routes(rollout, one, added) if added and one.key in own else one
        for one in near.ingresses
    )
    names = {str(route.get("name", "")) for route in added}
    found = [
        finding
        for balancer in serving(replace(near, ingresses=ingresses), rollout)
        for finding in _of(balancer, rollout, names)
    ]
    distinct = {finding.key: finding for finding in found}
    return tuple(sorted(distinct.values(), key=lambda finding: finding.severity.rank))


def _of(balancer: Balancer, rollout: Rollout, names: set[str]) -> Iterator[Finding]:
    failure = balancer.model.failure
    if failure is not None:
        grave = Severity.HIGH if failure.id in _BY_FLAGS else Severity.CRITICAL
        message = "Nothing would change: the balancer keeps its last rules until an error is mended"
        yield _finding(failure.id, grave, rollout, failure.ingress, message, str(failure))
        return
    for floor in balancer.floors:
        if any(row.role is Role.WEIGHTED for row in floor.rows):
            yield from _on(floor, rollout, names)


def _on(floor: Floor, rollout: Rollout, names: set[str]) -> Iterator[Finding]:
    headers = [
        row
        for row in floor.rows
        if row.role is Role.HEADER and (not names or row.rule.service in names)
    ]
    where = f"{floor.listener.protocol} {floor.listener.port}"
    harmed = {row.priority: taker for row in headers if (taker := _taker(row, floor, rollout))}
    free = [row for row in headers if row.priority not in harmed]
    for row in headers:
        taker = harmed.get(row.priority)
        if taker is None:
            continue
        grave = Severity.HIGH if free else Severity.CRITICAL
        yield _finding(
            "ORD-01",
            grave,
            rollout,
            taker.rule.ingress,
            f"The header would not reach the canary: {taker.rule} of {taker.rule.ingress} "
            "takes its requests first",
            f"on {where} rule {taker.priority} takes all requests of rule {row.priority}",
        )


def _taker(row: Row, floor: Floor, rollout: Rollout) -> Row | None:
    """Give the rule that takes all requests of a header route; one to the canary does no harm."""
    if row.covered_by is None:
        return None
    taker = floor.rows[row.covered_by - 1]
    return None if taker.rule.share_of(rollout.canary_service_now) == 1 else taker


def _finding(
    id_: str, severity: Severity, rollout: Rollout, ingress: str, message: str, evidence: str
) -> Finding:
    return Finding(
        id=id_,
        severity=severity,
        namespace=rollout.namespace,
        rollout=rollout.name,
        kind="Ingress",
        name=ingress.rpartition("/")[2],
        message=f"{message}.",
        evidence=evidence,
        heals=False,
    )
