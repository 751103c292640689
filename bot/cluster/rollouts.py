"""KubernetesCluster: the port `Cluster`, put together."""

import json
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from bot.balancing.inventory import Inventory
from bot.cluster import rights
from bot.cluster.classes import Classes
from bot.cluster.clients import Request
from bot.cluster.configuration import home_namespace
from bot.cluster.connect import Connection
from bot.cluster.decoding import summary
from bot.cluster.kinds import ROLLOUTS, path_of
from bot.cluster.lease import Elector
from bot.cluster.managed import Managed
from bot.cluster.mirror import Mirror
from bot.cluster.pace import Pace
from bot.cluster.reading import Reader
from bot.cluster.refusals import Ask, Denied, Forbidden
from bot.cluster.watch import Watch
from bot.flows.leadership import Term
from bot.flows.ports import Gone, Listed, Observed, Trouble, Unreadable, Writer
from bot.release.access import Allowed
from bot.release.actions import Patch
from bot.release.errors import NotAllowed, NotFound, Unreachable
from bot.release.guards import Operation
from bot.release.rollout import Rollout

log = logging.getLogger(__name__)

MANAGER = "rollout-bot"  #: our name in metadata.managedFields
_JSON_PATCH = "application/json-patch+json"  # a list sent as merge patch would guard nothing


