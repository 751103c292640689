"""
Where people see a release: its card in each routed channel, and the thread under it.

The only place that knows which message belongs to which slot. It composes and
hands over; the Chat decides when Slack is asked.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.balancing.catalogue.order import ORD_01, ORD_02
from bot.balancing.drift import COMPARED
from bot.balancing.finding import Finding, Severity
from bot.flows.kept import Lane, Parcel, Slot, card_slot
from bot.flows.ports import Bulletin, Chat, Clock
from bot.flows.settings import Settings
from bot.flows.telling import Telling
from bot.flows.watchlist import Watchlist
from bot.messages import announcements
from bot.messages.blocks import Message
from bot.messages.card import card
from bot.messages.seal import Seal
from bot.messages.storm import brief, brief_of_left
from bot.release.changes import Change, RouteLost, Topic
from bot.release.detect import Alarm
from bot.release.errors import Refusal, Unreachable
from bot.release.offers import offers
from bot.release.rollout import Rollout, Sighting, State
from bot.release.story import Story
from bot.release.traffic import Look

_DECISIONS = frozenset({State.WAITING, State.UNDECIDED, State.FAILED, State.ABORTED})
_FRESH = timedelta(seconds=10)  #: what every card asks for before the first sweep: what was told
_ENDS = frozenset({Topic.FINISHED, Topic.ABORTED, Topic.FAILED})


async def _always(_namespace: str) -> bool:
    return True


@dataclass
class Board:
    """Shows cards and tells lines."""

    chat: Chat
    bulletin: Bulletin
    seal: Seal
    settings: Settings
    clock: Clock
    #: whether the bot's own account may patch in that namespace
    may_act: Callable[[str], Awaitable[bool]] = _always
    watchlist: Watchlist = field(default_factory=Watchlist)  #: what is known to be wrong
    telling: Telling = field(init=False)
    _kept: dict[str, str] = field(default_factory=dict)  #: by uid: what its menu stands for
    _read_before: tuple[datetime, tuple[Finding, ...]] | None = None  #: see `_told`

    def __post_init__(self) -> None:
        self.telling = Telling(self.chat, self.bulletin)

    async def show(self, look: Look, story: Story, *, is_last: bool = False) -> None:
        """
        Bring the card of this revision up to date in every routed channel.

        While a release goes on, its card is composed anew from the cluster after a restart. Its
        last state is not seen there any more: it is stored until Slack shows it.
        """
        rollout = look.rollout
        channels = list(self.settings.routing.channels(rollout))
        if not channels:
            return
        message = await self.compose(look, story)
        lane = Lane.DECISION if rollout.state in _DECISIONS else Lane.PROGRESS
        if story.ending and story.ending.how != "aborted":
            lane = Lane.ENDED
        slots = [slot(channel, rollout) for channel in channels]
        for one in slots:
            self.chat.show(one, message, lane, brief(look, story, message))
        if is_last:
            await self.telling.say([self.living(one, message, lane) for one in slots])

    async def compose(self, look: Look, story: Story) -> Message:
        """Write the card, with the buttons that are legal now."""
        legal = offers(look, story, writes=await self.may_write(look.rollout.namespace))
        return card(
            look,
            story,
            legal,
            seal=self.seal,
            now=self.clock(),
            cluster=self.settings.cluster,
            ahead=await self.ahead(look.rollout),
            differs=await self.differs(look.rollout),
        )

    async def ahead(self, rollout: Rollout) -> tuple[Finding, ...]:
        """
        Give what a person should know before this release goes on, the gravest first.

        Until everything was looked at once after a start, what was told before counts.
        """
        if self.watchlist.looked is not None:
            return self.watchlist.ahead(rollout.uid)
        own = {
            finding.key: finding
            for finding in await self._told(rollout)
            if finding.severity.reaches(Severity.HIGH) and finding.id not in COMPARED
        }
        return tuple(sorted(own.values(), key=lambda f: f.place_in_order))

    async def differs(self, rollout: Rollout) -> bool:
        """Whether something is open that the card's own numbers show; after a start as above."""
        if self.watchlist.looked is not None:
            return self.watchlist.differs(rollout.uid)
        return any(finding.id in COMPARED for finding in await self._told(rollout))

    def has_finding(self, alarm: Alarm, *, since: datetime) -> bool | None:
        """
        Whether the sweep tells the same as an alarm that goes on since then; None: not known yet.

        A header route that is there but shadowed is a finding, with evidence and remedy.
        """
        if not isinstance(alarm, RouteLost) or not alarm.route.shadowed_by:
            return False
        least = self.settings.drift_severity
        ids = {entry.id for entry in (ORD_01, ORD_02) if entry.severity.reaches(least)}
        return self.watchlist.suspects(alarm.look.rollout.uid, ids, since=since)

    async def _told(self, rollout: Rollout) -> list[Finding]:
        place = (rollout.namespace, rollout.name)
        at, read = self._read_before or (None, ())
        if at is None or self.clock() - at > _FRESH:
            read = tuple(known.finding for known in await self.bulletin.open_findings())
            self._read_before = (self.clock(), read)
        return [finding for finding in read if (finding.namespace, finding.rollout) == place]

    async def may_write(self, namespace: str) -> bool:
        """Whether any action can be offered there: by the configuration, and by our account."""
        if not self.settings.writes:
            return False
        try:
            return await self.may_act(namespace)
        except Unreachable:
            return True  # not known: the API server has the last word

    async def tell(self, change: Change, *, once: str = "") -> bool:
        """Tell a change in the threads, with a key once for ever; whether it was told now."""
        if once:
            return await self.telling.once(once, self.lines(change))
        await self.telling.say(self.lines(change))
        return True

    def lines(self, change: Change) -> list[Parcel]:
        """Put a change into words, for the thread of its revision's card in each channel."""
        rollout = change.look.rollout
        message = announcements.line(change, now=self.clock())
        lane = Lane.PROGRESS
        if change.loud:
            lane = Lane.ENDED if change.topic in _ENDS else Lane.DECISION
        return [
            self.line(slot(channel, rollout), message, lane, loud=change.loud)
            for channel in self.settings.routing.channels(rollout, change.topic)
        ]

    async def note(self, rollout: Rollout, line: Message, *, once: str = "") -> None:
        """Tell in the threads what somebody did, or was refused; with a key once for ever."""
        channels = self.settings.routing.channels(rollout)
        lines = [self.line(slot(channel, rollout), line, Lane.PROGRESS) for channel in channels]
        if once:
            await self.telling.once(once, lines)
        else:
            await self.telling.say(lines)

    def line(self, place: Slot, message: Message, lane: Lane, *, loud: bool = False) -> Parcel:
        """Make a line for the thread of a living message."""
        return Parcel(
            at=self.clock(),
            channel=place.channel,
            slot=place.key,
            message=message,
            lane=lane,
            loud=loud,
        )

    def living(self, place: Slot, message: Message, lane: Lane) -> Parcel:
        """Make what a living message shall say from now on."""
        return Parcel(
            at=self.clock(),
            channel=place.channel,
            slot=place.key,
            message=message,
            lane=lane,
            is_living=True,
        )

    def own(self, channel: str, message: Message, lane: Lane) -> Parcel:
        """Make a message of its own."""
        return Parcel(at=self.clock(), channel=channel, message=message, lane=lane)

    def slots(self, rollout: Rollout) -> list[Slot]:
        """Name the messages that follow this revision."""
        return [slot(channel, rollout) for channel in self.settings.routing.channels(rollout)]

    async def leave(self, rollout: Rollout, channel: str) -> None:
        """Take the buttons off a card whose channel hears no more of its rollout."""
        place = slot(channel, rollout)
        if await self.bulletin.place(place):
            told = announcements.left(rollout)
            self.chat.show(place, told, Lane.PROGRESS, brief_of_left(rollout, told))

    async def keep_menu(self, rollout: Rollout) -> None:
        """Make the menu of the card good; last, because Slack is quicker than anybody's hand."""
        if rollout.is_releasing:
            with suppress(Refusal):  # without a record nothing can be done by it anyway
                await self.keep(rollout.sighting())

    async def keep(self, sighting: Sighting) -> None:
        """Keep what the menu of the card stands for: its values are too short for it."""
        key = self.seal.short(sighting)
        if self._kept.get(sighting.uid) != key:
            await self.bulletin.keep(key, sighting)
            self._kept[sighting.uid] = key

    def begin(self) -> None:
        """Begin to follow: another replica may have told something until now."""
        self._read_before = None

    def forget(self, uid: str) -> None:
        """Drop what is at hand of a rollout that is gone."""
        self._kept.pop(uid, None)


def slot(channel: str, rollout: Rollout) -> Slot:
    """Name the message that follows this revision in that channel."""
    return card_slot(channel, rollout.uid, rollout.revision)
