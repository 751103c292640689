"""
What a person can do to a rollout, and the exact guarded patch for it.

Every write is a JSON Patch whose `test` operations name what the person saw:
uid, revision, step hash, index, start of the pause. Of two people who press
the same button, one gets the patch through; the other is refused by the API
server itself (422), whatever else happened in between.
"""

from dataclasses import dataclass

from bot.release.access import Permission
from bot.release.guards import Operation
from bot.release.rollout import Sighting, Step


@dataclass(frozen=True, kw_only=True)
class Patch:
    """One JSON Patch of a Rollout. `status` patches go to the status subresource."""

    status: bool
    operations: tuple[Operation, ...]


@dataclass(frozen=True, kw_only=True)
class Promote:
    """Leave the pause at which the rollout stands."""

    permission = Permission.PROMOTE


@dataclass(frozen=True, kw_only=True)
class PromoteFully:
    """Skip all remaining steps, pauses and analyses."""

    permission = Permission.FULL


@dataclass(frozen=True, kw_only=True)
class HeaderOnly:
    """Weight 0 for the public; requests with the header still reach the canary."""

    permission = Permission.HEADER_ONLY

    header: str = "X-Canary"
    value: str = "true"
    #: the person ticked that Argo CD may put the steps back
    accepts_revert: bool = False


@dataclass(frozen=True, kw_only=True)
class Resume:
    """End header-only at the old weight; otherwise take `spec.paused` away."""

    permission = Permission.RESUME


@dataclass(frozen=True, kw_only=True)
class Abort:
    """Call the release off: all traffic to stable."""

    permission = Permission.ABORT


@dataclass(frozen=True, kw_only=True)
class Retry:
    """Start an aborted release again at its first step."""

    permission = Permission.RETRY


@dataclass(frozen=True, kw_only=True)
class Pause:
    """Set `spec.paused`: nothing goes on until resumed."""

    permission = Permission.PAUSE


@dataclass(frozen=True, kw_only=True)
class RestoreRoute:
    """Let the controller write its header route again, during header-only."""

    permission = Permission.HEADER_ONLY


Action = Promote | PromoteFully | HeaderOnly | Resume | Abort | Retry | Pause | RestoreRoute


@dataclass(frozen=True, kw_only=True)
class ReturnPoint:
    """
    The way back from header-only.

    Attributes:
        step: index to return to, in the steps as they are during header-only.
        weight: what the public had before, percent.
        first: a lower weight that the public gets while Resume brings pods up; None: no other.
        gate: index of the pause at which header-only stands.
        enter: index to which the way in leads: the gate or the route step before it.
        inserted: the steps with the gate that was put in; empty: an authored gate.
        original: the steps before the gate was inserted.
        route: name of the managed route that was added with the gate, if any.
        pods: canary pods that header-only keeps.

    """

    step: int
    weight: int
    first: int | None = None
    gate: int = 0
    enter: int = 0
    inserted: tuple[Step, ...] = ()
    original: tuple[Step, ...] = ()
    route: str = ""
    pods: int = 1


@dataclass(frozen=True, kw_only=True)
class Plan:
    """
    The patches of an action, in order, with what the ledger must keep.

    Attributes:
        patches: sent one after the other; the first carries the guard.
        effect: what will happen, one sentence for people.
        hazards: what the person should know before, one sentence each.
        way_back: for header-only.

    """

    patches: tuple[Patch, ...]
    effect: str
    hazards: tuple[str, ...] = ()
    way_back: ReturnPoint | None = None


@dataclass(frozen=True, kw_only=True)
class Offer:
    """
    A button that is legal now.

    Attributes:
        verb: the word of the command and of the action id.
        label: what the button says, with its effect (`Promote → 50 %`).
        effect: for the confirm dialog: what happens, what does not, to whom; empty: no dialog.
        danger: drawn red.
        seen: what the card showed; None for reading.

    """

    verb: str
    label: str
    effect: str = ""
    danger: bool = False
    primary: bool = False
    seen: Sighting
