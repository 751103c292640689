"""
Carrying one errand to Slack, once: what is called, and what is written down about it.

    card   place unknown ─▶ claim ─▶ (in doubt: look for it) ─▶ chat.postMessage ─▶ bulletin
           place known ─▶ chat.update ─▶ bulletin
    lines  (in doubt: look for them) ─▶ chat.postMessage in the thread
    note   (in doubt: look for it) ─▶ chat.postMessage

Slack has no idempotency key. A post whose answer was lost is looked for by its metadata before it
is posted again; so is what an earlier process claimed or stored and did not live to strike out.
"""

import logging
from collections.abc import Callable
from typing import Any

from bot.flows.kept import Parcel, Place
from bot.flows.ports import Bulletin
from bot.messages.blocks import Message
from bot.release.errors import Refusal
from bot.slack.calls import Calls, Json, Lost, Refused
from bot.slack.chores import PickUp, Receipts
from bot.slack.errands import SOMETHING, Card, Errand, Lines, Note
from bot.slack.lookout import Lookout
from bot.slack.places import Places
from bot.slack.posting import EDIT, POST, QUIET, content, marked

_log = logging.getLogger(__name__)

#: Slack cannot show these blocks; the text alone may pass.
BAD_BLOCKS = frozenset(
    {"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "only_one_table_allowed"}
)
#: A message that cannot be edited any more, by whatever reason: it is posted anew.
GONE = frozenset({"message_not_found", "edit_window_closed", "cant_update_message"})
#: A thread in which nothing can be said.
NO_THREAD = frozenset({"message_not_found", "thread_not_found", "cannot_reply_to_message"})


class Carrier:
    """
    Carries errands; raises CallError, and Refusal when the bulletin fails.

    Args:
        on_sent: told of each channel in which Slack has taken a message or an edit.

    """

    def __init__(
        self,
        calls: Calls,
        bulletin: Bulletin,
        clock: Callable[[], float],
        on_sent: Callable[[str], None],
    ) -> None:
        self._calls = calls
        self._on_sent = on_sent
        self._mail = bulletin
        self._bulletin = Places(bulletin)
        self._clock = clock
        self._began = clock()  # what earlier processes did was done before
        self._lookout = Lookout(calls, clock)

    def take_over(self) -> None:
        """Forget what is remembered: another process has posted and edited meanwhile."""
        self._bulletin.clear()
        self._began = self._clock()

    def recall(self, errand: Errand) -> None:
        """Fill in where the message of an errand stands, if that is at hand or does not matter."""
        match errand:
            case Card():
                errand.place = self._bulletin.at_hand(errand.slot)
                errand.known = errand.place is not None
            case Lines(parent=""):
                if place := self._bulletin.at_hand(errand.slot):
                    errand.parent, errand.known = place.ts, True
            case _:
                errand.known = True

    async def settle(self, errand: Errand) -> None:
        """Ask the bulletin where the message of an errand stands."""
        match errand:
            case Card():
                try:
                    errand.place = await self._bulletin.place(errand.slot)
                except Refusal:  # the database cannot be read: Slack is asked instead
                    errand.doubt, errand.doubtful_since = SOMETHING, self._began
            case Lines(parent=""):
                if place := await self._bulletin.place(errand.slot):
                    errand.parent = place.ts  # else its card may have been posted meanwhile
        errand.known = True

    async def carry(self, errand: Errand) -> None:
        """Try once; it may be done then, or need another try in another form."""
        try:
            match errand:
                case Card():
                    await self._card(errand)
                case Lines():
                    await self._lines(errand)
                case Note():
                    await self._note(errand)
                case Receipts():
                    await self._receipts(errand)
                case PickUp():
                    errand.found = await self._mail.parcels()
        except Refused as error:
            if not await self._mend(errand, error):
                raise

    async def _mend(self, errand: Errand, error: Refused) -> bool:
        """Change an errand so that its next try may pass; False: it cannot be changed so."""
        if error.error in BAD_BLOCKS and not errand.plain:
            _log.error(
                "Slack cannot show a message of mine, its text alone goes: %s",
                error,
                extra={"action": "blocks_refused", "channel": errand.channel},
            )
            errand.plain = True
            return True
        match errand:
            case Card(place=Place()) if error.error in GONE:
                # Claimed already: what cannot be edited must not be looked for and found again.
                errand.place, errand.unsaved, errand.claimed = None, False, True
                await self._bulletin.forget(errand.slot)
                return True
            case Lines() if error.error in NO_THREAD:
                errand.parent = ""
                await self._bulletin.forget(errand.slot)
                return True
        return False

    async def _receipts(self, receipts: Receipts) -> None:
        ids = list(receipts.ids)  # more may come while we wait
        await self._mail.delivered(ids)
        del receipts.ids[: len(ids)]

    # --- cards ----------------------------------------------------------------------------------

    async def _card(self, card: Card) -> None:
        if not card.is_shown:
            await (self._edit(card, card.place) if card.place else self._first(card))
        if card.place and card.unsaved:
            await self._bulletin.put(card.slot, card.place)
            card.unsaved = False

    async def _edit(self, card: Card, place: Place) -> None:
        wanted, says = card.wanted, card.says  # they may change while we wait for Slack
        await self._calls(
            EDIT,
            channel=card.channel,
            ts=place.ts,
            metadata=wanted.metadata,
            **content(wanted, plain=card.plain),
        )
        self._on_sent(card.channel)
        card.stands_at(place.ts, says)

    async def _first(self, card: Card) -> None:
        """Post a card, unless it was posted before and nobody wrote down where."""
        await self._claim(card)
        if card.last_words:
            await self._keep_last_words(card.last_words)
        wanted, says, metadata = card.wanted, card.says, card.wanted.metadata
        if card.doubt and metadata:
            since = card.doubtful_since
            if ts := await self._lookout.card(card.channel, metadata, since=since):
                card.stands_at(ts, card.doubt)
                return
            card.doubt = ""
        try:
            ts = await self._post(card.channel, wanted, metadata, plain=card.plain)
        except Lost as error:
            card.doubt, card.doubtful_since = says if error.perhaps else "", self._clock()
            raise
        card.stands_at(ts, says)

    async def _claim(self, card: Card) -> None:
        """Let the bulletin know that the card is about to be posted, for those who come after."""
        if card.claimed:
            return
        try:
            if not await self._bulletin.claim(f"post {card.channel} {card.slot.key}"):
                card.doubt, card.doubtful_since = SOMETHING, self._began
        except Refusal as error:  # people must hear of a release also while the disk is full
            _log.warning("Posting without a claim: %s", error.text, extra={"action": "unclaimed"})
        card.claimed = True

    async def _keep_last_words(self, parcel: Parcel) -> None:
        """Store what is said after the next start, if this process does not live to say more."""
        try:
            await self._mail.queue([parcel])
        except Refusal as error:
            _log.warning("Posting without a net: %s", error.text, extra={"action": "unclaimed"})

    # --- what is said once ----------------------------------------------------------------------

    async def _lines(self, lines: Lines) -> None:
        if lines.in_doubt:  # a turn of its own, no post
            await self._look_for(lines)
            return
        message, loud, ids = lines.batch()
        more = {"thread_ts": lines.parent, "reply_broadcast": loud or None}
        try:
            metadata = marked(message.metadata, ids)
            await self._post(lines.channel, message, metadata, plain=lines.plain, **more)
        except Lost as error:
            if error.perhaps:
                lines.doubted(self._clock())
            raise
        lines.said()

    async def _look_for(self, lines: Lines) -> None:
        """Look into the thread, and into others, for what may be there already."""
        wanted = [line.parcel.id for line in lines.in_doubt]
        since = max(line.doubt or 0.0 for line in lines.in_doubt)
        places = [await self._bulletin.place(slot) for slot in lines.elsewhere]
        found: list[str] = []
        for thread in (lines.parent, *(place.ts for place in places if place)):
            found += await self._lookout.ids(lines.channel, wanted, since=since, thread=thread)
        lines.told(found)
        lines.elsewhere = ()

    async def _note(self, note: Note) -> None:
        held, id_ = note.note, note.note.parcel.id
        if held.doubt is not None:
            if await self._lookout.ids(note.channel, [id_], since=held.doubt):
                note.said()
                return
            held.doubt = None
        message = held.parcel.message
        try:
            await self._post(
                note.channel, message, marked(message.metadata, [id_]), plain=note.plain
            )
        except Lost as error:
            held.doubt = self._clock() if error.perhaps else None
            raise
        note.said()

    async def _post(
        self, channel: str, message: Message, metadata: Json | None, *, plain: bool, **more: Any
    ) -> str:
        """Post a message; its ts."""
        shown = content(message, plain=plain)
        answer = await self._calls(
            POST, channel=channel, metadata=metadata, **shown, **QUIET, **more
        )
        self._on_sent(channel)
        return str(answer["ts"])
