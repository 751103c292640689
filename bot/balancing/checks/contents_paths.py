"""ANN-15, 17: paths that the controller refuses; and what else the model refuses as ANN-…."""

from collections.abc import Iterator

from bot.balancing.catalogue import CATALOGUE
from bot.balancing.catalogue.contents import ANN_15, ANN_17
from bot.balancing.checks.scene import Result, Scene, SceneCheck
from bot.balancing.checks.texts import only, path_patch, shortened
from bot.balancing.groups import PREFIX, Failure
from bot.balancing.objects import Ingress
from bot.balancing.rules import Rule

_IN_RULES = {ANN_15.id, ANN_17.id}


def refused_paths(scene: Scene) -> Iterator[Result]:
    """ANN-15, 17: what is wrong with a path itself."""
    for member in scene.model.group.members:
        told = set[str]()
        for rule in scene.rules_of(member):
            failure = rule.failure
            if failure is None or failure.id not in _IN_RULES:
                continue
            place = _place(rule, failure)
            if place not in told:
                told.add(place)
                yield CATALOGUE[failure.id].at(
                    "Ingress",
                    member.namespace,
                    member.name,
                    message=f"New weights do not reach the ALB: the controller refuses a path of "
                    f"Ingress {member.name}.",
                    evidence=_evidence(member, rule, failure),
                    rollout=only(scene.rollouts_of(member)),
                    patch=_patch(rule) if failure.id == ANN_17.id else "",
                    place=place,
                    origin=member.origin,
                )


def _evidence(ingress: Ingress, rule: Rule, failure: Failure) -> str:
    key = f"{PREFIX}/conditions.{rule.service}"
    conditions = ingress.annotations.get(key)
    is_mixed = failure.id == ANN_15.id and conditions is not None
    return f"spec.rules: {failure.reason}" + (f"; {key}: {conditions}" if is_mixed else "")


def _place(rule: Rule, failure: Failure) -> str:
    """Tell faults apart: styles are mixed by one annotation, however many paths have it."""
    if failure.id == ANN_17.id:
        return str(rule)
    which = "host" if rule.hosts.globs and rule.hosts.regexes else "path"
    return f"{PREFIX}/conditions.{rule.service}:{which}"


def _patch(rule: Rule) -> str:
    """Write a pattern that is called exact or a prefix as what it is."""
    return path_patch(rule) if {"*", "?"} & {*rule.path} else ""


def refused_otherwise(scene: Scene) -> Iterator[Result]:
    """Tell what else of an Ingress the controller refuses: other annotations, backends."""
    told = {(text.ingress.key, text.key) for text in scene.texts if text.fault}
    members = {member.key: member for member in scene.model.group.members}
    in_rules = {rule.failure for rule in scene.model.rules if rule.failure}
    for failure in scene.model.failures:
        member = members.get(failure.ingress)
        if (
            failure.id not in CATALOGUE
            or not failure.id.startswith("ANN-")
            or (failure.id in _IN_RULES and failure in in_rules)
            or (failure.ingress, failure.where) in told
            or member is None
        ):
            continue
        told.add((failure.ingress, failure.where))
        raw = member.annotations.get(failure.where)
        value = "" if raw is None else f"; the whole value: {shortened(raw)}"
        reason = failure.reason.removeprefix(f"{failure.where}: ")
        yield CATALOGUE[failure.id].at(
            "Ingress",
            member.namespace,
            member.name,
            message="New weights do not reach the ALB: the controller refuses something of "
            f"Ingress {member.name}.",
            evidence=f"{failure.where or 'spec'}: {reason}{value}",
            rollout=only(scene.rollouts_of(member)),
            place=failure.where or "spec",
            origin=member.origin,
        )


CHECKS: tuple[SceneCheck, ...] = (refused_paths, refused_otherwise)
