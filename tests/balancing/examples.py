"""
Requests that a rule takes, made up: the proof that a rule can be reached.

Found by trying, so none may be found though there is one; regular expressions have none.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from ipaddress import ip_network
from itertools import islice, product

from bot.balancing.annotations import Condition
from bot.balancing.globs import as_written, query_glob
from bot.balancing.patterns import Patterns
from bot.balancing.rules import Rule
from tests.balancing.matching import Request, matches, take

#: what a star may stand for, from usual to odd: hardly a pattern has the last ones
_FILLS = ("a", "", "a/b", "x1", "q7-z", "zz/qq.zz", "\N{LATIN SMALL LETTER O WITH STROKE}7")
_MOST = 500
_METHODS = ("GET", "POST", "X-OTHER")
_SOURCES = ("192.0.2.1", "203.0.113.7", "2001:db8::1")


def example(rules: Sequence[Rule], place: int) -> Request | None:
    """
    Make a request that reaches the rule at a place; None: none was found.

    Args:
        rules: those of one listener, in order.
        place: the index among them.

    """
    before = rules[: place + 1]
    tried = islice(examples(rules[place]), _MOST)
    return next((one for one in tried if take(before, one).rule is rules[place]), None)


def examples(rule: Rule) -> Iterator[Request]:
    """Make requests that a rule takes, if no rule before it does."""
    for fill, method, source in product(_FILLS, _METHODS, _SOURCES):
        hosts, paths = _samples(rule.hosts, fill, "example.test"), _samples(rule.paths, fill, "")
        for host, path in product(hosts, paths):
            whole = f"/{(path or fill).removeprefix('/')}"
            request = Request(host=host, path=whole, method=method, source=source)
            for test in rule.tests:
                request = _passing(test, fill, request)
            if matches(rule, request):
                yield request


def _samples(patterns: Patterns, fill: str, anything: str) -> Iterator[str]:
    if not patterns:
        yield anything
    for glob in patterns.globs:
        yield _filled(glob, fill)


def _filled(glob: str, fill: str) -> str:
    return glob.replace("*", fill).replace("?", (fill or "x")[-1])


def _passing(test: Condition, fill: str, request: Request) -> Request:
    """Change a request so that it passes a test, if that is easily done."""
    match test.field:
        case "http-header" if test.values:
            header = (test.header, _filled(test.values[-1], fill))
            return replace(request, headers=(*request.headers, header))
        case "query-string" if test.pairs:
            key, value = (_asked(part or "k", fill) for part in test.pairs[-1])
            return replace(request, query=(*request.query, (key, value)))
        case "http-request-method" if test.values and request.method not in test.values:
            return replace(request, method=test.values[-1])
        case "source-ip":
            first = next((net for net in map(_first, test.values) if net), request.source)
            return replace(request, source=first)
    return request


def _asked(pattern: str, fill: str) -> str:
    return as_written(_filled(query_glob(pattern), fill))


def _first(net: str) -> str:
    try:
        return str(ip_network(net, strict=False)[0])
    except ValueError:
        return ""
