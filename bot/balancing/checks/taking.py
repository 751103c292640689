"""Which earlier rules of a whole balancer take the requests of one, over all its listeners."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from bot.balancing.annotations import Redirect
from bot.balancing.model import ListenerModel, Model
from bot.balancing.reach import Reach
from bot.balancing.rules import Rule
from bot.balancing.shadows import Queue


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


class Takers:
    """Who takes what, on the listeners of one balancer; each rule is looked at once."""

    def __init__(self, model: Model) -> None:
        self._listeners = model.listeners
        self._queues = [Queue(listener.rules) for listener in model.listeners]
        self._known: dict[int, tuple[Taken, ...]] = {}
        self._places: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for number, listener in enumerate(model.listeners):
            for place, rule in enumerate(listener.rules):
                self._places[id(rule)].append((number, place))

    def stands_on(self, rule: Rule) -> tuple[ListenerModel, ...]:
        """Tell the listeners that have this rule."""
        return tuple(self._listeners[number] for number, _ in self._places.get(id(rule), ()))

    def of(self, rule: Rule) -> tuple[Taken, ...]:
        """
        Tell who takes requests of a rule before it gets them, in order.

        An HTTP listener on which a redirect sends them all to HTTPS is not looked at, as long
        as the rule stands on another one: there they are served. What stands behind a rule
        that takes all is not named, for it takes nothing more.
        """
        if id(rule) not in self._known:
            self._known[id(rule)] = tuple(self._look(rule))
        return self._known[id(rule)]

    def _look(self, rule: Rule) -> Iterator[Taken]:
        sights = {
            number: list(self._queues[number].takers(place))
            for number, place in self._places.get(id(rule), ())
        }
        serving = [n for n in sights if not self._leads_away(n, sights[n])]
        found: dict[int, Taken] = {}
        for number in serving or sights:
            for by, reach in sights[number]:
                known = found.get(id(by))
                seen = (*(known.listeners if known else ()), self._listeners[number])
                found[id(by)] = Taken(by=by, reach=reach, listeners=seen)
        yield from found.values()

    def _leads_away(self, number: int, sight: list[tuple[Rule, Reach]]) -> bool:
        is_http = self._listeners[number].protocol == "HTTP"
        return is_http and any(leads_to_https(by) for by, reach in sight if reach is Reach.ALL)


def leads_to_https(rule: Rule) -> bool:
    """Whether a rule sends the client to HTTPS."""
    return isinstance(rule.action, Redirect) and rule.action.protocol == "HTTPS"
