"""
Where messages stand: the bulletin's word, kept at hand. Only this process edits them.

A bulletin that takes nothing keeps no message from being edited: what it did not take is known
here, and given to it later.
"""

from collections import OrderedDict
from contextlib import suppress

from bot.flows.kept import Place, Slot
from bot.flows.ports import Bulletin
from bot.release.errors import Refusal

MOST = 10_000  #: places at hand


class Places:
    """Reads a place once; what is written goes to the bulletin at once, if it takes it."""

    def __init__(self, bulletin: Bulletin) -> None:
        self._bulletin = bulletin
        self._known: OrderedDict[Slot, Place] = OrderedDict()
        self._unwritten: dict[Slot, Place] = {}

    def at_hand(self, slot: Slot) -> Place | None:
        """Tell where the slot's message stands, as far as nobody has to be asked."""
        return self._known.get(slot)

    async def place(self, slot: Slot) -> Place | None:
        """Tell where the slot's message stands."""
        if slot not in self._known:
            place = await self._bulletin.place(slot)
            if place is None:
                return None
            self._keep(slot, place)
        return self._known[slot]

    def clear(self) -> None:
        """Read everything anew."""
        self._known.clear()
        self._unwritten.clear()

    async def put(self, slot: Slot, place: Place) -> None:
        """Keep where the slot's message stands."""
        self._unwritten[slot] = place
        self._keep(slot, place)
        with suppress(Refusal):
            for one, stands in list(self._unwritten.items()):
                await self._bulletin.put(one, stands)
                if self._unwritten.get(one) == stands:
                    del self._unwritten[one]

    def _keep(self, slot: Slot, place: Place) -> None:
        self._known[slot] = place
        self._known.move_to_end(slot)
        while len(self._known) > MOST + len(self._unwritten):  # the oldest is read anew
            oldest = next(iter(self._known))
            self._known.move_to_end(oldest) if oldest in self._unwritten else self._known.popitem(
                last=False
            )

    async def forget(self, slot: Slot) -> None:
        """Drop a place whose message is gone."""
        self._known.pop(slot, None)
        self._unwritten.pop(slot, None)
        await self._bulletin.forget(slot)

    async def claim(self, key: str) -> bool:
        """Take a key for ever; False when it was taken before."""
        return await self._bulletin.claim(key)
