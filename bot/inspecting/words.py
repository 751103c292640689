"""Conditions, actions and shares in words."""

from collections.abc import Iterable, Iterator
from fractions import Fraction

from bot.balancing.annotations import (
    Action,
    Condition,
    FixedResponse,
    Forward,
    Redirect,
    TargetGroup,
)
from bot.balancing.authentication import Authenticate, Guard, ValidateToken
from bot.balancing.patterns import Patterns
from bot.balancing.rules import Rule
from bot.balancing.transforms import Transform

ANY = "any"


def patterns(given: Patterns) -> str:
    """Tell what a host or path must match."""
    return ", ".join((*given.globs, *(f"/{regex}/" for regex in given.regexes))) or ANY


def conditions(rule: Rule) -> str:
    """Tell what a rule asks for besides host and path; empty: nothing."""
    return " and ".join(_condition(one) for one in rule.tests)


def _condition(one: Condition) -> str:
    values = " or ".join((*one.values, *(f"/{regex}/" for regex in one.regexes)))
    match one.field:
        case "http-header":
            return f"{one.header}: {values}"
        case "http-request-method":
            return f"method {values}"
        case "query-string":
            return " or ".join(
                f"?{key}={value}" if key else f"?{value}" for key, value in one.pairs
            )
        case "source-ip":
            return f"from {values}"
    return f"{one.field} {values}"


def action(given: Action | None) -> Iterator[str]:
    """Tell what happens, one piece for each target."""
    match given:
        case Forward():
            yield from _forward(given)
        case Redirect():
            yield f"redirect {given.status.removeprefix('HTTP_')} to {_address(given)}"
        case FixedResponse():
            yield " ".join(
                filter(None, ("answer", given.status, f'"{given.body}"' * bool(given.body)))
            )
        case _:
            yield "cannot be made"


def before(guards: Iterable[Guard], transforms: Iterable[Transform] = ()) -> Iterator[str]:
    """Tell what is asked of the client, and what is rewritten, before a rule acts."""
    for guard in guards:
        match guard:
            case Authenticate(unauthenticated="allow"):
                yield f"login ({guard.kind}), or none"
            case Authenticate():
                yield f"login ({guard.kind})"
            case ValidateToken():
                yield f"token of {guard.issuer}"
    for one in transforms:
        what = "host" if one.kind == "host-header-rewrite" else "path"
        yield from (f"rewrite {what} {regex} to {text}" for regex, text in one.rewrites)


def _forward(given: Forward) -> Iterator[str]:
    weights = [1 if one.weight is None else one.weight for one in given.targets]
    total = sum(weights)
    for one, weight in zip(given.targets, weights, strict=True):
        yield f"{percent(Fraction(weight, total)) if total > 0 else '? %'} {target(one)}"
    if given.stickiness and given.stickiness.enabled:
        yield f"sticky for {given.stickiness.seconds} s"
    if not given.targets:
        yield "no target group"


def percent(share: Fraction) -> str:
    """Write a share without decimals; a little is not nothing."""
    number = round(share * 100)
    if number == 0 and share > 0:
        return "<1 %"
    return ">99 %" if number == 100 and share < 1 else f"{number} %"


def target(one: TargetGroup) -> str:
    """Name a target."""
    if one.service is not None:
        return f"{one.service}:{one.port}"
    return f"target group {one.group or (one.arn or '').partition(':targetgroup/')[2] or one.arn}"


def _address(to: Redirect) -> str:
    """Write where a redirect leads, as the balancer has it; what stays as asked is left out."""
    protocol = (to.protocol or "#{protocol}").lower()
    port = f":{to.port}" if to.port not in {None, "#{port}"} else ""
    path = to.path if to.path not in {None, "/#{path}"} else ""
    query = f"?{to.query}" if to.query not in {None, "#{query}"} else ""
    host = to.host if to.host not in {None, "#{host}"} else ""
    scheme = f"{protocol}://" if protocol != "#{protocol}" else ""
    if scheme and not host:
        return f"{scheme.removesuffix('://').upper()}{port}{path}{query}"
    return f"{scheme}{host}{port}{path}{query}" or "itself"
