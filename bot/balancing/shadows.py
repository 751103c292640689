"""
Which rule of an Ingress takes the requests of another one.

The balancer tries the rules in order and takes the first that matches, so an
earlier rule with wider conditions leaves a later one nothing. Decided for single
rules and patterns; two rules that only together hide a third are not found, nor
are regular expressions compared except when equal.
Source: `pkg/ingress/rule_optimizer.go` of v3.5.0; AWS on rule matching.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from ipaddress import ip_network

from bot.balancing.annotations import Condition, Redirect
from bot.balancing.globs import covers, meet
from bot.balancing.listeners import Listener
from bot.balancing.rules import Patterns, Rule


class Reach(IntEnum):
    """How many of a later rule's requests an earlier rule takes."""

    NONE = 0
    PART = 1
    ALL = 2


@dataclass(frozen=True, kw_only=True)
class Omitted:
    """A rule that the controller leaves out; `by` the redirect before it, None: it leads back."""

    rule: Rule
    by: Rule | None = None


def optimise(
    rules: Iterable[Rule], listener: Listener
) -> tuple[tuple[Rule, ...], tuple[Omitted, ...]]:
    """
    Separate the rules that stand on a listener from those that the controller leaves out.

    A redirect that would lead back to itself is dropped, and so is every rule
    behind a redirect that takes all its hosts and paths. This is how one Ingress
    redirects on HTTP and serves on HTTPS.
    """
    kept: list[Rule] = []
    redirects: list[Rule] = []
    omitted: list[Omitted] = []
    for rule in rules:
        is_redirect = isinstance(rule.action, Redirect)
        if isinstance(rule.action, Redirect) and _leads_back(rule, rule.action, listener):
            omitted.append(Omitted(rule=rule))
        elif by := next((r for r in redirects if _redirects_all(r, rule)), None):
            omitted.append(Omitted(rule=rule, by=by))
        else:
            kept.append(rule)
            redirects += [rule] if is_redirect else []
    return tuple(kept), tuple(omitted)


def on_listener(rules: Iterable[Rule], listener: Listener) -> tuple[Rule, ...]:
    """Give the rules that the controller makes on this listener."""
    return optimise(rules, listener)[0]


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
            if reach is not Reach.NONE and counts(earlier, reach):
                return str(earlier)
    if stands:
        return ""
    return next((str(r) for r in rules if isinstance(r.action, Redirect)), "")


def reach_of(earlier: Rule, later: Rule) -> Reach:
    """Tell how many of the later rule's requests match the earlier one."""
    if not all(any(_implied(a, b) for b in later.tests) for a in earlier.tests):
        return Reach.NONE
    return min(
        _overlap(earlier.hosts, later.hosts, str.lower, "*"),
        _overlap(earlier.paths, later.paths, str, "/*"),
    )


def _before(rule: Rule, kept: Sequence[Rule]) -> Sequence[Rule] | None:
    """Give the rules in front of one; None when it is not among them."""
    for position, other in enumerate(kept):
        if other is rule:
            return kept[:position]
    return None


def _overlap(wide: Patterns, narrow: Patterns, case: Callable[[str], str], all_: str) -> Reach:
    if not wide or {"*", all_} & {*wide.globs}:
        return Reach.ALL
    if not narrow:
        return Reach.PART
    outer, inner = [case(glob) for glob in wide.globs], [case(glob) for glob in narrow.globs]
    if all(any(covers(a, b) for a in outer) for b in inner) and set(narrow.regexes) <= set(
        wide.regexes
    ):
        return Reach.ALL
    return Reach.PART if any(meet(a, b) for a in outer for b in inner) else Reach.NONE


def _implied(wide: Condition, narrow: Condition) -> bool:
    """Whether what passes the narrow condition passes the wide one too."""
    if wide.field != narrow.field:
        return False
    match wide.field:
        case "http-header":
            return wide.header.lower() == narrow.header.lower() and _values_within(narrow, wide)
        case "query-string":
            return all(any(_pair_within(b, a) for a in wide.pairs) for b in narrow.pairs)
        case "source-ip":
            return all(any(_net_within(b, a) for a in wide.values) for b in narrow.values)
    return set(narrow.values) <= set(wide.values)


def _values_within(narrow: Condition, wide: Condition) -> bool:
    inner, outer = [v.lower() for v in narrow.values], [v.lower() for v in wide.values]
    return all(any(covers(a, b) for a in outer) for b in inner) and (
        set(narrow.regexes) <= set(wide.regexes)
    )


def _pair_within(narrow: tuple[str | None, str], wide: tuple[str | None, str]) -> bool:
    key = wide[0] is None or (narrow[0] or "").lower() == wide[0].lower()
    return key and covers(wide[1].lower(), narrow[1].lower())


def _net_within(narrow: str, wide: str) -> bool:
    try:
        inner, outer = ip_network(narrow, strict=False), ip_network(wide, strict=False)
    except ValueError:
        return narrow == wide
    if inner.version != outer.version:
        return False
    return inner[0] in outer and inner[-1] in outer


def _leads_back(rule: Rule, to: Redirect, listener: Listener) -> bool:
    """Whether a redirect leads to where the request already is, as the controller judges it."""
    if rule.paths.regexes:
        return False
    return (
        to.host in {None, "#{host}", *rule.hosts.globs}
        and to.path in {None, "/#{path}", *rule.paths.globs}
        and to.port in {None, "#{port}", str(listener.port)}
        and to.protocol in {None, "#{protocol}", listener.protocol}
        and to.query in {None, "#{query}"}
    )


def _redirects_all(earlier: Rule, later: Rule) -> bool:
    """Whether the controller leaves out the later rule for the earlier one's sake."""
    if not isinstance(earlier.action, Redirect) or earlier.tests:
        return False
    hosts = _literally_within(set(later.hosts.globs), set(earlier.hosts.globs))
    outer = set(earlier.paths.regexes or earlier.paths.globs)
    inner = set(later.paths.regexes or later.paths.globs)
    return hosts and ("/*" in outer or _literally_within(inner, outer))


def _literally_within(inner: set[str], outer: set[str]) -> bool:
    return not outer or (bool(inner) and inner <= outer)
