"""WIRE-11, -12, -13, -16, -17: who writes an annotation, and who reads it."""

from collections.abc import Iterator, Sequence

from bot.balancing.annotations import Forward, Undecodable, decode_action
from bot.balancing.argo import MANAGED, action_key, booked, go_json, root_service
from bot.balancing.catalogue import wiring
from bot.balancing.checks.patches import patch_ingress
from bot.balancing.checks.scene import (
    Bond,
    BondCheck,
    Result,
    Scene,
    SceneCheck,
    sole_rollout,
    unchecked_at,
)
from bot.balancing.checks.wiring_actions import misspelt
from bot.balancing.checks.wiring_services import services_of
from bot.balancing.entries import annotated_path
from bot.balancing.inventory import Inventory
from bot.balancing.objects import PREFIX, Ingress
from bot.balancing.rules import read_default
from bot.release.rollout import Rollout

_ACTIONS, _CONDITIONS = f"{PREFIX}/actions.", f"{PREFIX}/conditions."
_TRANSFORMS = f"{PREFIX}/transforms."


def orphaned(scene: Scene) -> Iterator[Result]:
    """WIRE-11: the bookkeeping names a rollout that does not exist."""
    inventory = scene.inventory
    for ingress in scene.model.group.members:
        for name, keys in booked(ingress).items():
            actions = [key for key in keys if "/actions." in key and key in ingress.annotations]
            if not actions or inventory.rollout(ingress.namespace, name) is not None:
                continue
            if not inventory.is_whole:
                reason = f"Rollout {ingress.namespace}/{name} is not at hand"
                yield unchecked_at(ingress, "WIRE-11", reason)
                continue
            yield _orphan(ingress, name, actions)


def _orphan(ingress: Ingress, name: str, actions: Sequence[str]) -> Result:
    return wiring.WIRE_11.at_ingress(
        ingress,
        message=f"Ingress {ingress.name} keeps the last weights of Rollout {name}, "
        "which does not exist.",
        evidence=f"{MANAGED} names {name}; "
        + "; ".join(f"{key}: {ingress.annotations[key]}" for key in actions),
        patch=_released(ingress, name, actions),
        place=name,
    )


def _released(ingress: Ingress, name: str, actions: Sequence[str]) -> str:
    """Give everything to the Service that each action is named after, as Argo would."""
    annotations: dict[str, str | None] = {}
    for key in actions:
        service = key.partition("/actions.")[2]
        try:
            action = decode_action(ingress.annotations[key], key)
        except Undecodable:
            return ""
        targets = action.targets if isinstance(action, Forward) else ()
        own = next((target for target in targets if target.service == service), None)
        if own is None:
            return ""
        group = {"ServiceName": service, "ServicePort": str(own.port), "Weight": 100}
        forward = {"Type": "forward", "ForwardConfig": {"TargetGroups": [group]}}
        annotations[key] = go_json(forward)
    kept = {who: list(k) for who, k in sorted(booked(ingress).items()) if who != name}
    annotations[MANAGED] = go_json(kept) if kept else None
    return patch_ingress(ingress, annotations=annotations)


def rivals(bond: Bond) -> Iterator[Result]:
    """WIRE-12: another rollout writes the same annotation of the same Ingress; told once."""
    rollout = bond.rollout
    for tie in bond.ties:
        ingress = tie.ingress
        for other in bond.inventory.rollouts_at(rollout.namespace, tie.name):
            shared = sorted(_writes(rollout) & _writes(other))
            if other.name == rollout.name or not shared or ingress is None:
                continue
            if other.name < rollout.name and other.deleted_at is None:
                continue  # told there
            first, second = sorted((rollout.name, other.name))
            what = "weights" if action_key(rollout) in shared else "header route"
            yield wiring.WIRE_12.at_ingress(
                ingress,
                message=f"Rollouts {first} and {second} overwrite each other's {what} "
                f"on Ingress {ingress.name}.",
                evidence=f"both write {', '.join(shared)}",
                place=f"{first} {second}",
            )


def _writes(rollout: Rollout) -> set[str]:
    """Tell the annotations that Argo writes for a rollout."""
    prefix = action_key(rollout).removesuffix(root_service(rollout))
    return {action_key(rollout), *(f"{prefix}{route.name}" for route in rollout.managed_routes)}


