"""Makes as many pods as each ReplicaSet wants, and counts them."""

import secrets

from bot.sandbox.cluster import kinds, programs
from bot.sandbox.cluster.kinds import Kind
from bot.sandbox.cluster.managed import Writer
from bot.sandbox.cluster.objects import Manifest, at, merged, name_of, owner_of, uid_of
from bot.sandbox.cluster.queue import Key, WorkQueue
from bot.sandbox.cluster.shelves import Event
from bot.sandbox.cluster.store import Store

NODE = "node"  #: where all pods are
_WRITER = Writer(manager="kube-controller-manager")
_STATUS = Writer(manager="kube-controller-manager", subresource="status")


class ReplicaSetController:
    """Keeps the pods of the ReplicaSets of a store while it runs."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._names: dict[str, Key] = {}  # of ReplicaSets, by uid
        self._queue = WorkQueue(self._sync)

    async def run(self) -> None:
        """Look at every ReplicaSet, then at those that change, for ever."""
        for one in self._store.all(kinds.REPLICA_SETS):
            self._know(one)
        with self._store.heard_by(self._hear):
            await self._queue.run()

    def _hear(self, kind: Kind, event: Event) -> None:
        if kind.key == kinds.PODS.key:
            owner = owner_of(event.object)
            if owner in self._names:
                self._queue.add(self._names[owner])
        elif kind.key == kinds.REPLICA_SETS.key:
            if event.type == "DELETED":
                self._names.pop(uid_of(event.object), None)
            else:
                self._know(event.object)

    def _know(self, one: Manifest) -> None:
        self._names[uid_of(one)] = name_of(one)
        self._queue.add(name_of(one))

    def _sync(self, key: Key) -> None:
        one = self._store.find(kinds.REPLICA_SETS, *key)
        if one is None or "deletionTimestamp" in one["metadata"]:
            return
        pods = alive(self._store.owned(kinds.PODS, uid_of(one)))
        wanted = int(at(one, "spec", "replicas", default=1))
        for _ in range(wanted - len(pods)):
            programs.create(self._store, kinds.PODS, _pod_of(one), _WRITER)
        for pod in sorted(pods, key=_first_to_go)[: max(0, len(pods) - wanted)]:
            self._store.delete(kinds.PODS, *name_of(pod), graceful=True)
        self._count(one)

    def _count(self, one: Manifest) -> None:
        pods = alive(self._store.owned(kinds.PODS, uid_of(one)))
        ready = sum(map(is_ready, pods))
        status = {
            "replicas": len(pods),
            "fullyLabeledReplicas": len(pods) or None,
            "readyReplicas": ready or None,
            "availableReplicas": ready or None,
            "observedGeneration": one["metadata"]["generation"],
        }
        self._store.update(
            kinds.REPLICA_SETS,
            *name_of(one),
            lambda newest: merged(newest, {"status": status}),
            _STATUS,
        )


def alive(pods: list[Manifest]) -> list[Manifest]:
    """Those that are not about to end."""
    return [pod for pod in pods if "deletionTimestamp" not in pod["metadata"]]


def is_ready(pod: Manifest) -> bool:
    """Whether it says so itself."""
    conditions = at(pod, "status", "conditions", default=())
    return any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)


def _first_to_go(pod: Manifest) -> tuple[bool, bool, int]:
    """Pending before running, not ready before ready, the newest before the oldest."""
    running = at(pod, "status", "phase") == "Running"
    return running, is_ready(pod), -int(pod["metadata"]["resourceVersion"])


def _pod_of(one: Manifest) -> Manifest:
    template, metadata = one["spec"]["template"], one["metadata"]
    owner = {
        "apiVersion": one["apiVersion"],
        "kind": one["kind"],
        "name": metadata["name"],
        "uid": uid_of(one),
        "controller": True,
        "blockOwnerDeletion": True,
    }
    return {
        "metadata": {
            **template.get("metadata", {}),
            "name": f"{metadata['name']}-{secrets.token_hex(3)[:5]}",
            "namespace": metadata["namespace"],
            "ownerReferences": [owner],
        },
        "spec": {**template["spec"], "nodeName": NODE},
    }
