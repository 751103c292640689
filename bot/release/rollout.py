"""
One Argo Rollout as a releaser sees it.

Every field tells the manifest path it is read from; all else is left behind,
so that a watch event costs microseconds and a thousand rollouts fit in memory.
The words are Argo's own: *canary* is the revision on its way
(`status.currentPodHash`), *stable* the last one fully promoted
(`status.stableRS`), *step* the zero-based index into the canary steps.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Self

from bot.release.errors import OutOfDate
from bot.release.numbers import is_whole
from bot.release.parts import (
    AlbRouting,
    AnalysisStatus,
    Container,
    Destination,
    ManagedRoute,
    Name,
    NginxRouting,
    Part,
    PauseCondition,
    PingPong,
    at,
)
from bot.release.shapes import Step as Step
from bot.release.shapes import Steps


class State(StrEnum):
    """Where a rollout stands, in one word for people. Derived, never read."""

    STABLE = "stable"  #: nothing is on its way
    PENDING = "pending"  #: the controller has not looked at the newest spec yet
    MOVING = "moving"  #: on its way to the next weight, or waiting for pods
    ANALYSING = "analysing"  #: an analysis or experiment step runs
    TIMED = "timed"  #: a pause that ends by itself
    WAITING = "waiting"  #: an endless pause: a person decides
    UNDECIDED = "undecided"  #: an analysis was inconclusive: a person decides
    RESUMING = "resuming"  #: a pause was ended, the controller has not acted yet
    FROZEN = "frozen"  #: spec.paused
    ABORTED = "aborted"  #: called off; the new version stays in the spec
    FAILED = "failed"  #: InvalidSpec or deadline: the controller does not go on
    UNSUPPORTED = "unsupported"  #: not a canary (blueGreen): shown, never acted on


@dataclass(frozen=True, kw_only=True, slots=True)
class Rollout(Part):
    """One Argo Rollout as a releaser sees it."""

    namespace: Annotated[Name, at("metadata", "namespace")]
    name: Annotated[Name, at("metadata", "name")]
    uid: Annotated[Name, at("metadata", "uid")]
    resource_version: Annotated[str, at("metadata", "resourceVersion")] = ""
    generation: Annotated[int, at("metadata", "generation")] = 0
    deleted_at: Annotated[datetime | None, at("metadata", "deletionTimestamp")] = None
    number: Annotated[str, at("metadata", "annotations", "rollout.argoproj.io/revision")] = ""
    tracking_id: Annotated[str, at("metadata", "annotations", "argocd.argoproj.io/tracking-id")] = (
        ""
    )

    replicas: Annotated[int, at("spec", "replicas")] = 1
    #: the same as it is written; None: it is not, and an autoscaler may decide
    written_replicas: Annotated[int | None, at("spec", "replicas")] = None
    frozen: Annotated[bool, at("spec", "paused")] = False
    containers: Annotated[tuple[Container, ...], at("spec", "template", "spec", "containers")] = ()
    blue_green: Annotated[dict[str, Any] | None, at("spec", "strategy", "blueGreen")] = None
    steps: Annotated[Steps, at("spec", "strategy", "canary", "steps")] = ()
    stable_service: Annotated[str, at("spec", "strategy", "canary", "stableService")] = ""
    canary_service: Annotated[str, at("spec", "strategy", "canary", "canaryService")] = ""
    ping_pong: Annotated[PingPong | None, at("spec", "strategy", "canary", "pingPong")] = None
    dynamic_stable_scale: Annotated[
        bool, at("spec", "strategy", "canary", "dynamicStableScale")
    ] = False
    abort_delay: Annotated[
        int | None, at("spec", "strategy", "canary", "abortScaleDownDelaySeconds")
    ] = None
    alb: Annotated[AlbRouting | None, at("spec", "strategy", "canary", "trafficRouting", "alb")] = (
        None
    )
    nginx: Annotated[
        NginxRouting | None, at("spec", "strategy", "canary", "trafficRouting", "nginx")
    ] = None
    most_weight: Annotated[
        int | None, at("spec", "strategy", "canary", "trafficRouting", "maxTrafficWeight")
    ] = None
    managed_routes: Annotated[
        tuple[ManagedRoute, ...],
        at("spec", "strategy", "canary", "trafficRouting", "managedRoutes"),
    ] = ()
    background_analysis: Annotated[
        dict[str, Any] | None, at("spec", "strategy", "canary", "analysis")
    ] = None

    observed_generation: Annotated[str, at("status", "observedGeneration")] = ""
    revision: Annotated[Name, at("status", "currentPodHash")] = ""
    stable: Annotated[Name, at("status", "stableRS")] = ""
    step_hash: Annotated[Name, at("status", "currentStepHash")] = ""
    step: Annotated[int, at("status", "currentStepIndex")] = 0
    pauses: Annotated[tuple[PauseCondition, ...], at("status", "pauseConditions")] = ()
    controller_pause: Annotated[bool, at("status", "controllerPause")] = False
    aborted: Annotated[bool, at("status", "abort")] = False
    aborted_at: Annotated[datetime | None, at("status", "abortedAt")] = None
    promoting_fully: Annotated[bool, at("status", "promoteFull")] = False
    phase: Annotated[str, at("status", "phase")] = ""
    message: Annotated[str, at("status", "message")] = ""
    canary_weight: Annotated[Destination | None, at("status", "canary", "weights", "canary")] = None
    stable_ping_pong: Annotated[str, at("status", "canary", "stablePingPong")] = ""
    step_analysis: Annotated[
        AnalysisStatus | None, at("status", "canary", "currentStepAnalysisRunStatus")
    ] = None
    long_analysis: Annotated[
        AnalysisStatus | None, at("status", "canary", "currentBackgroundAnalysisRunStatus")
    ] = None
    started_at: Annotated[datetime | None, at("status", "duration", "rolloutStartedAt")] = None
    finished_at: Annotated[datetime | None, at("status", "duration", "finishedAt")] = None

    @property
    def key(self) -> str:
        """`namespace/name`, as people say it."""
        return f"{self.namespace}/{self.name}"

    @property
    def most(self) -> int:
        """What the weights of its steps are parts of: 100, or `maxTrafficWeight`."""
        return max(1, self.most_weight or 100)

    @property
    def is_releasing(self) -> bool:
        """Whether a revision other than the stable one is on its way (or was called off)."""
        return bool(self.revision) and bool(self.stable) and self.revision != self.stable

    @property
    def is_first(self) -> bool:
        """Whether this is the initial deploy: no stable revision yet, steps are not run."""
        return bool(self.revision) and not self.stable

    @property
    def is_observed(self) -> bool:
        """
        Whether the controller has seen the newest spec.

        `observedGeneration` is a string; what is not a number, or is larger than
        the generation, is a left-over of old versions and counts as observed.
        """
        if not self.observed_generation:
            return not self.generation
        if not is_whole(self.observed_generation):
            return True
        return int(self.observed_generation) >= self.generation

    @property
    def pause(self) -> PauseCondition | None:
        """The first thing the controller waits for."""
        return self.pauses[0] if self.pauses else None

    @property
    def current_step(self) -> Step | None:
        """The step at the index; None when all are done or the index is out of range."""
        return self.steps[self.step] if 0 <= self.step < len(self.steps) else None

    @property
    def state(self) -> State:
        """Where it stands, for people. The order is the order of importance."""
        if self.blue_green is not None:
            return State.UNSUPPORTED
        if self.message.startswith("InvalidSpec") or (
            self.phase == "Degraded" and "ProgressDeadlineExceeded" in self.message
        ):
            return State.FAILED
        if not self.is_observed or not self.revision:
            return State.PENDING
        if not self.is_releasing:
            return State.MOVING if self.is_first else State.STABLE
        if self.aborted:
            return State.ABORTED
        return self._state_in_flight()

    def _state_in_flight(self) -> State:
        """Tell the states of a revision that is on its way."""
        if any(pause.reason.startswith("Inconclusive") for pause in self.pauses):
            return State.UNDECIDED
        if self.frozen:
            return State.FROZEN
        step = self.current_step or {}
        if self.pauses:
            timed = bool((step.get("pause") or {}).get("duration"))
            return State.TIMED if timed else State.WAITING
        if self.controller_pause:
            return State.RESUMING
        if "analysis" in step or "experiment" in step:
            return State.ANALYSING
        return State.MOVING

    @property
    def canary_service_now(self) -> str:
        """The service whose pods should be the canary's (ping and pong swap roles)."""
        if self.ping_pong:
            pong_is_stable = self.stable_ping_pong != "ping"
            return self.ping_pong.ping if pong_is_stable else self.ping_pong.pong
        return self.canary_service

    @property
    def stable_service_now(self) -> str:
        """The service whose pods should be the stable ones."""
        if self.ping_pong:
            pong_is_stable = self.stable_ping_pong != "ping"
            return self.ping_pong.pong if pong_is_stable else self.ping_pong.ping
        return self.stable_service

    @property
    def ingresses(self) -> tuple[str, ...]:
        """The names of all Ingresses whose weights the controller keeps, ALB first."""
        names: tuple[str, ...] = ()
        if self.alb:
            names += self.alb.ingresses or ((self.alb.ingress,) if self.alb.ingress else ())
        if self.nginx:
            names += self.nginx.stable_ingresses or (
                (self.nginx.stable_ingress,) if self.nginx.stable_ingress else ()
            )
        return names

    def sighting(self) -> "Sighting":
        """Take down what a person has before them now."""
        return Sighting(
            namespace=self.namespace,
            name=self.name,
            uid=self.uid,
            revision=self.revision,
            step_hash=self.step_hash,
            step=self.step,
            pause_started=self.pause.started if self.pause else None,
        )

    def ensure_still(self, seen: "Sighting", *, strictly: bool = True) -> Self:
        """
        Refuse when this is not what the person saw.

        Args:
            seen: what was before them when they pressed.
            strictly: also the step and the pause must be the same; without, the
                same revision of the same object is enough (abort).

        Raises:
            OutOfDate: saying what is different.

        """
        if self.uid != seen.uid:
            raise OutOfDate(f"{self.key} was deleted and made again since. Look at its new card.")
        if self.revision != seen.revision:
            raise OutOfDate(f"{self.key} has a newer revision since. Look at its new card.")
        if strictly and self.sighting() != seen:
            raise OutOfDate(f"{self.key} has moved since. Look at the card again.")
        return self


@dataclass(frozen=True, kw_only=True)
class Sighting:
    """What somebody had before them when they pressed a button."""

    namespace: str
    name: str
    uid: str
    revision: str
    step_hash: str
    step: int
    pause_started: datetime | None = None