def foreign_root(bond: Bond) -> Iterator[Result]:
    """WIRE-13: `rootService` is a name of its own, so that a deleted rollout leaves its weights."""
    rollout = bond.rollout
    root, targets = root_service(rollout), services_of(rollout)
    if rollout.alb is None or not rollout.alb.root_service or root in targets:
        return
    yield wiring.WIRE_13.at_rollout(
        rollout,
        message=f"When {rollout.name} is deleted, the weights it wrote last stay for ever.",
        evidence=f"{action_key(rollout)} is named after {root}; its target groups are "
        f"{' and '.join(targets)}",
    )


def unread(scene: Scene) -> Iterator[Result]:
    """WIRE-16: an action, condition or transform that no path refers to; one for each name."""
    readers: dict[str, dict[str, bool]] = {one.key: {} for one in scene.model.group.members}
    for rule in scene.model.rules:
        found = readers[rule.ingress]
        found[rule.service] = found.get(rule.service, False) or rule.by_annotation
    for ingress in scene.model.group.members:
        found = readers[ingress.key]
        if ingress.default_backend is not None:
            default = read_default(ingress, PREFIX)
            found[default.service] = found.get(default.service, False) or default.by_annotation
        told = _told_elsewhere(scene.inventory, ingress)
        asked = (name for name, by_annotation in found.items() if by_annotation)
        missing = (name for name in asked if f"{_ACTIONS}{name}" not in ingress.annotations)
        told |= {_name_in(misspelt(ingress, name)) for name in missing}  # told by WIRE-03
        stale: dict[str, list[str]] = {}
        for key in ingress.annotations:
            name = _name_in(key)
            is_read = found.get(name, False) if key.startswith(_ACTIONS) else name in found
            if name != key and not is_read and name not in told:
                stale.setdefault(name, []).append(key)
        mine = sole_rollout(scene.inventory, ingress)
        yield from (_stale(ingress, name, keys, mine) for name, keys in stale.items())


def _name_in(key: str) -> str:
    """Tell for which backend an annotation is; the whole key: for none."""
    for start in (_ACTIONS, _CONDITIONS, _TRANSFORMS):
        if key.startswith(start):
            return key.removeprefix(start)
    return key


def _told_elsewhere(inventory: Inventory, ingress: Ingress) -> set[str]:
    """Name what Argo writes: whether that is read is WIRE-01, WIRE-02 or WIRE-10."""
    names = {
        key.partition("/actions.")[2] or key.partition("/conditions.")[2]
        for keys in booked(ingress).values()
        for key in keys
    }
    for rollout in inventory.rollouts_at(ingress.namespace, ingress.name):
        names |= {root_service(rollout), *(route.name for route in rollout.managed_routes)}
    return names


def _stale(ingress: Ingress, name: str, keys: Sequence[str], rollout: str) -> Result:
    return wiring.WIRE_16.at_ingress(
        ingress,
        rollout=rollout,
        message=f"No path of Ingress {ingress.name} reads {' and '.join(keys)}.",
        evidence="; ".join(f"{key}: {ingress.annotations[key]}" for key in keys),
        patch=patch_ingress(ingress, annotations=dict.fromkeys(keys)),
        place=name,
    )


def dropped_conditions(scene: Scene) -> Iterator[Result]:
    """
    WIRE-17: the default backend has conditions, which have no effect there.

    Where a path has the same Service they are taken for those of the path.
    """
    for ingress in scene.model.group.members:
        if ingress.default_backend is None:
            continue
        rule = read_default(ingress, PREFIX)
        key = f"{_CONDITIONS}{rule.service}"
        of_paths = any(one.service == rule.service for one in scene.rules_of(ingress))
        if key not in ingress.annotations or (of_paths and not rule.by_annotation):
            continue
        path = annotated_path(rule.service) | {"backend": ingress.default_backend}
        yield wiring.WIRE_17.at(
            "Ingress",
            ingress.namespace,
            ingress.name,
            rollout=sole_rollout(scene.inventory, ingress),
            message=f"{_ACTIONS if rule.by_annotation else 'Service '}{rule.service} takes every "
            f"request that no path of Ingress {ingress.name} takes, whatever its conditions say.",
            evidence=f"spec.defaultBackend names {rule.service} port {rule.port}; "
            f"{key}: {ingress.annotations[key]}",
            patch=patch_ingress(
                ingress,
                defaultBackend=None,
                rules=[*ingress.rules, {"http": {"paths": [path]}}],
            ),
            origin=ingress.origin,
        )


CHECKS: tuple[BondCheck, ...] = (rivals, foreign_root)
SCENE_CHECKS: tuple[SceneCheck, ...] = (orphaned, unread, dropped_conditions)
