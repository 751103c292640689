"""
Where what is written differs from what was asked.

`find_drift` compares each Ingress with what the controller reported. It is given what it saw
before and gives what it sees now, so that it can be patient without a clock: a difference
counts once it was seen unchanged for the grace time, an outage once it was seen twice.
Findings have the ids of the catalogue.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.balancing.argo import CLASSES, CONTROLLER
from bot.balancing.catalogue import Entry, contents, wiring
from bot.balancing.finding import Finding, Severity
from bot.balancing.nginx_kept import Stray
from bot.balancing.objects import Ingress
from bot.balancing.reading import Fault, Reading
from bot.balancing.repairs import Repair, difference, differs, find_repair, held_by
from bot.balancing.weights import read_weights
from bot.release.traffic import Look, Written


class Standing(StrEnum):
    """How one Ingress stands to what the controller reported."""

    IN_SYNC = "in sync"
    CONVERGING = "converging"
    DRIFT = "drift"
    MISSING = "missing"
    INVALID = "invalid"


#: what each fault is called, and the sentence about an Ingress
FAULTS: Mapping[Fault, tuple[Entry, str]] = {
    Fault.NO_INGRESS: (wiring.ING_01, "The rollout names Ingress {}, which does not exist"),
    Fault.NO_PATH: (wiring.WIRE_02, "No path of Ingress {} reads the weights"),
    Fault.NOT_USED: (wiring.WIRE_01, "Ingress {} ignores the weights"),
    Fault.MISSING: (wiring.WIRE_03, "Ingress {} has lost its weights: the ALB answers 503"),
    Fault.UNREADABLE: (contents.ANN_01, "The weights on Ingress {} cannot be read"),
    Fault.GROUP_BROKEN: (
        contents.ANN_01,
        "Ingress {} holds an error, and the ALB stays at its last rules",
    ),
    Fault.ALL_ZERO: (contents.ANN_04, "All weights on Ingress {} are 0"),
    Fault.OUT_OF_RANGE: (
        contents.ANN_05,
        "A weight on Ingress {} is refused by AWS, and the ALB stays at its last rules",
    ),
    Fault.BAD_TARGETS: (
        contents.ANN_06,
        "The target groups on Ingress {} are refused by AWS, and the ALB stays at its last rules",
    ),
    Fault.NOT_HEEDED: (wiring.WIRE_08, "NGINX does not heed the weight on Ingress {}"),
}

#: ids of what this comparison finds
COMPARED = frozenset({wiring.WIRE_08.id, *(entry.id for entry, _ in FAULTS.values())})


@dataclass(frozen=True, kw_only=True, slots=True)
class State:
    """The standing of one Ingress, and the reason in words."""

    ingress: str
    standing: Standing
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """Since when something is seen, and how it looked."""

    first: datetime
    found: str


Memory = Mapping[str, Seen]


@dataclass(frozen=True, kw_only=True, slots=True)
class Drift:
    """
    What one look for drift has found.

    Attributes:
        findings: those that are certain.
        states: one for each Ingress.
        memory: to be handed to the next look at the same rollout.

    """

    findings: tuple[Finding, ...] = ()
    states: tuple[State, ...] = ()
    memory: Memory = field(default_factory=dict)


def find_drift(
    look: Look,
    ingresses: Iterable[Ingress],
    *,
    now: datetime,
    grace: timedelta,
    memory: Memory | None = None,
    classes: Collection[str] = CLASSES,
) -> Drift:
    """
    Compare what stands on each Ingress with what the controller reported.

    Args:
        look: the rollout and its traffic.
        ingresses: those of its namespace.
        now: the time of the look.
        grace: how long the Ingresses may lag behind; zero: report at first sight.
        memory: what the last look at this rollout gave back.
        classes: the Ingress classes that Argo's controller was told to watch.

    """
    rollout = look.rollout
    if rollout.blue_green is not None or rollout.deleted_at is not None:
        return Drift()
    here = {i.name: i for i in ingresses if i.namespace == rollout.namespace}
    readings = read_weights(rollout, here.values())
    findings, states, seen = list[Finding](), list[State](), dict[str, Seen]()
    for position, reading in enumerate(readings):
        finding = _suspect(look, reading)
        if finding is None or _excuse(look, reading, finding):
            states.append(_calm(look, reading))
            continue
        seen[finding.key] = mark = _mark(finding, reading, memory or {}, now)
        certain = not grace or _is_ripe(finding, mark, memory or {}, now, grace)
        states.append(_alarming(reading, certain=certain))
        if certain:
            repair = find_repair(look, readings, position, here.get(finding.name), classes)
            findings.append(_complete(finding, repair, mark))
    return Drift(findings=tuple(findings), states=tuple(states), memory=seen)


def _suspect(look: Look, reading: Reading) -> Finding | None:
    """Tell what is wrong with one Ingress at first sight."""
    written, reported = reading.written, look.traffic.reported
    stray = reading.stray
    if stray and (stray.is_gone or not differs(look, reading)):
        if stray.is_gone and not look.rollout.is_releasing:
            return None  # it is made anew before the canary gets a request
        return _strayed(look, reading, stray)
    if reading.fault:
        (entry, sentence), evidence = FAULTS[reading.fault], written.problem
        message = sentence.format(written.ingress)
    elif reported is not None and differs(look, reading):
        entry = wiring.WIRE_08
        message = difference(written, reported)
        wanted = f"wanted canary {reported}, stable {100 - reported}"
        evidence = f"{wanted}; found {_found(written)} in {written.annotation}"
    else:
        return None
    finding = entry.at(
        "Ingress",
        look.rollout.namespace,
        written.ingress,
        rollout=look.rollout.name,
        message=f"{message}.",
        evidence=evidence,
    )
    return replace(finding, writer=written.writer)


def _strayed(look: Look, reading: Reading, stray: Stray) -> Finding:
    """Tell what else than its weight is wrong with a canary Ingress of NGINX."""
    finding = wiring.WIRE_08.at(
        "Ingress",
        look.rollout.namespace,
        reading.written.ingress,
        rollout=look.rollout.name,
        message=f"Ingress {reading.written.ingress} {stray.what}.",
        evidence=stray.evidence,
        place=stray.place,
    )
    return replace(finding, writer=reading.stray_writer)


def _excuse(look: Look, reading: Reading, finding: Finding) -> str:
    """Tell why what looks wrong is as it should be at present."""
    rollout, written, traffic = look.rollout, reading.written, look.traffic
    if reading.fault is Fault.MISSING and traffic.reported is None:
        new = not rollout.stable or not rollout.is_observed
        return "nothing was written yet" if new else held_by(look)
    if reading.fault or (reading.stray and reading.stray.is_gone):
        return ""
    is_foreign = finding.writer not in {"", CONTROLLER}
    if rollout.aborted:
        after = (
            rollout.aborted_at and written.written_at and written.written_at > rollout.aborted_at
        )
        return "" if after and is_foreign else "called off, traffic goes back"
    return "" if is_foreign else held_by(look)


def _calm(look: Look, reading: Reading) -> State:
    """Tell the standing of an Ingress with which nothing is wrong."""
    traffic, written = look.traffic, reading.written
    finding = _suspect(look, reading)
    reason = _excuse(look, reading, finding) if finding else ""
    if not reason and written.canary != traffic.asked:
        pods = traffic.canary
        unready = f"{pods.available} of {pods.desired} canary pods available"
        reason = held_by(look) or traffic.blocked
        reason = reason or (unready if pods.available < pods.desired else "on its way")
    standing = Standing.CONVERGING if reason else Standing.IN_SYNC
    return State(ingress=written.ingress, standing=standing, reason=reason)


def _alarming(reading: Reading, *, certain: bool) -> State:
    """Tell the standing of an Ingress with which something is wrong, or seems so."""
    name, problem = reading.written.ingress, reading.written.problem
    stray = reading.stray
    if stray:
        problem = problem or stray.what
    if not certain:
        reason = problem or "differs from what the controller reported"
        return State(ingress=name, standing=Standing.CONVERGING, reason=reason)
    if reading.fault in {Fault.MISSING, Fault.NO_INGRESS} or (stray and stray.is_gone):
        return State(ingress=name, standing=Standing.MISSING, reason=problem)
    standing = Standing.INVALID if reading.fault else Standing.DRIFT
    return State(ingress=name, standing=standing, reason=problem or _found(reading.written))


def _mark(finding: Finding, reading: Reading, memory: Memory, now: datetime) -> Seen:
    """Remember since when it looks like this; whatever changed begins anew."""
    found, before = _found(reading.written), memory.get(finding.key)
    if reading.stray:
        found = f"{found}; {reading.stray.evidence}"
    if before is None or before.found != found or before.first > now:  # the clock was set back
        return Seen(first=now, found=found)
    return before


def _is_ripe(finding: Finding, mark: Seen, memory: Memory, now: datetime, grace: timedelta) -> bool:
    """Whether it was seen for long enough: an outage twice, anything else for the grace time."""
    if memory.get(finding.key) != mark:
        return False
    return finding.severity is Severity.CRITICAL or now - mark.first >= grace


def _complete(finding: Finding, repair: Repair, mark: Seen) -> Finding:
    evidence = "; ".join(part for part in (finding.evidence, repair.why) if part)
    return replace(finding, evidence=evidence, heals=repair.heals, since=mark.first)


def _found(written: Written) -> str:
    """Put what was found into words; the same words, the same thing."""
    if written.problem:
        return written.problem
    others = f", others {written.others}" if written.others else ""
    return f"canary {written.canary}, stable {written.stable}{others}"
