"""What the tests of this room share: flows that write down what they were asked, and a card."""

import asyncio
import time
from datetime import UTC, datetime
from typing import Any

from bot.flows.kept import Lane, Parcel, Place, Promise, Slot
from bot.messages.blocks import Message
from bot.messages.seal import Seal
from bot.release.rollout import Sighting

CHANNEL = "C0RELEASES"
SEAL = Seal(b"a key for the tests of this room")
SEEN = Sighting(namespace="shop", name="api", uid="u1", revision="5f6d8", step_hash="7c9", step=1)
ABOUT = {"cluster": "c", "namespace": "shop", "name": "api", "uid": "u1", "revision": "5f6d8"}
METADATA = {"event_type": "rollout_card", "event_payload": ABOUT}


class Shelf:
    """A bulletin in memory: places, claims, sightings, parcels; `broken` is raised instead."""

    def __init__(self) -> None:
        self.claims: set[str] = set()
        self.places: dict[Slot, Place] = {}
        self.sightings: dict[str, Sighting] = {}
        self.owed: dict[str, Promise] = {}
        self.mail: dict[str, Parcel] = {}
        self.strikes: list[tuple[str, ...]] = []
        self.broken: Exception | None = None
        self.unreadable: Exception | None = None  #: what `place` raises instead

    def keep(self, *parcels):
        """Store them as whoever decided them does."""
        self.mail |= {parcel.id: parcel for parcel in parcels}
        return parcels

    async def queue(self, parcels):
        if self.broken:
            raise self.broken
        self.keep(*parcels)

    async def parcels(self):
        if self.broken:
            raise self.broken
        return sorted(self.mail.values(), key=lambda parcel: (parcel.at, parcel.id))

    async def delivered(self, ids):
        if self.broken:
            raise self.broken
        self.strikes.append(tuple(ids))
        for id_ in ids:
            self.mail.pop(id_, None)

    async def promise(self, promise):
        self.owed[promise.id] = promise

    async def redeem(self, promise):
        del self.owed[promise]

    async def claim(self, key):
        if self.broken:
            raise self.broken
        is_new = key not in self.claims
        self.claims.add(key)
        return is_new

    async def place(self, slot):
        if self.unreadable:
            raise self.unreadable
        return self.places.get(slot)

    async def put(self, slot, place):
        if self.broken:
            raise self.broken
        self.places[slot] = place

    async def forget(self, slot):
        if self.broken:
            raise self.broken
        self.places.pop(slot, None)

    async def sighting(self, key):
        return self.sightings.get(key)


class Flows:
    """Operate and Answer: they write down what they are asked, and say so."""

    def __init__(self) -> None:
        self.requests: list[Any] = []
        self.proposals: list[Any] = []
        self.refusals: list[tuple[Any, Any, Any]] = []
        self.questions: list[Any] = []
        self.error: Exception | None = None
        self.sighting: Sighting | None = None  #: what is known of what a command names
        self.form: dict[str, Any] | None = None  #: what is proposed; None: that of header-only
        self.open = asyncio.Event()  # what is asked takes as long as this is clear
        self.open.set()

    async def __call__(self, asked):
        kind = self.requests if hasattr(asked, "accepts_revert") else self.questions
        kind.append(asked)
        await self.open.wait()
        if self.error:
            raise self.error
        return Message(text=f"{asked.verb} {asked.target or asked.seen.name}: heard")

    def known(self, target):
        return self.sighting

    async def propose(self, request):
        self.proposals.append(request)
        await self.open.wait()
        if self.error:
            raise self.error
        return self.form or modal()

    async def refuse(self, request, refusal, about):
        self.refusals.append((request, refusal, about))
        return Message(text=f"not done: {refusal.text}")

    async def home(self, actor):
        text = {"type": "plain_text", "text": f"nothing needs {actor.name}"}
        return {"type": "home", "blocks": [{"type": "section", "text": text}]}


def plain(text: str) -> dict[str, str]:
    return {"type": "plain_text", "text": text}


def button(verb: str, *, seen: Sighting = SEEN, name: str = "") -> dict[str, Any]:
    return {
        "type": "button",
        "action_id": f"rollout:{name or verb}",
        "text": plain(verb.title()),
        "value": SEAL.button(verb, seen, reason="why not"),
    }


