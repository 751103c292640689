"""
What is asked before header-only and before what a menu offers, and whether the header would work.

At 0 % the header is the only way to the canary. When another rule of the balancer takes its
requests first, header-only is refused, whichever way it would go: nobody would test anything.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.balancing.finding import Finding, Severity
from bot.balancing.reaching import obstacles
from bot.flows.asking import Request
from bot.flows.board import Board
from bot.flows.ports import Cluster
from bot.messages import modals, replies
from bot.release.actions import HeaderOnly, Plan
from bot.release.errors import Hazard, Refusal, plain
from bot.release.header_only import gate_for_git
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
            gate = "" if isinstance(hazard, Shadowed) else _gate(action, look)
            refused = modals.header_only_refused(look, hazard, ownership=owner, gate_yaml=gate)
            return refused, hazard
        form = modals.header_only(
            look,
            planned,
            owner,
            seal=self.board.seal,
            channel=request.channel,
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
        inventory = await self.cluster.inventory()
        found = obstacles(inventory, rollout, tuple(_routes(planned, look)))
        if found and found[0].severity is Severity.CRITICAL:
            raise Shadowed(_refusal(found, rollout.key))
        warnings = (f"On some hosts, or not for sure: {_said(finding)}." for finding in found)
        return replace(planned, hazards=(*warnings, *planned.hazards))


def _routes(planned: Plan, look: Look) -> Iterator[Mapping[str, Any]]:
    """Give the header routes that the way in adds."""
    back = planned.way_back
    if back is None:
        return
    steps = back.inserted or look.rollout.steps
    for step in steps[back.enter : back.gate]:
        route = step.get("setHeaderRoute")
        if isinstance(route, dict) and route.get("match"):
            yield route


def _refusal(found: tuple[Finding, ...], key: str) -> str:
    first, more = found[0], len(found) - 1
    also = f", and {more} more like it" if more else ""
    return (
        f"{_said(first)} ({plain(first.id)}: {plain(first.evidence)}{also}). "
        f"Mend the Ingress first: `rules {key}` shows the order. `abort` stays possible."
    )


def _said(finding: Finding) -> str:
    return plain(finding.message.rstrip("."))


def _gate(action: HeaderOnly, look: Look) -> str:
    """Write the steps with a gate as YAML (each step in its flow style) to be committed to git."""
    try:
        steps = gate_for_git(action, look)
    except Refusal:
        return ""
    return "\n".join(["steps:", *(f"- {json.dumps(step)}" for step in steps)])
