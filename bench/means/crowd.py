"""A Slack in a process of its own, with people who press what they see, so many times a second."""

import asyncio
import random
import re
import time
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

from bot.sandbox.slack import LocalSlack, Message
from bot.sandbox.slack.webapi import Call

#: so many that none of them asks for more than one person may
PEOPLE = {f"U0ONCALL{number:02}": f"oncall-{number}" for number in range(60)}
ON_CALL = "S0ONCALL"
_WEIGHT = re.compile(r"(\d{1,3}) %")
_OVER = 1000  #: the order of the end, after all weights
_WORDS = ("done", "abort", "superseded", "rolled back")


def channel(number: int) -> str:
    """Name a channel."""
    return f"C{number:08}"


@dataclass
class Said:
    """A call about a release; `order` tells how far it says the release is."""

    uid: str
    revision: str
    order: int
    at: float


@dataclass
class Crowd:
    """People who press."""

    slack: LocalSlack
    channels: int
    rng: random.Random
    presses: "set[asyncio.Task[None]]" = field(default_factory=set)
    failed: int = 0
    pressed: dict[str, str] = field(default_factory=dict)  #: ts of a card, and what it said then

    async def press(self, a_second: float, stop: asyncio.Event) -> None:
        """Press so often, whoever is slow."""
        due = time.monotonic()
        while not stop.is_set():
            due += 1 / a_second
            card = self._some_card()
            if card is not None:
                self.pressed[card.ts] = card.text
                verb = "promote" if self.rng.random() < 0.9 else "abort"
                task = asyncio.create_task(self._press(card, verb))
                self.presses.add(task)
                task.add_done_callback(self.presses.discard)
            await asyncio.sleep(max(0.0, due - time.monotonic()))

    def _some_card(self) -> Message | None:
        """Find a card that waits for a person, and that nobody has pressed as it is."""
        for _ in range(100):
            where = channel(self.rng.randrange(self.channels))
            tops = [m for m in self.slack.workspace.messages(where) if not m.thread_ts]
            card = self.rng.choice(tops) if tops else None
            if card and " waits at " in card.text and self.pressed.get(card.ts) != card.text:
                return card
        return None

    async def _press(self, card: Message, verb: str) -> None:
        person = self.slack.person(self.rng.choice(list(PEOPLE)))
        try:
            await person.presses(card, f"rollout:{verb}")
        except Exception:  # noqa: BLE001 - not acknowledged in time, by whatever reason
            self.failed += 1


def run_slack(channels: int, seed: int, *, limits: bool, pipe: Connection) -> None:
    """Be the process: say where Slack is; press when told how often; tell what was seen."""
    asyncio.run(_serve(channels, seed, pipe, limits=limits))


async def _serve(channels: int, seed: int, pipe: Connection, *, limits: bool) -> None:
    loop = asyncio.get_running_loop()
    async with LocalSlack(limits=limits) as slack:
        for user, name in PEOPLE.items():
            slack.add_person(user, name)
        slack.add_group(ON_CALL, "oncall", list(PEOPLE))
        for number in range(channels):
            slack.add_channel(channel(number), f"team-{number}", members=list(PEOPLE))
        environ = {"SLACK_BOT_TOKEN": slack.bot_token, "SLACK_APP_TOKEN": slack.app_token}
        pipe.send(environ | {"SLACK_API_URL": slack.api_url})
        crowd, stop = Crowd(slack, channels, random.Random(seed)), asyncio.Event()
        pressing: asyncio.Task[None] | None = None
        while (told := await loop.run_in_executor(None, pipe.recv))[0] != "end":
            match told:
                case ("count",):
                    pipe.send((len(slack.socket.open_links), len(slack.called("chat.postMessage"))))
                case ("press", a_second):
                    slack.calls.clear()
                    slack.deliveries.clear()
                    pressing = asyncio.create_task(crowd.press(a_second, stop))
                case ("tell",):
                    stop.set()
                    if pressing:
                        await pressing
                    await asyncio.gather(*crowd.presses)
                    pipe.send(_seen(slack, crowd))


def _seen(slack: LocalSlack, crowd: Crowd) -> dict[str, Any]:
    presses = [one for one in slack.deliveries if one.kind == "interactive"]
    methods: dict[str, int] = {}
    for call in slack.calls:
        methods[call.method] = methods.get(call.method, 0) + 1
    return {
        "acks": [one.acked - one.sent for one in presses if one.acked is not None],
        "unacked": crowd.failed,
        "methods": methods,
        "refused": sum(call.status == 429 for call in slack.calls),
        "said": [one for one in map(_said, slack.calls) if one],
        "answers": len(slack.workspace.ephemerals),
    }


def _said(call: Call) -> Said | None:
    payload = (call.args.get("metadata") or {}).get("event_payload", {})
    if call.method not in {"chat.postMessage", "chat.update"} or "uid" not in payload:
        return None
    text = str(call.args.get("text", "")).lower()
    weights = [int(found) for found in _WEIGHT.findall(text)]
    if any(word in text for word in _WORDS):
        order = _OVER
    elif "moving" in text or not weights:
        return None
    else:
        order = max(weights)
    return Said(payload["uid"], payload.get("revision", ""), order, call.at)
