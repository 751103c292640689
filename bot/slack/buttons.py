"""
Presses: `rollout:<verb>`, `rollout:choose:<n>`, `rollout:more`; their values are sealed.

    press ─admit─ack─▶ what it stands for: verb and Sighting ─▶ modal | operate | answer
                    └ forged or forgotten: refused, on record
"""

from contextlib import suppress
from dataclasses import dataclass, replace

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.flows.asking import Question, Request
from bot.flows.ports import Bulletin
from bot.messages.blocks import Message
from bot.messages.seal import Seal
from bot.release.access import Actor
from bot.release.errors import OutOfDate, Refusal, Unclear
from bot.release.rollout import Sighting
from bot.slack.calls import Json
from bot.slack.commands import ACTING, ALIASES, READING, VERBS, check_target
from bot.slack.desk import Desk
from bot.slack.limits import kind_of
from bot.slack.modals import MUTE, Modals
from bot.slack.modals import VERB as IN_A_MODAL
from bot.slack.modals import VERBS as VERBS_IN_A_MODAL
from bot.slack.occasions import Occasion, of_interaction, part, parts, text

PREFIX = "rollout:"
MORE = "more"
PRESS = "press"  #: what is on record where a button says that it is for something unheard of
CHOOSE = "choose:"
#: what only buttons say: a finding has no name that people could type
ON_FINDINGS = frozenset({MUTE, "unmute"})
#: presses that change something, without a form that asks first
DOES_AT_ONCE = frozenset({*ACTING, "unmute"}) - {IN_A_MODAL}
#: the same of what is chosen from the menu
IN_THE_MENU = DOES_AT_ONCE - VERBS_IN_A_MODAL


@dataclass(frozen=True, kw_only=True)
class Meant:
    """What a press stands for; *verb* also where the rest is refused."""

    verb: str
    seen: Sighting | None = None
    reason: str = ""
    about: str = ""
    refusal: Refusal | None = None


class Buttons:
    """Takes presses on messages and on the Home tab."""

    def __init__(self, desk: Desk, modals: Modals, seal: Seal, bulletin: Bulletin) -> None:
        self._desk = desk
        self._modals = modals
        self._seal = seal
        self._bulletin = bulletin

    async def pressed(self, ack: AsyncAck, body: Json) -> None:
        """Acknowledge at once; what changes something is written down before."""
        action = next(iter(parts(body, "actions")), {})
        name, value = _name(action), _value(action)
        occasion, promise = of_interaction(body), ""
        if not (name and value):
            await ack()
            return
        verb = self._verb(name, value)
        kind = kind_of(verb)
        if too_much := self._desk.admit(occasion, kind):
            await ack()
            self._desk.begin(self._desk.tell(occasion, too_much))
            return
        if verb in (IN_THE_MENU if name == MORE else DOES_AT_ONCE):
            promise = await self._desk.promise(occasion, verb, _named(occasion))
        await ack()
        self._desk.take(occasion, lambda: self._do(occasion, name, value), promise, kind)

    def _verb(self, name: str, value: str) -> str:
        """Tell what is asked for, before it is known whether we made it."""
        if name == MORE:
            return value.partition(" ")[0]
        if name.startswith(CHOOSE):
            with suppress(Unclear):
                return self._seal.open(value).verb
        return name

    async def _do(self, occasion: Occasion, name: str, value: str) -> Message | None:
        meant = await self._meant(occasion, name, value)
        asks_first = VERBS_IN_A_MODAL if name == MORE else {IN_A_MODAL, MUTE}
        if meant.verb in asks_first and not meant.refusal:
            request = _request(meant, occasion, Actor(user=occasion.user))
            return await self._modals.open(occasion, request)
        actor = await self._desk.actor(occasion)
        if meant.refusal and (meant.verb not in READING or not _target(meant, occasion)):
            request = _request(meant, occasion, actor)
            return await self._desk.refuse(request, meant.refusal, occasion)
        if meant.verb in ACTING or meant.verb in ON_FINDINGS:
            return await self._desk.act(_request(meant, occasion, actor), occasion)
        question = Question(
            verb=meant.verb,
            actor=actor,
            channel=occasion.channel,
            target=_target(meant, occasion),
            seen=meant.seen,
        )
        return await self._desk.ask(question, occasion)

    async def _meant(self, occasion: Occasion, name: str, value: str) -> Meant:
        if name == MORE:
            return await self._chosen(value)
        try:
            opened = self._seal.open(value)
        except Unclear as forged:
            return Meant(verb=_known(ALIASES.get(name, name)), refusal=forged)
        if opened.person not in {"", occasion.user}:
            whose = Unclear("I asked somebody else that. Type the command yourself.")
            return Meant(verb=opened.verb, refusal=whose)
        meant = Meant(
            verb=opened.verb, seen=opened.sighting, reason=opened.reason, about=opened.about
        )
        if name.startswith(CHOOSE) or opened.verb == name:
            return meant
        refusal = Unclear("I did not make this button. Use the one on the card.")
        return Meant(verb=_known(name), refusal=refusal)

    async def _chosen(self, value: str) -> Meant:
        """Read what was chosen from the overflow menu."""
        try:
            verb, key = self._seal.open_option(value)
        except Unclear as forged:
            return Meant(verb=MORE, refusal=forged)
        seen = await self._bulletin.sighting(key)
        if seen and self._seal.is_short(key, seen):
            return Meant(verb=verb, seen=seen)
        refusal = OutOfDate("This menu is too old. Use the one on the newest card.")
        return Meant(verb=verb, refusal=refusal)


def _known(name: str) -> str:
    """Name what a forged button says it is for; nothing foreign gets into records that way."""
    return name if name in VERBS or name in ON_FINDINGS else PRESS


def _named(occasion: Occasion) -> str:
    """Name the rollout that the pressed message is about; "" where it does not say."""
    about = occasion.about or {}
    target = f"{about.get('namespace', '')}/{about.get('name', '')}"
    try:
        check_target(target)
    except Unclear:
        return ""
    return target


def _target(meant: Meant, occasion: Occasion) -> str:
    """Name the rollout; for reading, what the message is about is good enough."""
    if meant.seen:
        return f"{meant.seen.namespace}/{meant.seen.name}"
    return _named(occasion)


def _request(meant: Meant, occasion: Occasion, actor: Actor) -> Request:
    request = Request(verb=meant.verb, actor=actor, channel=occasion.channel, seen=meant.seen)
    return replace(request, reason=meant.reason, words=(meant.about,) if meant.about else ())


def _name(action: Json) -> str:
    """Tell which of our buttons it is; "" for all others."""
    action_id = text(action, "action_id")
    return action_id.removeprefix(PREFIX) if action_id.startswith(PREFIX) else ""


def _value(action: Json) -> str:
    """Tell what a button or an option carries; a link carries nothing."""
    option = part(action, "selected_option") or action
    return "" if option.get("url") else text(option, "value")
