"""
The classes of Ingresses and their parameters: read now and then, because they hardly change.

They belong to the whole cluster. An account that may not read them goes without: then the usual
name of a class is taken at its word.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from bot.balancing.objects import ClassParams, IngressClass
from bot.cluster.connect import Connection
from bot.cluster.decoding import Decoder
from bot.cluster.kinds import CLASS_PARAMS, CLASSES, Kind, T
from bot.cluster.listing import everything
from bot.cluster.refusals import Forbidden
from bot.release.errors import NotFound, Refusal

log = logging.getLogger(__name__)

_GOOD_FOR = 600.0  #: seconds
_AGAIN = 60.0  #: seconds until the next try, when the server did not answer
_WITHIN = 5.0  #: seconds for each page: the search for findings waits for it


@dataclass(frozen=True)
class Known:
    """What was read; `is_whole`: there are no others."""

    classes: tuple[IngressClass, ...] = ()
    params: tuple[ClassParams, ...] = ()
    is_whole: bool = False


class Classes:
    """
    Reads them, and keeps them.

    Args:
        connection: to the API server.
        monotonic: the clock by which they grow old.

    """

    def __init__(self, connection: Connection, monotonic: Callable[[], float]) -> None:
        self._connection = connection
        self._monotonic = monotonic
        self._decoders = (Decoder(IngressClass), Decoder(ClassParams))
        self._due = 0.0
        self._known: Known | None = None

    async def known(self) -> Known:
        """Give them; what cannot be read now is as it was. Never raises."""
        if self._known is not None and self._monotonic() < self._due:
            return self._known
        for_classes, for_params = self._decoders
        wait = _GOOD_FOR
        try:
            classes, all_classes = await self._list(CLASSES, for_classes)
            params, all_params = await self._params(for_params)
        except (Forbidden, NotFound) as refusal:
            log.info("No classes of Ingresses: %s", refusal.text, extra={"action": "no_classes"})
            self._known = Known()
        except Refusal as refusal:
            log.warning("No classes of Ingresses: %s", refusal.text, extra={"action": "no_classes"})
            self._known, wait = self._known or Known(), _AGAIN
        else:
            is_whole = all_classes and all_params
            read = Known(tuple(classes), tuple(params), is_whole=is_whole)
            if read != self._known:  # the same objects as before: nothing is inspected again
                self._known = read
        self._due = self._monotonic() + wait
        return self._known or Known()

    async def _params(self, decoder: Decoder[ClassParams]) -> tuple[list[ClassParams], bool]:
        """Read the parameters; a cluster without their definition has none."""
        try:
            return await self._list(CLASS_PARAMS, decoder)
        except NotFound:
            return [], True

    async def _list(self, kind: Kind[T], decoder: Decoder[T]) -> tuple[list[T], bool]:
        """Read all of one kind, and tell whether each of them could be read."""
        found, illegible = await everything(self._connection, kind, decoder, within=_WITHIN)
        return found, not illegible
