"""ORD-01 to ORD-05: whether header routes and weights get the requests meant for them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace

from bot.balancing.annotations import Redirect
from bot.balancing.argo import root_service
from bot.balancing.catalogue.order import ORD_01, ORD_02, ORD_03, ORD_04, ORD_05
from bot.balancing.checks.mending import before, literal, swapped, whole
from bot.balancing.checks.scene import Result, Scene, Tie
from bot.balancing.checks.taking import Taken, stands_on, takers
from bot.balancing.checks.telling import header_of, listed, path_of, row, table
from bot.balancing.finding import Finding, Severity
from bot.balancing.groups import order_of
from bot.balancing.objects import Ingress
from bot.balancing.rules import Patterns, Rule
from bot.balancing.shadows import Reach, reach_of


def shadowed_routes(scene: Scene) -> Iterator[Result]:
    """
    ORD-01: a header route of which an earlier rule takes everything.

    Looked at as it is once Argo has written the routes of all steps; static routes count too.
    Another route to the same canary does no harm. One finding for each route and what takes it.
    """
    for tie in scene.ahead.ties:
        yield from shadows(scene, scene.ahead, tie, tie.route_rules)


def shadows(scene: Scene, ahead: Scene, tie: Tie, routes: Iterable[Rule]) -> Iterator[Finding]:
    """
    Look for ORD-01 at some header routes.

    Args:
        scene: what is there.
        ahead: what will be there.
        tie: a rollout and its Ingress, as they will be.
        routes: of that Ingress.

    """
    found: dict[tuple[str, int], list[tuple[Rule, Taken]]] = defaultdict(list)
    for rule in routes:
        for taken in _harm(tie, ahead, rule):
            if taken.reach is Reach.ALL:
                found[rule.service, id(taken.by)].append((rule, taken))
    for pairs in found.values():
        yield _shadowed(scene, tie, pairs)


def _shadowed(scene: Scene, tie: Tie, pairs: list[tuple[Rule, Taken]]) -> Finding:
    (rule, taken), rules = pairs[0], [rule for rule, _ in pairs]
    if scene.has(rule):
        says, does = "do not reach the canary", "is"
    else:
        says, does = "will not reach the canary", "will be"
    return ORD_01.at(
        "Ingress",
        tie.rollout.namespace,
        tie.name,
        rollout=tie.rollout.name,
        message=f"Requests with {header_of(rule)} {says}: the header route {rule.service} {does} "
        f"shadowed by {path_of(taken.by)}.",
        evidence=table(taken.listeners, (taken.by, *rules)),
        patch=_patch(scene, tie, rule, [taken.by]),
        place=f"{rule.service} behind {taken.by.ingress} {taken.by.entry} {taken.by.path}",
        origin=_origin(tie),
    )


def partly_taken_routes(scene: Scene) -> Iterator[Result]:
    """
    ORD-02: a header route of which earlier rules take some paths.

    Two things look alike here. Paths that are this rollout's own public (the weights, or its
    stable Service) are meant to be tested with the header, and whoever tests them believes to
    see the canary: high. Paths of other applications on the same host were never meant for it;
    that they stand first is even right, since the route has no path of its own and would
    send their requests to this canary. Of them there is one note, for whoever wonders why a
    request with the header is answered by something else. Redirects are in neither: the
    client asks again, and the next answer is looked at by itself.
    """
    for tie in scene.ahead.ties:
        yield from parts(scene, scene.ahead, tie, tie.route_rules)


def parts(scene: Scene, ahead: Scene, tie: Tie, routes: Iterable[Rule]) -> Iterator[Finding]:
    """Look for ORD-02 at some header routes; see `shadows`."""
    for rules in _by_service(routes):
        own: list[tuple[Rule, Taken]] = []
        others: list[tuple[Rule, Taken]] = []
        for rule in rules:
            harm = list(_harm(tie, ahead, rule))
            if any(taken.reach is Reach.ALL for taken in harm):
                continue  # ORD-01 says more
            for taken in harm:
                if not isinstance(taken.by.action, Redirect):
                    (own if tie.serves(taken.by) else others).append((rule, taken))
        if own:
            yield _partly(scene, tie, own)
        if others:
            yield _elsewhere(tie, others)


def _partly(scene: Scene, tie: Tie, pairs: list[tuple[Rule, Taken]]) -> Finding:
    rule, taken = pairs[0]
    taking = _unique(taken.by for _, taken in pairs)
    says = "do not reach the canary" if scene.has(rule) else "will not reach the canary"
    return ORD_02.at(
        "Ingress",
        tie.rollout.namespace,
        tie.name,
        rollout=tie.rollout.name,
        message=f"Requests with {header_of(rule)} to {listed(_paths(taking))} {says}: "
        f"the header route {rule.service} stands behind {listed(path_of(by) for by in taking)}.",
        evidence=table(taken.listeners, (*taking, *(rule for rule, _ in pairs))),
        patch=_patch(scene, tie, rule, taking),
        place=rule.service,
        origin=_origin(tie),
    )


def _elsewhere(tie: Tie, pairs: list[tuple[Rule, Taken]]) -> Finding:
    rule, taken = pairs[0]
    taking = _unique(taken.by for _, taken in pairs)
    note = ORD_02.at(
        "Ingress",
        tie.rollout.namespace,
        tie.name,
        rollout=tie.rollout.name,
        message=f"{listed(_paths(taking))} on the same host belong to something else: "
        f"requests with {header_of(rule)} go there as all others do.",
        evidence=table(taken.listeners, (*taking, rule)),
        place=f"{rule.service} and others",
        origin=_origin(tie),
    )
    fix = "Nothing, unless these paths are meant to be tested with the header."
    return replace(note, severity=Severity.INFO, fix=fix)


def shadowed_weights(scene: Scene) -> Iterator[Result]:
    """
    ORD-03: a rule with the weights of which an earlier rule takes everything.

    An earlier rule with the same weights does no harm.
    """
    for tie in scene.ahead.ties:
        found: dict[int, list[tuple[Rule, Taken]]] = defaultdict(list)
        for rule in tie.root_rules:
            for taken in takers(scene.ahead.model, rule):
                if taken.reach is Reach.ALL and not tie.has_weights(taken.by):
                    found[id(taken.by)].append((rule, taken))
        for pairs in found.values():
            rule, taken = pairs[0]
            yield ORD_03.at(
                "Ingress",
                tie.rollout.namespace,
                tie.name,
                rollout=tie.rollout.name,
                message=f"No weight of {tie.rollout.key} has an effect on {path_of(rule)}: "
                f"all its requests are taken by {path_of(taken.by)}.",
                evidence=table(taken.listeners, (taken.by, *(rule for rule, _ in pairs))),
                patch=_moved(scene, rule, taken.by),
                place=f"{rule.entry} {rule.path} behind {taken.by.ingress} {taken.by.entry}",
                origin=_origin(tie),
            )


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
            host = replace(rule, paths=Patterns(globs=("/*",)))
            if len(rules) == 1 and not any(_takes_all(one, host) for one in others):
                yield _only_home(scene, tie, rule)


def _takes_all(rule: Rule, host: Rule) -> bool:
    return not rule.broken and reach_of(rule, host) is Reach.ALL


def _only_home(scene: Scene, tie: Tie, rule: Rule) -> Finding:
    listeners = stands_on(scene.ahead.model, rule)
    members = scene.model.group.members
    ingress = next((member for member in members if member.key == rule.ingress), None)
    host = rule.host or "every host"
    return ORD_04.at(
        "Ingress",
        tie.rollout.namespace,
        tie.name,
        rollout=tie.rollout.name,
        message=f"Of {host} only the path / reaches {tie.rollout.key}: "
        f"{path_of(rule)} matches nothing below it.",
        evidence=table(listeners, [rule]) if listeners else row(rule),
        patch=whole(ingress, rule) if ingress else "",
        place=str(rule.entry),
        origin=_origin(tie),
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
    members = {member.key: member for member in scene.model.group.members}
    for tie in scene.ahead.ties:
        if tie.ingress is None:
            continue
        own = members[tie.ingress.key]
        seen: set[str] = set()
        for rule in (*tie.root_rules, *tie.route_rules):
            for taken in _harm(tie, scene.ahead, rule):
                other = members[taken.by.ingress]
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
        origin=_origin(tie),
    )


def _harm(tie: Tie, ahead: Scene, rule: Rule) -> Iterator[Taken]:
    """Leave out what leads to the same canary, or follows the same weights as a weighted rule."""
    home = f"{tie.rollout.namespace}/"
    for taken in takers(ahead.model, rule):
        canary = taken.by.share_of(tie.rollout.canary_service_now) == 1
        to_canary = canary and taken.by.ingress.startswith(home)
        same = rule.service == root_service(tie.rollout) and tie.has_weights(taken.by)
        if not to_canary and not same:
            yield taken


def _patch(scene: Scene, tie: Tie, rule: Rule, taking: list[Rule]) -> str:
    own = scene.model.group.members
    ingress = next((member for member in own if member.key == rule.ingress), None)
    if ingress is not None and all(
        by.ingress == rule.ingress and by.entry == rule.entry for by in taking
    ):
        return literal(ingress, tie.rules, taking)
    return _moved(scene, rule, taking[0]) if len(taking) == 1 else ""


def _moved(scene: Scene, rule: Rule, by: Rule) -> str:
    """Let a rule come before another one of another entry or another Ingress."""
    members = {member.key: member for member in scene.model.group.members}
    own, other = members[rule.ingress], members[by.ingress]
    if own is not other:
        return before(own, other)
    return swapped(own, rule.entry, by.entry) if rule.entry != by.entry else ""


def _paths(rules: Iterable[Rule]) -> Iterator[str]:
    return (f"`{path}`" for rule in rules for path in (*rule.paths.globs, *rule.paths.regexes))


def _unique(rules: Iterable[Rule]) -> list[Rule]:
    return list({id(rule): rule for rule in rules}.values())


def _by_service(rules: Iterable[Rule]) -> list[list[Rule]]:
    found: dict[str, list[Rule]] = defaultdict(list)
    for rule in rules:
        found[rule.service].append(rule)
    return list(found.values())


def _by_entry(rules: Iterable[Rule]) -> list[list[Rule]]:
    found: dict[int, list[Rule]] = defaultdict(list)
    for rule in rules:
        found[rule.entry].append(rule)
    return list(found.values())


def _origin(tie: Tie) -> str:
    return tie.ingress.origin if tie.ingress else ""
