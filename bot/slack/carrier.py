"""
Carrying one errand to Slack, once: what is called, and what is written down about it.

    card   place unknown ─▶ claim ─▶ (in doubt: look for it) ─▶ chat.postMessage ─▶ bulletin
           place known ─▶ chat.update ─▶ bulletin
    lines  (in doubt: look for them) ─▶ chat.postMessage in the thread
    note   (in doubt: look for it) ─▶ chat.postMessage

Slack has no idempotency key. A post whose answer was lost is looked for by its metadata before it
is posted again; so is a card that an earlier process claimed and did not live to write down.
"""

import logging
from collections.abc import Callable
from typing import Any

from bot.flows.kept import Place
from bot.flows.ports import Bulletin
from bot.messages.blocks import Message
from bot.release.errors import Refusal
from bot.slack.calls import CallError, Calls, Json, Lost, Refused
from bot.slack.errands import (
    EDIT,
    POST,
    QUIET,
    SOMETHING,
    Card,
    Errand,
    Lines,
    Note,
    content,
    marked,
)
from bot.slack.places import Places

_log = logging.getLogger(__name__)

#: Slack cannot show these blocks; the text alone may pass.
BAD_BLOCKS = frozenset(
    {"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "only_one_table_allowed"}
)
#: A message that cannot be edited any more, by whatever reason: it is posted anew.
GONE = frozenset({"message_not_found", "edit_window_closed", "cant_update_message"})
#: A thread in which nothing can be said.
NO_THREAD = frozenset({"message_not_found", "thread_not_found", "cannot_reply_to_message"})

PAGE = 100
MOST_PAGES = 5


class Carrier:
    """Carries errands; raises CallError, and Refusal when the bulletin fails."""

    def __init__(self, calls: Calls, bulletin: Bulletin) -> None:
        self._calls = calls
        self._bulletin = Places(bulletin)
        self._is_blind = False

    async def settle(self, errand: Errand) -> None:
        """Ask the bulletin where the message of an errand stands."""
        match errand:
            case Card():
                errand.place = await self._bulletin.place(errand.slot)
            case Lines():
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
        card.stands_at(place.ts, says)

    async def _first(self, card: Card) -> None:
        """Post a card, unless it was posted before and nobody wrote down where."""
        await self._claim(card)
        wanted, says, metadata = card.wanted, card.says, card.wanted.metadata
        if card.doubt and metadata:
            if ts := await self._find(card.channel, lambda found: found == metadata):
                card.stands_at(ts, card.doubt)
                return
            card.doubt = ""
        try:
            ts = await self._post(card.channel, wanted, metadata, plain=card.plain)
        except Lost as error:
            card.doubt = says if error.perhaps else ""
            raise
        card.stands_at(ts, says)

    async def _claim(self, card: Card) -> None:
        """Let the bulletin know that the card is about to be posted, for those who come after."""
        if card.claimed:
            return
        try:
            if not await self._bulletin.claim(f"post {card.channel} {card.slot.key}"):
                card.doubt = SOMETHING
        except Refusal as error:  # people must hear of a release also while the disk is full
            _log.warning("Posting without a claim: %s", error.text, extra={"action": "unclaimed"})
        card.claimed = True

    # --- what is said once ----------------------------------------------------------------------

    async def _lines(self, lines: Lines) -> None:
        if lines.doubt and await self._find_id(lines.channel, lines.id, thread=lines.parent):
            lines.said()
            return
        message, loud = lines.batch()
        more = {"thread_ts": lines.parent, "reply_broadcast": loud or None}
        try:
            metadata = marked(message.metadata, lines.id)
            await self._post(lines.channel, message, metadata, plain=lines.plain, **more)
        except CallError as error:
            lines.doubt = isinstance(error, Lost) and error.perhaps
            raise
        lines.said()

    async def _note(self, note: Note) -> None:
        note.posted = note.doubt and await self._find_id(note.channel, note.id)
        if note.posted:
            return
        try:
            metadata = marked(note.message.metadata, note.id)
            await self._post(note.channel, note.message, metadata, plain=note.plain)
        except CallError as error:
            note.doubt = isinstance(error, Lost) and error.perhaps
            raise
        note.posted = True

    async def _post(
        self, channel: str, message: Message, metadata: Json | None, *, plain: bool, **more: Any
    ) -> str:
        """Post a message; its ts."""
        shown = content(message, plain=plain)
        answer = await self._calls(
            POST, channel=channel, metadata=metadata, **shown, **QUIET, **more
        )
        return str(answer["ts"])

    # --- looking for what may have been posted ---------------------------------------------------

    async def _find_id(self, channel: str, unique: str, *, thread: str = "") -> bool:
        def is_it(metadata: Json) -> bool:
            return bool(metadata.get("event_payload", {}).get("id") == unique)

        return bool(await self._find(channel, is_it, thread=thread))

    async def _find(self, channel: str, is_it: Callable[[Json], bool], *, thread: str = "") -> str:
        """Look for a message by its metadata, newest first in a channel; its ts, or ""."""
        args: Json = {"channel": channel, "limit": PAGE, "include_all_metadata": True}
        method = "conversations.history"
        pages = 1
        if thread:  # a thread is told oldest first, so all of it has to be read
            method, pages = "conversations.replies", MOST_PAGES
            args["ts"] = thread
        for _ in range(pages):
            try:
                answer = await self._calls(method, **args)
            except Refused as error:
                self._blind(error)
                return ""
            for message in answer.get("messages", ()):
                if is_it(message.get("metadata") or {}):
                    return str(message["ts"])
            args["cursor"] = answer.get("response_metadata", {}).get("next_cursor")
            if not args["cursor"]:
                break
        return ""

    def _blind(self, error: Refused) -> None:
        """Say once that nothing can be looked for."""
        if not self._is_blind:
            _log.warning(
                "I may not read back what I posted (%s): a post whose answer was lost may appear "
                "twice. The scopes channels:history and groups:history would mend that.",
                error,
                extra={"action": "history_refused"},
            )
        self._is_blind = True
