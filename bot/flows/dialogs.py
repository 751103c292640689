"""
What is asked before header-only and before what a menu offers, and whether the header would work.

At 0 % the header is the only way to the canary. When another rule of the balancer takes its
requests first, header-only is refused, whichever way it would go: nobody would test anything.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.balancing.finding import Finding, Severity
from bot.balancing.reaching import header_reaches_canary
from bot.flows.asking import Request
from bot.flows.board import Board
from bot.flows.for_git import to_commit
from bot.flows.ports import Cluster
from bot.messages import modals, replies
from bot.release.actions import HeaderOnly, Plan
from bot.release.errors import Hazard, plain
from bot.release.plans import plan
from bot.release.story import Story
from bot.release.traffic import Look


class Shadowed(Hazard):
    """The header would not reach the canary."""


@dataclass(frozen=True)
class Dialogs:
    """Writes the forms."""

    cluster: Cluster
    board: Board

    def question(
        self, request: Request, planned: Plan, look: Look, *, required: bool
    ) -> dict[str, Any]:
        """Ask before what a menu offers."""
        return modals.ask(
            request.verb,
            look,
            planned,
            seal=self.board.seal,
            label=replies.named(request.verb),
            channel=request.channel,
            person=request.actor.user,
            reason_required=required,
        )

    async def header_only(
        self, request: Request, action: HeaderOnly, look: Look, story: Story, *, required: bool
    ) -> tuple[dict[str, Any], Hazard | None]:
        """Ask before header-only; or say why it cannot be had, and give the refusal."""
        owner = story.ownership
        try:
            planned = await self.checked(plan(action, look, story), look)
        except Hazard as hazard:
            gate = "" if isinstance(hazard, Shadowed) else to_commit(action, look, owner)
            refused = modals.header_only_refused(look, hazard, ownership=owner, gate_yaml=gate)
            return refused, hazard
        form = modals.header_only(
            look,
            planned,
            owner,
            seal=self.board.seal,
            channel=request.channel,
            person=request.actor.user,
            reason_required=required,
        )
        return form, None

    async def checked(self, planned: Plan, look: Look) -> Plan:
        """
        Make sure that the header would reach the canary; what is only partly so is told.

        Raises:
            Shadowed: it would not.

        """
        rollout = look.rollout
        if not rollout.alb:
            return planned
        header, value = _header(planned, look)
        found = header_reaches_canary(await self.cluster.inventory(), rollout, header, value)
        stopping = sorted(filter(_stops, found), key=lambda finding: finding.severity.rank)
        if stopping:
            raise Shadowed(_refusal(stopping, rollout.key))
        warnings = (
            f"{_doubt(finding)}{_said(finding)} ({plain(finding.id)})." for finding in found
        )
        return replace(planned, hazards=(*warnings, *planned.hazards))


def _stops(finding: Finding) -> bool:
    """
    Whether the header would reach the canary nowhere.

    A missing Service stops the whole group. A missing node port may: that depends on flags of
    the controller which nobody sees from here, so it is only told.
    """
    return finding.severity is Severity.CRITICAL or finding.id == "WIRE-05"


def _doubt(finding: Finding) -> str:
    return "Perhaps not: " if finding.id == "WIRE-07" else ""


def _header(planned: Plan, look: Look) -> tuple[str, str]:
    """Tell header and value by which the canary will be reached: of the way in, or as it stands."""
    back = planned.way_back
    steps = (back.inserted or look.rollout.steps)[back.enter : back.gate] if back else ()
    for step in steps:
        route = step.get("setHeaderRoute")
        if isinstance(route, dict) and route.get("match"):
            match = route["match"][0]
            value = match.get("headerValue") or {}
            return str(match.get("headerName", "")), str(value.get("exact", ""))
    standing = look.routes_to_canary or look.traffic.routes
    return (standing[0].header, standing[0].value) if standing else ("", "")


def _refusal(found: Sequence[Finding], key: str) -> str:
    first, more = found[0], len(found) - 1
    also = f", and {more} more like it" if more else ""
    return (
        f"{_said(first)} ({plain(first.id)}: {plain(first.evidence)}{also}). "
        f"Mend the Ingress first: `rules {key}` shows the order. `abort` stays possible."
    )


def _said(finding: Finding) -> str:
    return plain(finding.message.rstrip("."))
