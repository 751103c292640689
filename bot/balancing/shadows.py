"""
Which rule takes the requests of another one.

The balancer tries the rules in order and takes the first that matches, so an
earlier rule with wider conditions leaves a later one nothing. Decided for single
rules; that two rules only together hide a third is not found, which is why a rule
of which several take a part is not called reachable.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bot.balancing.annotations import Redirect
from bot.balancing.crowd import Crowd
from bot.balancing.listeners import Listener
from bot.balancing.optimiser import on_listener
from bot.balancing.reach import Reach, reach_of
from bot.balancing.rules import Rule

#: so many of the rules that take a part of another one are named
NAMED = 50


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

    @property
    def is_free(self) -> bool:
        """Whether nothing before it takes any of its requests that ask for nothing more."""
        return self.covered_by is None and not self.partly_by and not self.unsure_of

    @property
    def is_decided(self) -> bool:
        """Whether it is known that it gets requests, or that it gets none."""
        return self.is_dead or (len(self.partly_by) <= 1 and not self.unsure_of)


def verdicts(rules: Sequence[Rule]) -> tuple[Verdict, ...]:
    """
    Judge the rules of one listener, in order; near linear in their number.

    Args:
        rules: those that stand on it (`ListenerModel.rules`).

    """
    crowd = Crowd(rules)
    return tuple(_judge(rules, place, crowd) for place in range(len(rules)))


def _judge(rules: Sequence[Rule], place: int, crowd: Crowd) -> Verdict:
    rule, priority = rules[place], place + 1
    parts: list[Rule] = []
    unsure: list[Rule] = []
    for earlier in _in_order(rules, crowd.coverers(place)):
        if reach_of(earlier, rule) is Reach.ALL:
            return Verdict(rule=rule, priority=priority, covered_by=earlier)
    for earlier in _in_order(rules, crowd.neighbours(place)):
        match reach_of(earlier, rule):
            case Reach.PART:
                parts.append(earlier)
            case Reach.UNSURE:
                unsure.append(earlier)
        if len(parts) + len(unsure) >= NAMED:
            break
    return Verdict(rule=rule, priority=priority, partly_by=tuple(parts), unsure_of=tuple(unsure))


def _in_order(rules: Sequence[Rule], places: int) -> Iterator[Rule]:
    """Give the rules at the places whose bits are set."""
    while places:
        lowest = places & -places
        yield rules[lowest.bit_length() - 1]
        places ^= lowest


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
        before = _before(rule, kept)
        if before is None:
            continue
        stands = True
        for earlier in before:
            reach = reach_of(earlier, rule)
            if reach >= Reach.PART and counts(earlier, reach):
                return str(earlier)
    if stands:
        return ""
    return next((str(r) for r in rules if isinstance(r.action, Redirect)), "")


def _before(rule: Rule, kept: Sequence[Rule]) -> Sequence[Rule] | None:
    """Give the rules in front of one; None when it is not among them."""
    for position, other in enumerate(kept):
        if other is rule:
            return kept[:position]
    return None
