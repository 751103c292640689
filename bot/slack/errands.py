"""
What waits in the outbox: a card to be shown, lines for a thread, a message of its own. No I/O.

    Errand
    ├── Card       one living message: only its latest state is ever sent
    ├── Lines      what is to be said in a card's thread, merged as long as it waits
    ├── Note       a message of its own
    └── (chores)   what the bulletin is asked, and has to hear
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.flows.kept import Lane, Parcel, Place, Slot
from bot.messages.blocks import Message
from bot.slack.posting import EDIT, POST, digest, merged

#: One post of merged lines; far below what Slack takes, a thread is read on a phone.
LONGEST_BATCH = 3_000
MOST_BLOCKS = 45
#: How many lines wait for a card that does not come.
MOST_DORMANT = 100

LONGEST_WAIT = 30.0

SOMETHING = "?"  # equal to no digest


@dataclass(eq=False, kw_only=True)
class Held:
    """
    A parcel in hand.

    Attributes:
        since: when it was decided, on the outbox's clock.
        is_stored: the bulletin has it, and must hear when it is delivered.
        doubt: Slack may have stored it by then, on the outbox's clock; None: it certainly has not.

    """

    parcel: Parcel
    since: float
    is_stored: bool = True
    doubt: float | None = None


@dataclass(eq=False, kw_only=True)
class Errand:
    """
    Something on its way to Slack.

    Attributes:
        since: when it became due, on the outbox's clock.
        not_before: a failure told it to wait until then.
        tries: failures in a row.
        busy: somebody works on it now.
        known: where its message stands is known, as far as it is, or does not matter.
        plain: Slack refused its blocks; the text alone goes.
        delivered: what Slack has by now, and of which nobody has heard yet.

    """

    channel: str = ""
    lane: Lane
    since: float
    not_before: float = 0.0
    tries: int = 0
    busy: bool = False
    known: bool = False
    plain: bool = False
    delivered: list[Held] = field(default_factory=list)

    @property
    def method(self) -> str:
        """What will be called for it; "" nothing of Slack's."""
        return POST

    @property
    def is_dormant(self) -> bool:
        """Whether it waits for something else than time."""
        return False

    @property
    def is_done(self) -> bool:
        """Whether nothing of it is left to send."""
        raise NotImplementedError

    @property
    def held(self) -> Sequence[Held]:
        """The parcels that it is to deliver."""
        return ()

    def put_off(self, now: float, jitter: float) -> float:
        """Wait after a failure, longer each time; how long."""
        seconds = min(LONGEST_WAIT, 0.5 * 2.0**self.tries) * jitter
        self.tries += 1
        self.not_before = now + seconds
        return seconds


@dataclass(eq=False, kw_only=True)
class Card(Errand):
    """
    One living message.

    Attributes:
        wanted: what it shall say; `says` is its digest.
        place: where it stands and what it says now; None: it does not exist (or nobody knows).
        unsaved: the bulletin has not heard of the place yet.
        claimed: the bulletin knows that the message is about to be posted.
        doubt: what a post said that Slack may have stored without our knowing; SOMETHING if an
            earlier process posted it.
        doubtful_since: when it came to that, on the outbox's clock.
        parcels: what is delivered when it is shown.
        changed: when it was told something new, on the outbox's clock.
        last_words: what is stored before it is posted: said if nobody lives to say more.

    """

    slot: Slot
    wanted: Message
    says: str = field(init=False)
    place: Place | None = None
    unsaved: bool = False
    claimed: bool = False
    doubt: str = ""
    doubtful_since: float = float("-inf")
    parcels: list[Held] = field(default_factory=list)
    changed: float = 0.0
    last_words: Parcel | None = None

    def __post_init__(self) -> None:
        self.says = digest(self.wanted)

    def want(self, message: Message, lane: Lane, now: float) -> None:
        """Show something else."""
        says = digest(message)
        self.changed = self.changed if says == self.says else now
        self.plain = self.plain and says == self.says
        self.wanted, self.says, self.lane = message, says, lane

    @property
    def method(self) -> str:
        """An edit where there is a message, else a post."""
        return EDIT if self.place else POST

    def stands_at(self, ts: str, says: str) -> None:
        """Note what Slack shows now; the bulletin has to hear of it."""
        self.place, self.unsaved, self.doubt = Place(ts=ts, content=says), True, ""

    @property
    def is_shown(self) -> bool:
        """Whether the message says what it shall."""
        return self.place is not None and self.place.content == self.says

    @property
    def is_done(self) -> bool:
        """Whether it is shown, and the bulletin knows."""
        return self.is_shown and not self.unsaved

    @property
    def held(self) -> Sequence[Held]:
        """The parcels that are delivered when it is shown."""
        return self.parcels


