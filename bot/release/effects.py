"""
Whether an action has had its effect: not when the patch was accepted, but when it is seen.

`judge` looks at the ledger entry of an action and at the rollout now. Until the
effect is there it names what is missing; when the effect cannot come any more
(another revision, an abort in between) it says what came first.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError

from bot.release.actions import ReturnPoint
from bot.release.ledger import Entry
from bot.release.numbers import is_whole
from bot.release.rollout import Rollout, State
from bot.release.steps import weight_at
from bot.release.traffic import Look


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Seen, still missing, or overtaken. Nothing missing and not overtaken: seen."""

    missing: tuple[str, ...] = ()
    overtaken: str = ""

    @property
    def is_seen(self) -> bool:
        """Whether the effect is there."""
        return not self.missing and not self.overtaken


@dataclass(frozen=True, kw_only=True)
class Begun:
    """What an action began from; kept in the ledger entry's detail."""

    step: int
    step_hash: str
    paused: bool
    weight: int
    way_back: ReturnPoint | None = None
    generation: int = 0
    pause_started: datetime | None = None
    version: str = ""  #: the API server's, of the rollout that was read before the patch

    @classmethod
    def at(cls, look: Look, way_back: ReturnPoint | None) -> "Begun":
        """Take it down."""
        rollout = look.rollout
        return cls(
            step=rollout.step,
            step_hash=rollout.step_hash,
            paused=bool(rollout.pauses),
            weight=look.public_share,
            way_back=way_back,
            generation=rollout.generation,
            pause_started=rollout.pause.started if rollout.pause else None,
            version=rollout.resource_version,
        )

    def is_ahead_of(self, rollout: Rollout) -> bool:
        """Whether the watch has not come yet to what was read before the patch."""
        old, new = rollout.resource_version, self.version
        return is_whole(old) and is_whole(new) and int(old) < int(new)

    def is_still(self, rollout: Rollout) -> bool:
        """Whether the rollout stands where it began: the watch may not have seen the patch yet."""
        started = rollout.pause.started if rollout.pause else None
        here = (rollout.generation, rollout.step, rollout.step_hash, started)
        return here == (self.generation, self.step, self.step_hash, self.pause_started)

    def detail(self) -> dict[str, Any]:
        """Write it as plain data."""
        return {"begun": _BEGUN.dump_python(self, mode="json")}

    @classmethod
    def of(cls, detail: Mapping[str, Any]) -> "Begun | None":
        """Read it; None when it is not there or written by another version."""
        try:
            return _BEGUN.validate_python(detail.get("begun"))
        except ValidationError:
            return None


_BEGUN = TypeAdapter(Begun)
_NOT_YET = Verdict(missing=("the controller has not acted yet",))


def judge(entry: Entry, look: Look | None) -> Verdict:
    """Tell whether the effect of the entry's action is seen at this look."""
    begun = Begun.of(entry.detail)
    if look is None or look.rollout.uid != entry.uid:
        return Verdict(overtaken="the rollout was deleted")
    if begun is None:
        return Verdict(overtaken="what it began from is not known any more")
    if begun.is_ahead_of(look.rollout):
        return _NOT_YET
    if look.rollout.revision != entry.revision:
        return Verdict(overtaken="another revision took its place")
    if look.rollout.aborted and entry.verb not in {"abort", "retry", "pause", "full"}:
        return Verdict(overtaken="it was aborted meanwhile")
    return _judge(entry.verb, look, begun)


def _judge(verb: str, look: Look, begun: Begun) -> Verdict:
    rollout, back = look.rollout, begun.way_back
    match verb:
        case "abort":
            return _aborted(look)
        case "retry":
            return Verdict(missing=("the controller has not started again",) * rollout.aborted)
        case "full":
            return _fully(rollout)
        case "pause":
            return _frozen(rollout, wanted=True)
        case "header-only" if begun.is_still(rollout):
            return _NOT_YET
        case "header-only" | "route" if back:
            return _header_only(look, back)
        case "route":
            return Verdict(missing=tuple(_no_route(look)))
        case "resume" if back:
            return _resumed(look, back)
        case "resume":
            return _frozen(rollout, wanted=False)
    return _promoted(rollout, begun)


