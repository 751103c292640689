"""Rules, requests and listeners in words, and the part of a rule table that proves a finding."""

from collections.abc import Iterable, Sequence

from bot.balancing.annotations import Action, Condition, FixedResponse, Forward, TargetGroup
from bot.balancing.model import ListenerModel
from bot.balancing.rules import Rule

_MOST = 5  #: so many of a list are named
_MOST_ROWS = 8  #: and so many rules of a table


def path_of(rule: Rule) -> str:
    """Name a path with its type and its Ingress: `/` Prefix of shop/web."""
    return f"`{rule.path or '(empty)'}` {rule.path_type} of {rule.ingress}"


def path_beside(rule: Rule, other: Rule) -> str:
    """Name a path, and its host where that is not the other one's."""
    if rule.host == other.host:
        return path_of(rule)
    return f"{path_of(rule)} for {rule.host or 'every host'}"


def header_of(rule: Rule) -> str:
    """Tell what a request must have for a rule: `X-Canary: 1 or 2 and X-Team: a`."""
    return " and ".join(_test(test) for test in rule.tests) or "no header"


def _test(test: Condition) -> str:
    pairs = (f"{key}={value}" if key else value for key, value in test.pairs)
    values = " or ".join((*test.values, *(f"/{regex}/" for regex in test.regexes), *pairs))
    return f"{test.header or test.field}: {values}"


def listed(names: Iterable[str]) -> str:
    """Put names in a row, the first few of many."""
    unique = list(dict.fromkeys(names))
    more = f" and {len(unique) - _MOST} more" if len(unique) > _MOST else ""
    return ", ".join(unique[:_MOST]) + more


def named(listeners: Iterable[ListenerModel]) -> str:
    """Name listeners: HTTP 80, HTTPS 443."""
    return listed(f"{one.protocol} {one.port}" for one in listeners)


def table(listeners: Sequence[ListenerModel], rules: Iterable[Rule]) -> str:
    """
    Write down rules with their priorities, as the evidence.

    Args:
        listeners: on which they stand, in the same order; the priorities are those of the first.
        rules: the ones that matter; a rule that does not stand there is left out.

    """
    wanted = {id(rule) for rule in rules}
    lines = [
        f"{listeners[0].priority_of(rule)}: {row(rule)}"
        for rule in listeners[0].rules
        if id(rule) in wanted
    ]
    if len(lines) > _MOST_ROWS:  # the last one is what it is about
        left_out = len(lines) - _MOST_ROWS
        lines[_MOST_ROWS - 1 : -1] = [f"… {left_out} more"]
    return "\n".join((f"{named(listeners)}:", *lines))


def row(rule: Rule) -> str:
    """Write down one rule: hosts, paths, conditions, what happens, whose it is."""
    hosts = " or ".join((*rule.hosts.globs, *(f"/{one}/" for one in rule.hosts.regexes)))
    paths = " or ".join((*rule.paths.globs, *(f"/{one}/" for one in rule.paths.regexes)))
    tests = f" {header_of(rule)}" if rule.tests else ""
    where = f"{hosts or 'any host'} {paths or 'any path'}{tests}"
    return f"{where} → {done(rule.action)} ({path_of(rule)})"


def done(action: Action | None) -> str:
    """Tell what an action does."""
    match action:
        case None:
            return "503"
        case Forward(targets=targets):
            return ", ".join(_target(one) for one in targets) or "nothing"
        case FixedResponse(status=status, body=body):
            return f"{status} {body or ''}".strip()
    parts = (action.protocol, action.host, action.port, action.path)
    return " ".join(("redirect to", *(part for part in parts if part)))


def _target(target: TargetGroup) -> str:
    name = target.service or target.group or target.arn or "?"
    return name if target.weight is None else f"{name} {target.weight}"
