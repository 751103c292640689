"""One turn of the controller: what it sees, what it decides, and what it writes with."""

from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.cluster.argo import sets
from bot.sandbox.cluster.argo.hands import Hands
from bot.sandbox.cluster.argo.look import Look
from bot.sandbox.cluster.objects import Manifest
from bot.sandbox.cluster.rules import timestamp

STEP_PAUSE = "CanaryPauseStep"
INCONCLUSIVE = "InconclusiveAnalysisRun"


@dataclass
class Decisions:
    """What becomes of pauses and abort; Argo: rollout/pause.go."""

    added: list[str] = field(default_factory=list)
    removed: set[str] = field(default_factory=set)
    clears: bool = False
    aborts: bool = False
    unaborts: bool = False
    why: str = ""  #: of an abort that the controller decides itself

    def abort(self, why: str) -> None:
        """Call the release off."""
        self.aborts, self.why = True, why


@dataclass
class Turn:
    """
    One turn.

    Attributes:
        look: what is.
        hands: to write with.
        decided: of pauses and abort.
        weights: what status.canary.weights will be.
        analyses: what status.canary will say of analysis runs.
        again: seconds after which to look again, if nothing happens before.

    """

    look: Look
    hands: Hands
    decided: Decisions = field(default_factory=Decisions)
    weights: Any = None
    analyses: dict[str, Manifest] = field(default_factory=dict)
    again: float | None = None

    @property
    def rollout(self) -> Manifest:
        """Its newest manifest."""
        return self.look.rollout

    @property
    def is_aborted(self) -> bool:
        """Whether it is called off, by somebody or in this turn."""
        if self.decided.unaborts:
            return False
        return self.decided.aborts or self.look.is_aborted

    @property
    def halted(self) -> bool:
        """Whether pods must not be scaled now."""
        return self.look.is_paused_by_spec or self.look.pause(INCONCLUSIVE) is not None

    @property
    def delays_scale_down(self) -> bool:
        """Whether the canary of an aborted rollout stays for a while."""
        if not self.is_aborted or self.look.stable is None or self.look.abort_delay is None:
            return False
        was_set = self.look.canary.get("abortScaleDownDelaySeconds") is not None
        return was_set or not self.look.is_dynamic

    def look_again(self, seconds: float) -> None:
        """Look again after so many seconds at the latest."""
        self.again = seconds if self.again is None else min(self.again, seconds)

    def tell(self, reason: str, message: str, *, warning: bool = False) -> None:
        """Tell an Event."""
        self.hands.tell(self.rollout, reason, message, warning=warning)

    # --- pauses and abort in the new status -----------------------------------------------------

    def pause_status(self) -> Manifest:
        """The fields of the status that say whether it is paused or aborted."""
        now = timestamp(self.look.now)
        if self.is_aborted:
            since = self.look.status.get("abortedAt", now)
            return {"abort": True, "abortedAt": since}
        if self.decided.clears:
            return {}
        present = self.look.pauses
        known = {one["reason"] for one in present}
        kept = [one for one in present if one["reason"] not in self.decided.removed]
        new = [
            {"reason": reason, "startTime": now}
            for reason in dict.fromkeys(self.decided.added)
            if reason not in known
        ]
        if not kept and not new:
            return {}
        by_controller = bool(new) or bool(self.look.status.get("controllerPause"))
        status: Manifest = {"pauseConditions": [*kept, *new]}
        return status | ({"controllerPause": True} if by_controller else {})

    @property
    def canary_name(self) -> str:
        """The name of the new ReplicaSet."""
        return str(self.look.new["metadata"]["name"]) if self.look.new else ""

    @property
    def number(self) -> int:
        """The revision's number."""
        return sets.revision(self.rollout)
