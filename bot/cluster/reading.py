"""One rollout with what belongs to it, read anew from the server; and its Events."""

import asyncio
import re
import time
from collections.abc import Coroutine
from datetime import UTC, datetime
from typing import Any

from pydantic import AliasPath, BaseModel, Field, ValidationError

from bot.balancing.objects import Ingress, Service
from bot.cluster.belongings import ingress_names, service_names
from bot.cluster.clients import Request
from bot.cluster.connect import Connection
from bot.cluster.decoding import Decoder, summary
from bot.cluster.kinds import INGRESSES, REPLICA_SETS, ROLLOUTS, SERVICES, Kind, T, path_of
from bot.cluster.listing import everything
from bot.cluster.refusals import Ask, Forbidden
from bot.flows.ports import Observed, Trouble
from bot.release.errors import NotFound, Unreachable
from bot.release.replicas import ReplicaSet
from bot.release.rollout import Rollout

_LABEL_KEY = re.compile(r"([a-z0-9][-a-z0-9.]*/)?[A-Za-z0-9][-A-Za-z0-9_.]*")
_LABEL_VALUE = re.compile(r"[A-Za-z0-9][-A-Za-z0-9_.]*")
_MOST_EVENTS = "250"
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class _Selector(BaseModel):
    labels: dict[str, str] = Field(
        default_factory=dict, validation_alias=AliasPath("spec", "selector", "matchLabels")
    )


class _Event(BaseModel):
    reason: str = ""
    message: str = ""
    series: datetime | None = Field(None, validation_alias=AliasPath("series", "lastObservedTime"))
    last: datetime | None = Field(None, validation_alias="lastTimestamp")
    first: datetime | None = Field(None, validation_alias="eventTime")

    def trouble(self) -> Trouble:
        at = self.series or self.last or self.first
        return Trouble(reason=self.reason, message=self.message, at=at)


class _Events(BaseModel):
    items: list[_Event] = []


class Reader:
    """
    Reads single things, never from a cache.

    Attributes:
        missing: what could not be read for want of a right: resource and sentence.

    """

    def __init__(self, connection: Connection) -> None:
        self.missing: dict[str, str] = {}
        self._connection = connection
        self._decoders: dict[str, Decoder[Any]] = {
            kind.plural: Decoder(kind.model)
            for kind in (ROLLOUTS, INGRESSES, SERVICES, REPLICA_SETS)
        }

    async def observed(self, namespace: str, name: str) -> Observed:
        """
        Read a rollout and what belongs to it, all within one call's time.

        What is named but not there, or may not be read, is left out.

        Raises:
            NotFound: there is no such rollout.
            Unreachable: no answer, or the account may not read rollouts.

        """
        until = time.monotonic() + self._connection.call
        body = await self.body(ROLLOUTS, namespace, name)
        rollout: Rollout = self._decode(ROLLOUTS, body)
        within = max(0.1, until - time.monotonic())
        found = await _together(
            *(self._named(INGRESSES, namespace, n, within) for n in ingress_names(rollout)),
            *(self._named(SERVICES, namespace, n, within) for n in service_names(rollout)),
            self._replica_sets(rollout, _selector_of(body), within),
        )
        *named, replica_sets = found
        return Observed(
            rollout=rollout,
            ingresses=tuple(thing for thing in named if isinstance(thing, Ingress)),
            services=tuple(thing for thing in named if isinstance(thing, Service)),
            replica_sets=replica_sets,
        )

    async def body(
        self, kind: Kind[T], namespace: str, name: str, within: float | None = None
    ) -> bytes:
        """Read one object as it comes. Raises NotFound, Unreachable."""
        ask = kind.ask("get", namespace, name)
        request = Request(method="GET", path=kind.path(namespace, name), ask=ask)
        return await self._connection.request(request, within=within)

    async def troubles(self, rollout: Rollout) -> tuple[Trouble, ...]:
        """Read its warning Events, newest first; empty when they may not be read."""
        ask = Ask(verb="list", resource="events", namespace=rollout.namespace)
        request = Request(
            method="GET",
            path=path_of("/api/v1", "events", rollout.namespace),
            ask=ask,
            query={
                "fieldSelector": f"involvedObject.uid={rollout.uid},type=Warning",
                "limit": _MOST_EVENTS,
            },
        )
        try:
            events = _Events.model_validate_json(await self._connection.request(request))
        except Forbidden as forbidden:
            self.missing[ask.resource] = forbidden.text
            return ()
        except ValidationError as error:
            raise Unreachable(f"The cluster's Events make no sense: {summary(error)}") from error
        self.missing.pop(ask.resource, None)
        troubles = (event.trouble() for event in events.items)
        return tuple(sorted(troubles, key=lambda one: one.at or _LONG_AGO, reverse=True))

    async def _named(self, kind: Kind[T], namespace: str, name: str, within: float) -> T | None:
        try:
            thing: T = self._decode(kind, await self.body(kind, namespace, name, within))
        except NotFound:
            return None
        except Forbidden as forbidden:
            self.missing[kind.plural] = forbidden.text
            return None
        self.missing.pop(kind.plural, None)
        return thing

    async def _replica_sets(
        self, rollout: Rollout, labels: str, within: float
    ) -> tuple[ReplicaSet, ...]:
        decoder: Decoder[ReplicaSet] = self._decoders[REPLICA_SETS.plural]
        query = {"labelSelector": labels}
        try:
            found, _ = await everything(
                self._connection, REPLICA_SETS, decoder, rollout.namespace, query, within=within
            )
        except Forbidden as forbidden:
            self.missing[REPLICA_SETS.plural] = forbidden.text
            return ()
        self.missing.pop(REPLICA_SETS.plural, None)
        owned = (one for one in found if one.owner == rollout.uid)
        return tuple(sorted(owned, key=lambda one: one.name))

    def _decode(self, kind: Kind[T], body: bytes) -> T:
        try:
            thing: T = self._decoders[kind.plural].one(body)
        except ValidationError as error:
            raise Unreachable(
                f"I cannot read that one of {kind.plural}: {summary(error)}. "
                "It may be newer than I am."
            ) from error
        return thing


async def _together(*calls: Coroutine[Any, Any, Any]) -> list[Any]:
    """Await all at once; the first that fails ends the others."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(call) for call in calls]
    except BaseExceptionGroup as failed:
        raise failed.exceptions[0] from failed
    return [task.result() for task in tasks]


def _selector_of(body: bytes) -> str:
    """
    Give the label selector of a rollout's ReplicaSets.

    It only makes the answer smaller: what counts is the owner. So what is not plainly a label (the
    selector of a referenced Deployment is not in the manifest at all) is left out.
    """
    try:
        labels = _Selector.model_validate_json(body).labels
    except ValidationError:
        labels = {}
    plain = (
        f"{key}={value}"
        for key, value in labels.items()
        if _LABEL_KEY.fullmatch(key) and _LABEL_VALUE.fullmatch(value)
    )
    return ",".join((REPLICA_SETS.labels, *plain))
