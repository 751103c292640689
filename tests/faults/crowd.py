"""People who press what they see, and what they were told. They know Slack and nothing else."""

import asyncio
import itertools
import math
import random
import re
import time
from typing import Any

from bot.sandbox.slack import LocalSlack, Message
from tests.faults.history import Answer, History, Press

_STEP = re.compile(r"step (\d+) of (\d+)")
_VERBS = ("promote", "abort", "resume")
#: seconds without a button after which nobody waits for one any more
_BORED = 20.0


class Crowd:
    """
    Presses buttons.

    Args:
        slack: where they are.
        history: where it is written down.

    """

    def __init__(self, slack: LocalSlack, history: History) -> None:
        self._slack = slack
        self._history = history
        self._marks = itertools.count(1)
        self._seen: dict[tuple[str, str], float] = {}

    def cards(self, channel: str) -> list[Message]:
        """The cards that have a button now; a message about many releases is none."""
        standing = self._slack.channel(channel).messages
        return [m for m in standing if buttons(m) and "uid" in _about(m)]

    def offering(self, channel: str, verb: str) -> list[Message]:
        """The cards that have this button now."""
        return [card for card in self.cards(channel) if verb in buttons(card)]

    async def press(self, person: str, card: Message, verb: str) -> Press:
        """Press a button of a card as it is, or as it was when the copy was taken."""
        metadata = _about(card)
        step = _STEP.search(card.plain)
        began, brought, seconds = time.monotonic(), len(self._slack.deliveries), math.inf
        try:
            delivery = await self._slack.person(person).presses(card, f"rollout:{verb}")
            seconds = delivery.latency
        except (LookupError, OSError, TimeoutError):
            pass
        except Exception as error:  # the sandbox's own: not acknowledged, no app, a bad answer
            if type(error).__name__ not in {"NoAck", "NoApp", "BadAck", "Unanswered"}:
                raise
        mine = self._slack.deliveries[brought : brought + 1]  # it began before anything else could
        press = Press(
            at=began,
            person=person,
            verb=verb,
            key=f"{metadata.get('namespace')}/{metadata.get('name')}",
            uid=str(metadata.get("uid", "")),
            revision=str(metadata.get("revision", "")),
            index=int(step[1]) - 1 if step else -1,
            acked=any(one.id in self._history.acks for one in mine),  # also where Slack never heard
            mark=next(self._marks),
            seconds=seconds,
        )
        self._history.presses.append(press)
        return press

    async def press_at_random(
        self, rng: random.Random, channel: str, people: list[str], count: int, pause: float
    ) -> None:
        """Press so many buttons, each of a card chosen by chance; fewer when there are none."""
        pressing: set[asyncio.Task[Press]] = set()
        pressed_at = time.monotonic()
        while count > 0 and time.monotonic() - pressed_at < _BORED:
            cards = [card for card in self.cards(channel) if set(buttons(card)) & set(_VERBS)]
            if cards:
                card = rng.choice(cards)
                verbs = [v for v in buttons(card) if v in _VERBS]
                verb = rng.choice([*verbs, *(v for v in verbs if v != "abort"), verbs[0]])
                person = rng.choice(people)
                pressing.add(asyncio.create_task(self.press(person, card, verb)))
                count, pressed_at = count - 1, time.monotonic()
            await asyncio.sleep(rng.uniform(0, 2 * pause))
        await asyncio.gather(*pressing)

    def answers(self) -> list[Answer]:
        """Everything that was told to one person alone."""
        return [
            Answer(at=self._moment(m), person=m.seen_by, text=m.plain)
            for m in self._slack.workspace.ephemerals
        ]

    def _moment(self, message: Message) -> float:
        """Tell when a message was written, on the recorder's clock."""
        return float(message.ts) - time.time() + time.monotonic()


def buttons(message: Message) -> list[str]:
    """The verbs that a message offers."""
    found: list[str] = []
    for block in message.blocks:
        for element in block.get("elements", ()) if block["type"] == "actions" else ():
            action = str(element.get("action_id", ""))
            if element["type"] == "button" and action.startswith("rollout:"):
                found.append(action.removeprefix("rollout:"))
    return found


def _about(message: Message) -> dict[str, Any]:
    """Tell what a message's metadata says."""
    return dict((message.metadata or {}).get("event_payload", {}))
