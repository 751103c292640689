"""
Traffic: the weight, the header routes, and what the status says of them.

Argo: rollout/trafficrouting.go. Where several Ingresses of an ALB are named, the first that needs
no change ends the loop; the ones behind it are not looked at (alb.go does so, and people meet it).
Those of NGINX are all looked at.
"""

from collections.abc import Callable

from bot.sandbox.cluster import kinds
from bot.sandbox.cluster.argo import ingress, nginx, services, sets, weights
from bot.sandbox.cluster.argo.turn import Turn
from bot.sandbox.cluster.argo.weights import Traffic
from bot.sandbox.cluster.errors import Refused
from bot.sandbox.cluster.objects import Manifest, at, owner_of, uid_of
from bot.sandbox.cluster.queue import Trouble


def reconcile(turn: Turn) -> None:
    """Write weight and routes, if the stable pods can serve the rest. Raises Trouble."""
    look = turn.look
    traffic = weights.decide(look, aborted=turn.is_aborted)
    if traffic.turns_canary_service:
        services.point(turn, look.canary.get("canaryService", ""), look.stable, careful=False)
    if traffic.drops_routes and look.managed_routes and look.alb:
        _write(turn, lambda one: ingress.without_routes(one, look), "removing managed routes")
    if not weights.stable_can_serve(look, traffic.weight):
        return
    route = (look.step or {}).get("setHeaderRoute")
    if route and turn.number > 1 and look.alb:
        what = f"to headerRoute '{route['name']}'"
        _write(turn, lambda one: ingress.with_header_route(one, look, route), what)
    _set_weight(turn, traffic.weight)
    _keep(turn, traffic)


def _set_weight(turn: Turn, weight: int) -> None:
    what = f"to desiredWeight '{weight}'"
    try:
        if turn.look.alb:
            _write(turn, lambda one: ingress.with_weight(one, turn.look, weight), what)
        else:
            _keep_canaries(turn, weight, what)
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


def _keep_canaries(turn: Turn, weight: int, what: str) -> None:
    """Make the canary Ingress beside each stable one, or change it."""
    look, store = turn.look, turn.hands.store
    namespace = turn.rollout["metadata"]["namespace"]
    for stable_name in nginx.names(look.nginx):
        name = nginx.canary_name(turn.rollout["metadata"]["name"], stable_name)
        stable = store.get(kinds.INGRESSES, namespace, stable_name)
        wanted = nginx.wanted(stable, look, name, weight)
        present = store.find(kinds.INGRESSES, namespace, name)
        if present is None:
            told = f"Creating canary ingress `{name}` with weight `{weight}`"
            turn.tell("CreatingCanaryIngress", told)
            turn.hands.create(kinds.INGRESSES, wanted)
        elif owner_of(present) != uid_of(turn.rollout):
            raise Trouble(f"canary ingress `{name}` controlled by different object")
        elif nginx.adopted(present, wanted) != present:
            turn.tell("PatchingCanaryIngress", f"Updating Ingress `{name}` {what}")
            _adopt(turn, present, wanted)


def _adopt(turn: Turn, present: Manifest, wanted: Manifest) -> None:
    try:
        turn.hands.change(kinds.INGRESSES, present, lambda one: nginx.adopted(one, wanted))
    except Refused as refused:
        name = present["metadata"]["name"]
        raise Trouble(f"error patching canary ingress `{name}`: {refused}") from refused


def _keep(turn: Turn, traffic: Traffic) -> None:
    """Write down what was handed to the router."""
    look = turn.look
    rest = look.most - traffic.weight
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
