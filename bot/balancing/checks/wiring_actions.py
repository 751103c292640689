"""WIRE-03: a path or a default backend asks for an annotation that is not there."""

from collections.abc import Iterator
from dataclasses import replace

from bot.balancing.argo import action_key, alb_prefix, expected_action, root_service
from bot.balancing.backends import NO_ACTION
from bot.balancing.catalogue import wiring
from bot.balancing.checks.patches import edit_paths, patch_ingress
from bot.balancing.checks.scene import (
    Bond,
    BondCheck,
    Result,
    Scene,
    SceneCheck,
    Tie,
    Unchecked,
    sole_rollout,
)
from bot.balancing.entries import Path, backend_of
from bot.balancing.inventory import Inventory
from bot.balancing.objects import PREFIX, Ingress
from bot.balancing.rules import Rule, read_default, read_rules
from bot.balancing.spelling import nearest

_BY_HAND = "Write the annotation, or correct its name or that of the backend."
_ACTION = ("actions.", "action.", "actions-", "action-")


def missing_action(bond: Bond) -> Iterator[Result]:
    """
    WIRE-03: a path asks for an annotation that is not there.

    That with the weights counts once the controller has written it: before, it may be yet to
    come. Any other that no rollout writes counts at once.
    """
    for tie in bond.ties:
        if tie.ingress is None:
            continue
        for rule in _asking(tie.ingress, tie.written):
            if rule.service != root_service(tie.rollout):
                yield from _missing(bond.inventory, tie.ingress, rule)
            elif tie.rollout.canary_weight is not None and alb_prefix(tie.rollout) == PREFIX:
                yield _lost(bond, tie, tie.ingress, rule)


def missing_elsewhere(scene: Scene) -> Iterator[Result]:
    """WIRE-03 at default backends, and at Ingresses of the group that no rollout has."""
    for member in scene.model.group.members:
        rules = () if scene.ties_of(member) else read_rules(member, PREFIX)
        default = (read_default(member, PREFIX),) if member.default_backend is not None else ()
        for rule in _asking(member, (*rules, *default)):
            yield from _missing(scene.inventory, member, rule)


def _asking(ingress: Ingress, rules: tuple[Rule, ...]) -> Iterator[Rule]:
    """Give one rule for each annotation that is missing."""
    seen = set[str]()
    for rule in () if ingress.legacy else rules:
        is_missing = rule.by_annotation and rule.action is None and not rule.failures
        if is_missing and rule.service not in seen:
            seen.add(rule.service)
            yield rule


def is_surely_missing(inventory: Inventory, ingress: Ingress, name: str) -> bool:
    """Whether no rollout will write an action of this name; else it is not known, or told."""
    sharers = inventory.rollouts_at(ingress.namespace, ingress.name)
    if any(name == root_service(other) for other in sharers):
        return False
    return (
        inventory.is_whole
        or _is_route(inventory, ingress, name)
        or f"{PREFIX}/conditions.{name}" in ingress.annotations
        or bool(misspelt(ingress, name))
    )


def _is_route(inventory: Inventory, ingress: Ingress, name: str) -> bool:
    sharers = inventory.rollouts_at(ingress.namespace, ingress.name)
    return any(name == route.name for other in sharers for route in other.managed_routes)


def _missing(inventory: Inventory, ingress: Ingress, rule: Rule) -> Iterator[Result]:
    name, key = rule.service, f"{PREFIX}/actions.{rule.service}"
    sharers = inventory.rollouts_at(ingress.namespace, ingress.name)
    if any(name == root_service(other) for other in sharers):
        return
    if not is_surely_missing(inventory, ingress, name):
        yield Unchecked(
            id="WIRE-03",
            kind="Ingress",
            namespace=ingress.namespace,
            name=ingress.name,
            reason=f"no Rollout at hand writes {key}",
        )
        return
    meant, is_route = misspelt(ingress, name), _is_route(inventory, ingress, name)
    why = "; Argo writes it only while a setHeaderRoute step is in force" * is_route
    why += f"; there is {meant}, which nothing reads" if meant else ""
    where = f"path {rule}" if rule.entry >= 0 else "spec.defaultBackend"
    effect = f"answers 503 on {where}" if rule.entry >= 0 else "answers 503 where no path matches"
    if not inventory.controller.tolerates_missing_action:
        effect = "stops the ALB at its last rules"
    finding = wiring.WIRE_03.at(
        "Ingress",
        ingress.namespace,
        ingress.name,
        rollout=sole_rollout(inventory, ingress),
        message=f"Ingress {ingress.name} {effect}: the annotation {key} is missing.",
        evidence=f"{where} asks for {key}{why}",
        patch=_spelt(ingress, rule, meant) if meant else "",
        place=name,
        origin=ingress.origin,
    )
    yield finding if is_route else replace(finding, fix=_BY_HAND)


def _spelt(ingress: Ingress, rule: Rule, meant: str) -> str:
    """Give the annotation the path's name; or the path that of the annotation and its condition."""
    name = meant.removeprefix(f"{PREFIX}/actions.")
    if f"{PREFIX}/conditions.{name}" not in ingress.annotations or rule.entry < 0:
        key = f"{PREFIX}/actions.{rule.service}"
        return patch_ingress(ingress, annotations={meant: None, key: ingress.annotations[meant]})

    def edit(_: int, paths: list[Path]) -> list[Path]:
        for path in paths:
            if backend_of(path) == rule.service:
                path["backend"]["service"]["name"] = name
        return paths

    return patch_ingress(ingress, rules=edit_paths(ingress, edit))


def misspelt(ingress: Ingress, name: str) -> str:
    """Find the annotation that was meant to be the action of this name; empty: there is none."""
    read = {rule.service for rule in read_rules(ingress, PREFIX) if rule.by_annotation}
    ends = {}
    for key in ingress.annotations:
        head, _, tail = key.partition("/")
        start = next((one for one in _ACTION if tail.lower().startswith(one)), "")
        is_read = tail.removeprefix("actions.") in read and tail.startswith("actions.")
        if head.lower() == PREFIX and start and not is_read:
            ends[tail[len(start) :]] = key
    return ends.get(nearest(name, ends), "")


def _lost(bond: Bond, tie: Tie, ingress: Ingress, rule: Rule) -> Result:
    rollout, key = tie.rollout, action_key(tie.rollout)
    weight = rollout.canary_weight.weight if rollout.canary_weight else 0
    effect = f"the ALB answers 503 ({NO_ACTION})"
    if not bond.inventory.controller.tolerates_missing_action:
        effect = "the ALB stays at its last rules"
    return wiring.WIRE_03.at(
        "Ingress",
        ingress.namespace,
        ingress.name,
        rollout=rollout.name,
        message=f"Ingress {ingress.name} has lost its weights: {effect}.",
        evidence=f"path {rule} asks for {key}, which is missing; the controller wrote "
        f"canary {weight}, stable {100 - weight}",
        patch=patch_ingress(ingress, annotations={key: expected_action(rollout, weight)}),
        origin=ingress.origin,
    )


CHECKS: tuple[BondCheck, ...] = (missing_action,)
SCENE_CHECKS: tuple[SceneCheck, ...] = (missing_elsewhere,)
