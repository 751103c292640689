"""What keeps requests from the rules of a rollout, and does harm by it."""

from collections.abc import Iterable, Iterator

from bot.balancing.argo import root_service
from bot.balancing.checks.scene import Scene, Tie, Unchecked
from bot.balancing.checks.taking import Taken
from bot.balancing.checks.telling import path_beside, path_of
from bot.balancing.reach import Reach
from bot.balancing.rules import Rule


def harms(tie: Tie, ahead: Scene, rule: Rule) -> Iterator[Taken]:
    """
    Tell what keeps requests from a rule, and does harm by it.

    A route to the same canary does none to a header route, and none is done to the weights
    by a rule that follows the same ones.
    """
    is_weighted = rule.service == root_service(tie.rollout)
    for taken in ahead.takers.of(rule):
        is_same = tie.has_weights(taken.by) if is_weighted else tie.is_canary(taken.by)
        if not is_same:
            yield taken


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
