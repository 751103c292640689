"""
The modal that asks before header-only: opened in time, checked when it is sent.

It also asks before a full promotion, where that is chosen from a menu, and before a mute.

    press or command ─trigger, 3 s─▶ propose ─▶ views.open
                                        └ takes long: "looking …" is opened at once, updated later
    submission ─▶ errors in the modal, or acknowledged ─▶ operate ─▶ answer in the channel
"""

import asyncio
import logging
import re
from dataclasses import replace

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.flows.asking import Request
from bot.messages.blocks import Message
from bot.messages.seal import Asked, Seal
from bot.release.errors import Refusal, Unclear
from bot.slack.calls import CallError, Calls, Json
from bot.slack.desk import Desk, Work
from bot.slack.limits import Kind
from bot.slack.occasions import Occasion, of_interaction, part, parts, text

_log = logging.getLogger(__name__)

VERB = "header-only"  #: always asked about in a modal
MUTE = "mute"  #: the same; of a finding
#: What a modal may be about; a menu has no dialog of its own that could warn before the second.
VERBS = frozenset({VERB, MUTE, "full"})
CALLBACK = re.compile("rollout:(?:header-only|full|mute)")
#: A trigger is good for three seconds; the call itself and the way to Slack need some of them.
PATIENCE = 1.5

LOADING = {
    "type": "modal",
    "callback_id": "rollout:loading",
    "title": {"type": "plain_text", "text": "One moment"},
    "close": {"type": "plain_text", "text": "Close"},
    "blocks": [
        {
            "type": "section",
            "text": {"type": "plain_text", "text": "Looking at the rollout …"},
        }
    ],
}


class Modals:
    """Opens the modal and takes what comes back."""

    def __init__(self, calls: Calls, desk: Desk, seal: Seal, *, patience: float = PATIENCE) -> None:
        self._calls = calls
        self._desk = desk
        self._seal = seal
        self._patience = patience

    # --- opening --------------------------------------------------------------------------------

    async def open(self, occasion: Occasion, request: Request) -> Message | None:
        """Open it for a request whose actor is not known yet; a message says why it did not."""
        proposing = asyncio.ensure_future(self._propose(occasion, request))
        try:
            await asyncio.wait({proposing}, timeout=self._patience)
            view_id = "" if proposing.done() else await self._load(occasion)
            proposed = await proposing
        finally:
            proposing.cancel()  # nobody needs it any more; without effect once it is done
        if isinstance(proposed, Message):
            return None if await self._update(view_id, _said(proposed)) else proposed
        if await self._update(view_id, proposed):
            return None
        return await self._show(occasion, proposed)

    async def _propose(self, occasion: Occasion, request: Request) -> Json | Message:
        known = replace(request, actor=await self._desk.actor(occasion))
        if self._desk.is_foreign(occasion):
            return await self._desk.turn_away(known, occasion)
        try:
            return await self._desk.operate.propose(known)
        except Refusal as refusal:
            return await self._desk.refuse(known, refusal, occasion)

    async def _load(self, occasion: Occasion) -> str:
        try:
            answer = await self._calls("views.open", trigger_id=occasion.trigger, view=LOADING)
        except CallError as error:
            _log.warning("A modal could not be opened: %s", error, extra={"action": "no_modal"})
            return ""
        return str(answer["view"]["id"])

    async def _update(self, view_id: str, view: Json) -> bool:
        if not view_id:
            return False
        try:
            await self._calls("views.update", view_id=view_id, view=view)
        except CallError as error:
            _log.warning("A modal could not be updated: %s", error, extra={"action": "no_modal"})
            return False
        return True

    async def _show(self, occasion: Occasion, view: Json) -> Message | None:
        try:
            await self._calls("views.open", trigger_id=occasion.trigger, view=view)
        except CallError as error:
            _log.warning("A modal could not be opened: %s", error, extra={"action": "no_modal"})
            return Message(
                text="Slack did not open the form in time. Nothing was done; please try again."
            )
        return None

    # --- what comes back ------------------------------------------------------------------------

    async def submitted(self, ack: AsyncAck, body: Json) -> None:
        """Take a submission: errors stay in the modal, everything else is answered outside."""
        view, occasion = part(body, "view"), of_interaction(body)
        if errors := faults(view):
            await ack(response_action="errors", errors=errors)
            return
        there, work, verb, what = self._work(occasion, view)
        if too_much := self._desk.admit(there, Kind.ACT):
            await ack(response_action="update", view=_said(too_much))
            return
        promise = await self._desk.promise(there, verb, what)
        await ack()
        self._desk.take(there, work, promise, Kind.ACT)

    def _work(self, occasion: Occasion, view: Json) -> tuple[Occasion, Work, str, str]:
        """Tell where the answer goes, what is to be done, and its verb and rollout."""
        verb, channel, seen, about = VERB, "", None, ""
        asked = self._asked(view, occasion.user)
        forged = asked if isinstance(asked, Refusal) else None
        if isinstance(asked, Asked):
            verb, channel, seen = asked.verb, asked.channel, asked.sighting
            about = str(asked.extra.get("finding", ""))
        there = replace(occasion, channel=channel, response_url="", thread="", about=None)

        async def work() -> Message:
            request = Request(
                verb=verb,
                actor=await self._desk.actor(there),
                channel=channel,
                seen=seen,
                reason=_reason(view),
                accepts_revert=_is_ticked(view),
                words=_words(view, about) if verb == MUTE else (),
            )
            if forged:
                return await self._desk.refuse(request, forged, there)
            return await self._desk.act(request, there)

        return there, work, verb, f"{seen.namespace}/{seen.name}" if seen else ""

    def _asked(self, view: Json, user: str) -> Asked | Refusal:
        """Open what the form carries; it is good for the person for whom it was opened."""
        try:
            asked = self._seal.open_modal(text(view, "private_metadata"))
        except Unclear as forged:
            return forged
        if asked.verb not in VERBS:
            return Unclear("I did not make this form. Open it again from the card.")
        if asked.person != user:
            return Unclear("I opened this form for somebody else. Open your own from the card.")
        return asked


def faults(view: Json) -> dict[str, str]:
    """Tell what is missing in a submission, by the input under which it is shown."""
    inputs = {
        text(block, "block_id")
        for block in parts(view, "blocks")
        if block.get("type") == "input" and not block.get("optional")
    }
    found = {}
    if "reason" in inputs and not _reason(view):
        found["reason"] = "Say why: it goes to the thread and the ledger."
    if "accept" in inputs and not _is_ticked(view):
        found["accept"] = "Tick this, or close the form: without it nothing is done."
    return found


def _reason(view: Json) -> str:
    return " ".join(text(_value(view, "reason"), "value").split())


def _is_ticked(view: Json) -> bool:
    return bool(parts(_value(view, "accept"), "selected_options"))


def _words(view: Json, about: str) -> tuple[str, str]:
    """Give what a mute needs: which finding, where it is not clear, and for how long."""
    return about or _selected(view, "finding"), _selected(view, "until")


def _selected(view: Json, block_id: str) -> str:
    return text(part(_value(view, block_id), "selected_option"), "value")


def _value(view: Json, block_id: str) -> Json:
    """Give what was filled in under one block, whatever its action is called."""
    actions = part(part(part(view, "state"), "values"), block_id)
    return part(actions, next(iter(actions), ""))


def _said(message: Message) -> Json:
    """Say in the modal what would be said outside."""
    words = {"type": "mrkdwn", "text": message.text[:3000], "verbatim": True}
    return {**LOADING, "blocks": [{"type": "section", "text": words}]}
