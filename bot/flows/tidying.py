"""
Takes an inserted gate out again, once its revision is stable.

Never while aborted: any edit of the steps would start the release again. The
route that came with the gate has to be gone from the Ingresses first.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

from bot.flows.journal import Journal
from bot.flows.ports import Clock, Cluster
from bot.release.access import Actor, Allowed, Permission
from bot.release.actions import ReturnPoint
from bot.release.effects import Begun, way_back_of
from bot.release.errors import OutOfDate, Refusal
from bot.release.ledger import DONE, By, Entry, failed
from bot.release.traffic import Look
from bot.release.way_out import tidy_up

_log = logging.getLogger(__name__)
SELF = By(kind="schedule", id="rollout-bot")
VERB = "tidy-up"


@dataclass
class Tidying:
    """Puts the steps back as they were before header-only."""

    journal: Journal
    cluster: Cluster
    clock: Clock
    name: str = ""
    writes: bool = True
    leads: Callable[[], bool] = lambda: True

    async def tidy(self, look: Look) -> bool:
        """Take the gate out if it is there; tell whether it has to be tried again."""
        rollout = look.rollout
        entry = await self._inserted(look)
        back = way_back_of(entry) if entry else None
        if back is None or rollout.aborted or not rollout.is_observed or not self.writes:
            return False
        if not self.leads():
            return True
        if any(route.name == back.route for route in look.traffic.routes):
            return True
        try:
            plan = tidy_up(rollout, back)
        except Refusal:
            return False
        allowed = Allowed(Actor(user=SELF.id), Permission.HEADER_ONLY, rollout.uid)
        written = await self.journal.write(self._entry(look, back))
        try:
            for patch in plan.patches:
                await self.cluster.apply(rollout, patch, allowed)
        except Refusal as refusal:
            _log.warning("the gate of %s stays: %s", rollout.key, refusal.text)
            await self.journal.write(written.ends(failed(refusal.why)))
            return isinstance(refusal, OutOfDate)
        await self.journal.write(written.ends(DONE))
        return False

    async def _inserted(self, look: Look) -> Entry | None:
        """Find the entry whose inserted steps are in force now."""
        for entry in reversed(await self.journal.of(look.rollout.uid)):
            back = way_back_of(entry)
            if entry.verb == "header-only" and back and back.inserted == look.rollout.steps:
                return entry
        return None

    def _entry(self, look: Look, back: ReturnPoint) -> Entry:
        rollout = look.rollout
        return Entry(
            id=uuid4().hex,
            at=self.clock(),
            actor=SELF,
            verb=VERB,
            cluster=self.name,
            namespace=rollout.namespace,
            name=rollout.name,
            uid=rollout.uid,
            revision=rollout.revision,
            step=rollout.step,
            detail=Begun.at(look, back).detail(),
        )
