"""
The Rollouts controller: who wakes it, and the order of a turn.

    rollout, ReplicaSet, Service, Ingress, AnalysisRun changes ─▶ queue ─▶ one turn on one rollout

Argo: rollout/controller.go, context.go, canary.go; ingress/ingress.go and alb.go.
"""

from bot.sandbox.cluster import kinds
from bot.sandbox.cluster.argo import (
    analysis,
    conditions,
    ingress,
    leftovers,
    nginx,
    revisions,
    routing,
    scaling,
    services,
    sets,
    status,
    steps,
    validation,
)
from bot.sandbox.cluster.argo.hands import Hands
from bot.sandbox.cluster.argo.look import Look
from bot.sandbox.cluster.argo.turn import Turn
from bot.sandbox.cluster.errors import Exists
from bot.sandbox.cluster.kinds import Kind
from bot.sandbox.cluster.objects import Manifest, at, name_of, put, uid_of
from bot.sandbox.cluster.queue import Key, Trouble, WorkQueue
from bot.sandbox.cluster.shelves import Event
from bot.sandbox.cluster.store import Store

_INVALID_AGAIN = 20.0  #: seconds until an invalid spec is looked at again
_ALB, _NGINX = "alb", "nginx"  #: --alb-ingress-classes, --nginx-ingress-classes
_OWNED = frozenset((kinds.REPLICA_SETS.key, kinds.ANALYSIS_RUNS.key))
#: seconds between two turns on one rollout: about the pace at which the real controller was seen
GAP = 0.015


