"""ANN-15, 17: paths that the controller refuses; and what else the model refuses as ANN-…."""

from collections.abc import Iterator

from bot.balancing.catalogue import CATALOGUE, Entry
from bot.balancing.catalogue.contents import ANN_15, ANN_17
from bot.balancing.checks.patches import patch_ingress
from bot.balancing.checks.scene import Result, Scene, SceneCheck
from bot.balancing.checks.texts import Text, only, shortened, with_path
from bot.balancing.groups import Failure
from bot.balancing.objects import PREFIX, Ingress
from bot.balancing.rules import Rule, read_default

_MIXED = "is given both as pattern and as regular expression"
_KINDS = {"Exact", "Prefix", "ImplementationSpecific"}


def refused_paths(scene: Scene) -> Iterator[Result]:
    """ANN-15, 17: what is wrong with a path itself, where the model fails by it."""
    refused = {(failure.ingress, failure.id) for failure in scene.model.failures}
    for member in scene.model.group.members:
        has_default = member.default_backend is not None
        default = (read_default(member, PREFIX),) if has_default else ()
        told = set[tuple[str, str]]()
        for rule in (*scene.rules_of(member), *default):
            for entry, place, reason in _faults(rule):
                if (member.key, entry.id) in refused and (entry.id, place) not in told:
                    told.add((entry.id, place))
                    yield _refused(scene, member, rule, entry, place=place, reason=reason)


def _faults(rule: Rule) -> Iterator[tuple[Entry, str, str]]:
    """Tell what is wrong, where, and why; styles are mixed once, however many paths do it."""
    key = f"{PREFIX}/conditions.{rule.service}"
    if rule.hosts.globs and rule.hosts.regexes:
        yield ANN_15, f"{key}:host", f"the host of {rule} {_MIXED}"
    if rule.paths.globs and rule.paths.regexes:
        yield ANN_15, f"{key}:path", f"the path of {rule} {_MIXED}"
    where = str(rule) if rule.entry >= 0 else "spec.defaultBackend"
    if not rule.service:
        yield ANN_17, where, f"{where} names no Service"
    if rule.path_type not in _KINDS:
        yield ANN_17, where, f"the pathType {rule.path_type} of {where} is not known"
    elif rule.path_type != "ImplementationSpecific" and _is_pattern(rule):
        yield ANN_17, where, f"the path {where} may not hold * or ?"


def _is_pattern(rule: Rule) -> bool:
    return bool({"*", "?"} & {*rule.path})


def _refused(
    scene: Scene, ingress: Ingress, rule: Rule, entry: Entry, *, place: str, reason: str
) -> Result:
    key = f"{PREFIX}/conditions.{rule.service}"
    conditions = ingress.annotations.get(key, "")
    value = f"; {key}: {shortened(conditions)}" if entry is ANN_15 and conditions else ""
    return entry.at_ingress(
        ingress,
        message="New weights do not reach the ALB: the controller refuses a path of "
        f"Ingress {ingress.name}.",
        evidence=f"{'spec.rules: ' if rule.entry >= 0 else ''}{reason}{value}",
        rollout=only(scene.rollouts_of(ingress)),
        patch=_patch(ingress, rule) if entry is ANN_17 and rule.service else "",
        place=place,
    )


def _patch(ingress: Ingress, rule: Rule) -> str:
    """Write a pattern that is called exact or a prefix as what it is."""
    if not _is_pattern(rule) or rule.entry < 0:
        return ""
    rules = with_path(ingress, rule, pathType="ImplementationSpecific")
    return patch_ingress(ingress, rules=rules)


def refused_otherwise(scene: Scene) -> Iterator[Result]:
    """Tell what else of an Ingress the controller refuses: other annotations, backends."""
    texts = {(text.ingress.key, text.key): text for text in scene.texts}
    members = {member.key: member for member in scene.model.group.members}
    told = {place for place, text in texts.items() if text.fault}
    for failure in scene.model.failures:
        place, is_of_path = (failure.ingress, failure.where), failure.id in {ANN_15.id, ANN_17.id}
        member = members.get(failure.ingress)
        if member is None or place in told or is_of_path or not failure.id.startswith("ANN-"):
            continue
        told.add(place)
        yield from _otherwise(scene, member, failure, texts.get(place))


def _otherwise(
    scene: Scene, ingress: Ingress, failure: Failure, text: Text | None
) -> Iterator[Result]:
    entry, where = CATALOGUE[failure.id], failure.where or "spec"
    reason = failure.reason.removeprefix(f"{failure.where}: ")
    message = (
        "New weights do not reach the ALB: the controller refuses something of "
        f"Ingress {ingress.name}."
    )
    if text is not None:
        yield from text.found(entry, message=message, evidence=reason)
        return
    raw = ingress.annotations.get(where)
    yield entry.at_ingress(
        ingress,
        message=message,
        evidence=f"{where}: {reason}"
        + ("" if raw is None else f"; the whole value: {shortened(raw)}"),
        rollout=only(scene.rollouts_of(ingress)),
        place=where,
    )


CHECKS: tuple[SceneCheck, ...] = (refused_paths, refused_otherwise)
