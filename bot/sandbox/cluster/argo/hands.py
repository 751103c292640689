"""What the Rollouts controller does to objects, and what it tells about it."""

import secrets
from collections.abc import Callable

from bot.sandbox.cluster import kinds, programs
from bot.sandbox.cluster.kinds import Kind
from bot.sandbox.cluster.managed import Writer
from bot.sandbox.cluster.objects import Manifest, at, merged, name_of, put, uid_of
from bot.sandbox.cluster.rules import timestamp
from bot.sandbox.cluster.store import Store

CONTROLLER = "rollouts-controller"  #: its field manager
_SOURCE = "rollouts-controller"
#: client-go lets so many events of one type about one object through, then one in five minutes
_BURST, _REFILL = 25, 300.0


class Recorder:
    """Writes Events; the same one again only grows its count, and too many are dropped."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._written: dict[tuple[str, str, str], str] = {}
        self._tokens: dict[tuple[str, str], tuple[float, float]] = {}

    def tell(self, thing: Manifest, reason: str, message: str, *, warning: bool = False) -> None:
        """Tell that something happened to an object."""
        kind, now = "Warning" if warning else "Normal", self._store.clock()
        if not self._may_pass((uid_of(thing), kind), now):
            return
        key = (uid_of(thing), reason, message)
        namespace, name = name_of(thing)
        known = self._written.get(key, "")
        if self._store.find(kinds.EVENTS, namespace, known):
            change = {"lastTimestamp": timestamp(now)}
            self._store.update(
                kinds.EVENTS,
                namespace,
                known,
                lambda event: merged(event, change | {"count": event["count"] + 1}),
                Writer(manager=CONTROLLER),
            )
            return
        self._written[key] = f"{name}.{secrets.token_hex(8)}"
        event = _event(thing, self._written[key], reason, message, kind, timestamp(now))
        self._store.create(kinds.EVENTS, event, Writer(manager=CONTROLLER))

    def _may_pass(self, key: tuple[str, str], now: float) -> bool:
        tokens, since = self._tokens.get(key, (float(_BURST), now))
        tokens = min(float(_BURST), tokens + max(0.0, now - since) / _REFILL)
        may = tokens >= 1
        self._tokens[key] = (tokens - may, now)
        return may


class Hands:
    """Writes as the controller."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.recorder = Recorder(store)

    @property
    def now(self) -> float:
        """Seconds since the epoch."""
        return self.store.clock()

    def change(
        self,
        kind: Kind,
        thing: Manifest,
        change: Callable[[Manifest], Manifest],
        *,
        status: bool = False,
    ) -> Manifest:
        """Change an object, or its status, in its newest version."""
        writer = Writer(manager=CONTROLLER, subresource="status" if status else "")
        return programs.update(self.store, kind, thing, change, writer)

    def create(self, kind: Kind, manifest: Manifest) -> Manifest:
        """Make an object."""
        return programs.create(self.store, kind, manifest, Writer(manager=CONTROLLER))

    def annotate(self, kind: Kind, thing: Manifest, key: str, value: str | None) -> Manifest:
        """Write an annotation, or take it away."""
        return self.change(kind, thing, lambda one: put(one, value, "metadata", "annotations", key))

    def tell(self, rollout: Manifest, reason: str, message: str, *, warning: bool = False) -> None:
        """Tell an Event about the rollout."""
        self.recorder.tell(rollout, reason, message, warning=warning)


def owner_reference(rollout: Manifest) -> Manifest:
    """Name the rollout as the controller of something."""
    return {
        "apiVersion": kinds.ROLLOUTS.api_version,
        "kind": kinds.ROLLOUTS.kind,
        "name": at(rollout, "metadata", "name"),
        "uid": uid_of(rollout),
        "controller": True,
        "blockOwnerDeletion": True,
    }


def _event(
    thing: Manifest, name: str, reason: str, message: str, kind: str, at_time: str
) -> Manifest:
    namespace, about = name_of(thing)
    return {
        "metadata": {"name": name, "namespace": namespace},
        "involvedObject": {
            "apiVersion": thing["apiVersion"],
            "kind": thing["kind"],
            "namespace": namespace,
            "name": about,
            "uid": uid_of(thing),
            "resourceVersion": thing["metadata"]["resourceVersion"],
        },
        "reason": reason,
        "message": message,
        "source": {"component": _SOURCE},
        "firstTimestamp": at_time,
        "lastTimestamp": at_time,
        "count": 1,
        "type": kind,
        "reportingComponent": _SOURCE,
        "reportingInstance": "",
    }
