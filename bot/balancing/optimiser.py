"""
The rules that the controller leaves out of a listener: redirects, and what stands behind them.

This is how one Ingress redirects on HTTP and serves on HTTPS. Sets of patterns are compared
literally here, as the controller does it; what the balancer makes of them is in `reach.py`.
Source: `pkg/ingress/rule_optimizer.go` of v3.5.0.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product

from bot.balancing.annotations import Redirect
from bot.balancing.listeners import Listener
from bot.balancing.patterns import Patterns
from bot.balancing.rules import Rule


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
    behind a redirect that takes all its hosts and paths.
    """
    kept: list[Rule] = []
    redirects = _Redirects()
    omitted: list[Omitted] = []
    for rule in rules:
        if leads_back(rule, listener):
            omitted.append(Omitted(rule=rule))
        elif by := redirects.before(rule):
            omitted.append(Omitted(rule=rule, by=by))
        else:
            kept.append(rule)
            redirects.add(rule)
    return tuple(kept), tuple(omitted)


def on_listener(rules: Iterable[Rule], listener: Listener) -> tuple[Rule, ...]:
    """Give the rules that the controller makes on this listener."""
    return optimise(rules, listener)[0]


class _Redirects:
    """The redirects so far, found by one of their hosts and one of their paths."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], list[tuple[int, Rule]]] = {}
        self._size = 0

    def add(self, rule: Rule) -> None:
        """Add a rule; one that looks at more than host and path, or serves, takes nothing away."""
        if not isinstance(rule.action, Redirect) or rule.tests:
            return
        self._size += 1
        for key in product(rule.hosts.globs or ("",), _texts(rule.paths) or ("",)):
            self._found.setdefault(key, []).append((self._size, rule))

    def before(self, rule: Rule) -> Rule | None:
        """Give the first redirect that takes all hosts and paths of a rule."""
        if not self._found:
            return None
        hits = [hit for hit in self._near(rule) if _redirects_all(hit[1], rule)]
        return min(hits, key=lambda hit: hit[0])[1] if hits else None

    def _near(self, rule: Rule) -> Iterator[tuple[int, Rule]]:
        for host, path in product({"", *rule.hosts.globs[:1]}, {"", "/*", *_texts(rule.paths)[:1]}):
            yield from self._found.get((host, path), ())


def leads_back(rule: Rule, listener: Listener) -> bool:
    """Whether a redirect leads to where the request already is, as the controller judges it."""
    to = rule.action
    if not isinstance(to, Redirect) or rule.paths.regexes:
        return False
    return (
        to.host in {None, "#{host}", *rule.hosts.globs}
        and to.path in {None, "/#{path}", *rule.paths.globs}
        and to.port in {None, "#{port}", str(listener.port)}
        and to.protocol in {None, "#{protocol}", listener.protocol}
        and to.query in {None, "#{query}"}
    )


def _redirects_all(earlier: Rule, later: Rule) -> bool:
    """Whether a redirect takes all of a rule; regular expressions of its hosts are forgotten."""
    hosts = _literally_within(set(later.hosts.globs), set(earlier.hosts.globs))
    outer, inner = set(_texts(earlier.paths)), set(_texts(later.paths))
    return hosts and ("/*" in outer or _literally_within(inner, outer))


def _texts(patterns: Patterns) -> tuple[str, ...]:
    return patterns.regexes or patterns.globs


def _literally_within(inner: set[str], outer: set[str]) -> bool:
    return not outer or (bool(inner) and inner <= outer)
