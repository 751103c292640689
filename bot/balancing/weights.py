"""
Where the traffic of a rollout goes: (Rollout, Ingresses, Services, ReplicaSets) -> Traffic.

Per Ingress the annotation is read as the balancer's controller reads it, and what
cannot have its effect is a `Fault` with words, never a number.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction

from bot.balancing import nginx
from bot.balancing.annotations import Forward, Undecodable
from bot.balancing.argo import (
    action_key,
    alb_ingresses,
    alb_prefix,
    canary_ingress,
    nginx_ingresses,
    root_service,
)
from bot.balancing.listeners import read_listeners
from bot.balancing.nginx_kept import Stray, first_stray
from bot.balancing.objects import Ingress, Service
from bot.balancing.reading import Fault, Reading
from bot.balancing.routes import read_routes
from bot.balancing.rules import Rule, read_rules
from bot.balancing.writers import Hand, writer_of
from bot.release.numbers import is_whole
from bot.release.replicas import HASH_LABEL, ReplicaSet
from bot.release.rollout import Rollout
from bot.release.steps import weight_at
from bot.release.traffic import HeaderRoute, Pods, Selector, Traffic, Written

_MOST_TARGETS = 5  # AWS: target groups per action
_MOST_WEIGHT = 999  # AWS: weight of a target group


def read_traffic(
    rollout: Rollout,
    ingresses: Iterable[Ingress],
    services: Iterable[Service],
    replica_sets: Iterable[ReplicaSet],
) -> Traffic:
    """
    Tell where the requests to a rollout go, from every source.

    The objects may be more than the rollout's own; those of its namespace count.
    For NGINX the Ingress named is the canary Ingress: it carries the weight.
    """
    here = _here(rollout, ingresses)
    total = rollout.most
    revisions = {
        rs.revision: rs
        for rs in replica_sets
        if rs.namespace == rollout.namespace and rs.owner in {rollout.uid, ""} and rs.revision
    }
    canary = revisions.get(rollout.revision) if rollout.revision != rollout.stable else None
    stable = revisions.get(rollout.stable)
    return Traffic(
        asked=_asked(rollout, total),
        reported=_reported(rollout, total),
        written=tuple(reading.written for reading in _readings(rollout, here)),
        routes=tuple(_routes(rollout, here)),
        selectors=tuple(_selectors(rollout, services)),
        canary=_pods(canary),
        stable=_pods(stable),
        stable_image=_image(stable),
        canary_image=_image(canary) or _image_asked(rollout),
        scaling=any(_is_scaling(rollout, rs) for rs in (canary, stable) if rs),
    )


def read_weights(rollout: Rollout, ingresses: Iterable[Ingress]) -> tuple[Reading, ...]:
    """Read the weights on every Ingress of a rollout, in the order the controller writes them."""
    return tuple(_readings(rollout, _here(rollout, ingresses)))


def percent(share: Fraction) -> int:
    """Round to percent; 0 and 100 only when nothing and everything is meant."""
    rounded = round(share * 100)
    if 0 < share < 1:
        return min(max(rounded, 1), 99)
    return rounded


def _here(rollout: Rollout, ingresses: Iterable[Ingress]) -> Mapping[str, Ingress]:
    return {i.name: i for i in ingresses if i.namespace == rollout.namespace}


def _asked(rollout: Rollout, total: int) -> int:
    """
    Tell what the step asks for the canary, percent.

    Nothing when nothing is on its way, when it was called off, and without steps:
    then the canary gets no request before it is promoted. Everything when the steps are
    done or to be left out: only pods are waited for.
    """
    if not rollout.is_releasing or rollout.aborted:
        return 0
    if rollout.promoting_fully:
        return 100
    if not rollout.steps:
        return 0
    if rollout.step >= len(rollout.steps):
        return 100
    return min(100, weight_at(rollout.steps, rollout.step, total))


def _reported(rollout: Rollout, total: int) -> int | None:
    """Tell what the controller reported, percent; None: nothing that can be put in percent."""
    weight = rollout.canary_weight
    if weight is None or not 0 <= weight.weight <= total:
        return None
    return percent(Fraction(weight.weight, total))


def _readings(rollout: Rollout, here: Mapping[str, Ingress]) -> Iterator[Reading]:
    for name in alb_ingresses(rollout):
        yield _read_alb(rollout, name, here.get(name))
    for name in nginx_ingresses(rollout):
        yield _read_nginx(rollout, name, here)


def _read_alb(rollout: Rollout, name: str, ingress: Ingress | None) -> Reading:
    key = action_key(rollout)
    blank = Written(ingress=name, annotation=key)
    if ingress is None:
        return _faulty(blank, Fault.NO_INGRESS, "the Ingress does not exist")
    hand = writer_of(ingress, "metadata", "annotations", key)
    blank = replace(blank, writer=hand.manager, written_at=hand.at)
    rules = read_rules(ingress, alb_prefix(rollout))
    own = [rule for rule in rules if rule.service == root_service(rollout)]
    if not own:
        problem = f"no path has the backend {root_service(rollout)}, so nothing reads the weights"
        return _faulty(blank, Fault.NO_PATH, problem)
    used = [rule for rule in own if rule.by_annotation]
    if not used:
        problem = (
            f"the path {own[0]} names port {own[0].port} and not use-annotation: the weights are "
            f"ignored, everything goes to the Service {own[0].service}"
        )
        return _faulty(blank, Fault.NOT_USED, problem)
    return _read_action(rollout, ingress, rules, used[0], blank)


def _read_action(
    rollout: Rollout, ingress: Ingress, rules: Iterable[Rule], root: Rule, blank: Written
) -> Reading:
    kept = "; the ALB keeps its last rules, new weights do not arrive"
    if root.broken:
        return _faulty(blank, Fault.UNREADABLE, root.broken + kept)
    if broken := _broken(rollout, ingress, rules):
        return _faulty(blank, Fault.GROUP_BROKEN, broken + kept)
    if root.action is None:
        problem = f"the annotation {blank.annotation} is missing: the ALB answers 503"
        return _faulty(blank, Fault.MISSING, problem)
    if not isinstance(root.action, Forward):
        return Reading(written=replace(blank, canary=0, stable=0, others=100))
    if fault := _refused_by_aws(root.action):
        return _faulty(blank, *fault)
    canary, stable, others = _shares(rollout, root)
    return Reading(written=replace(blank, canary=canary, stable=stable, others=others))


def _shares(rollout: Rollout, rule: Rule) -> tuple[int, int, int]:
    """Tell what the canary, the stable Service and others get; together 100 percent."""
    canary = rule.share_of(rollout.canary_service_now)
    stable = rule.share_of(rollout.stable_service_now)
    first, others = percent(canary), percent(max(Fraction(0), 1 - canary - stable))
    if not stable:
        return first, 0, 100 - first
    return first, max(0, 100 - first - others), others


def _broken(rollout: Rollout, ingress: Ingress, rules: Iterable[Rule]) -> str:
    """Tell what else of the Ingress the controller refuses."""
    try:
        read_listeners(ingress, alb_prefix(rollout))
    except Undecodable as fault:
        return str(fault)
    return next((rule.broken for rule in rules if rule.broken), "")


def _refused_by_aws(action: Forward) -> tuple[Fault, str] | None:
    """Tell why AWS would refuse the action, or what it would do with it is not known."""
    weights = [target.weight for target in action.targets if target.weight is not None]
    if not 1 <= len(action.targets) <= _MOST_TARGETS:
        return Fault.BAD_TARGETS, f"it names {len(action.targets)} target groups; AWS takes 1 to 5"
    for weight in weights:
        if not 0 <= weight <= _MOST_WEIGHT:
            return Fault.OUT_OF_RANGE, f"the weight {weight} is refused by AWS; it takes 0 to 999"
    groups = [replace(target, weight=None) for target in action.targets]
    if twice := next((group for group in groups if groups.count(group) > 1), None):
        name = twice.service or twice.group or twice.arn
        return Fault.BAD_TARGETS, f"it names the target group {name} twice; AWS refuses that"
    if weights and not any(weights):
        return Fault.ALL_ZERO, "every weight is 0; what the ALB does then is not documented"
    return None


def _faulty(blank: Written, fault: Fault, problem: str) -> Reading:
    return Reading(written=replace(blank, problem=problem), fault=fault)


def _read_nginx(rollout: Rollout, stable_name: str, here: Mapping[str, Ingress]) -> Reading:
    name = canary_ingress(rollout, stable_name)
    canary, key = here.get(name), nginx.weight_key(rollout)
    blank = Written(ingress=name, annotation=key)
    if stable_name not in here:
        problem = f"the Ingress {stable_name} does not exist"
        return _faulty(replace(blank, ingress=stable_name), Fault.NO_INGRESS, problem)
    if canary:
        hand = writer_of(canary, "metadata", "annotations", key)
        blank = replace(blank, writer=hand.manager, written_at=hand.at)
    try:
        share = percent(nginx.canary_share(rollout, canary))
    except nginx.Unreadable as fault:
        return _faulty(blank, Fault.NOT_HEEDED, str(fault))
    stray = first_stray(rollout, here[stable_name], canary)
    hand = writer_of(canary, *_place(stray)) if canary and stray else Hand()
    written = replace(blank, canary=share, stable=100 - share)
    return Reading(written=written, stray=stray, stray_writer=hand.manager)


def _place(stray: Stray) -> tuple[str, ...]:
    return ("metadata", "annotations", stray.annotation) if stray.annotation else ("spec", "rules")


def _routes(rollout: Rollout, here: Mapping[str, Ingress]) -> Iterator[HeaderRoute]:
    for name in alb_ingresses(rollout):
        if name in here:
            yield from read_routes(rollout, here[name])
    for stable in nginx_ingresses(rollout):
        name = canary_ingress(rollout, stable)
        yield from nginx.read_routes(rollout, name, here.get(name))


def _selectors(rollout: Rollout, services: Iterable[Service]) -> Iterator[Selector]:
    here = {s.name: s for s in services if s.namespace == rollout.namespace}
    roles = {"stable": rollout.stable_service_now, "canary": rollout.canary_service_now}
    for role, name in roles.items():
        service = here.get(name)
        if service:
            writer = writer_of(service, "spec", "selector").manager
            revision = service.selector.get(HASH_LABEL, "")
            yield Selector(service=name, role=role, revision=revision, writer=writer)
        elif name:
            yield Selector(service=name, role=role, revision="", exists=False)


def _pods(replica_set: ReplicaSet | None) -> Pods:
    if replica_set is None:
        return Pods()
    return Pods(desired=replica_set.desired, available=replica_set.available)


def _image(replica_set: ReplicaSet | None) -> str:
    containers = replica_set.containers if replica_set else ()
    return containers[0].image if containers else ""


def _image_asked(rollout: Rollout) -> str:
    """Tell the image of a revision on its way that has no ReplicaSet yet."""
    if not rollout.is_releasing or not rollout.is_observed or not rollout.containers:
        return ""
    return rollout.containers[0].image


def _is_scaling(rollout: Rollout, replica_set: ReplicaSet) -> bool:
    """Whether the controller has yet to scale for the number of replicas now in the spec."""
    wanted = replica_set.wanted_for
    if not replica_set.desired or not is_whole(wanted):
        return False
    return int(wanted) != rollout.replicas
