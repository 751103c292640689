"""
Traffic: the weight, the header routes, and what the status says of them.

Argo: rollout/trafficrouting.go. Where several Ingresses are named, the first that needs no change
ends the loop; the ones behind it are not looked at (alb.go does so, and people meet it).
"""

from collections.abc import Callable

from bot.sandbox.cluster import kinds
from bot.sandbox.cluster.argo import ingress, services, sets, weights
from bot.sandbox.cluster.argo.look import MOST
from bot.sandbox.cluster.argo.turn import Turn
from bot.sandbox.cluster.argo.weights import Traffic
from bot.sandbox.cluster.errors import Refused
from bot.sandbox.cluster.objects import Manifest, at
from bot.sandbox.cluster.queue import Trouble


def reconcile(turn: Turn) -> None:
    """Write weight and routes, if the stable pods can serve the rest. Raises Trouble."""
    look = turn.look
    traffic = weights.decide(look, aborted=turn.is_aborted)
    if traffic.turns_canary_service:
        services.point(turn, look.canary.get("canaryService", ""), look.stable, careful=False)
    if traffic.drops_routes and look.managed_routes:
        _write(turn, lambda one: ingress.without_routes(one, look), "removing managed routes")
    if not weights.stable_can_serve(look, traffic.weight):
        return
    route = (look.step or {}).get("setHeaderRoute")
    if route and turn.number > 1:
        what = f"to headerRoute '{route['name']}'"
        _write(turn, lambda one: ingress.with_header_route(one, look, route), what)
    _set_weight(turn, traffic.weight)
    _keep(turn, traffic)


def _set_weight(turn: Turn, weight: int) -> None:
    what = f"to desiredWeight '{weight}'"
    try:
        _write(turn, lambda one: ingress.with_weight(one, turn.look, weight), what)
    except (Trouble, Refused) as trouble:
        turn.tell("TrafficRoutingError", str(trouble), warning=True)
        raise


def _write(turn: Turn, change: Callable[[Manifest], Manifest], what: str) -> None:
    """Change the Ingresses one after the other; the first that stays as it is ends it."""
    namespace = turn.rollout["metadata"]["namespace"]
    for name in ingress.names(turn.look):
        before = turn.hands.store.get(kinds.INGRESSES, namespace, name)
        if change(before) == before:
            return
        turn.tell("PatchingALBIngress", f"Updating Ingress `{name}` {what}")
        try:
            turn.hands.change(kinds.INGRESSES, before, change)
        except Refused as refused:
            raise Trouble(f"error patching alb ingress `{name}`: {refused}") from refused


def _keep(turn: Turn, traffic: Traffic) -> None:
    """Write down what was handed to the router."""
    look = turn.look
    rest = MOST - traffic.weight
    new = {
        "canary": _destination(traffic.weight, look.canary.get("canaryService"), traffic.canary),
        "stable": _destination(rest, look.canary.get("stableService"), traffic.stable),
    }
    old = look.weights
    if old and {part: old.get(part) for part in new} == new:
        return
    before = at(old, "canary", "weight")
    if before is None:
        details = f"to {traffic.weight}"
    elif before != traffic.weight:
        details = f"from {before} to {traffic.weight}"
    else:
        details = ""
    turn.tell("TrafficWeightUpdated", f"Traffic weight updated {details}")
    turn.weights = new


def _destination(weight: int, service: str | None, revision: str) -> Manifest:
    destination: Manifest = {"weight": weight}
    if service:
        destination["serviceName"] = service
    if revision:
        destination[sets.POD_TEMPLATE_HASH] = revision
    return destination
