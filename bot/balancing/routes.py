"""
The header routes on an ALB Ingress that lead to the canary Service.

A route is a path whose rule has an http-header condition and sends all its requests
to the canary. Argo writes such routes itself (`setHeaderRoute`), others stand in the
Ingress from the start. Each needs a path, a condition and (unless the path names the
canary Service directly) an action; GitOps may take one of them away.
"""

from collections.abc import Iterator, Sequence
from functools import partial

from bot.balancing.annotations import Condition, Undecodable, decode_action, decode_conditions
from bot.balancing.argo import alb_prefix, root_service
from bot.balancing.listeners import Listener, read_listeners
from bot.balancing.objects import Ingress
from bot.balancing.reach import Reach
from bot.balancing.rules import USE_ANNOTATION, Rule, read_rules
from bot.balancing.shadows import shadow_of
from bot.release.rollout import Rollout
from bot.release.traffic import HeaderRoute

#: the usual listeners, where those of the Ingress cannot be read
_USUAL = (Listener(port=80, protocol="HTTP"), Listener(port=443, protocol="HTTPS"))


def read_routes(rollout: Rollout, ingress: Ingress) -> Iterator[HeaderRoute]:
    """Tell the header routes of one ALB Ingress, in the order of its rules."""
    prefix = alb_prefix(rollout)
    rules = read_rules(ingress, prefix)
    managed = {route.name for route in rollout.managed_routes}
    for name in _names(ingress, prefix, rules):
        if name == root_service(rollout):
            continue
        conditions = _conditions(ingress, prefix, name)
        own = [rule for rule in rules if rule.service == name]
        if name in managed or (
            any(c.header for c in conditions) and _leads(rollout, ingress, name, own)
        ):
            yield _route(rollout, ingress, rules, own, name=name, conditions=conditions)


def _names(ingress: Ingress, prefix: str, rules: Sequence[Rule]) -> tuple[str, ...]:
    """Tell every backend name, and every name that only annotations have."""
    ends = (f"{prefix}/actions.", f"{prefix}/conditions.")
    names = [rule.service for rule in rules]
    names += [k.removeprefix(end) for k in ingress.annotations for end in ends if k.startswith(end)]
    return tuple(dict.fromkeys(name for name in names if name))


def _conditions(ingress: Ingress, prefix: str, name: str) -> tuple[Condition, ...]:
    try:
        return decode_conditions(ingress.annotations.get(f"{prefix}/conditions.{name}", "[]"))
    except Undecodable:
        return ()


def _leads(rollout: Rollout, ingress: Ingress, name: str, own: Sequence[Rule]) -> bool:
    """Whether the name sends everything to the canary, by its paths or by its action alone."""
    if own:
        return any(rule.share_of(rollout.canary_service_now) == 1 for rule in own)
    text = ingress.annotations.get(f"{alb_prefix(rollout)}/actions.{name}", "")
    try:
        alone = Rule(entry=0, service=name, port=USE_ANNOTATION, action=decode_action(text))
    except Undecodable:
        return False
    return alone.share_of(rollout.canary_service_now) == 1


def _route(
    rollout: Rollout,
    ingress: Ingress,
    rules: Sequence[Rule],
    own: Sequence[Rule],
    *,
    name: str,
    conditions: Sequence[Condition],
) -> HeaderRoute:
    whole = [rule for rule in own if is_route(rollout, rule)]
    header, value = _words(conditions) or _asked(rollout, name)
    return HeaderRoute(
        ingress=ingress.name,
        name=name,
        header=header,
        value=value,
        managed=name in {route.name for route in rollout.managed_routes},
        hosts=tuple(
            dict.fromkeys(h for r in whole or own for h in r.hosts.globs or (r.host,) if h)
        ),
        complete=bool(whole),
        shadowed_by=_shadow(rollout, ingress, rules, whole),
    )


def is_route(rollout: Rollout, rule: Rule) -> bool:
    """Whether a rule leads to the canary alone, by a header."""
    return not rule.broken and rule.share_of(rollout.canary_service_now) == 1 and rule.asks_header


def _words(conditions: Sequence[Condition]) -> tuple[str, str] | None:
    """
    Put header conditions into a header and a value.

    Values of one condition are alternatives, several conditions must all hold:
    `X-Canary`, `1 or 2 and X-Team: a`.
    """
    headers = [c for c in conditions if c.field == "http-header"]
    headers = headers or [c for c in conditions if c.header]  # a misspelt field
    if not headers:
        return None
    alternatives = [" or ".join((*c.values, *(f"/{r}/" for r in c.regexes))) for c in headers]
    more = (f"{c.header}: {v}" for c, v in zip(headers[1:], alternatives[1:], strict=True))
    return headers[0].header, " and ".join((alternatives[0], *more))


def _asked(rollout: Rollout, name: str) -> tuple[str, str]:
    """Tell header and value that the steps ask for under this name."""
    routes = [step.get("setHeaderRoute") or {} for step in rollout.steps]
    found = [route for route in routes if route.get("name") == name and route.get("match")]
    match = found[0]["match"][0] if found else {}
    return str(match.get("headerName", "")), str((match.get("headerValue") or {}).get("exact", ""))


def _shadow(
    rollout: Rollout, ingress: Ingress, rules: Sequence[Rule], whole: Sequence[Rule]
) -> str:
    """Name the path that takes the route's requests, on the hosts that serve this rollout."""
    prefix = alb_prefix(rollout)
    try:
        listeners = read_listeners(ingress, prefix)
    except Undecodable:
        listeners = _USUAL
    served = {rule.entry for rule in rules if _serves(rollout, rule)}
    mine = [rule for rule in whole if rule.entry in served] or whole
    counts = partial(_does_harm, rollout)
    shadows = (shadow_of(rule, rules, listeners, counts=counts) for rule in mine)
    return next((shadow for shadow in shadows if shadow), "")


def _does_harm(rollout: Rollout, earlier: Rule, reach: Reach) -> bool:
    """
    Whether an earlier rule keeps the header from its work.

    Another route to the canary does no harm. A rule for some other paths does,
    when these paths belong to this rollout.
    """
    if earlier.service == root_service(rollout):
        return True
    if earlier.share_of(rollout.canary_service_now) == 1:
        return False
    return reach is Reach.ALL or _serves(rollout, earlier)


def _serves(rollout: Rollout, rule: Rule) -> bool:
    """Whether a rule answers for the public's requests to this rollout."""
    return rule.service == root_service(rollout) or rule.share_of(rollout.stable_service_now) > 0