def _aborted(look: Look) -> Verdict:
    rollout, traffic = look.rollout, look.traffic
    if not rollout.is_releasing:
        return Verdict(overtaken="the revision is stable already")
    if not rollout.aborted:
        return _NOT_YET
    if look.public_share or traffic.reported or not traffic.is_zero:
        return Verdict(missing=(_weight_zero(look),))
    return Verdict()


def _weight_zero(look: Look) -> str:
    """Name weight 0 as missing, with the reason where stable pods are it."""
    stable, wanted = look.traffic.stable.available, look.rollout.replicas
    why = f", because {stable} of {wanted} stable pods are available" if stable < wanted else ""
    return f"weight 0 % ({look.public_share} % still reach the canary{why})"


def _frozen(rollout: Rollout, *, wanted: bool) -> Verdict:
    if rollout.frozen is wanted and rollout.is_observed:
        return Verdict()
    return Verdict(missing=("the controller has not looked at the spec yet",))


def _fully(rollout: Rollout) -> Verdict:
    if not rollout.is_releasing:
        return Verdict()
    return Verdict(missing=("the revision is not stable yet",))


def _promoted(rollout: Rollout, begun: Begun) -> Verdict:
    if not rollout.is_releasing or rollout.step > begun.step:
        return Verdict()
    if rollout.step_hash != begun.step_hash:
        return Verdict(overtaken="the steps were edited meanwhile")
    return _NOT_YET


def _header_only(look: Look, back: ReturnPoint) -> Verdict:
    rollout = look.rollout
    if not rollout.is_releasing:
        return Verdict(overtaken="the revision is stable already")
    if back.inserted and rollout.steps != back.inserted and rollout.is_observed:
        return Verdict(overtaken="the inserted steps were taken out")
    if rollout.is_observed and rollout.step > back.gate:
        return Verdict(overtaken="somebody promoted it out of the gate")
    return Verdict(missing=tuple(not_ready(look, back.gate)))


def _no_route(look: Look) -> Iterator[str]:
    if not look.rollout.is_observed or look.rollout.state is not State.WAITING:
        yield "the pause, which the controller has not reached"
    if not look.routes_to_canary:
        yield "the header route"


def not_ready(look: Look, gate: int) -> Iterator[str]:
    """Name what is not as header-only testing needs it; nothing: ready."""
    rollout, traffic = look.rollout, look.traffic
    canary = traffic.canary
    if not rollout.is_observed or rollout.step != gate or rollout.state is not State.WAITING:
        yield "the pause, which the controller has not reached"
    if look.public_share or traffic.reported or not traffic.is_zero:
        yield _weight_zero(look)
    if canary.available < 1:
        yield f"an available canary pod ({canary.available} of {canary.desired})"
    for selector in traffic.selectors:
        wanted = rollout.stable if selector.role == "stable" else rollout.revision
        if selector.revision != wanted:
            yield f"Service {selector.service} selecting the {selector.role} pods alone"
    if not look.routes_to_canary:
        shadows = {route.shadowed_by for route in traffic.routes if route.shadowed_by}
        why = f" (shadowed by {', '.join(sorted(shadows))})" if shadows else ""
        yield f"a header route to the canary{why}"


def _resumed(look: Look, back: ReturnPoint) -> Verdict:
    rollout, traffic = look.rollout, look.traffic
    if not rollout.is_releasing or rollout.step > back.step + 1:
        return Verdict()
    if rollout.step < back.step or not rollout.is_observed:
        return _NOT_YET
    shown = {traffic.reported, traffic.highest}
    if shown != {back.weight} and weight_at(rollout.steps, rollout.step, rollout.most) not in shown:
        return Verdict(missing=(f"{look.public_share} % of {back.weight} % so far",))
    return Verdict()


def way_back_of(entry: Entry) -> ReturnPoint | None:
    """Give the way back that a header-only entry keeps."""
    begun = Begun.of(entry.detail)
    return begun.way_back if begun else None
