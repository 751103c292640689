"""
Whether a rollout and its Ingresses are tied together. See the catalogue's `wiring.py`.

    wiring.py           the Ingress and its paths
    wiring_class.py     who looks at the Ingress at all
    wiring_services.py  Services, ports, pods behind them
    wiring_targets.py   the same of all else that paths and annotations name
    wiring_experiments.py  the same of the Services that experiments will have
    wiring_actions.py   annotations that paths ask for
    wiring_weights.py   what is written against what was asked
    wiring_routes.py    header routes of steps
    wiring_leaks.py     what these take of other applications
    wiring_steps.py     canary pods while the header is tested
    wiring_owners.py    who writes an annotation, and who reads it
"""

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from bot.balancing.argo import action_key, alb_prefix, root_service
from bot.balancing.catalogue import wiring
from bot.balancing.checks import (
    wiring_actions,
    wiring_class,
    wiring_experiments,
    wiring_leaks,
    wiring_owners,
    wiring_routes,
    wiring_services,
    wiring_steps,
    wiring_targets,
    wiring_weights,
)
from bot.balancing.checks.patches import edit_paths, is_of, patch_canary, patch_ingress
from bot.balancing.checks.scene import (
    Bond,
    BondCheck,
    Result,
    SceneCheck,
    Tie,
    Unchecked,
    not_at_hand,
)
from bot.balancing.checks.taking import leads_to_https
from bot.balancing.entries import Path, annotated_path, backend_of
from bot.balancing.objects import PREFIX, Ingress
from bot.balancing.reach import Reach, reach_of
from bot.balancing.rules import USE_ANNOTATION, Rule, read_rules
from bot.balancing.targets import find_port
from bot.release.numbers import is_whole

_LONGEST_DELAY = 5  # seconds of flapping that do no harm


def missing_ingress(bond: Bond) -> Iterator[Result]:
    """ING-01, and all that cannot be looked for without the Ingress."""
    for tie in bond.ties:
        if tie.ingress is not None:
            continue
        if not bond.inventory.is_whole:
            yield from _unchecked(tie)
            continue
        rollout = tie.rollout
        yield wiring.ING_01.at(
            "Ingress",
            rollout.namespace,
            tie.name,
            rollout=rollout.name,
            message=f"The rollout names Ingress {tie.name}, which does not exist.",
            evidence=f"Rollout {rollout.key}: trafficRouting.alb names {tie.name}; "
            f"there is no such Ingress in {rollout.namespace}",
        )


def _unchecked(tie: Tie) -> Iterator[Unchecked]:
    rollout = tie.rollout
    missed = ["ING-01", "WIRE-01", "WIRE-02", "WIRE-03", "WIRE-07", "WIRE-15"]
    if rollout.canary_weight is not None:
        missed += ["WIRE-08"]
    if rollout.canary_weight is not None and len(tie.rollout.ingresses) > 1:
        missed += ["WIRE-09"]
    if rollout.managed_routes and rollout.stable:
        missed += ["WIRE-10"]
    if rollout.managed_routes:
        missed += ["WIRE-14", "WIRE-19"]
    for id_ in missed:
        yield not_at_hand(id_, "Ingress", rollout.namespace, tie.name)


def ignored_weights(bond: Bond) -> Iterator[Result]:
    """
    WIRE-01: the paths with the weights name a port, so that the Service gets everything.

    Asked for each host: beside a path that heeds the weights another one may well lead
    straight to the Service.
    """
    for tie in bond.ties:
        ingress, root = tie.ingress, root_service(tie.rollout)
        own = [rule for rule in tie.written if rule.service == root]
        heeding = {rule.host.lower() for rule in own if rule.by_annotation}
        deaf = [rule for rule in own if rule.host.lower() not in heeding]
        if ingress is None or not deaf or (heeding and _shows_both(tie, heeding)):
            continue
        where = "" if not heeding else f" on {', '.join(sorted({r.host or '*' for r in deaf}))}"
        lost = _no_such_port(bond, deaf)
        hosts = {rule.host for rule in deaf}
        yield wiring.WIRE_01.at_ingress(
            ingress,
            rollout=tie.rollout.name,
            message=f"Ingress {ingress.name} ignores the weights{where}: "
            + (lost or f"everything goes to the Service {root}."),
            evidence="; ".join(
                f"path {rule} names {root} port {rule.port or '(none)'} instead of {USE_ANNOTATION}"
                for rule in deaf
            )
            + f"; {action_key(tie.rollout)} has no effect there",
            patch=patch_ingress(ingress, rules=_with_annotation(ingress, root, hosts)),
        )


def _shows_both(tie: Tie, heeding: Collection[str]) -> bool:
    """Whether canary and stable each have a host of their own, beside the public's."""
    canary = tie.rollout.canary_service
    return any(
        rule.service == canary and not rule.by_annotation and rule.host.lower() not in heeding
        for rule in tie.written
    )


def _no_such_port(bond: Bond, deaf: Iterable[Rule]) -> str:
    """Tell what becomes of a misspelt `use-annotation`: the Service is asked for such a port."""
    for rule in deaf:
        service = bond.inventory.service(bond.rollout.namespace, rule.service)
        if service is not None and rule.port and find_port(service, _as_port(rule)) is None:
            return (
                f"the Service {service.name} has no port {rule.port}, so that no rule of the "
                "group changes."
            )
    return ""


