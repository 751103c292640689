"""WIRE-03, -08, -09: the weights that are written, against those that were asked for."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from bot.balancing.argo import action_key, alb_prefix, expected_action, root_service
from bot.balancing.backends import NO_ACTION
from bot.balancing.catalogue import wiring
from bot.balancing.checks.patches import patch_ingress, together
from bot.balancing.checks.scene import (
    Bond,
    BondCheck,
    Result,
    Scene,
    SceneCheck,
    Tie,
    sole_rollout,
    unchecked_at,
)
from bot.balancing.inventory import Inventory
from bot.balancing.objects import PREFIX, Ingress
from bot.balancing.repairs import difference, differs
from bot.balancing.rules import Rule, read_rules
from bot.release.rollout import Rollout
from bot.release.traffic import Look, Traffic

_ALL = 100  # percent


def missing_action(bond: Bond) -> Iterator[Result]:
    """
    WIRE-03: a path asks for an annotation that is not there.

    That with the weights counts once the controller has written it: before, it may be yet to
    come. Any other that no rollout writes counts at once.
    """
    for tie in bond.ties:
        ingress, seen = tie.ingress, set[str]()
        for rule in tie.written if ingress else ():
            if rule.failure or not rule.by_annotation or rule.action is not None:
                continue
            if ingress is not None and rule.service not in seen:
                seen.add(rule.service)
                yield from _missing(bond, tie, ingress, rule)


def unwritten_action(scene: Scene) -> Iterator[Result]:
    """WIRE-03 on Ingresses that no rollout at hand names."""
    for ingress in scene.model.group.members:
        if scene.inventory.rollouts_at(ingress.namespace, ingress.name):
            continue
        asking: dict[str, Rule] = {}
        for rule in read_rules(ingress, PREFIX):
            if rule.by_annotation and rule.action is None and not rule.failure:
                asking.setdefault(rule.service, rule)
        for rule in asking.values():
            yield from _unwritten(scene.inventory, ingress, rule)


def _missing(bond: Bond, tie: Tie, ingress: Ingress, rule: Rule) -> Iterator[Result]:
    rollout = tie.rollout
    if rule.service != root_service(rollout):
        yield from _unwritten(bond.inventory, ingress, rule)
    elif rollout.canary_weight is not None and alb_prefix(rollout) == PREFIX:
        yield _lost(bond, tie, ingress, rule)


def _unwritten(inventory: Inventory, ingress: Ingress, rule: Rule) -> Iterator[Result]:
    """Tell of an action that is missing, unless it is the weights of a rollout at hand."""
    name, sharers = rule.service, inventory.rollouts_at(ingress.namespace, ingress.name)
    if any(name == root_service(other) for other in sharers):
        return
    is_route = any(name == route.name for other in sharers for route in other.managed_routes)
    conditions = ingress.annotations.get(f"{PREFIX}/conditions.{name}")
    if not (inventory.is_whole or is_route or conditions is not None):
        reason = f"no Rollout at hand writes {PREFIX}/actions.{name}"
        yield unchecked_at(ingress, "WIRE-03", reason)
        return
    why = "; Argo writes it only while a setHeaderRoute step is in force" * is_route
    finding = wiring.WIRE_03.at_ingress(
        ingress,
        rollout=sole_rollout(inventory, ingress),
        message=f"Ingress {ingress.name} answers 503 on path {rule}: "
        f"the annotation {PREFIX}/actions.{name} is missing.",
        evidence=f"path {rule} asks for {PREFIX}/actions.{name}{why}",
        place=name,
    )
    yield finding if is_route else replace(finding, fix="Name the annotation as the path asks.")


def _lost(bond: Bond, tie: Tie, ingress: Ingress, rule: Rule) -> Result:
    rollout, key = tie.rollout, action_key(tie.rollout)
    weight = rollout.canary_weight.weight if rollout.canary_weight else 0
    effect = f"the ALB answers 503 ({NO_ACTION})"
    if not bond.inventory.controller.tolerates_missing_action:
        effect = "the ALB stays at its last rules"
    return wiring.WIRE_03.at_ingress(
        ingress,
        rollout=rollout.name,
        message=f"Ingress {ingress.name} has lost its weights: {effect}.",
        evidence=f"path {rule} asks for {key}, which is missing; the controller wrote "
        f"canary {weight}, stable {100 - weight}",
        patch=patch_ingress(ingress, annotations={key: expected_action(rollout, weight)}),
    )


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


CHECKS: tuple[BondCheck, ...] = (missing_action, other_weights, left_behind)
SCENE_CHECKS: tuple[SceneCheck, ...] = (unwritten_action,)
