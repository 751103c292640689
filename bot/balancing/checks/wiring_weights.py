"""WIRE-08, -09: the weights that are written, against those that were asked for."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from bot.balancing.argo import action_key, expected_action
from bot.balancing.catalogue import wiring
from bot.balancing.checks.patches import patch_ingress, together
from bot.balancing.checks.scene import Bond, BondCheck, Result
from bot.balancing.objects import Ingress
from bot.balancing.repairs import difference, differs
from bot.release.rollout import Rollout
from bot.release.traffic import Look, Traffic

_ALL = 100  # percent


def other_weights(bond: Bond) -> Iterator[Result]:
    """WIRE-08: an Ingress says something else than what the controller reported."""
    look, here = _compared(bond)
    reported = look.traffic.reported
    for reading in bond.readings if reported is not None else ():
        ingress = here.get(reading.written.ingress)
        if ingress is None or reported is None or not differs(look, reading):
            continue
        written = reading.written
        finding = wiring.WIRE_08.at_ingress(
            ingress,
            rollout=bond.rollout.name,
            message=f"{difference(written, reported)}.",
            evidence=f"status.canary.weights: canary {reported}, stable {100 - reported}; "
            f"{written.annotation}: {ingress.annotations.get(written.annotation, '')}",
            patch=_put_right(bond.rollout, ingress, reported),
        )
        yield replace(finding, writer=written.writer)


def left_behind(bond: Bond) -> Iterator[Result]:
    """WIRE-09: the Ingresses of one rollout say different weights; not where WIRE-08 says all."""
    if len(bond.ties) < 2:
        return
    look, here = _compared(bond)
    rollout, reported = bond.rollout, look.traffic.reported
    said = {
        reading.written.ingress: (reading.written.canary, reading.written.stable)
        for reading in bond.readings
        if reading.fault is None and reading.written.ingress in here
    }
    if len(set(said.values())) < 2:
        return
    behind = [r for r in bond.readings if reported is not None and differs(look, r)]
    if said.keys() <= {reading.written.ingress for reading in behind}:
        return
    words = [f"{name}: canary {canary}, stable {stable}" for name, (canary, stable) in said.items()]
    patches = (_put_right(rollout, here[r.written.ingress], reported or 0) for r in behind)
    yield wiring.WIRE_09.at_rollout(
        rollout,
        message=f"The canary of {rollout.name} gets another share on each Ingress: "
        + ", ".join(f"{canary} % on {name}" for name, (canary, _) in said.items())
        + ".",
        evidence=f"{action_key(rollout)} of {'; '.join(words)}"
        + (f"; the controller wrote canary {reported}" if reported is not None else ""),
        patch=together(*patches),
    )


def _compared(bond: Bond) -> tuple[Look, Mapping[str, Ingress]]:
    """Give what the controller reported, and the ALB Ingresses that are at hand."""
    here = {tie.name: tie.ingress for tie in bond.ties if tie.ingress is not None}
    weight = bond.rollout.canary_weight
    reported = weight.weight if weight and 0 <= weight.weight <= _ALL else None
    look = Look(rollout=bond.rollout, traffic=Traffic(reported=reported))
    return look, here


def _put_right(rollout: Rollout, ingress: Ingress, weight: int) -> str:
    """Write the annotation as the controller would; not beside an experiment's Services."""
    if any("experiment" in step for step in rollout.steps):
        return ""
    text = expected_action(rollout, weight)
    return patch_ingress(ingress, annotations={action_key(rollout): text})


CHECKS: tuple[BondCheck, ...] = (other_weights, left_behind)
