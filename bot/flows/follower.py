"""
One rollout, followed: what was told, what is being looked at, what is still unsettled.

The watches of Rollout, Ingress, Service and ReplicaSet are not ordered to each
other, so for a moment the sources may disagree although nothing is wrong. A
change is held back until they agree, at most `PATIENCE`.
"""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.balancing.weights import read_traffic
from bot.flows.kept import Told
from bot.flows.ports import Observed
from bot.release.changes import PublicStray
from bot.release.detect import Alarm, alarms
from bot.release.rollout import State
from bot.release.traffic import Look

PATIENCE = timedelta(seconds=1)
REST = timedelta(seconds=5)


@dataclass(slots=True)
class Follower:
    """What is known of one rollout while the bot runs."""

    waiting: Observed | None = None
    task: asyncio.Task[None] | None = None
    told: Told | None = None
    is_loaded: bool = False
    shown: object = None  #: what the card said last, to notice when it has to change
    held_since: datetime | None = None
    alarm_since: dict[str, datetime] = field(default_factory=dict)
    last: Observed | None = None
    looked: tuple[Observed, Look] | None = None  #: what was looked at last, and what it was
    is_restless: bool = False  #: to be looked at again although nothing comes
    failed_at: datetime | None = None  #: when it could not be told last; not again at once

    def holds_back(self, look: Look, now: datetime) -> bool:
        """Whether a change should wait for the sources to agree."""
        if is_settled(look):
            self.held_since = None
            return False
        self.held_since = _earlier(self.held_since, now)
        if now - self.held_since < PATIENCE:
            return True
        self.held_since = None
        return False

    def wants_a_look(self, now: datetime) -> bool:
        """Whether something is not settled; after a failure with a rest between."""
        if not self.is_restless or self.last is None or self.waiting:
            return False
        if self.failed_at is None:
            return True
        self.failed_at = _earlier(self.failed_at, now)
        return now - self.failed_at >= REST

    def ripe(self, key: str, now: datetime, *, at_once: bool) -> bool:
        """Whether an alarm was seen for long enough to be told."""
        since = self.alarm_since[key] = _earlier(self.alarm_since.get(key), now)
        return at_once or now - since >= PATIENCE


def _earlier(since: datetime | None, now: datetime) -> datetime:
    """Since when, if that was before now: else the clock was set back, and it counts from now."""
    return now if since is None or since > now else since


def first_told(look: Look, was: Told | None, *, is_stale: bool) -> Told:
    """
    Remember a rollout at first sight: its past is not told.

    Args:
        look: as it is now.
        was: what was told before, if anything.
        is_stale: more has been told since than is known: what is wrong now is taken to be told.

    """
    rollout = look.rollout
    told = Told(look=look, started=rollout.started_at, routes=look.routes_to_canary)
    if not is_stale:
        return told
    told = replace(told, serial=was.serial if was else 0, alarms=tuple(alarms(look, {})))
    if was and was.look.rollout.revision == rollout.revision:
        told = replace(told, started=was.started, started_by=was.started_by)
    return told


def look_at(observed: Observed) -> Look:
    """Read where traffic goes."""
    traffic = read_traffic(
        observed.rollout, observed.ingresses, observed.services, observed.replica_sets
    )
    return Look(rollout=observed.rollout, traffic=traffic)


def is_settled(look: Look) -> bool:
    """Whether all sources say the same about the weight."""
    traffic = look.traffic
    if traffic.reported is None and not traffic.written:
        return True
    return traffic.agree and traffic.reported == traffic.asked


def essence(look: Look) -> Look:
    """
    Leave out what changes without meaning anything for people.

    After an abort the controller moves the canary Service back and forth until the scale-down
    delay is over; that is told once, in words.
    """
    rollout, traffic = look.rollout, look.traffic
    versionless = rollout.model_copy(update={"resource_version": "", "observed_generation": ""})
    if rollout.state is State.ABORTED:
        steady = tuple(s for s in traffic.selectors if s.role == "stable")
        traffic = replace(traffic, selectors=steady, routes=())
    undated = tuple(replace(written, written_at=None) for written in traffic.written)
    return Look(rollout=versionless, traffic=replace(traffic, written=undated))


def is_at_route(look: Look, name: str) -> bool:
    """Whether the controller stands at the step that asks for this header route."""
    step = look.rollout.current_step or {}
    return bool((step.get("setHeaderRoute") or {}).get("name") == name)


def is_certain(alarm: Alarm) -> bool:
    """Whether no reordering of events can explain it: a selector without any revision."""
    return isinstance(alarm, PublicStray) and not alarm.selector.revision
