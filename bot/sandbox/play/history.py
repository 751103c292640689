"""Weights over time: what the controller handed to its router, and what stood on the Ingress."""

from collections import defaultdict, deque
from typing import Any

from bot.sandbox.cluster import kinds
from bot.sandbox.cluster.kinds import Kind
from bot.sandbox.cluster.objects import Manifest, at, name_of
from bot.sandbox.cluster.shelves import Event
from bot.sandbox.cluster.store import Store
from bot.sandbox.play.truth import ingresses_of, weight_on

Point = dict[str, Any]
_KEPT = 400  #: points of one rollout


class History:
    """Writes down every change of a rollout's weights, from its making on."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._points: dict[tuple[str, str], deque[Point]] = defaultdict(lambda: deque(maxlen=_KEPT))
        store.hear(self._hear)

    def of(self, rollout: Manifest) -> list[Point]:
        """The points of a rollout, oldest first."""
        return list(self._points[name_of(rollout)])

    def _hear(self, kind: Kind, event: Event) -> None:
        namespace, name = name_of(event.object)
        if kind.key == kinds.ROLLOUTS.key:
            if event.type == "DELETED":
                self._points.pop((namespace, name), None)
            else:
                self._note(event.object)
        elif kind.key == kinds.INGRESSES.key:
            for rollout in self._store.all(kinds.ROLLOUTS, namespace):
                if name in ingresses_of(rollout):
                    self._note(rollout)

    def _note(self, rollout: Manifest) -> None:
        weights = [weight_on(self._store, rollout, name) for name in ingresses_of(rollout)]
        canary = at(rollout, "status", "canary", "weights", "canary", "weight", default=0)
        # Of several Ingresses the one that differs is the news.
        written = next((one for one in weights if one != canary), canary)
        point = {
            "canary": canary,
            "ingress": written if weights else None,
            "step": at(rollout, "status", "currentStepIndex", default=0),
        }
        points = self._points[name_of(rollout)]
        if not points or {k: v for k, v in points[-1].items() if k != "at"} != point:
            points.append({"at": self._store.clock(), **point})