class RolloutsController:
    """Moves the rollouts of a store while it runs."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._hands = Hands(store)
        self._names: dict[str, Key] = {}  # of rollouts, by uid
        self._booked: set[Key] = set()  # rollouts that an Ingress names and that are not there
        self._left: set[Key] = set()  # Services that a rollout leads to no more
        self._queue = WorkQueue(self._sync, gap=GAP)

    async def run(self) -> None:
        """Look at every rollout, then at those around which something changes, for ever."""
        for rollout in self._store.all(kinds.ROLLOUTS):
            self._know(rollout)
        with self._store.heard_by(self._hear):
            await self._queue.run()

    # --- who wakes it ---------------------------------------------------------------------------

    def _hear(self, kind: Kind, event: Event) -> None:
        thing = event.object
        if kind.key == kinds.ROLLOUTS.key:
            self._hear_rollout(event)
        elif kind.key in _OWNED:
            owner = at(thing, "metadata", "ownerReferences", 0, "uid", default="")
            if owner in self._names:
                self._queue.add(self._names[owner])
        elif kind.key == kinds.SERVICES.key:
            self._hear_service(thing)
        elif kind.key == kinds.INGRESSES.key and event.type != "DELETED":
            self._hear_ingress(thing)

    def _hear_rollout(self, event: Event) -> None:
        thing, gone = event.object, event.type == "DELETED"
        before = leftovers.services_of(event.before)
        left = before if gone else before - leftovers.services_of(thing)
        self._left |= {(thing["metadata"]["namespace"], name) for name in left}
        if gone:
            self._names.pop(uid_of(thing), None)
            self._queue.add(name_of(thing))
        else:
            self._know(thing)

    def _know(self, rollout: Manifest) -> None:
        self._names[uid_of(rollout)] = name_of(rollout)
        self._queue.add(name_of(rollout))

    def _hear_service(self, service: Manifest) -> None:
        owner = at(service, "metadata", "annotations", sets.MANAGED_BY)
        if owner and at(service, "spec", "selector", sets.HASH):
            self._queue.add((service["metadata"]["namespace"], owner))

    def _hear_ingress(self, thing: Manifest) -> None:
        """Wake the rollouts that it belongs to, if its class is one of ours."""
        note = at(thing, "metadata", "annotations", "kubernetes.io/ingress.class", default="")
        found = note or at(thing, "spec", "ingressClassName")
        if found == _ALB:
            self._hear_alb(thing)
        elif found == _NGINX:
            namespace, name = name_of(thing)
            for rollout in self._store.all(kinds.ROLLOUTS, namespace):
                if name in nginx.watched(rollout):
                    self._queue.add(name_of(rollout))

    def _hear_alb(self, thing: Manifest) -> None:
        """Only rollouts that the bookkeeping names are woken."""
        try:
            names = list(ingress.booked(thing))
        except Trouble:
            return
        for name in names:
            key = (thing["metadata"]["namespace"], name)
            if self._store.find(kinds.ROLLOUTS, *key) is None:
                self._booked.add(key)
            self._queue.add(key)

    # --- a turn ---------------------------------------------------------------------------------

    def _sync(self, key: Key) -> None:
        left, self._left = self._left, set()
        for service in left:
            leftovers.free_service(self._hands, *service)
        rollout = self._store.find(kinds.ROLLOUTS, *key)
        if rollout is None:
            self._clean_up(key)
            return
        if "deletionTimestamp" in rollout["metadata"]:
            return
        owned = self._store.owned(kinds.REPLICA_SETS, uid_of(rollout))
        look = Look(rollout, sorted(owned, key=sets.age_key), self._store.clock())
        turn = Turn(look, self._hands, weights=look.weights)
        self._take(turn)
        if turn.again is not None:
            self._queue.add(key, turn.again)

    def _clean_up(self, key: Key) -> None:
        """Put right what a rollout that is gone has left behind."""
        self._queue.forget(key)
        if key in self._booked:
            self._booked.discard(key)
            leftovers.reset_ingresses(self._hands, *key)

    def _take(self, turn: Turn) -> None:
        look = turn.look
        if fault := validation.first_fault(self._store, look):
            self._refuse(turn, fault)
            return
        if look.new is None:
            try:
                revisions.create(turn)
            except Exists as exists:
                raise Trouble(str(exists)) from exists
            return
        if look.spec.get("replicas") is None:
            self._hands.change(
                kinds.ROLLOUTS, look.rollout, lambda one: put(one, 1, "spec", "replicas")
            )
            return
        after = conditions.paused_first(turn)
        if after is not None:
            status.patch_conditions(turn, after)
            return
        if look.is_promoted and look.is_aborted:
            turn.decided.unaborts = True
        revisions.synchronise(turn)
        if scaling.is_event(turn):
            self._only_scale(turn)
        else:
            self._release(turn)

    def _release(self, turn: Turn) -> None:
        """Go on with the release; every part may end the turn."""
        if turn.look.is_changed:
            status.write(turn)
            return
        revisions.forget_old(turn)
        services.reconcile(turn)
        routing.reconcile(turn)
        analysis.reconcile(turn)
        if not turn.decided.added and not scaling.reconcile(turn):
            steps.begin_pause(turn)
        status.write(turn)

    def _only_scale(self, turn: Turn) -> None:
        """Another spec.replicas: neither Services nor traffic nor steps in this turn."""
        scaling.reconcile(turn)
        numbers = ("availableReplicas", "HPAReplicas")
        base = status.base(turn)
        after = {**turn.look.status}
        for key in numbers:
            after.pop(key, None)
        status.persist(turn, after | {key: base[key] for key in numbers if key in base})

    def _refuse(self, turn: Turn, fault: str) -> None:
        look = turn.look
        message = f'The Rollout "{look.rollout["metadata"]["name"]}" is invalid: {fault}'
        before = conditions.find(look.status, "InvalidSpec")
        seen = look.status.get("observedGeneration") == str(look.rollout["metadata"]["generation"])
        turn.look_again(_INVALID_AGAIN)
        if before and before["message"] == message and seen:
            return
        after = conditions.with_condition(
            conditions.without(look.status, "InvalidSpec"),
            "InvalidSpec",
            "True",
            "InvalidSpec",
            message,
            look.now,
        )
        status.patch_conditions(turn, after)
