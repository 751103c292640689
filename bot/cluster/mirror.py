"""
The last known state of the kinds we read, and which rollout a change touches.

A rollout is touched by its own manifest, by an Ingress or Service it names, and by a ReplicaSet it
owns. What it looks like is put together when the follower takes it.

The watches of four kinds are not ordered to each other: a rollout at its next step can come before
the Ingress with the new weight, or after it. Both are told, each with what is known of the other;
who must not be wrong reads anew (`reading.py`).
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bot.balancing.inventory import Inventory
from bot.balancing.objects import Ingress, Service
from bot.cluster.belongings import ingress_names, service_names
from bot.cluster.connect import Connection
from bot.cluster.feed import Feed
from bot.cluster.index import Index
from bot.cluster.kinds import INGRESSES, REPLICA_SETS, ROLLOUTS, SERVICES, Kind, T
from bot.cluster.news import Changed, News
from bot.cluster.pace import Pace
from bot.cluster.shelf import Shelf
from bot.cluster.watch import Watch
from bot.flows.ports import Gone, Listed, Observed
from bot.release.replicas import ReplicaSet
from bot.release.rollout import Rollout

#: plural of the kind, namespace, name: what a rollout names
Ref = tuple[str, str, str]


class Mirror:
    """
    Everything that is watched.

    Args:
        connection: to the API server.
        namespaces: those to watch; empty: all.
        selector: label selector for the rollouts.
        pace: how patient the watches are.

    Attributes:
        watches: one for each kind and namespace, for the metrics.

    """

    def __init__(
        self,
        connection: Connection,
        *,
        namespaces: Sequence[str] = (),
        selector: str = "",
        pace: Pace | None = None,
    ) -> None:
        self.watches: list[Watch[Any]] = []
        self._connection = connection
        self._namespaces = tuple(dict.fromkeys(namespaces)) or ("",)
        self._selector = selector
        self._pace = pace
        self._rollouts = Shelf(ROLLOUTS, self._rollout_changed)
        self._ingresses = Shelf(INGRESSES, self._ingress_changed)
        self._services = Shelf(SERVICES, self._service_changed)
        self._replica_sets = Shelf(REPLICA_SETS, self._replica_set_changed)
        self._named_by: Index[Ref] = Index()
        self._names: dict[str, tuple[Ref, ...]] = {}  # by rollout: what it is found under
        self._owned_by: Index[str] = Index()
        self._owner: dict[str, str] = {}  # by ReplicaSet: the same
        self._feeds: list[Feed[Any]] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._has_rollouts = asyncio.Event()
        self._news = News()
        self._failure: BaseException | None = None

    @property
    def missing_rights(self) -> tuple[str, ...]:
        """What cannot be read for want of a right or of the kind, one sentence each."""
        return tuple(dict.fromkeys(feed.missing_why for feed in self._feeds if feed.missing_why))

    @property
    def failing_since(self) -> datetime | None:
        """Since when the rollouts are not up to date; None: they are."""
        rollouts = (watch for watch in self.watches if watch.kind is ROLLOUTS)
        return min((w.failing_since for w in rollouts if w.failing_since), default=None)

    @property
    def is_catching_up(self) -> bool:
        """Whether the server was away, and a watch that this has cost is not back."""
        since = self._connection.outage.felt_since(self._connection.now())
        down = (w.failing_since for w in self.watches if w.failing_since)
        return since is not None and any(at >= since for at in down)

    def start(self) -> None:
        """
        Begin to watch, and to tell from the start.

        What was known before a stop is compared with what is listed now: a deletion in between is
        told.
        """
        self._failure = None
        self._feeds, self.watches = [], []
        self._has_rollouts.clear()
        self.tell_anew()
        self._watch(ROLLOUTS, self._rollouts, self._selector)
        self._watch(INGRESSES, self._ingresses)
        self._watch(SERVICES, self._services)
        self._watch(REPLICA_SETS, self._replica_sets)
        self._tasks = [
            asyncio.create_task(self._run(watch), name=str(watch)) for watch in self.watches
        ]
        for task in self._tasks:
            task.add_done_callback(self._watch_ended)

    def tell_anew(self) -> None:
        """Tell from the start: what is known, that it is all, and then what is news."""
        self._news = News()
        for rollout in self._rollouts.all():
            self._news.changed(rollout.uid)
        if self._failure is not None:
            self._news.fail(self._failure)
        elif self._feeds:
            self._settled()

    @property
    def runs(self) -> bool:
        """Whether what is known is kept up to date."""
        return bool(self._tasks)

    async def stop(self) -> None:
        """End all watches; what is known stays."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def take(self) -> Observed | Gone | Listed:
        """Give what is due next; wait for it."""
        while True:
            match await self._news.take():
                case Changed(uid):
                    rollout = self._rollouts.by_uid(uid)
                    if rollout is not None:
                        return self._observed(rollout)
                case Gone() | Listed() as told:
                    return told

    def known(self) -> tuple[Rollout, ...]:
        """Give all rollouts."""
        return self._rollouts.all()

    def seen(self, namespace: str, name: str) -> Observed | None:
        """Give the rollout that has this name now."""
        rollout = self._rollouts.named(namespace, name)
        return self._observed(rollout) if rollout else None

    def inventory(self) -> Inventory:
        """
        Give everything that is known, for an inspection; without the classes.

        It is not whole where a right is missing, or where namespaces or a selector leave
        something out.
        """
        is_limited = self._namespaces != ("",) or self._selector
        return Inventory(
            rollouts=self._rollouts.all(),
            ingresses=self._ingresses.all(),
            services=self._services.all(),
            is_whole=not (is_limited or self.missing_rights),
        )

    def _watch(self, kind: Kind[T], shelf: Shelf[T], selector: str = "") -> None:
        for namespace in self._namespaces:
            feed = Feed(shelf, namespace, self._settled)
            watch = Watch(
                self._connection,
                kind,
                feed,
                namespace=namespace,
                selector=selector,
                pace=self._pace,
            )
            self._feeds.append(feed)
            self.watches.append(watch)

    async def _run(self, watch: Watch[Any]) -> None:
        """Go on until cancelled; ReplicaSets after the rollouts: most are only their history."""
        if watch.kind is REPLICA_SETS:
            await self._has_rollouts.wait()
        await watch.run()

    def _watch_ended(self, task: asyncio.Task[None]) -> None:
        """Do not go on half blind after a bug: the follower hears of it."""
        if not task.cancelled() and (error := task.exception()):
            self._failure = error
            self._news.fail(error)

    def _settled(self) -> None:
        """
        Begin to tell when every kind is listed, or may not be.

        Sooner, a rollout would look as if its Ingress did not exist.
        """
        if all(feed.settled for feed in self._feeds if feed.kind is ROLLOUTS):
            self._has_rollouts.set()
        if all(feed.settled for feed in self._feeds):
            self._news.listed()

    def _observed(self, rollout: Rollout) -> Observed:
        space = rollout.namespace
        ingresses = (self._ingresses.named(space, name) for name in ingress_names(rollout))
        services = (self._services.named(space, name) for name in service_names(rollout))
        owned = (self._replica_sets.by_uid(u) for u in self._owned_by.of(rollout.uid))
        return Observed(
            rollout=rollout,
            ingresses=tuple(filter(None, ingresses)),
            services=tuple(filter(None, services)),
            replica_sets=tuple(sorted(filter(None, owned), key=lambda one: one.name)),
        )

    def _rollout_changed(self, before: Rollout | None, after: Rollout | None) -> None:
        if after is not None:
            self._index(after.uid, _refs(after))
            self._prune(after.uid)
            self._news.changed(after.uid)
        elif before is not None:
            self._index(before.uid, ())
            self._news.gone(before)

    def _index(self, uid: str, new: tuple[Ref, ...]) -> None:
        """Find a rollout under these names; what it was like in the end may name others."""
        old = self._names.pop(uid, ())
        for ref in old:
            if ref not in new:
                self._named_by.remove(ref, uid)
        for ref in new:
            if ref not in old:
                self._named_by.add(ref, uid)
        if new:
            self._names[uid] = new

    def _ingress_changed(self, before: Ingress | None, after: Ingress | None) -> None:
        self._touch_users(INGRESSES.plural, after or before)

    def _service_changed(self, before: Service | None, after: Service | None) -> None:
        self._touch_users(SERVICES.plural, after or before)

    def _touch_users(self, plural: str, thing: Ingress | Service | None) -> None:
        if thing is not None:
            for uid in self._named_by.of((plural, thing.namespace, thing.name)):
                self._news.changed(uid)

    def _replica_set_changed(self, before: ReplicaSet | None, after: ReplicaSet | None) -> None:
        now = after or before
        if now is None:
            return
        uid, last = now.uid, self._owner.pop(now.uid, "")
        self._owned_by.remove(last, uid)
        if after is not None:
            self._owner[uid] = after.owner
            self._owned_by.add(after.owner, uid)
        owners = {last, *(thing.owner for thing in (before, after) if thing is not None)}
        for owner in owners:
            if self._rollouts.by_uid(owner) is not None:  # else the selector leaves it out
                self._prune(owner)
                self._news.changed(owner)

    def _prune(self, owner: str) -> None:
        """Leave the ReplicaSets of a rollout that are only its history: ten, as Argo keeps them."""
        rollout = self._rollouts.by_uid(owner)
        for uid in self._owned_by.of(owner) if rollout else ():
            one = self._replica_sets.by_uid(uid)
            is_empty = one is not None and not one.desired and not one.available
            if one and rollout and is_empty and one.revision not in _revisions(rollout):
                self._replica_sets.leave(uid)
                self._owned_by.remove(owner, uid)
                self._owner.pop(uid, None)


def _revisions(rollout: Rollout) -> tuple[str, str]:
    return rollout.revision, rollout.stable


def _refs(rollout: Rollout) -> tuple[Ref, ...]:
    space = rollout.namespace
    ingresses = ((INGRESSES.plural, space, name) for name in ingress_names(rollout))
    services = ((SERVICES.plural, space, name) for name in service_names(rollout))
    return (*ingresses, *services)
