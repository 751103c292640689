"""`/rollout VERB …`: acknowledged, understood, asked of the flows, answered."""

from dataclasses import replace

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.flows.asking import Question, Request
from bot.messages.blocks import Message
from bot.release.access import Actor
from bot.release.errors import Unclear
from bot.release.rollout import Sighting
from bot.slack.calls import Json
from bot.slack.commands import ACTING, LONGEST_LINE, Command, parse, verb_of
from bot.slack.desk import Desk
from bot.slack.limits import kind_of
from bot.slack.modals import VERB as IN_A_MODAL
from bot.slack.modals import Modals
from bot.slack.occasions import Occasion, of_command
from bot.slack.occasions import text as text_of


class Slash:
    """The slash command."""

    def __init__(self, desk: Desk, modals: Modals) -> None:
        self._desk = desk
        self._modals = modals

    async def typed(self, ack: AsyncAck, body: Json) -> None:
        """Acknowledge at once; what changes something is written down before."""
        occasion, text = of_command(body), text_of(body, "text", LONGEST_LINE + 1)
        verb, promise, known = verb_of(text), "", None
        kind = kind_of(verb)
        if too_much := self._desk.admit(occasion, kind):
            await ack(too_much.text)  # with the acknowledgement: it costs no call
            return
        if verb in ACTING and verb != IN_A_MODAL:
            target = _target_of(text)
            known = self._desk.operate.known(target)  # first: all that follows takes time
            promise = await self._desk.promise(occasion, verb, target)
        await ack()
        self._desk.take(occasion, lambda: self._obey(occasion, text, known), promise, kind)

    async def _obey(self, occasion: Occasion, text: str, known: Sighting | None) -> Message | None:
        try:
            command = parse(text)
        except Unclear as unclear:
            verb = verb_of(text)
            if verb not in ACTING:
                raise
            return await self._desk.operate.refuse(
                Request(
                    verb=verb, actor=await self._desk.actor(occasion), channel=occasion.channel
                ),
                unclear,
                None,
            )
        if command.verb == IN_A_MODAL:
            unknown = Actor(user=occasion.user)
            return await self._modals.open(occasion, _request(command, occasion, unknown))
        actor = await self._desk.actor(occasion)
        if command.is_acting:
            request = replace(_request(command, occasion, actor), known=known)
            return await self._desk.act(request, occasion)
        question = Question(
            verb=command.verb,
            actor=actor,
            channel=occasion.channel,
            target=command.target,
            words=command.words,
        )
        return await self._desk.ask(question, occasion)


def _target_of(text: str) -> str:
    try:
        return parse(text).target
    except Unclear:
        return ""


def _request(command: Command, occasion: Occasion, actor: Actor) -> Request:
    return Request(
        verb=command.verb,
        actor=actor,
        channel=occasion.channel,
        target=command.target,
        reason=command.reason,
        words=command.words,
    )
