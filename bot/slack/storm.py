"""
When many releases move at once: when a storm begins and ends, what waits, what is shown. Pure.

    every look ─▶ how long would it take to bring all cards of the channel up to date?
        over 5 s: a storm. One message for all of them is kept up to date, and the cards wait
        below 5 s, nothing that needs a person unsent, for a while: the storm is over

While it lasts a card goes when its release has stood still for a moment, and all together do not
change faster than cards could follow: the newest words of one that moves on are worth no call. Who
needs a person and has no buttons in the message about all does not wait for the others. What needs
a person goes first, then what has ended, then the rest (that is the order of lanes). So the cards
catch up by themselves when it gets calmer, and who never stands still gets one in a minute.

All times are the outbox's plain seconds; `began` is for people and for the message's metadata.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.flows.kept import Parcel, Slot
from bot.messages.blocks import Message
from bot.messages.storm import Brief

#: Seconds that a channel's cards may take without a storm; so long a state may be unseen.
BEGINS = 5.0
ENDS = 5.0
#: So few cards are no storm, however slow Slack is: people read them one by one.
FEWEST = 6
#: Edits that are kept for the messages about all, of all channels.
SPARE = 3
#: Seconds between two states of the message about all. Each costs an edit, of fifty a minute.
GAP = 3.0
#: Seconds for which a release has to stand still before its card goes.
SETTLED = 5.0
#: So many changes within that time are more than cards could follow: one post a second.
BUSY = 5
#: Seconds after which a card goes all the same.
LONGEST = 60.0
#: Seconds for which it has to be calm, and which a storm lasts at least.
CALM, SHORTEST = 3.0, 10.0
#: Seconds for which lines are gathered for one post in the storm's thread; and when it calms down.
GATHERS, LINGERS = 10.0, 3.0


@dataclass(frozen=True, kw_only=True)
class Load:
    """
    What waits to be shown in one channel.

    Attributes:
        cards: how many messages say something old, or are not there.
        needy: how many of them need a person.
        seconds: how long it takes to send all of it at Slack's pace.

    """

    cards: int = 0
    needy: int = 0
    seconds: float = 0.0


@dataclass(eq=False, kw_only=True)
class Storm:
    """
    One storm in one channel.

    Attributes:
        slot: where its message stands.
        began: the time of day.
        since: when this process saw it first.
        is_inherited: an earlier process began it.
        due: when its message may change next.
        calm_since: since when it could be over.
        last_words: stored; said after the next start if this process does not live to say its own.
        pressable: values of the buttons that its message has.

    """

    slot: Slot
    began: datetime
    since: float
    last_words: Parcel
    is_inherited: bool = False
    due: float = float("-inf")
    calm_since: float | None = None
    pressable: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Known:
    """What a card says, and since when it needs a person."""

    brief: Brief
    needs_since: float | None


@dataclass
class Storms:
    """What is known of all channels."""

    raging: dict[str, Storm] = field(default_factory=dict)
    _known: dict[str, dict[Slot, _Known]] = field(default_factory=dict)
    _changes: dict[str, deque[float]] = field(default_factory=dict)
    _ended: set[Slot] = field(default_factory=set)

    def tell(self, slot: Slot, brief: Brief, now: float) -> None:
        """Hear what a card is to say."""
        known = self._known.setdefault(slot.channel, {})
        if slot not in known and not self._is_newest(brief, known):
            return
        (self._ended.add if brief.how else self._ended.discard)(slot)
        before = known.get(slot)
        if before is None or before.brief != brief:
            self._changes.setdefault(slot.channel, deque(maxlen=BUSY + 1)).append(now)
        since = before.needs_since if before else None
        needs_since = (now if since is None else since) if brief.needs_person else None
        known[slot] = _Known(brief, needs_since)

    def _is_newest(self, brief: Brief, known: dict[Slot, _Known]) -> bool:
        """Whether it is about the newest revision; then earlier ones are told of no more."""
        earlier = [one for one, said in known.items() if said.brief.key == brief.key]
        if earlier and brief.how:
            return False
        for one in earlier:
            del known[one]
            self._ended.discard(one)
        return True

    def knows(self, slot: Slot) -> bool:
        """Whether a message about all would tell of it."""
        return slot in self._known.get(slot.channel, {})

    def needs_person(self, slot: Slot) -> bool:
        """Whether that release waits for somebody."""
        known = self._known.get(slot.channel, {}).get(slot)
        return known is not None and known.brief.needs_person

    def briefs(self, channel: str) -> Sequence[Brief]:
        """Give what is to be told of a channel; who has waited longest at the front."""
        known = self._known.get(channel, {}).values()
        inf = float("inf")
        ordered = sorted(known, key=lambda k: inf if k.needs_since is None else k.needs_since)
        return [one.brief for one in ordered]

    def begins(self, channel: str, load: Load) -> bool:
        """Whether a storm has to be declared."""
        return channel not in self.raging and load.seconds > BEGINS and load.cards >= FEWEST

    def begin(self, storm: Storm) -> None:
        """Note that there is one."""
        self.raging[storm.slot.channel] = storm

    def is_over(self, storm: Storm, load: Load, *, unsaid: bool, now: float) -> bool:
        """Whether it is over: the cards can do without its message, and its thread is told."""
        is_calm = load.seconds <= ENDS and load.needy == 0 and not unsaid
        if not is_calm:
            storm.calm_since = None
            return False
        if storm.calm_since is None:
            storm.calm_since = now
        return now - storm.calm_since >= CALM and now - storm.since >= SHORTEST

    def end(self, storm: Storm) -> None:
        """Forget it."""
        del self.raging[storm.slot.channel]

    def forget_ended(self, is_unsent: Callable[[Slot], bool]) -> None:
        """Forget what has ended and is on its card; in a storm it is told to its end."""
        for slot in [one for one in self._ended if one.channel not in self.raging]:
            if not is_unsent(slot):
                self._ended.discard(slot)
                self._known[slot.channel].pop(slot, None)

    def is_due(self, storm: Storm, now: float) -> bool:
        """Whether its message may say something new; a storm in each channel makes all slower."""
        if now < storm.due or (storm.is_inherited and not self.briefs(storm.slot.channel)):
            return False
        storm.due = now + GAP * max(1.0, len(self.raging) / 2)
        return True

    def shown(self, storm: Storm, message: Message) -> None:
        """Note what its message says, and which buttons it has."""
        rows = [block["elements"] for block in message.blocks if block["type"] == "actions"]
        storm.pressable = frozenset(str(one.get("value")) for row in rows for one in row)

    def wait(self, slot: Slot, changed: float, since: float, now: float) -> float:
        """Seconds for which the card of that slot is held back; it is to be shown since then."""
        storm, known = self.raging.get(slot.channel), self._known.get(slot.channel, {}).get(slot)
        if storm is None or known is None:
            return 0.0
        ready = changed + SETTLED
        if not self._has_no_buttons(storm, known.brief):
            ready = max(ready, self._calm_at(slot.channel))
        return max(0.0, min(ready, since + LONGEST) - now)

    def _has_no_buttons(self, storm: Storm, brief: Brief) -> bool:
        """Whether a person could press something, and cannot on the message about all."""
        if not brief.needs_person or not brief.controls:
            return False
        values = {str(button.get("value")) for button in brief.buttons}
        return values.isdisjoint(storm.pressable)

    def _calm_at(self, channel: str) -> float:
        """When all together are not faster than cards, if nothing more changes."""
        changes = self._changes.get(channel)
        return changes[0] + SETTLED if changes and len(changes) > BUSY else float("-inf")

    def clear(self) -> None:
        """Forget all storms; what the cards say stays known."""
        self.raging.clear()
