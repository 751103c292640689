"""
What happened to a rollout between two looks.

Each kind of change is a small frozen class, so that a change without words does
not type-check (`messages/announcements.py` handles them with `assert_never`).
They are found by `detect.py`.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from bot.release.ledger import By
from bot.release.traffic import HeaderRoute, Look, Selector


class Topic(StrEnum):
    """What a channel can ask to hear (`tell` in the configuration)."""

    STARTED = "started"
    STEP = "step"
    WAITING = "waiting"
    FINISHED = "finished"
    ABORTED = "aborted"
    FAILED = "failed"
    DRIFT = "drift"


@dataclass(frozen=True, kw_only=True)
class _Happened:
    """Something happened; `by` and `reason` are filled in where they are known."""

    topic: ClassVar[Topic] = Topic.STEP
    #: the channel hears it, not only the thread: a person is needed, or a release ended
    loud: ClassVar[bool] = False

    look: Look
    by: By | None = None
    reason: str = ""

    @property
    def place(self) -> str:
        """Where it happened: by it, it is told from another of its kind."""
        return self.look.rollout.revision


@dataclass(frozen=True, kw_only=True)
class Started(_Happened):
    """A new revision is on its way."""

    topic: ClassVar[Topic] = Topic.STARTED
    previous_image: str = ""


@dataclass(frozen=True, kw_only=True)
class Superseded(_Happened):
    """Another revision took the place of one that was on its way."""

    topic: ClassVar[Topic] = Topic.FINISHED
    loud: ClassVar[bool] = True
    next_image: str = ""


@dataclass(frozen=True, kw_only=True)
class StepReached(_Happened):
    """The index moved; several steps may have passed at once."""

    from_step: int = 0


@dataclass(frozen=True, kw_only=True)
class _Decision(_Happened):
    """Somebody has to decide, at this step."""

    topic: ClassVar[Topic] = Topic.WAITING
    loud: ClassVar[bool] = True

    @property
    def place(self) -> str:
        """The revision, and which step of it."""
        rollout = self.look.rollout
        return f"{rollout.revision}:{rollout.step_hash}:{rollout.step}"


@dataclass(frozen=True, kw_only=True)
class Waiting(_Decision):
    """An endless pause began: a person decides."""


@dataclass(frozen=True, kw_only=True)
class Undecided(_Decision):
    """An analysis was inconclusive: a person decides."""


@dataclass(frozen=True, kw_only=True)
class Frozen(_Happened):
    """`spec.paused` was set."""


@dataclass(frozen=True, kw_only=True)
class Unfrozen(_Happened):
    """`spec.paused` was taken away."""


@dataclass(frozen=True, kw_only=True)
class StepsEdited(_Happened):
    """The list of steps was changed; the controller started again at step 1."""

    topic: ClassVar[Topic] = Topic.WAITING
    loud: ClassVar[bool] = True

    from_step: int = 0
    previous_weight: int = 0


@dataclass(frozen=True, kw_only=True)
class HeaderOnlyReady(_Happened):
    """Weight, pods, Services and route were all seen: testing may begin."""

    topic: ClassVar[Topic] = Topic.WAITING
    route: HeaderRoute
    back_to: int | None = None  #: the weight to which Resume returns, percent


@dataclass(frozen=True, kw_only=True)
class WeightBack(_Happened):
    """After header-only: every source says the old weight again."""

    weight: int


@dataclass(frozen=True, kw_only=True)
class Finished(_Happened):
    """The revision is stable now."""

    topic: ClassVar[Topic] = Topic.FINISHED
    loud: ClassVar[bool] = True


@dataclass(frozen=True, kw_only=True)
class RolledBack(_Happened):
    """The template went back to the stable one; steps were skipped."""

    topic: ClassVar[Topic] = Topic.FINISHED
    loud: ClassVar[bool] = True


@dataclass(frozen=True, kw_only=True)
class Aborted(_Happened):
    """The release was called off."""

    topic: ClassVar[Topic] = Topic.ABORTED
    loud: ClassVar[bool] = True
    from_weight: int = 0


@dataclass(frozen=True, kw_only=True)
class Retried(_Happened):
    """An aborted release starts again."""

    topic: ClassVar[Topic] = Topic.STARTED


@dataclass(frozen=True, kw_only=True)
class Failed(_Happened):
    """The controller does not go on: invalid spec, or the deadline passed."""

    topic: ClassVar[Topic] = Topic.FAILED
    loud: ClassVar[bool] = True


@dataclass(frozen=True, kw_only=True)
class RouteLost(_Happened):
    """The header route is gone: requests with the header reach stable now."""

    topic: ClassVar[Topic] = Topic.FAILED
    loud: ClassVar[bool] = True
    route: HeaderRoute
    why: str = ""  #: where it is a way of the controller


@dataclass(frozen=True, kw_only=True)
class RouteBack(_Happened):
    """The header route leads to the canary again."""

    topic: ClassVar[Topic] = Topic.FAILED
    route: HeaderRoute


@dataclass(frozen=True, kw_only=True)
class PublicStray(_Happened):
    """A Service sends the public to canary pods whatever the weight says."""

    topic: ClassVar[Topic] = Topic.FAILED
    loud: ClassVar[bool] = True
    selector: Selector


@dataclass(frozen=True, kw_only=True)
class PublicBack(_Happened):
    """The Services select what they should again."""

    topic: ClassVar[Topic] = Topic.FAILED
    service: str = ""


@dataclass(frozen=True, kw_only=True)
class StillReached(_Happened):
    """Aborted, and yet the public reaches the canary."""

    topic: ClassVar[Topic] = Topic.ABORTED
    loud: ClassVar[bool] = True
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class TrafficBack(_Happened):
    """After an abort: no source gives the canary anything any more."""

    topic: ClassVar[Topic] = Topic.ABORTED
    seconds: float = 0


@dataclass(frozen=True, kw_only=True)
class Deleted(_Happened):
    """The Rollout object is gone."""

    topic: ClassVar[Topic] = Topic.FINISHED
    loud: ClassVar[bool] = True


Change = (
    Started
    | Superseded
    | StepReached
    | Waiting
    | Undecided
    | Frozen
    | Unfrozen
    | StepsEdited
    | HeaderOnlyReady
    | WeightBack
    | Finished
    | RolledBack
    | Aborted
    | Retried
    | Failed
    | RouteLost
    | RouteBack
    | PublicStray
    | PublicBack
    | StillReached
    | TrafficBack
    | Deleted
)