class KubernetesCluster:
    """
    One cluster. It asks for nothing by itself until it is mirrored, or `watch` is iterated.

    Args:
        connection: open, to the API server.
        name: what people call the cluster.
        namespaces: those to watch; empty: all.
        selector: label selector for the rollouts to watch.
        writes: False: `apply` refuses.
        pace: how patient the watches are.

    """

    def __init__(
        self,
        connection: Connection,
        *,
        name: str = "",
        namespaces: Sequence[str] = (),
        selector: str = "",
        writes: bool = True,
        pace: Pace | None = None,
    ) -> None:
        self.name = name
        self.writes = writes
        self._connection = connection
        self._reader = Reader(connection)
        self._pace = pace or Pace()
        self._rights = rights.Rights(connection, self._pace.monotonic)
        self._mirror = Mirror(connection, namespaces=namespaces, selector=selector, pace=self._pace)
        self._classes = Classes(connection, self._pace.monotonic)
        self._is_watched = False

    async def watch(self) -> AsyncGenerator[Observed | Gone | Listed, None]:
        """
        Tell every rollout at first, then `Listed`, then each one again as it changes.

        One consumer at a time; close the generator to end the watches. A label selector that does
        not fit any more is told as `Gone`, as the API server tells it.
        """
        if self._is_watched:
            raise RuntimeError("the cluster is watched already")
        self._is_watched = True
        try:
            async with AsyncExitStack() as stack:
                if self._mirror.runs:
                    self._mirror.tell_anew()
                else:
                    await stack.enter_async_context(self.mirrored())
                while True:
                    yield await self._mirror.take()
        finally:
            self._is_watched = False

    @asynccontextmanager
    async def mirrored(self) -> AsyncIterator[None]:
        """Keep what is known up to date while this is open, whether or not somebody watches."""
        self._mirror.start()
        try:
            yield
        finally:
            await self._mirror.stop()

    def known(self) -> Sequence[Rollout]:
        """Name all rollouts that are known now, without asking the server."""
        return self._mirror.known()

    def seen(self, namespace: str, name: str) -> Observed | None:
        """Give the last known state, without asking the server."""
        return self._mirror.seen(namespace, name)

    async def inventory(self) -> Inventory:
        """Give everything that is known; only the classes are asked for, now and then."""
        known, classes = self._mirror.inventory(), await self._classes.known()
        return replace(
            known,
            classes=classes.classes,
            params=classes.params,
            is_whole=known.is_whole and classes.is_whole,
        )

    async def get(self, namespace: str, name: str) -> Observed:
        """Read it anew from the server. Raises NotFound, Unreachable."""
        return await self._reader.observed(namespace, name)

    async def apply(self, rollout: Rollout, patch: Patch, allowed: Allowed) -> None:
        """
        Send one guarded patch, once: it is never repeated by itself.

        Raises:
            NotAllowed: the proof is for another rollout, or the bot is set to read only.
            OutOfDate: a test failed (422) or a conflict (409): somebody was first.
            NotFound: the rollout is gone.
            Unanswered: no answer came; whether it was applied is not known.
            Unreachable: it was not sent, or the bot's account may not.

        """
        if allowed.uid != rollout.uid:
            raise NotAllowed(f"You were allowed that on another rollout than {rollout.key}.")
        if not self.writes:
            raise NotAllowed("I am set to read only (`kubernetes.writes: false`).")
        space, name, subresource = rollout.namespace, rollout.name, "status" if patch.status else ""
        request = Request(
            method="PATCH",
            path=ROLLOUTS.path(space, name, subresource),
            ask=ROLLOUTS.ask("patch", space, name, subresource),
            query={"fieldManager": MANAGER},
            body=_bound_to(rollout, patch),
            content_type=_JSON_PATCH,
        )
        await self._connection.request(request)

    async def writers(self, rollout: Rollout) -> Sequence[Writer]:
        """Tell who wrote which part of the rollout last, newest first."""
        body = await self._reader.body(ROLLOUTS, rollout.namespace, rollout.name)
        try:
            managed = Managed.model_validate_json(body)
        except ValidationError as error:
            raise Unreachable(f"I cannot read who wrote {rollout.key}: {summary(error)}") from error
        if managed.uid != rollout.uid:
            raise NotFound(f"{rollout.key} was deleted and made again since.")
        return managed.writers()

    async def troubles(self, rollout: Rollout) -> Sequence[Trouble]:
        """Tell the warning Events on the rollout, newest first; empty when they may not be read."""
        return await self._reader.troubles(rollout)

    async def application(self, namespace: str, name: str) -> dict[str, Any]:
        """Read an Argo CD Application. Raises Unreadable, Unreachable."""
        ask = Ask(verb="get", resource="applications", namespace=namespace, name=name)
        try:
            path = path_of("/apis/argoproj.io/v1alpha1", "applications", namespace, name)
            body = await self._connection.request(Request(method="GET", path=path, ask=ask))
            application = json.loads(body)
        except (NotFound, Forbidden, ValueError) as error:
            # Not found is no proof either: Argo CD may manage from another cluster.
            raise Unreadable(str(error)) from error
        if not isinstance(application, dict):
            raise Unreadable("it is no object")
        return application

    @property
    def unreachable_since(self) -> datetime | None:
        """
        Since when the server does not answer; None: it does.

        While rollouts are watched, it also counts when only their watch cannot be renewed: then
        what is shown may be old.
        """
        mirrored = self._mirror.failing_since if self._mirror.runs else None
        since = [at for at in (self._connection.failing_since, mirrored) if at is not None]
        return min(since, default=None)

    @property
    def is_catching_up(self) -> bool:
        """Whether what is known is of different times, because the server was away."""
        return self._mirror.runs and self._mirror.is_catching_up

    @property
    def missing_rights(self) -> tuple[str, ...]:
        """What could not be read for want of a right, one sentence each."""
        return tuple(dict.fromkeys((*self._mirror.missing_rights, *self._reader.missing.values())))

    @property
    def watches(self) -> Sequence[Watch[Any]]:
        """All watches, for the metrics: `last_heard`, `failing_since`, `counters` of each."""
        return tuple(self._mirror.watches)

    async def may(
        self, verb: str, resource: str, subresource: str = "", namespace: str = ""
    ) -> bool:
        """Ask whether the bot's account has this right. Raises Denied, Unreachable."""
        return await rights.may(self._connection, verb, resource, subresource, namespace)

    async def may_act(self, namespace: str) -> bool:
        """
        Tell whether rollouts there can be acted on: the settings and the account's rights allow it.

        The answer is kept for five minutes, and for as long as the server is away. Raises Denied,
        Unreachable.
        """
        return self.writes and await self._rights.may_act(namespace)

    def elector(self, name: str, identity: str, term: Term, namespace: str = "") -> Elector:
        """Make an elector by a Lease in this cluster; namespace "": where we are at home."""
        return Elector(self._connection, namespace or home_namespace(), name, identity, term)

    async def ensure_accepted(self) -> None:
        """
        Wait, for ever if need be, until the server has answered and knows who we are.

        Raises:
            Denied: it refuses our credentials, also after they were read anew.

        """
        failures = 0
        while True:
            try:
                await self.may("list", "rollouts")
            except Denied:
                raise
            except Forbidden:  # it knows us, and forbids the question
                return
            except Unreachable as silence:
                failures += 1
                if failures == 1:
                    log.warning("I wait for the cluster: %s", silence.text)
                await self._pace.sleep(self._pace.backoff(failures))
            else:
                return


def _bound_to(rollout: Rollout, patch: Patch) -> list[Operation]:
    """
    Give the operations, which must at least test the identity.

    The later patches of a plan carry no guard of their own; between two of them the rollout can be
    deleted and made again under the same name.
    """
    test = {"op": "test", "path": "/metadata/uid", "value": rollout.uid}
    operations = list(patch.operations)
    return operations if test in operations else [test, *operations]