@dataclass(eq=False, kw_only=True)
class Lines(Errand):
    """
    What is to be said in the thread of a slot's message.

    Attributes:
        waiting: lines in order.
        parent: ts of the slot's message; "": there is none yet.
        sent: how many of them are in the post that was tried last.
        ready_at: it waits so long for more lines.
        elsewhere: other messages in whose threads they may have been told.

    """

    slot: Slot
    elsewhere: tuple[Slot, ...] = ()
    waiting: list[Held] = field(default_factory=list)
    parent: str = ""
    sent: int = 0
    ready_at: float = 0.0

    def add(self, line: Held, now: float, *, linger: float) -> None:
        """Say one more line; only progress may linger."""
        if line.parcel.lane is not Lane.PROGRESS or line.parcel.loud:
            self.ready_at = now
        elif self.busy or not self.waiting:
            self.ready_at = now + linger
        self.waiting.append(line)
        self.lane = min(self.lane, line.parcel.lane)

    @property
    def is_dormant(self) -> bool:
        """Whether there is no thread yet."""
        return self.known and not self.parent

    @property
    def is_done(self) -> bool:
        """Whether everything was said."""
        return not self.waiting

    @property
    def held(self) -> Sequence[Held]:
        """What is to be said."""
        return self.waiting

    @property
    def in_doubt(self) -> list[Held]:
        """Give what Slack may have already."""
        return [line for line in self.waiting if line.doubt is not None]

    def batch(self) -> tuple[Message, bool, list[str]]:
        """Merge as many lines as one post takes: it, loud if one of them is, and their ids."""
        length = blocks = self.sent = 0
        for line in self.waiting:
            message = line.parcel.message
            length, blocks = length + len(message.text) + 1, blocks + (len(message.blocks) or 1)
            if self.sent and (length > LONGEST_BATCH or blocks > MOST_BLOCKS):
                break
            self.sent += 1
        taken = [line.parcel for line in self.waiting[: self.sent]]
        is_loud = any(parcel.loud for parcel in taken)
        return merged([parcel.message for parcel in taken]), is_loud, [one.id for one in taken]

    def said(self) -> None:
        """Strike out what the last post said."""
        self.delivered += self.waiting[: self.sent]
        del self.waiting[: self.sent]
        self.sent, self.plain = 0, False
        self.since = min((line.since for line in self.waiting), default=self.since)

    def doubted(self, at: float) -> None:
        """Slack may have the last post, or may not."""
        for line in self.waiting[: self.sent]:
            line.doubt = at

    def told(self, ids: Sequence[str]) -> None:
        """Strike out what Slack has already; of the rest nothing is in doubt any more."""
        self.delivered += [line for line in self.waiting if line.parcel.id in ids]
        self.waiting = [line for line in self.waiting if line.parcel.id not in ids]
        for line in self.waiting:
            line.doubt = None

    def drop(self, lines: Sequence[Held]) -> None:
        """Leave some of them unsaid."""
        self.waiting = [line for line in self.waiting if line not in lines]


@dataclass(eq=False, kw_only=True)
class Note(Errand):
    """A message of its own."""

    note: Held
    known: bool = True
    posted: bool = False

    @property
    def is_done(self) -> bool:
        """Whether it was posted."""
        return self.posted

    @property
    def held(self) -> Sequence[Held]:
        """The message."""
        return () if self.posted else (self.note,)

    def said(self) -> None:
        """Note that Slack has it."""
        self.posted = True
        self.delivered.append(self.note)
