"""ORD-07 to ORD-09: what redirects take away from a canary."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator

from bot.balancing.annotations import Redirect
from bot.balancing.catalogue.order import ORD_07, ORD_08, ORD_09
from bot.balancing.checks.order_patches import moved, with_annotation
from bot.balancing.checks.scene import Result, Scene, Tie
from bot.balancing.checks.taking import leads_to_https
from bot.balancing.checks.telling import header_of, listed, named, path_of, row
from bot.balancing.finding import Finding
from bot.balancing.listeners import LISTEN_PORTS, Listener
from bot.balancing.model import ListenerModel
from bot.balancing.ports import SSL_REDIRECT, find_ports
from bot.balancing.rules import Rule
from bot.release.numbers import is_whole


def omitted_rules(scene: Scene) -> Iterator[Result]:
    """
    ORD-07: a rule of the canary that is not made because of a redirect before it.

    Where a redirect sends HTTP to HTTPS and the rule stands on HTTPS, this is how it is
    meant, and nothing is wrong. One finding for each redirect.
    """
    for tie in scene.ahead.ties:
        yield from omissions(scene.ahead, tie, (*tie.root_rules, *tie.route_rules))


def omissions(ahead: Scene, tie: Tie, own: Iterable[Rule]) -> Iterator[Finding]:
    """Look for ORD-07 at some rules of a rollout's Ingress, as they will be."""
    found: dict[int, list[tuple[Rule, Rule, ListenerModel]]] = defaultdict(list)
    for rule, by, listener in _omitted(ahead, own):
        serves = (one for one in ahead.takers.stands_on(rule) if one.protocol == "HTTPS")
        if not (listener.protocol == "HTTP" and leads_to_https(by) and any(serves)):
            found[id(by)].append((rule, by, listener))
    for losses in found.values():
        yield _omission(ahead, tie, losses)


def _omitted(ahead: Scene, own: Iterable[Rule]) -> Iterator[tuple[Rule, Rule, ListenerModel]]:
    wanted = {id(rule) for rule in own}
    for listener in ahead.model.listeners:
        for left_out in listener.omitted:
            if left_out.by is not None and id(left_out.rule) in wanted:
                yield left_out.rule, left_out.by, listener


def _omission(ahead: Scene, tie: Tie, losses: list[tuple[Rule, Rule, ListenerModel]]) -> Finding:
    by = losses[0][1]
    rules = list({id(rule): rule for rule, _, _ in losses}.values())
    listeners = {listener.listener: listener for _, _, listener in losses}
    where = named(listeners.values())
    return tie.find(
        ORD_07,
        message=f"On {where} {tie.rollout.key} gets no requests for "
        f"{listed(f'`{rule.path}`' for rule in rules)}: these rules are not even made, because "
        f"of the redirect {path_of(by)}.",
        evidence="\n".join((f"{where}: {row(by)}", *(f"not made: {row(rule)}" for rule in rules))),
        patch=_let_through(ahead, rules[0], by),
        place=f"{by.ingress} {by.entry} {by.path}",
    )


def _let_through(ahead: Scene, rule: Rule, by: Rule) -> str:
    """Mend it where the redirect is to another host, or to HTTPS that is not listened on."""
    own, other = ahead.member(rule), ahead.member(by)
    if leads_to_https(by):
        ports = find_ports(ahead.inventory, ahead.model.group).members
        mine = [one for one, members in ports.items() if own in members]
        if any(one.protocol == "HTTPS" for one in mine):
            return ""
        port = by.action.port if isinstance(by.action, Redirect) else None
        return with_annotation(own, LISTEN_PORTS, _and_https(mine, port or "443"))
    apart = by.hosts and not {*by.hosts.globs} & {*rule.hosts.globs}
    return moved(own, other, [rule], by) if apart else ""


def _and_https(listeners: Iterable[Listener], port: str) -> str:
    """Write `listen-ports` with one more."""
    wanted = [{one.protocol: one.port} for one in listeners]
    return json.dumps([*wanted, {"HTTPS": int(port) if is_whole(port) else 443}])


def dropped_redirects(scene: Scene) -> Iterator[Result]:
    """
    ORD-08: a redirect with a condition that the controller takes for endless.

    One that only changes HTTP to HTTPS, and stands on HTTP, is left out on HTTPS for a good
    reason: there it would be endless.
    """
    for rule in scene.model.rules:
        lost = [
            listener
            for listener in scene.model.listeners
            if any(one.rule is rule and one.by is None for one in listener.omitted)
        ]
        on_http = any(one.protocol == "HTTP" for one in scene.takers.stands_on(rule))
        if lost and rule.tests and not (leads_to_https(rule) and on_http):
            namespace, _, name = rule.ingress.partition("/")
            yield ORD_08.at(
                "Ingress",
                namespace,
                name,
                message=f"Requests with {header_of(rule)} are not redirected on {named(lost)}: "
                f"{path_of(rule)} leads to the host, path and port that it has already.",
                evidence=f"not made: {row(rule)}",
                place=f"{rule.entry} {rule.path} {rule.service}",
                origin=scene.member(rule).origin,
            )


def without_https(scene: Scene) -> Iterator[Result]:
    """ORD-09: `ssl-redirect` of the group takes all rules of an Ingress that has only HTTP."""
    redirecting = [one for one in scene.model.listeners if one.redirects]
    if not redirecting:
        return
    ports = find_ports(scene.inventory, scene.model.group)
    for tie in scene.ties:
        own = [one for one, members in ports.members.items() if tie.ingress in members]
        if tie.ingress is None or not own or any(one.protocol == "HTTPS" for one in own):
            continue
        askers = [m.key for m in scene.model.group.members if SSL_REDIRECT in m.annotations]
        wanted = _and_https(own, str(ports.redirect_to))
        yield tie.find(
            ORD_09,
            message=f"No request reaches {tie.rollout.key} by Ingress {tie.name}: all of HTTP is "
            f"sent to HTTPS {ports.redirect_to}, where it has no rule.",
            evidence=f"{SSL_REDIRECT} of {listed(askers) or 'the class'}; {tie.ingress.key} "
            f"listens on {', '.join(f'{one.protocol} {one.port}' for one in own)} only",
            patch=with_annotation(tie.ingress, LISTEN_PORTS, wanted),
        )
