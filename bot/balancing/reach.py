"""
How many of one rule's requests another rule takes that stands before it.

Exact for patterns, methods, nets; a regular expression is only ever equal to itself, of all
else nothing is known. A rule that asks for more, such as a header of which the later one
knows nothing, takes no part of it here: that is what it is for.
Source: AWS on rule matching.
"""

from collections.abc import Callable, Sequence
from enum import IntEnum
from ipaddress import IPv4Network, IPv6Network, ip_network

from bot.balancing.annotations import Condition
from bot.balancing.globs import covers, meet, query_glob
from bot.balancing.patterns import Patterns
from bot.balancing.rules import Rule

Net = IPv4Network | IPv6Network

_EVERY_NET = {ip_network("0.0.0.0/0"), ip_network("::/0")}


class Reach(IntEnum):
    """How many of a later rule's requests an earlier rule takes."""

    NONE = 0
    UNSURE = 1  #: a regular expression decides
    PART = 2
    ALL = 3


def reach_of(earlier: Rule, later: Rule) -> Reach:
    """Tell how many of the later rule's requests match the earlier one."""
    reach = min(
        _overlap(earlier.hosts, later.hosts, str.lower, "*"),
        _overlap(earlier.paths, later.paths, str, "/*"),
    )
    for test in earlier.tests:
        if reach is Reach.NONE:
            return reach
        reach = min(reach, _test_reach(test, later.tests))
    return min(reach, Reach.UNSURE) if earlier.unread or later.unread else reach


def dimension(test: Condition) -> tuple[str, str]:
    """Tell what a test looks at: its field, and the header in lower case."""
    return test.field, test.header.lower() if test.field == "http-header" else ""


def is_empty(test: Condition) -> bool:
    """Whether a test lets everything pass."""
    return test.field == "source-ip" and {_net(value) for value in test.values} >= _EVERY_NET


def _overlap(wide: Patterns, narrow: Patterns, case: Callable[[str], str], all_: str) -> Reach:
    if not wide or {"*", all_} & {*wide.globs}:
        return Reach.ALL
    if not narrow:
        return Reach.PART if wide.globs else Reach.UNSURE
    return _values_reach(
        ([case(glob) for glob in wide.globs], wide.regexes),
        ([case(glob) for glob in narrow.globs], narrow.regexes),
    )


def _values_reach(
    wide: tuple[Sequence[str], Sequence[str]], narrow: tuple[Sequence[str], Sequence[str]]
) -> Reach:
    """Compare alternatives: patterns and regular expressions of either side."""
    (outer, outer_regexes), (inner, inner_regexes) = wide, narrow
    within = [any(covers(a, b) for a in outer) for b in inner]
    within += [regex in outer_regexes for regex in inner_regexes]
    if all(within):
        return Reach.ALL
    if any(within) or any(meet(a, b) for a in outer for b in inner):
        return Reach.PART
    return Reach.UNSURE if [*outer_regexes, *inner_regexes] else Reach.NONE


def _test_reach(wide: Condition, tests: Sequence[Condition]) -> Reach:
    """Tell how many requests that pass all tests pass the wide one as well."""
    if is_empty(wide):
        return Reach.ALL
    same = [_compare(wide, test) for test in tests if dimension(test) == dimension(wide)]
    if not same:
        return Reach.NONE
    return Reach.ALL if Reach.ALL in same else min(same)


def _compare(wide: Condition, narrow: Condition) -> Reach:
    """Compare two tests that look at the same."""
    match wide.field:
        case "http-header":
            return _values_reach(
                ([value.lower() for value in wide.values], wide.regexes),
                ([value.lower() for value in narrow.values], narrow.regexes),
            )
        case "query-string":
            within = [any(_pair_within(b, a) for a in wide.pairs) for b in narrow.pairs]
        case "source-ip":
            return _nets_reach(wide.values, narrow.values)
        case _:
            within = [value in wide.values for value in narrow.values]
    if all(within):
        return Reach.ALL
    return Reach.PART if any(within) else Reach.NONE


def _pair_within(narrow: tuple[str | None, str], wide: tuple[str | None, str]) -> bool:
    (wide_key, wide_value), (key, value) = wide, narrow
    fits = wide_key is None or (key is not None and key.lower() == wide_key.lower())
    return fits and covers(query_glob(wide_value), query_glob(value))


def _nets_reach(wide: Sequence[str], narrow: Sequence[str]) -> Reach:
    outer, inner = [_net(value) for value in wide], [_net(value) for value in narrow]
    if all(any(_net_within(b, a) for a in outer) for b in inner):
        return Reach.ALL
    touch = any(_net_within(b, a) or _net_within(a, b) for a in outer for b in inner)
    return Reach.PART if touch else Reach.NONE


def _net(text: str) -> Net | str:
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return text  # AWS refuses it; here it is only equal to itself


def _net_within(inner: Net | str, outer: Net | str) -> bool:
    if isinstance(inner, str) or isinstance(outer, str):
        return inner == outer
    if isinstance(inner, IPv4Network) and isinstance(outer, IPv4Network):
        return inner.subnet_of(outer)
    return (
        isinstance(inner, IPv6Network) and isinstance(outer, IPv6Network) and inner.subnet_of(outer)
    )
