"""ORD-06 and ORD-10 to ORD-15: entries, groups and their limits."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace

from bot.balancing.annotations import Action, Forward
from bot.balancing.catalogue.entry import Entry
from bot.balancing.catalogue.order import ORD_06, ORD_10, ORD_11, ORD_12, ORD_13, ORD_14, ORD_15
from bot.balancing.checks.order_patches import merged, with_annotation
from bot.balancing.checks.scene import Result, Scene, sole_rollout
from bot.balancing.checks.taking import leads_to_https
from bot.balancing.checks.telling import done, listed, named, row, table
from bot.balancing.finding import Finding, Severity
from bot.balancing.groups import ORDER, Failure, Outsider, order_of, params_of
from bot.balancing.inventory import Inventory
from bot.balancing.model import Model
from bot.balancing.objects import PREFIX, Ingress
from bot.balancing.ports import SSL_REDIRECT
from bot.balancing.reach import Reach, reach_of
from bot.balancing.rules import Rule

QUOTA = 100  #: AWS: rules for each ALB, adjustable; target groups for each ALB, not adjustable
_WARN = 80
_KINDS = {"Exact": 0, "Prefix": 1, "ImplementationSpecific": 2}


def split_hosts(scene: Scene) -> Iterator[Result]:
    """
    ORD-06: two entries of one host, where that they are two changes who is answered by what.

    Entries whose paths have nothing in common do no harm, nor do rules that do the same.
    """
    found: dict[tuple[str, str], list[Rule]] = defaultdict(list)
    for rule in scene.ahead.model.rules:
        if not rule.broken and (not rule.tests or scene.has(rule)):
            found[rule.ingress, rule.host].append(rule)
    for (_, host), rules in found.items():
        clash = _clash(rules) if len({rule.entry for rule in rules}) > 1 else None
        if clash is not None:
            yield _split(scene, scene.member(rules[0]), host, *clash)


def _clash(rules: list[Rule]) -> tuple[Rule, Rule] | None:
    """Find a rule that takes requests which it would not take if the entries were one."""
    for place, later in enumerate(rules):
        for earlier in rules[:place]:
            same = earlier.entry == later.entry or done(earlier.action) == done(later.action)
            if same or leads_to_https(earlier):
                continue
            reach = reach_of(earlier, later)
            if reach is Reach.ALL or (reach is Reach.PART and _rank(later) < _rank(earlier)):
                return earlier, later
    return None


def _rank(rule: Rule) -> tuple[int, int]:
    """Tell where a rule would stand within one entry."""
    kind = _KINDS.get(rule.path_type, 0)
    return kind, -len(rule.path.encode()) if kind == 1 else 0


def _split(scene: Scene, member: Ingress, host: str, earlier: Rule, later: Rule) -> Finding:
    listeners = [one for one in scene.ahead.model.listeners if any(r is later for r in one.rules)]
    said = f"the host {host}" if host else "every host"
    return ORD_06.at_ingress(
        member,
        rollout=sole_rollout(scene.inventory, member),
        message=f"`{earlier.path}` {earlier.path_type} takes requests meant for `{later.path}` "
        f"{later.path_type}: {member.key} has two entries for {said}, and they are not put "
        "together.",
        evidence=table(listeners, (earlier, later)) if listeners else f"{row(earlier)}",
        patch=merged(member, host),
        place=host,
    )


def contradictions(scene: Scene) -> Iterator[Result]:
    """ORD-10: members that cannot be put together."""
    for failure in scene.model.failures:
        if failure.id == ORD_10.id:
            finding = standstill(scene, ORD_10, failure)
            yield replace(finding, patch=_agreed(scene, failure))


def _agreed(scene: Scene, failure: Failure) -> str:
    """Let a member say what the first one says, where that is one value."""
    said = [m for m in scene.model.group.members if SSL_REDIRECT in m.annotations]
    member = next((one for one in said if one.key == failure.ingress), None)
    if failure.where != SSL_REDIRECT or member is None or member is said[0]:
        return ""
    return with_annotation(member, SSL_REDIRECT, said[0].annotations[SSL_REDIRECT])


def standstill(scene: Scene, entry: Entry, failure: Failure) -> Finding:
    """Tell at one member what stops the whole group."""
    member = next(one for one in scene.model.group.members if one.key == failure.ingress)
    frozen = listed(tie.rollout.key for tie in scene.ties)
    who = f"of {frozen}" if frozen else f"of the group {scene.model.group.name}"
    return entry.at_ingress(
        member,
        rollout=sole_rollout(scene.inventory, member),
        message=f"No change {who} reaches the balancer: {failure.reason}.",
        evidence=f"{failure.where}: {member.annotations.get(failure.where, failure.reason)}",
        place=failure.where,
    )


def unreadable_orders(scene: Scene) -> Iterator[Result]:
    """ORD-11: members whose `group.order` the controller cannot read, each of them."""
    for member in scene.model.group.members:
        if ORDER in member.annotations and order_of(member) is None:
            text = member.annotations[ORDER]
            reason = f"{member.key} has the order {text!r}, not a whole number from -1000 to 1000"
            failure = Failure(id=ORD_11.id, ingress=member.key, where=ORDER, reason=reason)
            finding = standstill(scene, ORD_11, failure)
            yield replace(finding, patch=with_annotation(member, ORDER, _nearest(text)))


def _nearest(text: str) -> str:
    """Guess the order that was meant."""
    number = re.search(r"[+-]?[0-9]{1,9}", text)
    return str(max(-1000, min(1000, int(number[0])))) if number else "0"


def impossible_group(inventory: Inventory, outsider: Outsider) -> Iterator[Result]:
    """ORD-12: an Ingress that is in no group at all, because its group cannot have this name."""
    ingress, params = outsider.ingress, params_of(inventory, outsider.ingress)
    by_class = _by_class(inventory, ingress)
    source = f"IngressClassParams {params.name}" if by_class and params else ingress.key
    key = f"{PREFIX}/group.name"
    yield ORD_12.at_ingress(
        ingress,
        rollout=sole_rollout(inventory, ingress),
        message=f"No balancer has the rules of {ingress.key}: {outsider.reason}.",
        evidence=f"the group's name {outsider.name!r} in {source}",
        patch="" if by_class else with_annotation(ingress, key, _possible(outsider.name)),
    )


def _possible(name: str) -> str:
    """Make a group's name that is taken of one that is not."""
    plain = re.sub(r"[^a-z0-9.-]+", "-", name.lower())[:63]
    return plain.lstrip("-.").rstrip("-.") or "shared"


