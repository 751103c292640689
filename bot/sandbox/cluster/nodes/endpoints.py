"""EndpointSlices: which pods stand behind each Service, and which of them are ready."""

from collections import defaultdict

from bot.sandbox.cluster import kinds, programs
from bot.sandbox.cluster.kinds import Kind
from bot.sandbox.cluster.managed import Writer
from bot.sandbox.cluster.nodes.replicasets import alive, is_ready
from bot.sandbox.cluster.objects import Manifest, at, matches, name_of, uid_of
from bot.sandbox.cluster.queue import Key, WorkQueue
from bot.sandbox.cluster.shelves import Event
from bot.sandbox.cluster.store import Store

SERVICE_LABEL = "kubernetes.io/service-name"
_HASH = "rollouts-pod-template-hash"
_WRITER = Writer(manager="kube-controller-manager")


class EndpointController:
    """
    Keeps one slice for each Service of a store while it runs.

    Services and pods are kept by the revision that they select or have, so that a change of one pod
    is not a look at every Service.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._services: dict[tuple[str, str], set[Key]] = defaultdict(set)
        self._pods: dict[tuple[str, str], set[Key]] = defaultdict(set)
        self._queue = WorkQueue(self._sync)

    async def run(self) -> None:
        """Look at every Service, then at those that change, for ever."""
        for pod in self._store.all(kinds.PODS):
            self._pods[_group(pod, _labels(pod))].add(name_of(pod))
        for service in self._store.all(kinds.SERVICES):
            self._services[_group(service, _selector(service))].add(name_of(service))
            self._queue.add(name_of(service))
        with self._store.heard_by(self._hear):
            await self._queue.run()

    def _hear(self, kind: Kind, event: Event) -> None:
        thing = event.object
        if kind.key == kinds.PODS.key:
            group = _group(thing, _labels(thing))
            self._keep(self._pods[group], event)
            for service in self._services[group] | self._services[group[0], ""]:
                self._queue.add(service)
        elif kind.key == kinds.SERVICES.key:
            if event.before is not None:
                self._services[_group(event.before, _selector(event.before))].discard(
                    name_of(thing)
                )
            self._keep(self._services[_group(thing, _selector(thing))], event)
            self._queue.add(name_of(thing))

    @staticmethod
    def _keep(group: set[Key], event: Event) -> None:
        if event.type == "DELETED":
            group.discard(name_of(event.object))
        else:
            group.add(name_of(event.object))

    def _sync(self, key: Key) -> None:
        service = self._store.find(kinds.SERVICES, *key)
        if service is None or not _selector(service):
            return
        slice_ = _slice(service, self._chosen(service))
        name = slice_["metadata"]["name"]
        if self._store.find(kinds.ENDPOINT_SLICES, key[0], name) is None:
            programs.create(self._store, kinds.ENDPOINT_SLICES, slice_, _WRITER)
            return
        ends = slice_["endpoints"]
        self._store.update(
            kinds.ENDPOINT_SLICES, key[0], name, lambda one: {**one, "endpoints": ends}, _WRITER
        )

    def _chosen(self, service: Manifest) -> list[Manifest]:
        """The pods that a Service selects, in the order of their names."""
        selector, space = _selector(service), service["metadata"]["namespace"]
        if _HASH in selector:
            names = self._pods[_group(service, selector)]
        else:
            names = {key for (ns, _), keys in self._pods.items() if ns == space for key in keys}
        pods = [self._store.get(kinds.PODS, *key) for key in sorted(names)]
        return [pod for pod in alive(pods) if matches(_labels(pod), selector)]


def _slice(service: Manifest, pods: list[Manifest]) -> Manifest:
    metadata = service["metadata"]
    owner = {
        "apiVersion": service["apiVersion"],
        "kind": service["kind"],
        "name": metadata["name"],
        "uid": uid_of(service),
        "controller": True,
        "blockOwnerDeletion": True,
    }
    return {
        "metadata": {
            "name": f"{metadata['name']}-{uid_of(service)[:5]}",
            "namespace": metadata["namespace"],
            "labels": {SERVICE_LABEL: metadata["name"]},
            "ownerReferences": [owner],
        },
        "addressType": "IPv4",
        "endpoints": [_endpoint(pod) for pod in pods if at(pod, "status", "podIP")],
        "ports": list(at(service, "spec", "ports", default=())),
    }


def _endpoint(pod: Manifest) -> Manifest:
    namespace, name = name_of(pod)
    ready = is_ready(pod)
    return {
        "addresses": [at(pod, "status", "podIP")],
        "conditions": {"ready": ready, "serving": ready, "terminating": False},
        "targetRef": {"kind": "Pod", "namespace": namespace, "name": name, "uid": uid_of(pod)},
    }


def _labels(pod: Manifest) -> dict[str, str]:
    return dict(at(pod, "metadata", "labels", default={}))


def _selector(service: Manifest) -> dict[str, str]:
    return dict(at(service, "spec", "selector", default={}))


def _group(thing: Manifest, labels: dict[str, str]) -> tuple[str, str]:
    return thing["metadata"]["namespace"], labels.get(_HASH, "")
