"""Which pods the Services select. Argo: rollout/service.go."""

from bot.sandbox.cluster import kinds
from bot.sandbox.cluster.argo import ingress, sets, weights
from bot.sandbox.cluster.argo.turn import Turn
from bot.sandbox.cluster.objects import Manifest, at, put


def reconcile(turn: Turn) -> None:
    """Let the Services follow their revisions, as far as these have pods."""
    look = turn.look
    if look.canary.get("pingPong") and not look.is_promoted:
        canary, _ = ingress.services(look)
        point(turn, canary, look.new, careful=False)
    point(turn, look.canary.get("stableService", ""), look.stable, careful=True)
    if weights.rolling_back_from(look) is not None:
        return  # stable is not large enough yet
    point(turn, look.canary.get("canaryService", ""), look.new, careful=True)


def point(turn: Turn, name: str, one: Manifest | None, *, careful: bool) -> None:
    """Let a Service select a revision; *careful*: only if that has pods. Raises NotFound."""
    if one is None or not name:
        return
    namespace = turn.rollout["metadata"]["namespace"]
    service = turn.hands.store.get(kinds.SERVICES, namespace, name)
    wanted = sets.hash_of(one)
    if at(service, "spec", "selector", sets.HASH, default="") == wanted:
        return
    is_adopted = sets.MANAGED_BY in at(service, "metadata", "annotations", default={})
    if careful and not is_adopted and not _is_full(one):
        return
    if careful and not sets.available(one):
        return
    _switch(turn, service, wanted)


def _is_full(one: Manifest) -> bool:
    return 0 < sets.desired(one) <= sets.available(one)


def _switch(turn: Turn, service: Manifest, revision: str) -> None:
    owner = turn.rollout["metadata"]["name"]
    before = at(service, "spec", "selector", sets.HASH, default="")

    def change(one: Manifest) -> Manifest:
        after = put(one, revision, "spec", "selector", sets.HASH)
        if sets.MANAGED_BY in at(one, "metadata", "annotations", default={}):
            return after
        return put(after, owner, "metadata", "annotations", sets.MANAGED_BY)

    turn.hands.change(kinds.SERVICES, service, change)
    name = service["metadata"]["name"]
    turn.tell(
        "SwitchService", f"Switched selector for service '{name}' from '{before}' to '{revision}'"
    )
