"""What requests with a header reach, in words."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from bot.balancing.argo import alb_ingresses
from bot.messages import words
from bot.messages.blocks import safe
from bot.release.rollout import Rollout
from bot.release.steps import routes_in_force
from bot.release.traffic import HeaderRoute, Look, asked_route

ABORT_DELAY = 30  #: seconds that the controller keeps canary pods after an abort, unless told else
_MOST_ROUTES = 6


def header_lines(look: Look, now: datetime) -> list[str]:
    """Tell what requests with each header reach, route by route."""
    lines = [_route(look, route, now) for route in look.traffic.routes[:_MOST_ROUTES]]
    missing = _missing_routes(look)[:_MOST_ROUTES]
    lines += [f"{words.ALERT} {lost_route(route)}" for route in missing]
    return [f"Header  {line}" for line in dict.fromkeys(lines)]


def reached_with(route: HeaderRoute) -> str:
    """Name the requests of a route: `X-Canary: true`."""
    if not route.header:
        return f"of route {safe(route.name, words.LONGEST_NAME)}"
    return f"{safe(route.header, 100)}: {safe(route.value, 100)}"


def named_routes(look: Look) -> str:
    """Name the requests that reach the canary; a route that several Ingresses have, once."""
    return _named(look.routes_to_canary)


def shadowed_routes(look: Look) -> str:
    """Name the requests of routes that are there, but get none; empty: no such route."""
    return _named(route for route in look.traffic.routes if route.shadowed_by)


def _named(routes: Iterable[HeaderRoute]) -> str:
    return words.some(list(dict.fromkeys(f"`{reached_with(route)}`" for route in routes)), 3)


def lost_route(route: HeaderRoute) -> str:
    """Tell why requests with the header do not reach the canary."""
    if route.shadowed_by:
        return f"requests with {reached_with(route)} reach stable: route shadowed by " + safe(
            route.shadowed_by, words.LONGEST_NAME
        )
    name, ingress = safe(route.name, 100), safe(route.ingress, words.LONGEST_NAME)
    return (
        f"requests with {reached_with(route)} reach stable: route {name} missing on "
        f"Ingress {ingress}"
    )


def _route(look: Look, route: HeaderRoute, now: datetime) -> str:
    if not look.rollout.is_releasing:
        return f"{reached_with(route)} {words.MOVES} stable"
    if not route.complete or route.shadowed_by:
        return f"{words.ALERT} {lost_route(route)}"
    if look.rollout.aborted:
        return f"{reached_with(route)} {words.MOVES} {_after_abort(look.rollout, now)}"
    if look.traffic.canary.available == 0:
        return f"{reached_with(route)} {words.MOVES} canary, which has no pods yet"
    return f"{reached_with(route)} {words.MOVES} canary"


def _missing_routes(look: Look) -> list[HeaderRoute]:
    """Tell routes that the steps have asked for and of which an Ingress has nothing."""
    if not look.rollout.is_releasing or look.rollout.aborted:
        return []
    there = {(route.ingress, route.name) for route in look.traffic.routes}
    return [
        asked_route(name, asked, ingress)
        for ingress in alb_ingresses(look.rollout)
        for name, asked in routes_in_force(look.rollout).items()
        if (ingress, name) not in there
    ]


def after_abort(look: Look, now: datetime) -> str:
    """Tell what requests with a header reach now that the release was called off."""
    if not look.routes_to_canary:
        return ""
    return f"Requests with {named_routes(look)} reach {_after_abort(look.rollout, now)}."


def _after_abort(rollout: Rollout, now: datetime) -> str:
    delay = ABORT_DELAY if rollout.abort_delay is None else rollout.abort_delay
    if not delay:
        return "either revision while canary pods are left"
    if rollout.aborted_at and now - rollout.aborted_at >= timedelta(seconds=delay):
        return "stable"
    return f"either revision until {delay} s after the abort, then stable"