def _as_port(rule: Rule) -> int | str:
    return int(rule.port) if is_whole(rule.port) else rule.port


def _with_annotation(ingress: Ingress, root: str, hosts: set[str]) -> list[dict[str, Any]]:
    """Let the root paths of these hosts read the annotation."""

    def edit(entry: int, paths: list[Path]) -> list[Path]:
        if str(ingress.rules[entry].get("host") or "") in hosts:
            for path in paths:
                if backend_of(path) == root:
                    path["backend"]["service"]["port"] = {"name": USE_ANNOTATION}
        return paths

    return edit_paths(ingress, edit)


def no_path(bond: Bond) -> Iterator[Result]:
    """WIRE-02: no path has the backend whose action carries the weights."""
    for tie in bond.ties:
        ingress, root = tie.ingress, root_service(tie.rollout)
        if ingress is None or any(rule.service == root for rule in tie.written):
            continue
        names = dict.fromkeys(rule.service for rule in tie.written if rule.service)
        role = (
            "rootService" if tie.rollout.alb and tie.rollout.alb.root_service else "stableService"
        )
        yield wiring.WIRE_02.at_ingress(
            ingress,
            rollout=tie.rollout.name,
            message=f"No path of Ingress {ingress.name} reads the weights.",
            evidence=f"{role} of the rollout is {root}; the paths name "
            f"{', '.join(names) or 'none'}",
            patch=_first_path(tie, root),
        )


def _first_path(tie: Tie, root: str) -> str:
    """
    Add the path, where there is but one host on which it can be meant.

    Not behind a path that takes everything: one whose annotation is missing is renamed, for
    any other people must decide.
    """
    ingress = tie.ingress
    if ingress is None or len(ingress.rules) != 1:
        return ""
    rules = edit_paths(ingress, lambda _, paths: [*paths, annotated_path(root)])
    if rules == list(ingress.rules):
        return ""
    *before, last = read_rules(ingress.model_copy(update={"rules": tuple(rules)}), PREFIX)
    taking = [r for r in before if not leads_to_https(r) and reach_of(r, last) is Reach.ALL]
    if not taking:
        return patch_ingress(ingress, rules=rules)
    if len(taking) > 1 or not taking[0].by_annotation or taking[0].action is not None:
        return ""
    path = {key: value for key, value in annotated_path(root).items() if key == "backend"}

    def edit(_: int, paths: list[Path]) -> list[Path]:
        return [{**one, **path} if is_of(one, taking[0]) else one for one in paths]

    return patch_ingress(ingress, rules=edit_paths(ingress, edit))


def foreign_prefix(bond: Bond) -> Iterator[Result]:
    """WIRE-04: the rollout writes its annotations under a prefix that nobody reads."""
    rollout, legacy = bond.rollout, bond.inventory.controller.legacy
    if rollout.alb is None or alb_prefix(rollout) == PREFIX or legacy:
        return
    if legacy is None and any(tie.ingress and tie.ingress.legacy for tie in bond.ties):
        return
    yield wiring.WIRE_04.at_rollout(
        rollout,
        message=f"The ALB controller does not see the weights of {rollout.name}: "
        "its path answers 503.",
        evidence=f"trafficRouting.alb.annotationPrefix is {alb_prefix(rollout)}, so the weights "
        f"stand in {action_key(rollout)}; the ALB controller reads "
        f"{PREFIX}/actions.{root_service(rollout)}",
        patch=patch_canary(rollout, trafficRouting={"alb": {"annotationPrefix": None}}),
    )


def long_flapping(bond: Bond) -> Iterator[Result]:
    """
    WIRE-18: for how long the canary Service flaps after an abort.

    Not with ping and pong, whose Services an abort leaves alone; nor with
    `dynamicStableScale` when no delay is set, for then there is none.
    """
    rollout = bond.rollout
    if (
        (rollout.alb or rollout.nginx) is None
        or rollout.ping_pong
        or rollout.blue_green is not None
    ):
        return
    delay = rollout.abort_delay
    if delay is None and rollout.dynamic_stable_scale:
        return
    if delay is not None and 0 < delay <= _LONGEST_DELAY:
        return
    lasting = {None: "for 30 s", 0: "for as long as its pods stay"}.get(delay, f"for {delay} s")
    said = "is not set, which means 30 s" if delay is None else f"is {delay}"
    said += ": the canary pods are not scaled down" if delay == 0 else ""
    yield wiring.WIRE_18.at_rollout(
        rollout,
        message=f"After an abort of {rollout.name} its canary Service flaps {lasting}.",
        evidence=f"spec.strategy.canary.abortScaleDownDelaySeconds {said}",
        patch=patch_canary(rollout, abortScaleDownDelaySeconds=1),
    )


CHECKS: tuple[BondCheck, ...] = (
    missing_ingress,
    ignored_weights,
    no_path,
    foreign_prefix,
    long_flapping,
    *wiring_class.CHECKS,
    *wiring_services.CHECKS,
    *wiring_experiments.CHECKS,
    *wiring_actions.CHECKS,
    *wiring_weights.CHECKS,
    *wiring_routes.CHECKS,
    *wiring_leaks.CHECKS,
    *wiring_steps.CHECKS,
    *wiring_owners.CHECKS,
)
SCENE_CHECKS: tuple[SceneCheck, ...] = (
    *wiring_targets.SCENE_CHECKS,
    *wiring_actions.SCENE_CHECKS,
    *wiring_owners.SCENE_CHECKS,
)
