"""ORD-03 to ORD-05: whether the weights get the requests meant for them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace

from bot.balancing.catalogue.order import ORD_03, ORD_04, ORD_05
from bot.balancing.checks.harming import harms, is_told, loses_all, undecided
from bot.balancing.checks.order_patches import before, moved, whole
from bot.balancing.checks.scene import Result, Scene, Tie
from bot.balancing.checks.taking import Taken
from bot.balancing.checks.telling import header_of, listed, path_beside, path_of, row, table
from bot.balancing.finding import Finding
from bot.balancing.groups import order_of
from bot.balancing.objects import Ingress
from bot.balancing.reach import Reach, reach_of
from bot.balancing.rules import Rule


def shadowed_weights(scene: Scene) -> Iterator[Result]:
    """
    ORD-03: a rule with the weights of which an earlier rule takes everything.

    An earlier rule with the same weights does no harm.
    """
    for tie in scene.ahead.ties:
        found: dict[int, list[tuple[Rule, Taken]]] = defaultdict(list)
        for rule in tie.root_rules:
            for taken in harms(tie, scene.ahead, rule):
                if taken.reach is Reach.ALL and not is_told(scene.ahead, taken.by):
                    found[id(taken.by)].append((rule, taken))
        for pairs in found.values():
            yield _without_effect(scene, tie, pairs)
        yield from undecided(scene.ahead, tie, ORD_03.id, tie.root_rules)


def _without_effect(scene: Scene, tie: Tie, pairs: list[tuple[Rule, Taken]]) -> Finding:
    rule, taken = pairs[0]
    routes = _routes(scene.ahead, tie, rule, taken.by)
    headers = listed(header_of(route) for route in routes)
    too = f", those with {headers} too," if routes else ""
    return ORD_03.at(
        "Ingress",
        tie.rollout.namespace,
        tie.name,
        rollout=tie.rollout.name,
        message=f"No weight of {tie.rollout.key} has an effect on {path_of(rule)}: "
        f"all its requests{too} are taken by {path_beside(taken.by, rule)}.",
        evidence=table(taken.listeners, (taken.by, *routes, *(rule for rule, _ in pairs))),
        patch=moved(
            scene.member(rule), scene.member(taken.by), [one for one, _ in pairs], taken.by
        ),
        place=f"{rule.entry} {rule.path} behind {taken.by.ingress} {taken.by.entry}",
    )


def _routes(ahead: Scene, tie: Tie, rule: Rule, by: Rule) -> list[Rule]:
    """Give the header routes of the same host that lose all their requests as well."""
    ties = [one for one in (*ahead.ties, *ahead.beside) if one.rollout is tie.rollout]
    return [
        route
        for one in ties
        for route in one.route_rules
        if route.host == rule.host and loses_all(one, ahead, route, by)
    ]


def home_page_alone(scene: Scene) -> Iterator[Result]:
    """
    ORD-04: the weights stand on `/` as it is written, and nothing takes the rest of the host.

    With a second path of the same Service the list is taken for meant, and where a later
    rule takes all other paths they are not lost.
    """
    for tie in scene.ahead.ties:
        for rules in _by_entry(tie.root_rules):
            rule = rules[0]
            if {*rule.paths.globs} != {"/"} or rule.path_type != "ImplementationSpecific":
                continue
            others = [one for one in scene.ahead.model.rules if one is not rule and not one.tests]
            host = replace(rule, paths=replace(rule.paths, globs=("/*",), regexes=()))
            if len(rules) == 1 and not any(_takes_all(one, host) for one in others):
                yield _only_home(scene, tie, rule)


def _takes_all(rule: Rule, host: Rule) -> bool:
    return not rule.broken and reach_of(rule, host) is Reach.ALL


def _only_home(scene: Scene, tie: Tie, rule: Rule) -> Finding:
    listeners = scene.ahead.takers.stands_on(rule)
    host = rule.host or "every host"
    return tie.find(
        ORD_04,
        message=f"Of {host} only the path / reaches {tie.rollout.key}: "
        f"{path_of(rule)} matches nothing below it.",
        evidence=table(listeners, [rule]) if listeners else row(rule),
        patch=whole(scene.member(rule), rule),
        place=str(rule.entry),
    )


def named_before(scene: Scene) -> Iterator[Result]:
    """
    ORD-05: another member takes all requests, and is first by its name alone.

    It stands beside ORD-01 or ORD-03 and says what they cannot: nobody has decided this
    order, and the next Ingress with a smaller name changes it again. That a canary is first
    by its name alone is no finding: it works, and ORD-03 tells as soon as it does not.
    """
    if not scene.model.group.is_explicit:
        return
    for tie in scene.ahead.ties:
        seen: set[str] = set()
        for rule in (*tie.root_rules, *tie.route_rules):
            own = scene.member(rule)
            for taken in harms(tie, scene.ahead, rule):
                other = scene.member(taken.by)
                is_tie = (order_of(other) or 0) == (order_of(own) or 0)
                if taken.reach is Reach.ALL and other is not own and is_tie:
                    if other.key not in seen:
                        yield _by_name(tie, own, other, rule, taken)
                    seen.add(other.key)


def _by_name(tie: Tie, own: Ingress, other: Ingress, rule: Rule, taken: Taken) -> Finding:
    order = f"group.order {order_of(own) or 0}"
    return ORD_05.at(
        "Ingress",
        own.namespace,
        own.name,
        rollout=tie.rollout.name,
        message=f"{other.key} takes all requests of {own.key}: both have {order}, and its name "
        "comes first.",
        evidence=table(taken.listeners, (taken.by, rule)),
        patch=before(own, other),
        place=other.key,
        origin=tie.origin,
    )


def _by_entry(rules: Iterable[Rule]) -> list[list[Rule]]:
    found: dict[int, list[Rule]] = defaultdict(list)
    for rule in rules:
        found[rule.entry].append(rule)
    return list(found.values())
