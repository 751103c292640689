"""ORD-01 and ORD-02: whether header routes get the requests meant for them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace

from bot.balancing.annotations import Redirect
from bot.balancing.catalogue.order import ORD_01, ORD_02
from bot.balancing.checks.harming import harms, is_told, loses_all, undecided
from bot.balancing.checks.order_patches import literal, moved
from bot.balancing.checks.scene import Result, Scene, Tie
from bot.balancing.checks.taking import Taken, leads_to_https
from bot.balancing.checks.telling import header_of, listed, path_beside, path_of, table
from bot.balancing.finding import Finding, Severity
from bot.balancing.reach import Reach
from bot.balancing.rules import Rule

#: how to mend it where paths of different entries or Ingresses are concerned
_FORWARD = (
    "Let the header route stand first: a lower group.order of its Ingress, or its entry of "
    "spec.rules further up."
)

#: the same where the other route is there for a while only
_APART = "Give each rollout a header of its own, or an Ingress with a host of its own."
#: where it is a path of the same entry, and is written as it should be
_BEFORE = "Put the header route before it."
_UNREDIRECTED = " The redirect to HTTPS is never reached either: plain HTTP is answered."


def shadowed_routes(scene: Scene) -> Iterator[Result]:
    """
    ORD-01: a header route of which an earlier rule takes everything.

    Looked at as it is once Argo has written the routes of all steps; static routes count too.
    Another route to the same canary does no harm. One finding for each route and what takes it;
    what takes the weights of the same host as well is told there (ORD-03).
    """
    ahead = scene.ahead
    for tie in (*ahead.ties, *ahead.beside):
        routes = [rule for rule in tie.route_rules if not _is_known(ahead, tie, rule)]
        yield from shadows(scene, ahead, tie, routes)
        yield from undecided(ahead, tie, ORD_01.id, routes)


def _is_known(ahead: Scene, tie: Tie, rule: Rule) -> bool:
    """Whether something else says already that a route does not get its requests."""
    takers = [taken.by for taken in harms(tie, ahead, rule) if taken.reach is Reach.ALL]
    same = [one for one in ahead.ties if one.rollout is tie.rollout]
    weights = [root for one in same for root in one.root_rules if root.host == rule.host]
    return any(
        is_told(ahead, by)
        or any(loses_all(one, ahead, root, by) for one in same for root in weights)
        for by in takers
    )


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
        for taken in harms(tie, ahead, rule):
            if taken.reach is Reach.ALL:
                found[rule.service, id(taken.by)].append((rule, taken))
    for pairs in found.values():
        yield _shadowed(scene, ahead, tie, pairs)


def _shadowed(scene: Scene, ahead: Scene, tie: Tie, pairs: list[tuple[Rule, Taken]]) -> Finding:
    (rule, taken), rules = pairs[0], [rule for rule, _ in pairs]
    if scene.has(rule):
        says, does = "do not reach the canary", "is"
    else:
        says, does = "will not reach the canary", "will be"
    finding = tie.find(
        ORD_01,
        message=f"Requests with {header_of(rule)} {says}: the header route {rule.service} {does} "
        f"shadowed by {path_beside(taken.by, rule)}."
        + _UNREDIRECTED
        * _keeps_from_https(ahead, tie, taken.by),
        evidence=table(taken.listeners, (taken.by, *rules)),
        patch=_patch(scene, tie, rules, [taken.by]),
        place=f"{rule.service} behind {taken.by.ingress} {taken.by.entry} {taken.by.path}",
    )
    if rival := _rival(scene, tie, taken.by):
        message = (
            f"While {rival} tests as well, requests with {header_of(rule)} do not reach the canary "
            f"of {tie.rollout.name}: its header route {taken.by.service} comes first."
        )
        return replace(finding, severity=Severity.MEDIUM, message=message, fix=_APART, patch="")
    if not _is_beside(rule, taken.by):
        return replace(finding, fix=_FORWARD)
    is_written = (taken.by.path, taken.by.path_type) == ("/*", "ImplementationSpecific")
    return replace(finding, fix=_BEFORE) if is_written else finding


def _keeps_from_https(ahead: Scene, tie: Tie, by: Rule) -> bool:
    """Whether a rule also takes everything, on HTTP, of a redirect to HTTPS of this Ingress."""
    return any(
        taken.by is by
        and taken.reach is Reach.ALL
        and any(one.protocol == "HTTP" for one in taken.listeners)
        for rule in tie.rules
        if leads_to_https(rule)
        for taken in ahead.takers.of(rule)
    )


def _rival(scene: Scene, tie: Tie, by: Rule) -> str:
    """Name the other rollout whose steps will make a route; empty: none, or it stands already."""
    if scene.has(by):
        return ""
    others = scene.rollouts_of(scene.member(by))
    return next(
        (
            other.name
            for other in others
            if other is not tie.rollout
            and any(by.service == route.name for route in other.managed_routes)
        ),
        "",
    )


def partly_taken_routes(scene: Scene) -> Iterator[Result]:
    """
    ORD-02: a header route of which earlier rules take some paths.

    Two things look alike here. Paths that are this rollout's own public (the weights, or its
    stable Service) are meant to be tested with the header, and whoever tests them believes to
    see the canary: high. So are those that an earlier rule takes for the sake of the same
    header: without it their requests are this rollout's.

    Paths of other applications on the same host were never meant for it; that they stand
    first is even right, since the route has no path of its own and would send their requests
    to this canary. Of them there is one note, for whoever wonders why a request with the
    header is answered by something else. Redirects are in neither: the
    client asks again, and the next answer is looked at by itself.
    """
    for tie in (*scene.ahead.ties, *scene.ahead.beside):
        yield from parts(scene, scene.ahead, tie, tie.route_rules)


def parts(scene: Scene, ahead: Scene, tie: Tie, routes: Iterable[Rule]) -> Iterator[Finding]:
    """Look for ORD-02 at some header routes; see `shadows`."""
    for rules in _by_service(routes):
        own: list[tuple[Rule, Taken]] = []
        others: list[tuple[Rule, Taken]] = []
        for rule in rules:
            harm = list(harms(tie, ahead, rule))
            if any(taken.reach is Reach.ALL for taken in harm):
                continue  # ORD-01 says more
            for taken in harm:
                if taken.reach is Reach.PART and not isinstance(taken.by.action, Redirect):
                    is_own = tie.serves(taken.by) or bool(taken.by.tests)
                    (own if is_own else others).append((rule, taken))
        if own:
            yield _partly(scene, tie, own)
        if others:
            yield _elsewhere(tie, others)


def _partly(scene: Scene, tie: Tie, pairs: list[tuple[Rule, Taken]]) -> Finding:
    rule, taken = pairs[0]
    taking = _unique(taken.by for _, taken in pairs)
    says = "do not reach the canary" if scene.has(rule) else "will not reach the canary"
    finding = tie.find(
        ORD_02,
        message=f"Requests with {header_of(rule)} to {listed(_paths(taking))} {says}: "
        f"the header route {rule.service} stands behind {listed(path_of(by) for by in taking)}.",
        evidence=table(taken.listeners, (*taking, *(rule for rule, _ in pairs))),
        patch=_patch(scene, tie, _unique(rule for rule, _ in pairs), taking),
        place=rule.service,
    )
    beside = all(_is_beside(rule, by) for by in taking)
    return finding if beside else replace(finding, fix=_FORWARD)


def _elsewhere(tie: Tie, pairs: list[tuple[Rule, Taken]]) -> Finding:
    rule, taken = pairs[0]
    taking = _unique(taken.by for _, taken in pairs)
    note = tie.find(
        ORD_02,
        message=f"{listed(_paths(taking))} on the same host belong to something else: "
        f"requests with {header_of(rule)} go there as all others do.",
        evidence=table(taken.listeners, (*taking, rule)),
        place=f"{rule.service} and others",
    )
    fix = "Nothing, unless these paths are meant to be tested with the header."
    return replace(note, severity=Severity.INFO, fix=fix)


def _patch(scene: Scene, tie: Tie, rules: list[Rule], taking: list[Rule]) -> str:
    rule, by = rules[0], taking[0]
    own = scene.member(rule)
    if all(_is_beside(rule, one) for one in taking):
        return literal(own, tie.rules, taking)
    return moved(own, scene.member(by), rules, by) if len(taking) == 1 else ""


def _is_beside(rule: Rule, by: Rule) -> bool:
    """Whether both are paths of one entry."""
    return (by.ingress, by.entry) == (rule.ingress, rule.entry)


def _paths(rules: Iterable[Rule]) -> Iterator[str]:
    return (f"`{path}`" for rule in rules for path in (*rule.paths.globs, *rule.paths.regexes))


def _unique(rules: Iterable[Rule]) -> list[Rule]:
    return list({id(rule): rule for rule in rules}.values())


def _by_service(rules: Iterable[Rule]) -> list[list[Rule]]:
    found: dict[str, list[Rule]] = defaultdict(list)
    for rule in rules:
        found[rule.service].append(rule)
    return list(found.values())
