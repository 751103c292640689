"""
Presses: `rollout:<verb>` (sealed value), `rollout:choose:<n>`, `rollout:more` (`<verb> <key>`).

    press ─ack─▶ what it stands for: verb and Sighting ─▶ modal | operate | answer
                    └ forged or forgotten: refused, on record
"""

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
from bot.slack.commands import ACTING, ALIASES, READING, VERBS
from bot.slack.desk import Desk
from bot.slack.modals import MUTE, Modals
from bot.slack.modals import VERB as IN_A_MODAL
from bot.slack.modals import VERBS as VERBS_IN_A_MODAL
from bot.slack.occasions import Occasion, of_interaction

PREFIX = "rollout:"
MORE = "more"
CHOOSE = "choose:"
#: what only buttons say: a finding has no name that people could type
ON_FINDINGS = frozenset({MUTE, "unmute"})
#: presses that change something, without a form that asks first
DOES_AT_ONCE = frozenset({*ACTING, "unmute"}) - {IN_A_MODAL}


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
        action: Json = (body.get("actions") or [{}])[0]
        name, value = _name(action), _value(action)
        occasion, promise = of_interaction(body), ""
        if name in DOES_AT_ONCE and value:
            promise = await self._desk.promise(occasion, name, _named(occasion))
        await ack()
        if name and value:
            self._desk.take(occasion, lambda: self._do(occasion, name, value), promise)

    async def _do(self, occasion: Occasion, name: str, value: str) -> Message | None:
        meant = await self._meant(name, value)
        asks_first = VERBS_IN_A_MODAL if name == MORE else {IN_A_MODAL, MUTE}
        if meant.verb in asks_first and not meant.refusal:
            request = _request(meant, occasion, Actor(user=occasion.user))
            return await self._modals.open(occasion, request)
        actor = await self._desk.actor(occasion)
        if meant.refusal and (meant.verb not in READING or not _target(meant, occasion)):
            request = _request(meant, occasion, actor)
            return await self._desk.operate.refuse(request, meant.refusal, occasion.about)
        if meant.verb in ACTING or meant.verb in ON_FINDINGS:
            return await self._desk.act(_request(meant, occasion, actor), occasion)
        return await self._desk.answer(
            Question(
                verb=meant.verb,
                actor=actor,
                channel=occasion.channel,
                target=_target(meant, occasion),
                seen=meant.seen,
            )
        )

    async def _meant(self, name: str, value: str) -> Meant:
        if name == MORE:
            return await self._chosen(value)
        try:
            opened = self._seal.open(value)
        except Unclear as forged:
            return Meant(verb=ALIASES.get(name, name), refusal=forged)
        meant = Meant(
            verb=opened.verb, seen=opened.sighting, reason=opened.reason, about=opened.about
        )
        if name.startswith(CHOOSE) or opened.verb == name:
            return meant
        refusal = Unclear("I did not make this button. Use the one on the card.")
        return Meant(verb=name, refusal=refusal)

    async def _chosen(self, value: str) -> Meant:
        """Read what was chosen from the overflow menu."""
        verb, _, key = value.partition(" ")
        if verb not in VERBS and verb not in ON_FINDINGS:
            refusal: Refusal = Unclear("I did not make this menu. Use the one on the card.")
            return Meant(verb=MORE, refusal=refusal)
        seen = await self._bulletin.sighting(key)
        if seen and self._seal.short(seen) == key:
            return Meant(verb=verb, seen=seen)
        refusal = OutOfDate("This menu is too old. Use the one on the newest card.")
        return Meant(verb=verb, refusal=refusal)


def _named(occasion: Occasion) -> str:
    """Name the rollout that the pressed message is about; "" where it does not say."""
    about = occasion.about or {}
    namespace, name = about.get("namespace"), about.get("name")
    return f"{namespace}/{name}" if namespace and name else ""


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
    action_id = str(action.get("action_id", ""))
    return action_id.removeprefix(PREFIX) if action_id.startswith(PREFIX) else ""


def _value(action: Json) -> str:
    """Tell what a button or an option carries; a link carries nothing."""
    option = action.get("selected_option") or action
    return "" if option.get("url") else str(option.get("value") or "")
