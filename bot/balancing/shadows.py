"""
Which rule takes the requests of another one.

The balancer tries the rules in order and takes the first that matches, so an
earlier rule with wider conditions leaves a later one nothing. Decided for single
rules; that two rules only together hide a third is not found, which is why a rule
of which several take a part is not called reachable.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from bot.balancing.annotations import Redirect
from bot.balancing.crowd import Crowd, each
from bot.balancing.listeners import Listener
from bot.balancing.optimiser import on_listener
from bot.balancing.reach import Reach, reach_of
from bot.balancing.rules import Rule

#: so many of the rules that take a part of another one are named
NAMED = 50
_MANY = 40  #: so many rules are compared one by one


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """
    What the rules before one leave of it.

    Attributes:
        rule: the one judged.
        priority: its place on the listener, from 1.
        covered_by: the first rule that takes all its requests: it never gets one.
        partly_by: the first rules that take some of them, in order. A rule that asks
            for more, such as a header that this one does not look at, is not among them.
        unsure_of: the first rules of which nobody can tell: a regular expression decides, or
            conditions that cannot be read.

    """

    rule: Rule
    priority: int
    covered_by: Rule | None = None
    partly_by: tuple[Rule, ...] = ()
    unsure_of: tuple[Rule, ...] = ()

    @property
    def is_dead(self) -> bool:
        """Whether it never gets a request."""
        return self.covered_by is not None


class Queue:
    """
    The rules of one listener, as requests meet them.

    Args:
        rules: those that stand on it (`ListenerModel.rules`), in order.

    """

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = rules

    def takers(self, place: int) -> Iterator[tuple[Rule, Reach]]:
        """
        Tell who takes requests of the rule at a place before it gets them, in order.

        What stands behind a rule that takes all is not named, for it takes nothing more.
        """
        for at in self._candidates(place):
            reach = reach_of(self._rules[at], self._rules[place])
            if reach is not Reach.NONE:
                yield self._rules[at], reach
            if reach is Reach.ALL:
                return

    def verdict(self, place: int) -> Verdict:
        """Judge the rule at a place."""
        rule, priority = self._rules[place], place + 1
        for at in each(self._crowd.coverers(place)):
            if reach_of(self._rules[at], rule) is Reach.ALL:
                return Verdict(rule=rule, priority=priority, covered_by=self._rules[at])
        parts: list[Rule] = []
        unsure: list[Rule] = []
        for at in each(self._crowd.neighbours(place)):
            match reach_of(self._rules[at], rule):
                case Reach.PART:
                    parts.append(self._rules[at])
                case Reach.UNSURE:
                    unsure.append(self._rules[at])
            if len(parts) + len(unsure) >= NAMED:
                break
        return Verdict(
            rule=rule, priority=priority, partly_by=tuple(parts), unsure_of=tuple(unsure)
        )

    def _candidates(self, place: int) -> Iterator[int]:
        """Tell the places of those that may take something, in order."""
        if len(self._rules) <= _MANY:
            return iter(range(place))
        return each(self._crowd.coverers(place) | self._crowd.neighbours(place))

    @cached_property
    def _crowd(self) -> Crowd:
        return Crowd(self._rules)


def verdicts(rules: Sequence[Rule]) -> tuple[Verdict, ...]:
    """Judge the rules of one listener, in order; near linear in their number."""
    queue = Queue(rules)
    return tuple(queue.verdict(place) for place in range(len(rules)))


def shadow_of(
    rule: Rule,
    rules: Sequence[Rule],
    listeners: Sequence[Listener],
    *,
    counts: Callable[[Rule, Reach], bool],
) -> str:
    """
    Name the path that takes a rule's requests first; empty: none does.

    Args:
        rule: one of *rules*.
        rules: all rules of the Ingress, in order.
        listeners: those of the Ingress. Where a redirect keeps the rule away, it
            is enough that it stands on another listener.
        counts: whether an earlier rule that takes that much does harm.

    """
    stands = False
    for listener in listeners:
        kept = on_listener(rules, listener)
        place = next((place for place, one in enumerate(kept) if one is rule), None)
        if place is None:
            continue
        stands = True
        for earlier, reach in Queue(kept).takers(place):
            if reach >= Reach.PART and counts(earlier, reach):
                return str(earlier)
    if stands:
        return ""
    return next((str(r) for r in rules if isinstance(r.action, Redirect)), "")
