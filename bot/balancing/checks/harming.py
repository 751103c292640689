"""What keeps requests from the rules of a rollout, and does harm by it."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from bot.balancing.argo import root_service
from bot.balancing.backends import NO_ACTION, unavailable
from bot.balancing.checks.scene import Scene, Tie, Unchecked
from bot.balancing.checks.taking import Taken
from bot.balancing.checks.telling import path_beside, path_of
from bot.balancing.checks.wiring_actions import is_surely_missing
from bot.balancing.patterns import ANYTHING
from bot.balancing.reach import Reach, reach_of
from bot.balancing.rules import Rule


def harms(tie: Tie, ahead: Scene, rule: Rule) -> Iterator[Taken]:
    """
    Tell what keeps requests from a rule, and does harm by it.

    A route to the same canary does none to a header route, and none is done to the weights
    by a rule that follows the same ones; nor by one that only takes what such a rule, before
    it, has taken already.
    """
    is_weighted = rule.service == root_service(tie.rollout)
    same: list[Taken] = []
    for taken in ahead.takers.of(rule):
        if tie.has_weights(taken.by) if is_weighted else tie.is_canary(taken.by):
            same.append(taken)
        elif not any(_came_before(one, taken, rule) for one in same):
            yield taken


def is_told(ahead: Scene, rule: Rule) -> bool:
    """
    Whether it is told already that a rule takes too much, so that this is the same fault.

    Of a condition that is ignored (ANN-02), of a path that is refused, so that nobody knows
    what it matches (ANN-15, ANN-17), and of an action that is missing (WIRE-03).
    """
    if any(one.id in {"ANN-15", "ANN-17"} for one in rule.failures):
        return True
    if (rule.ingress, rule.service) in ahead.widened:
        return True
    return rule.action == unavailable(NO_ACTION) and is_surely_missing(
        ahead.inventory, ahead.member(rule), rule.service
    )


def loses_all(tie: Tie, ahead: Scene, rule: Rule, by: Rule) -> bool:
    """Whether an earlier rule takes all requests of a rule, and does harm by it."""
    found = harms(tie, ahead, rule)
    return any(taken.by is by and taken.reach is Reach.ALL for taken in found)


def _came_before(same: Taken, taken: Taken, rule: Rule) -> bool:
    """Whether one rule has all requests that a later one takes of a third."""
    where = {one.listener for one in same.listeners}
    return reach_of(same.by, _shared(taken.by, rule)) is Reach.ALL and all(
        one.listener in where for one in taken.listeners
    )


def _shared(by: Rule, rule: Rule) -> Rule:
    """Give a rule that matches at least what both match."""
    hosts, paths = replace(by, paths=ANYTHING, tests=()), replace(by, hosts=ANYTHING, tests=())
    return replace(
        by,
        hosts=rule.hosts if reach_of(hosts, rule) is Reach.ALL else by.hosts,
        paths=rule.paths if reach_of(paths, rule) is Reach.ALL else by.paths,
        tests=(*by.tests, *rule.tests),
    )


def undecided(ahead: Scene, tie: Tie, id_: str, rules: Iterable[Rule]) -> Iterator[Unchecked]:
    """Tell where nobody can say whether a rule gets its requests; as `id_`."""
    for rule in rules:
        harm = list(harms(tie, ahead, rule))
        unsure = [taken.by for taken in harm if taken.reach is Reach.UNSURE]
        if unsure and not any(taken.reach is Reach.ALL for taken in harm):
            reason = (
                f"whether {path_beside(unsure[0], rule)} takes requests of {path_of(rule)} is "
                "decided by a regular expression, or by what cannot be read"
            )
            yield Unchecked(
                id=id_,
                kind="Ingress",
                namespace=tie.rollout.namespace,
                name=tie.name,
                reason=reason,
            )
