"""Which earlier rules of a whole balancer take the requests of one, over all its listeners."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.balancing.annotations import Redirect
from bot.balancing.argo import root_service
from bot.balancing.checks.scene import Scene, Tie, Unchecked
from bot.balancing.checks.telling import path_beside, path_of
from bot.balancing.model import ListenerModel, Model
from bot.balancing.reach import Reach, reach_of
from bot.balancing.rules import Rule


@dataclass(frozen=True, kw_only=True)
class Taken:
    """
    What an earlier rule takes of a later one.

    Attributes:
        by: the earlier rule.
        reach: how much it takes.
        listeners: where it does so.

    """

    by: Rule
    reach: Reach
    listeners: tuple[ListenerModel, ...]


def stands_on(model: Model, rule: Rule) -> tuple[ListenerModel, ...]:
    """Tell the listeners that have this rule."""
    return tuple(one for one in model.listeners if any(other is rule for other in one.rules))


def takers(model: Model, rule: Rule) -> tuple[Taken, ...]:
    """
    Tell who takes requests of a rule before it gets them, in order.

    An HTTP listener on which a redirect sends them all to HTTPS is not looked at, as long
    as the rule stands on another one: there they are served. What stands behind a rule
    that takes all is not named, for it takes nothing more.
    """
    places = stands_on(model, rule)
    serving = [one for one in places if not any(_to_https(one, by) for by in _whole(one, rule))]
    found: dict[int, Taken] = {}
    for listener in serving or places:
        for by, reach in _before(listener, rule):
            known = found.get(id(by))
            seen = (*known.listeners, listener) if known else (listener,)
            found[id(by)] = Taken(by=by, reach=reach, listeners=seen)
    return tuple(found.values())


def _before(listener: ListenerModel, rule: Rule) -> Iterator[tuple[Rule, Reach]]:
    for by in listener.rules:
        if by is rule:
            return
        reach = reach_of(by, rule)
        if reach is not Reach.NONE:
            yield by, reach
        if reach is Reach.ALL:
            return


def _whole(listener: ListenerModel, rule: Rule) -> Iterator[Rule]:
    return (by for by, reach in _before(listener, rule) if reach is Reach.ALL)


def _to_https(listener: ListenerModel, by: Rule) -> bool:
    return leads_to_https(by) and listener.protocol == "HTTP"


def leads_to_https(rule: Rule) -> bool:
    """Whether a rule sends the client to HTTPS."""
    return isinstance(rule.action, Redirect) and rule.action.protocol == "HTTPS"


def harms(tie: Tie, ahead: Scene, rule: Rule) -> Iterator[Taken]:
    """
    Tell what keeps requests from a rule, and does harm by it.

    A route to the same canary does none to a header route, and none is done to the weights
    by a rule that follows the same ones.
    """
    is_weighted = rule.service == root_service(tie.rollout)
    for taken in takers(ahead.model, rule):
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
