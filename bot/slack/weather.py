"""
Storms in the outbox: measured by what lies there, told in one message, and ended. No I/O.

    look ─▶ load of each channel ─▶ begin, tell anew, or end ─▶ what may go now
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime

from bot.flows.kept import Lane, Parcel, Slot
from bot.messages import storm as words
from bot.messages.storm import Brief
from bot.slack.chorus import Chorus
from bot.slack.errands import Card, Errand, Held, Lines, Note
from bot.slack.storm import ENDS, LINGERS, SPARE, Load, Storm, Storms
from bot.slack.tray import Tray
from bot.slack.turns import Turns

#: Seconds between two looks while there is a storm.
_LOOKS = 0.5
_RARELY = 50  #: times as long as a look took, until the next


class Weather:
    """
    Watches the tray.

    Args:
        now: the time of day.
        clock: monotonic seconds.

    """

    def __init__(
        self,
        tray: Tray,
        turns: Turns,
        now: Callable[[], datetime],
        clock: Callable[[], float],
    ) -> None:
        self._tray = tray
        self._turns = turns
        self._now = now
        self._clock = clock
        self._next_look = float("-inf")
        self.storms = Storms()
        self.is_calmed = False  #: whoever ends sends what can be sent

    def tell(self, slot: Slot, brief: Brief | None, now: float) -> None:
        """Hear what a card is to say."""
        if brief is not None:
            self.storms.tell(slot, brief, now)

    def look(self, now: float) -> float | None:
        """
        Begin, tell and end storms; after how many seconds to look again.

        It is asked at each bell, and thousands may wait: the longer a look takes, the rarer it is.
        """
        if now < self._next_look:
            return self._next_look - now
        soonest = self._look(now)
        self._next_look = now + _RARELY * (self._clock() - now)
        return soonest

    def _look(self, now: float) -> float | None:
        for held in self._tray.take_inherited():
            self._inherit(held, now)
        for channel, load in self._loads(now).items():
            if self.storms.begins(channel, load):
                self._begin(channel, now)
            if storm := self.storms.raging.get(channel):
                self._go_on(storm, load, now)
        self.storms.forget_ended(self._tray.has_card)
        return _LOOKS if self.storms.raging else None

    def wait(self, errand: Errand, now: float) -> float:
        """Seconds for which an errand is held back."""
        if not isinstance(errand, Card) or self.is_calmed or not self.storms.raging:
            return 0.0
        if is_storms(errand.slot):
            return 0.0
        spare = self._turns.needs(errand.channel, 0, SPARE + 1, now) if errand.place else 0.0
        return max(spare, self.storms.wait(errand.slot, errand.changed, errand.since, now))

    # --- how much there is ----------------------------------------------------------------------

    def _loads(self, now: float) -> dict[str, Load]:
        """Measure what waits to be shown in each channel."""
        cards: defaultdict[str, list[Card]] = defaultdict(list)
        posts: Counter[str] = Counter()
        for errand in self._tray:
            match errand:
                case Card(known=True) if not (errand.is_shown or is_storms(errand.slot)):
                    cards[errand.channel].append(errand)
                case Note():
                    posts[errand.channel] += 1
                case Lines() if self._is_urgent(errand):
                    posts[errand.channel] += 1
        edits = {channel: sum(c.place is not None for c in some) for channel, some in cards.items()}
        everywhere = sum(edits.values())
        return {
            channel: self._load(
                cards[channel],
                self._turns.needs(
                    channel,
                    posts[channel] + len(cards[channel]) - edits.get(channel, 0),
                    everywhere if edits.get(channel) else 0,
                    now,
                ),
            )
            for channel in {*cards, *posts, *self.storms.raging}
        }

    def _load(self, cards: list[Card], seconds: float) -> Load:
        told = [card.slot for card in cards if self.storms.knows(card.slot)]
        needy = sum(self.storms.needs_person(slot) for slot in told)
        return Load(cards=len(told), needy=needy, seconds=seconds)

    def _is_urgent(self, lines: Lines) -> bool:
        """Whether it needs a post of its own soon."""
        if isinstance(lines, Chorus) or lines.lane is Lane.PROGRESS:
            return False
        return not lines.is_dormant or self._tray.has_card(lines.slot)

    # --- a storm --------------------------------------------------------------------------------

    def _begin(self, channel: str, now: float) -> None:
        began = self._now()
        slot = Slot(channel=channel, key=f"{words.SLOT}{int(began.timestamp())}")
        parcel = Parcel(
            at=began,
            channel=channel,
            slot=slot.key,
            message=words.interrupted(began),
            lane=Lane.ENDED,
            is_living=True,
        )
        self._tray.reserve(parcel.id)
        self.storms.begin(Storm(slot=slot, began=began, since=now, last_words=parcel))

    def _inherit(self, held: Held, now: float) -> None:
        """Go on with a storm that an earlier process began, or let it say its last words."""
        slot = Slot(channel=held.parcel.channel, key=held.parcel.slot)
        if raging := self.storms.raging.get(slot.channel):
            if raging.slot == slot:
                self._tray.strike([held])  # it has last words of its own
            else:
                self._tray.say_last(slot, held.parcel.message, held)
            return
        began = held.parcel.at
        self.storms.begin(
            Storm(slot=slot, began=began, since=now, last_words=held.parcel, is_inherited=True)
        )

    def _go_on(self, storm: Storm, load: Load, now: float) -> None:
        """Bring lines into its thread and its message up to date; or end it."""
        self._tray.gather(storm.slot, list(self._scattered(storm)))
        chorus = self._tray.chorus(storm.slot)
        if self.storms.is_over(storm, load, unsaid=chorus is not None, now=now):
            self._end(storm)
            return
        if chorus and load.seconds <= ENDS:
            chorus.ready_at = min(chorus.ready_at, chorus.since + LINGERS)
        if self.storms.is_due(storm, now):
            message = words.storm(self.storms.briefs(storm.slot.channel), storm.began)
            self.storms.shown(storm, message)
            card = self._tray.show(storm.slot, message, Lane.ANSWER)
            card.last_words = storm.last_words

    def _scattered(self, storm: Storm) -> Iterator[Lines]:
        """Give lines that wait for threads of their own."""
        for errand in self._tray:
            if isinstance(errand, Lines) and not isinstance(errand, Chorus):
                is_here = errand.channel == storm.slot.channel and self.storms.knows(errand.slot)
                if is_here and not errand.busy and not errand.in_doubt:
                    yield errand

    def _end(self, storm: Storm) -> None:
        """Let its message say what it was, for good."""
        briefs = self.storms.briefs(storm.slot.channel)
        message = words.over(briefs, storm.began) if briefs else storm.last_words.message
        self.storms.end(storm)
        held = Held(parcel=storm.last_words, since=storm.since)
        self._tray.say_last(storm.slot, message, held)


def is_storms(slot: Slot) -> bool:
    """Whether it is the place of a message about all."""
    return slot.key.startswith(words.SLOT)
