"""Where messages stand: the bulletin's word, kept at hand. Only this process edits them."""

from collections import OrderedDict

from bot.flows.kept import Place, Slot
from bot.flows.ports import Bulletin

MOST = 10_000  #: places at hand


class Places:
    """Reads a place once; what is written goes to the bulletin first."""

    def __init__(self, bulletin: Bulletin) -> None:
        self._bulletin = bulletin
        self._known: OrderedDict[Slot, Place] = OrderedDict()

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

    async def put(self, slot: Slot, place: Place) -> None:
        """Keep where the slot's message stands."""
        await self._bulletin.put(slot, place)
        self._keep(slot, place)

    def _keep(self, slot: Slot, place: Place) -> None:
        self._known[slot] = place
        self._known.move_to_end(slot)
        while len(self._known) > MOST:  # a card that nobody has touched for long is read anew
            self._known.popitem(last=False)

    async def forget(self, slot: Slot) -> None:
        """Drop a place whose message is gone."""
        self._known.pop(slot, None)
        await self._bulletin.forget(slot)

    async def claim(self, key: str) -> bool:
        """Take a key for ever; False when it was taken before."""
        return await self._bulletin.claim(key)
