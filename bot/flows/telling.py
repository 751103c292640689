"""
What is said once: it is stored first, and handed to the chat then.

    decided ─▶ bulletin (in the transaction that says so) ─▶ chat ─▶ Slack ─▶ struck out

Whoever is killed in between has not lost it: it is found in the bulletin at the next start. A
database that fails does not silence the bot. It tells from memory then, and does not repeat itself
as long as it lives.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.flows.kept import OpenFinding, Parcel
from bot.flows.ports import Bulletin, Chat
from bot.release.errors import Refusal

_log = logging.getLogger(__name__)


@dataclass
class Telling:
    """
    Tells.

    Attributes:
        from_memory: how much was told that the database did not take.

    """

    chat: Chat
    bulletin: Bulletin
    from_memory: int = 0
    _unsaved: dict[str, None] = field(default_factory=dict)  #: keys that are taken in memory only
    _is_failing: bool = False

    async def once(self, key: str, parcels: Sequence[Parcel] = ()) -> bool:
        """Tell it if the key is free, and take the key for ever; whether it was free."""
        if key in self._unsaved:
            return False
        try:
            await self._catch_up()
            is_new = await self.bulletin.claim(key, parcels)
        except Refusal as failure:
            self._unsaved[key] = None
            self._by_memory(parcels, failure)
            return True
        self._works()
        if is_new and parcels:
            self.chat.send(parcels)
        return is_new

    async def say(self, parcels: Sequence[Parcel]) -> None:
        """Tell what is no news of its own: nothing else keeps it from being told again."""
        if not parcels:
            return
        try:
            await self.bulletin.queue(parcels)
        except Refusal as failure:
            self._by_memory(parcels, failure)
            return
        self._works()
        self.chat.send(parcels)

    async def findings(
        self,
        told: Sequence[OpenFinding],
        gone: Sequence[OpenFinding],
        parcels: Sequence[Parcel],
    ) -> bool:
        """Tell of findings, and keep which of them are open; whether that was kept."""
        try:
            await self.bulletin.keep_findings(told, gone, parcels)
        except Refusal as failure:
            self._by_memory(parcels, failure)
            return False
        self._works()
        if parcels:
            self.chat.send(parcels)
        return True

    async def _catch_up(self) -> None:
        """Take the keys in the database that were taken in memory. Raises Refusal."""
        for key in list(self._unsaved):
            await self.bulletin.claim(key)
            del self._unsaved[key]

    def _by_memory(self, parcels: Sequence[Parcel], failure: Refusal) -> None:
        self.from_memory += len(parcels)
        if not self._is_failing:
            _log.error(
                "I tell from memory, and may repeat it after a restart: %s",
                failure.text,
                extra={"action": "telling_from_memory"},
            )
        self._is_failing = True
        if parcels:
            self.chat.send(parcels, is_stored=False)

    def _works(self) -> None:
        if self._is_failing:
            _log.warning(
                "What I tell is stored again; %d messages were told from memory so far",
                self.from_memory,
                extra={"action": "telling_stored", "count": self.from_memory},
            )
        self._is_failing = False
