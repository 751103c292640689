"""
Where messages stand: the bulletin's word, kept at hand. Only this process edits them.

A bulletin that takes nothing keeps no message from being edited: what it did not take is known
here, and given to it later.
"""

from contextlib import suppress

from bot.flows.kept import Place, Slot
from bot.flows.ports import Bulletin
from bot.release.errors import Refusal


class Places:
    """Reads a place once; what is written goes to the bulletin at once, if it takes it."""

    def __init__(self, bulletin: Bulletin) -> None:
        self._bulletin = bulletin
        self._known: dict[Slot, Place] = {}
        self._unwritten: dict[Slot, Place] = {}

    async def place(self, slot: Slot) -> Place | None:
        """Tell where the slot's message stands."""
        if slot not in self._known:
            place = await self._bulletin.place(slot)
            if place is None:
                return None
            self._known[slot] = place
        return self._known[slot]

    def clear(self) -> None:
        """Read everything anew."""
        self._known.clear()
        self._unwritten.clear()

    async def put(self, slot: Slot, place: Place) -> None:
        """Keep where the slot's message stands."""
        self._known[slot] = self._unwritten[slot] = place
        with suppress(Refusal):
            for one, stands in list(self._unwritten.items()):
                await self._bulletin.put(one, stands)
                if self._unwritten.get(one) == stands:
                    del self._unwritten[one]

    async def forget(self, slot: Slot) -> None:
        """Drop a place whose message is gone."""
        self._known.pop(slot, None)
        self._unwritten.pop(slot, None)
        await self._bulletin.forget(slot)

    async def claim(self, key: str) -> bool:
        """Take a key for ever; False when it was taken before."""
        return await self._bulletin.claim(key)
