r"""
Which rule of a listener takes a request: the balancer's own matching, plainly.

Rules are tried by priority, the first whose conditions all hold takes the request. In patterns
`*` is any number of letters, `?` exactly one; in query strings `\` takes the next letter as it
is. Host, header and query are compared without regard to case, path and method with.
Whether a regular expression must match all of a text, and in which case, AWS does not say:
where that matters the answer is that nobody can tell. Source: AWS on rule conditions.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from bot.balancing.annotations import Condition
from bot.balancing.globs import plain, query_glob
from bot.balancing.patterns import Patterns
from bot.balancing.rules import Rule

_LONGEST = 256  #: of a text that is held against a regular expression
_QUANTIFIER = re.compile(r"[*+{]")
_BEYOND = re.compile(r"\)[*+{]|\(\?|\\[^.*+?{}()\[\]|^$/\\dwsDWS-]")


@dataclass(frozen=True, kw_only=True)
class Request:
    """
    A request as the balancer sees it.

    Attributes:
        host: without its port.
        path: without the query.
        method: in capitals, as a rule.
        headers: name and value, in order; one name may come several times.
        query: key and value, in order.
        source: the address of the client, or of the proxy before it.

    """

    host: str = ""
    path: str = "/"
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    query: tuple[tuple[str, str], ...] = ()
    source: str = "192.0.2.1"


@dataclass(frozen=True, kw_only=True)
class Taken:
    """
    Who takes a request.

    Attributes:
        rule: None: the default of the listener, if nothing is unsure.
        unsure: the first rule of which nobody can tell; it or one behind it takes the request.

    """

    rule: Rule | None = None
    unsure: Rule | None = None


def take(rules: Iterable[Rule], request: Request) -> Taken:
    """Tell which of the rules of a listener takes a request."""
    for rule in rules:
        match matches(rule, request):
            case True:
                return Taken(rule=rule)
            case None:
                return Taken(unsure=rule)
    return Taken()


def matches(rule: Rule, request: Request) -> bool | None:
    """Tell whether all conditions of a rule hold; None: nobody can tell."""
    if rule.unread:
        return None
    return _all(
        (
            _either(rule.hosts, [request.host], any_case=True),
            _either(rule.paths, [request.path], any_case=False),
            *(_test(test, request) for test in rule.tests),
        )
    )


def glob_matches(pattern: str, text: str) -> bool:
    """Tell whether a pattern matches all of a text, letter by letter."""
    at = star = -1
    place = 0
    retry = 0
    while place < len(text):
        at_end = at + 1 >= len(pattern)
        if not at_end and pattern[at + 1] == "*":
            at = star = at + 1
            retry = place
        elif not at_end and pattern[at + 1] in {"?", text[place]}:
            at, place = at + 1, place + 1
        elif star >= 0:
            retry += 1
            at, place = star, retry
        else:
            return False
    return not pattern[at + 1 :].strip("*")


def _test(test: Condition, request: Request) -> bool | None:
    match test.field:
        case "http-header":
            values = [v for name, v in request.headers if name.lower() == test.header.lower()]
            alternatives = Patterns(globs=test.values, regexes=test.regexes)
            return _either(alternatives, values, any_case=True) if values else False
        case "query-string":
            return any(_pair(pair, own) for pair in test.pairs for own in request.query)
        case "source-ip":
            return any(_within(request.source, net) for net in test.values)
    return request.method in test.values


def _pair(wanted: tuple[str | None, str], own: tuple[str, str]) -> bool:
    key, value = wanted
    if key is not None and not _query_matches(key, own[0]):
        return False
    return _query_matches(value, own[1])


def _query_matches(pattern: str, text: str) -> bool:
    # a star of the request itself is a letter, as the escaped one of the pattern is
    return glob_matches(query_glob(pattern), plain(text.lower()))


def _within(address: str, net: str) -> bool:
    try:
        return ip_address(address) in ip_network(net, strict=False)
    except ValueError:
        return False


def _either(patterns: Patterns, texts: Sequence[str], *, any_case: bool) -> bool | None:
    """Tell whether one of the patterns matches one of the texts; no pattern matches all."""
    if not patterns:
        return True
    fold = str.lower if any_case else str
    if any(glob_matches(fold(glob), fold(text)) for glob in patterns.globs for text in texts):
        return True
    found = [_regex(regex, text) for regex in patterns.regexes for text in texts]
    return True if True in found else None if None in found else False


def _regex(regex: str, text: str) -> bool | None:
    """Hold a text against a regular expression; None where it depends on what AWS does not say."""
    quantifiers = len(_QUANTIFIER.findall(regex))
    if quantifiers > 2 or len(text) > _LONGEST or _BEYOND.search(regex):
        return None
    try:
        if re.fullmatch(regex, text):
            return True
        return None if re.search(regex, text, re.IGNORECASE) else False
    except (re.error, OverflowError):
        return None


def _all(answers: Iterable[bool | None]) -> bool | None:
    """Tell whether all hold: one that does not outweighs those of which nobody can tell."""
    found = list(answers)
    return False if False in found else None if None in found else True