def card(**more: Any) -> dict[str, Any]:
    """Arguments of a post: a card with everything that can be pressed."""
    verbs = ("promote", "abort", "header-only")
    menu = {
        "type": "overflow",
        "action_id": "rollout:more",
        "options": [
            {"text": plain(verb), "value": SEAL.option(verb, SEEN)}
            for verb in ("steps", "pause", "mute")
        ],
    }
    link = {
        "type": "button",
        "action_id": "rollout:argo-cd",
        "text": plain("Argo CD"),
        "url": "https://argo.example/api",
    }
    elements = [*(button(verb) for verb in verbs), button("status", name="choose:1"), menu, link]
    return {
        "channel": CHANNEL,
        "text": "shop/api waits",
        "blocks": [{"type": "actions", "elements": elements}],
        "metadata": METADATA,
        **more,
    }


def modal() -> dict[str, Any]:
    """The form as a flow would propose it."""
    option = {"text": plain("I know"), "value": "yes"}
    return {
        "type": "modal",
        "callback_id": "rollout:header-only",
        "private_metadata": SEAL.modal("header-only", SEEN, channel=CHANNEL, person="U0ANN"),
        "title": plain("Header-only"),
        "submit": plain("Do it"),
        "blocks": [
            {
                "type": "input",
                "block_id": "reason",
                "label": plain("Reason"),
                "element": {"type": "plain_text_input", "action_id": "reason"},
            },
            {
                "type": "input",
                "block_id": "accept",
                "label": plain("Argo CD may put the steps back"),
                "element": {"type": "checkboxes", "action_id": "accept", "options": [option]},
            },
        ],
    }


# --- for the outbox ---

CARD = Slot(channel=CHANNEL, key="u1/5f6d8")
POST, EDIT = "chat.postMessage", "chat.update"


class Stepped:
    """A clock that only moves when told."""

    def __init__(self) -> None:
        self.now = 0.0
        self._sleepers: list[tuple[float, asyncio.Event]] = []

    def __call__(self):
        return self.now

    async def sleep(self, seconds):
        woken = asyncio.Event()
        self._sleepers.append((self.now + seconds, woken))
        await woken.wait()

    async def go(self, seconds, outbox):
        """Let time pass, and what was due be done."""
        self.now += seconds
        for due, woken in self._sleepers:
            if due <= self.now:
                woken.set()
        for _ in range(3):
            await asyncio.sleep(0.01)
            while outbox._working:  # noqa: ASYNC110 - the outbox tells only when all is calm
                await asyncio.sleep(0.005)


def says(text):
    section = {"type": "section", "text": plain(text)}
    return Message(text=text, blocks=(section,), metadata=METADATA)


def line(text):
    return Message(text=text)


def a_line(text, lane=Lane.PROGRESS, *, slot=CARD, at=None, **more):
    """A line for the thread of a card, as a parcel."""
    return Parcel(
        at=at or datetime.now(UTC),
        channel=slot.channel,
        slot=slot.key,
        message=line(text),
        lane=lane,
        **more,
    )


def a_note(text, lane=Lane.PROGRESS, *, channel=CHANNEL, at=None):
    """A message of its own, as a parcel."""
    return Parcel(at=at or datetime.now(UTC), channel=channel, message=says(text), lane=lane)


def a_last_state(text, *, slot=CARD, at=None):
    """What a card shall say for good, as a parcel."""
    return Parcel(
        at=at or datetime.now(UTC),
        channel=slot.channel,
        slot=slot.key,
        message=says(text),
        lane=Lane.ENDED,
        is_living=True,
    )


class Swift:
    """A clock that runs ten times as fast as the real one, and how to sleep by it."""

    factor = 10

    def __call__(self):
        return time.monotonic() * self.factor

    async def sleep(self, seconds):
        await asyncio.sleep(seconds / self.factor)


def texts(messages):
    return [message.text for message in messages]


# --- answers ---


def heard(slack, person, words="heard"):
    """Wait for an answer that only this person sees."""
    return slack.until(
        lambda: next((m for m in person.ephemerals if words in m.plain), None), words
    )


def written_to(slack, person, words):
    """Wait for a direct message."""

    def look():
        direct = slack.workspace.channels.get(f"D{person.id[1:]}")
        return direct and slack.channel(direct.id).find(words)

    return slack.until(look, words)
