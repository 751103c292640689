"""
A second reading of how the balancer matches, written from the vendor's description alone.

Every pattern is translated into a regular expression of Python, conditions into predicates. It
shares nothing with `matching.py` but the dataclasses.
"""

import ipaddress
import re
from collections.abc import Sequence

from bot.balancing.annotations import Condition
from bot.balancing.rules import Rule
from tests.balancing.matching import Request


def chosen(rules: Sequence[Rule], request: Request) -> Rule | None:
    """The rule with the lowest priority of those whose conditions all hold; None: the default."""
    holding = [rule for rule in rules if all(_conditions(rule, request))]
    return holding[0] if holding else None


def pattern(glob: str, *, escapes: bool = False, flags: int = 0) -> re.Pattern[str]:
    r"""`*` is zero or more characters, `?` exactly one; in query strings `\\` escapes."""
    tokens = re.findall(r"\\.|[\s\S]" if escapes else r"[\s\S]", glob)
    parts = {"*": ".*", "?": "."}
    body = "".join(
        re.escape(token[1:] if escapes and len(token) > 1 else token)
        if token not in parts
        else parts[token]
        for token in tokens
    )
    return re.compile(body, flags | re.DOTALL)


def _conditions(rule: Rule, request: Request) -> list[bool]:
    found = []
    if rule.hosts.globs:
        found.append(any(_like(glob, request.host, re.IGNORECASE) for glob in rule.hosts.globs))
    if rule.paths.globs:
        found.append(any(_like(glob, request.path) for glob in rule.paths.globs))
    return found + [_holds(test, request) for test in rule.tests]


def _like(glob: str, text: str, flags: int = 0) -> bool:
    return pattern(glob, flags=flags).fullmatch(text) is not None


def _holds(test: Condition, request: Request) -> bool:
    if test.field == "http-request-method":
        return request.method in set(test.values)
    if test.field == "source-ip":
        address = ipaddress.ip_address(request.source)
        nets = [ipaddress.ip_network(value, strict=False) for value in test.values]
        return any(address in net for net in nets if net.version == address.version)
    if test.field == "http-header":
        return any(
            name.casefold() == test.header.casefold() and _like(value, said, re.IGNORECASE)
            for name, said in request.headers
            for value in test.values
        )
    return any(
        (key is None or _asks(key, own_key)) and _asks(value, own_value)
        for key, value in test.pairs
        for own_key, own_value in request.query
    )


def _asks(glob: str, text: str) -> bool:
    return pattern(glob, escapes=True, flags=re.IGNORECASE).fullmatch(text) is not None
