"""Everything that decides where traffic goes, read once from the server by paged lists."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.balancing.inventory import Controller, Inventory
from bot.balancing.shapes import gather
from bot.cluster.connect import Connection
from bot.cluster.decoding import Decoder
from bot.cluster.kinds import CLASS_PARAMS, CLASSES, INGRESSES, ROLLOUTS, SERVICES, Kind, T
from bot.cluster.listing import everything
from bot.cluster.refusals import Expired, Forbidden
from bot.release.errors import NotFound

_TRIES = 3  #: of a list whose page tokens grow too old
_CLUSTER_WIDE = (CLASSES, CLASS_PARAMS)


@dataclass(frozen=True, kw_only=True)
class Stock:
    """
    What a cluster has.

    Attributes:
        inventory: whole, if nothing is missing.
        missing: what could not be read and why, one sentence each.

    """

    inventory: Inventory
    missing: tuple[str, ...] = ()


async def read_inventory(
    connection: Connection,
    *,
    namespaces: Sequence[str] = (),
    controller: Controller | None = None,
) -> Stock:
    """
    Read Rollouts, Ingresses, Services and classes.

    Args:
        connection: to the API server.
        namespaces: those to read; empty: all. With some only, the inventory is not whole: a group
            may have members elsewhere.
        controller: how the ALB controller is started.

    A kind that is not installed has no objects. What may not be read is told, and then nothing
    counts as absent.

    Raises:
        Denied: the server refuses our credentials.
        Unreachable: it does not answer.

    """
    lister = _Lister(connection, tuple(dict.fromkeys(namespaces)) or ("",))
    found = [one for kind in _KINDS for one in await lister.all(kind)]
    is_whole = not lister.missing and not namespaces
    inventory = gather(found, is_whole=is_whole, controller=controller)
    return Stock(inventory=inventory, missing=tuple(dict.fromkeys(lister.missing)))


_KINDS: tuple[Kind[Any], ...] = (ROLLOUTS, INGRESSES, SERVICES, CLASSES, CLASS_PARAMS)


class _Lister:
    def __init__(self, connection: Connection, namespaces: tuple[str, ...]) -> None:
        self.missing: list[str] = []
        self._connection = connection
        self._namespaces = namespaces

    async def all(self, kind: Kind[T]) -> list[T]:
        """Give all objects of a kind that may be read."""
        decoder, found = Decoder(kind.model), list[T]()
        for namespace in ("",) if kind in _CLUSTER_WIDE else self._namespaces:
            try:
                found += await self._afresh(kind, decoder, namespace)
            except Forbidden as forbidden:
                self.missing.append(forbidden.text)
            except NotFound:  # the kind is not installed
                continue
        return found

    async def _afresh(self, kind: Kind[T], decoder: Decoder[T], namespace: str) -> list[T]:
        """Read one list; from its beginning again when it grew too old meanwhile."""
        for _ in range(_TRIES - 1):
            with contextlib.suppress(Expired):
                return await self._list(kind, decoder, namespace)
        return await self._list(kind, decoder, namespace)

    async def _list(self, kind: Kind[T], decoder: Decoder[T], namespace: str) -> list[T]:
        found, illegible = await everything(self._connection, kind, decoder, namespace)
        self.missing += (
            f"I cannot read that one of {kind.plural}: {one.called} ({one.why})."
            for one in illegible
        )
        return found