def too_many_rules(scene: Scene) -> Iterator[Result]:
    """
    ORD-13: more rules than AWS takes, now or when all header routes of the steps are there.

    From 80 on it is told as medium. Another quota of the account is not known here.
    """
    yield from crowd(scene, scene.ahead)


def crowd(scene: Scene, later: Scene) -> Iterator[Finding]:
    """Look for ORD-13 at what is there and at what will be there."""
    now, ahead = rules_of(scene.model), rules_of(later.model)
    if ahead < _WARN:
        return
    member = _spokesman(scene)
    if now > QUOTA:
        says = f"{now} rules: AWS takes {QUOTA}, and the rest is not deployed"
    elif ahead > QUOTA:
        says = f"{now} rules, and with the header routes {ahead}: AWS takes {QUOTA}"
    else:
        says = f"{ahead} of the {QUOTA} rules that AWS takes"
    count = "; ".join(f"{named([one])}: {len(one.rules)}" for one in later.model.listeners)
    most = Counter(rule.ingress for one in later.model.listeners for rule in one.rules)
    finding = ORD_13.at_ingress(
        member,
        message=f"The balancer of the group {scene.model.group.name} has {says}.",
        evidence=f"{count}; most by "
        f"{', '.join(f'{key} ({number})' for key, number in most.most_common(3))}",
    )
    severity = finding.severity if ahead > QUOTA else Severity.MEDIUM
    yield replace(finding, severity=severity)


def rules_of(model: Model) -> int:
    """Count the rules over all listeners; the default ones do not count."""
    return sum(len(listener.rules) for listener in model.listeners)


def too_many_targets(scene: Scene) -> Iterator[Result]:
    """ORD-14: more target groups than AWS takes for one balancer."""
    targets: set[tuple[str, str, str]] = set()
    for listener in scene.ahead.model.listeners:
        for rule in listener.rules:
            targets.update(_targets(rule.action, rule.ingress))
        targets.update(_targets(listener.default, "default"))
    if len(targets) <= QUOTA:
        return
    member = _spokesman(scene)
    most = Counter(ingress for ingress, _, _ in targets)
    yield ORD_14.at_ingress(
        member,
        message=f"The balancer of the group {scene.model.group.name} needs {len(targets)} target "
        f"groups, and AWS takes {QUOTA}.",
        evidence=", ".join(f"{key}: {number}" for key, number in most.most_common(3)),
    )


def _targets(action: Action | None, ingress: str) -> Iterator[tuple[str, str, str]]:
    for target in action.targets if isinstance(action, Forward) else ():
        if target.service is not None:
            yield ingress, target.service, str(target.port)
        else:
            yield "", target.arn or "", target.group or ""


def several_namespaces(scene: Scene) -> Iterator[Result]:
    """ORD-15: a group by annotation, which whoever may write an Ingress can join."""
    group = scene.model.group
    spaces = sorted({member.namespace for member in group.members})
    free = [m for m in group.members if not _by_class(scene.inventory, m)]
    if not group.is_explicit or len(spaces) < 2 or not free:
        return
    member = _spokesman(scene)
    yield ORD_15.at_ingress(
        member,
        message=f"The group {group.name} has Ingresses of the namespaces {listed(spaces)}: "
        "each of them can put rules before the others'.",
        evidence="\n".join(f"{PREFIX}/group.name: {group.name} of {one.key}" for one in free[:5]),
    )


def _by_class(inventory: Inventory, ingress: Ingress) -> bool:
    params = params_of(inventory, ingress)
    return params is not None and params.group is not None


def _spokesman(scene: Scene) -> Ingress:
    """Tell at whose object something about the whole group is told: a canary's, or the first."""
    tied = (tie.ingress for tie in scene.ties if tie.ingress is not None)
    return next(tied, scene.model.group.members[0])
