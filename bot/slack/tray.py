"""
What lies in the outbox: errands by what they are about, and the parcels that they hold. No I/O.

A parcel is held once, however often it is handed in: by who decided it, and by the bulletin.
"""

from collections.abc import Callable, Hashable, Iterator, Sequence
from datetime import datetime
from itertools import chain

from bot.flows.kept import Lane, Parcel, Slot
from bot.messages.blocks import Message
from bot.messages.storm import SLOT
from bot.slack.chores import PickUp, Receipts
from bot.slack.chorus import Chorus
from bot.slack.errands import MOST_DORMANT, Card, Errand, Held, Lines, Note

#: Parcels that were delivered a moment ago may still be on their way from the bulletin.
_RECENT = 2_000
_MOST_SHOWN = 5_000
_NEVER = float("inf")


class Tray:
    """
    Holds errands.

    Args:
        clock: monotonic seconds.
        now: the time of day; parcels are dated by it.

    """

    def __init__(self, clock: Callable[[], float], now: Callable[[], datetime]) -> None:
        self._clock = clock
        self._now = now
        self._errands: dict[Hashable, Errand] = {}  # in order of age
        self._held: set[str] = set()
        self._is_taking_over = True  #: what the bulletin has may be old
        self._recent: dict[str, None] = {}
        self._parked: set[str] = set()
        self._shown: dict[Slot, datetime] = {}  # of what time the newest state is that was wanted
        self._inherited: list[Held] = []
        self._eldest = _NEVER  #: since when what is said once has been waiting, at most
        self._is_overfull = False  #: lines may be more than a thread that never comes is kept for

    def __iter__(self) -> Iterator[Errand]:
        """Go through all errands, in order of age."""
        return iter(self._errands.values())

    # --- what comes in --------------------------------------------------------------------------

    def show(self, slot: Slot, message: Message, lane: Lane, at: datetime | None = None) -> Card:
        """Make the slot's message say this; *at*: what was so at that time."""
        self._shown.pop(slot, None)
        self._shown[slot] = at or self._now()
        while len(self._shown) > _MOST_SHOWN:
            del self._shown[next(iter(self._shown))]
        card, clock = self._errands.get(("card", slot)), self._clock()
        if isinstance(card, Card):
            card.want(message, lane, clock)
            return card
        card = Card(channel=slot.channel, lane=lane, since=clock, slot=slot, wanted=message)
        card.changed = clock
        self._errands["card", slot] = card
        return card

    def add(self, parcel: Parcel, *, linger: float, is_stored: bool) -> bool:
        """Hold a parcel that was just decided; False: it is here already, or was."""
        if self._has(parcel):
            return False
        self._hold(Held(parcel=parcel, since=self._clock(), is_stored=is_stored), linger)
        return True

    def restore(self, parcels: Sequence[Parcel]) -> None:
        """Hold what the bulletin has; Slack may have it already."""
        now, clock = self._now(), self._clock()
        was_taken_over, self._is_taking_over = self._is_taking_over, False
        for parcel in parcels:
            if not self._has(parcel):
                # Later on it is new: a clock that jumps must not make it too old to be said.
                age = max(0.0, (now - parcel.at).total_seconds()) if was_taken_over else 0.0
                self._hold(Held(parcel=parcel, since=clock - age, doubt=clock), 0.0)
        # Told already, and the row is still there: we ceased to lead before it was struck out.
        self._receive([parcel.id for parcel in parcels if parcel.id in self._recent])
        for errand in self._errands.values():
            if isinstance(errand, Lines) and errand.in_doubt:
                storms = (held.parcel.place for held in self._inherited)
                errand.elsewhere = tuple(s for s in storms if s and s.channel == errand.channel)

    def _has(self, parcel: Parcel) -> bool:
        return any(parcel.id in ids for ids in (self._held, self._recent, self._parked))

    def _hold(self, held: Held, linger: float) -> None:
        parcel, place = held.parcel, held.parcel.place
        self._held.add(parcel.id)
        self._eldest = min(self._eldest, held.since)
        if place is None:
            self._errands["note", parcel.id] = Note(
                channel=parcel.channel, lane=parcel.lane, since=held.since, note=held
            )
        elif parcel.slot.startswith(SLOT):
            self._inherited.append(held)
        elif parcel.is_living:
            self._shall_show(held, place)
        else:
            self._say(held, place, linger)

    def _shall_show(self, held: Held, place: Slot) -> None:
        """Let a living message say it, unless what it is to say already is newer."""
        parcel, newest = held.parcel, self._shown.get(place)
        card = self._errands.get(("card", place))
        if newest is None or newest <= parcel.at:
            card = self.show(place, parcel.message, parcel.lane, parcel.at)
        if isinstance(card, Card):
            card.parcels.append(held)
        else:
            self.strike([held])

    def _say(self, held: Held, slot: Slot, linger: float) -> None:
        lines = self._errands.get(("lines", slot))
        if not isinstance(lines, Lines):
            lines = Lines(channel=slot.channel, lane=held.parcel.lane, since=held.since, slot=slot)
            self._errands["lines", slot] = lines
        lines.add(held, self._clock(), linger=linger)
        self._is_overfull |= len(lines.waiting) > MOST_DORMANT
        if held.doubt is not None and not lines.busy:  # it is older than what came meanwhile
            lines.waiting.sort(key=lambda one: (one.parcel.at, one.parcel.id))
        card = self._errands.get(("card", slot))
        if isinstance(card, Card) and card.place is None:
            card.lane = min(card.lane, held.parcel.lane)  # the line needs the card's thread

    # --- storms ---------------------------------------------------------------------------------

    def take_inherited(self) -> list[Held]:
        """Give the last words of storms that another process began."""
        taken, self._inherited = self._inherited, []
        return taken

    def reserve(self, id_: str) -> None:
        """Know a parcel that is held elsewhere in this process."""
        self._held.add(id_)

    def say_last(self, slot: Slot, message: Message, held: Held) -> None:
        """Let a storm's message say its last words, and strike out those that were stored."""
        self.show(slot, message, held.parcel.lane).parcels.append(held)

    def chorus(self, slot: Slot) -> Chorus | None:
        """Give what is still to be told in the thread of a storm's message."""
        lines = self._errands.get(("lines", slot))
        return lines if isinstance(lines, Chorus) else None

    def gather(self, slot: Slot, lines: Sequence[Lines]) -> None:
        """Let lines be told in the thread of a storm's message instead of their own."""
        taken = [held for one in lines for held in one.waiting]
        for one in lines:
            self._remove(one)
        if not taken:
            return
        if (chorus := self.chorus(slot)) is None:
            channel, clock = slot.channel, self._clock()
            chorus = Chorus(channel=channel, lane=Lane.PROGRESS, since=clock, slot=slot)
            self._errands["lines", slot] = chorus
        chorus.gather(taken)

    def has_card(self, slot: Slot) -> bool:
        """Whether the slot's message is to be changed."""
        return ("card", slot) in self._errands

    def pick_up(self) -> None:
        """Ask the bulletin what else there is to be told."""
        self._errands.setdefault("pick up", PickUp(since=self._clock()))

    # --- what goes out --------------------------------------------------------------------------

    def finish(self, errand: Errand) -> None:
        """Drop what is done; a card that stands now lets its lines go."""
        if isinstance(errand, Card) and errand.is_done:  # also where Slack has shown it before
            errand.delivered += errand.parcels
            errand.parcels.clear()
        if errand.delivered:
            self.strike(errand.delivered)
            errand.delivered = []
        if isinstance(errand, Card) and errand.place:
            lines = self._errands.get(("lines", errand.slot))
            if isinstance(lines, Lines) and not lines.parent:
                lines.parent = errand.place.ts
        if errand.is_done:
            self._remove(errand)
            if isinstance(errand, PickUp):
                self.restore(errand.found or ())

    def strike(self, delivered: Sequence[Held]) -> None:
        """Let the bulletin forget what Slack has, or will never have."""
        for held in delivered:
            self._held.discard(held.parcel.id)
            self._recent[held.parcel.id] = None
        while len(self._recent) > _RECENT:
            del self._recent[next(iter(self._recent))]
        self._receive([held.parcel.id for held in delivered if held.is_stored])

    def _receive(self, ids: Sequence[str]) -> None:
        """Let the bulletin strike these out."""
        if not ids:
            return
        receipts = self._errands.setdefault("receipts", Receipts(since=self._clock()))
        if isinstance(receipts, Receipts):
            receipts.ids += ids

    def lose(self, errand: Errand, *, keeps: bool) -> tuple[int, int]:
        """Give up an errand, and lines without a thread; how many are lost, how many stored."""
        self._remove(errand)
        self.strike(errand.delivered)
        kept = [held for held in errand.held if keeps and held.is_stored]
        gone = [held for held in errand.held if held not in kept]
        self.strike(gone)
        self._parked |= {held.parcel.id for held in kept}
        self._held -= self._parked
        lost = len(gone) if errand.held else 1
        lines = self._errands.get(("lines", errand.slot)) if isinstance(errand, Card) else None
        if isinstance(errand, Card) and errand.place is None and lines:
            more = self.lose(lines, keeps=keeps)
            return lost + more[0], len(kept) + more[1]
        return lost, len(kept)

    def lose_old(self, before: float) -> list[Held]:
        """Give up what is said once and was decided before then, and what nobody can read."""
        lost: list[Held] = []
        if self._eldest >= before and not self._is_overfull:
            return lost  # it is asked at each bell, and thousands may wait
        once = [e for e in self._errands.values() if not isinstance(e, Card)]
        for errand in [e for e in once if not e.busy]:
            old = [held for held in errand.held if held.since < before]
            if isinstance(errand, Lines):
                if errand.is_dormant:  # a card that never comes must not fill the memory
                    old = [*old, *errand.waiting[len(old) : -MOST_DORMANT]]
                errand.drop(old)
                if errand.is_done:
                    self._remove(errand)
            elif old:
                self._remove(errand)
            lost += old
        self._eldest = min((h.since for e in once for h in e.held), default=_NEVER)
        self._is_overfull = any(
            isinstance(e, Lines) and not e.parent and len(e.waiting) > MOST_DORMANT for e in once
        )
        self.strike(lost)
        return lost

    def unpark(self) -> None:
        """Take up again what was put away."""
        if self._parked:
            self._parked.clear()
            self._is_taking_over = True
            self.pick_up()

    def forget_places(self) -> None:
        """Ask the bulletin again where messages stand."""
        for errand in self._errands.values():
            if isinstance(errand, Card):
                errand.place, errand.known = None, False
            elif isinstance(errand, Lines):
                errand.parent, errand.known = "", False

    def _remove(self, errand: Errand) -> None:
        for key in [key for key, kept in self._errands.items() if kept is errand]:
            del self._errands[key]

    # --- what there is --------------------------------------------------------------------------

    def hurry(self) -> None:
        """Let nothing wait for more of it."""
        for errand in self._errands.values():
            if isinstance(errand, Lines):
                errand.ready_at = 0.0

    def forgive(self) -> None:
        """Let nothing wait because it has failed."""
        for errand in self._errands.values():
            if errand.tries:
                errand.not_before = 0.0

    def in_order(self) -> Iterator[Errand]:
        """Go through what nobody works on yet: by lane, and by age within a lane."""
        lanes: dict[Lane, list[Errand]] = {lane: [] for lane in Lane}
        for errand in self._errands.values():
            if not (errand.busy or errand.is_dormant):
                lanes[errand.lane].append(errand)
        return chain.from_iterable(lanes.values())

    @property
    def is_calm(self) -> bool:
        """Whether nothing is left to do."""
        return all(errand.is_dormant for errand in self._errands.values())

    @property
    def depth(self) -> int:
        """How many messages are not sent yet, without lines whose card never came."""
        return sum(1 for _ in self._messages())

    @property
    def age(self) -> float:
        """For how many seconds the oldest of them has been waiting."""
        return max((self._clock() - errand.since for errand in self._messages()), default=0.0)

    def _messages(self) -> Iterator[Errand]:
        return (e for e in self._errands.values() if e.method and not e.is_dormant)

    @property
    def unstored(self) -> list[Parcel]:
        """What would be lost with this process."""
        held = [held for errand in self._errands.values() for held in errand.held]
        return [one.parcel for one in held if not one.is_stored]

    def clear(self) -> None:
        """Hold nothing any more."""
        self._errands.clear()
        self._held.clear()
        self._is_taking_over = True
