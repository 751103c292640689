"""Payloads of Slack, wrong in a few places: nobody sees a traceback, and nothing breaks."""

import asyncio
import json
import random
import re
from urllib.parse import urlencode

import pytest

from bot.sandbox.slack.judge import judge_message, judge_view
from bot.slack.http_mode import parsed
from tests.fuzz import slackside
from tests.fuzz.cases import cases, replay
from tests.fuzz.mutations import a_text, garbled, mutated
from tests.fuzz.slackside import command, event, press, submission
from tests.fuzz.watcher import watched
from tests.messages.reading_aloud import SEAL, buttons, is_harmless, marked_up

pytestmark = pytest.mark.timeout(7_200)

LINES = [
    "",
    "help",
    "list",
    "list tomozo",
    "needs-me",
    "status tomozo",
    "status tomozo/second",
    "steps tomozo",
    "rules tomozo",
    "drift",
    "drift tomozo",
    "history",
    "history tomozo 7d",
    "digest 24h",
    "who",
    "who <@U0BEN|ben>",
    "promote tomozo/tomozo --reason “smoke test”",
    'advance tomozo --reason="it’s fine"',
    "abort tomozo",
    "pause tomozo",
    "resume tomozo/tomozo",
    "retry tomozo",
    "full tomozo",
    "route tomozo",
    "header-only tomozo --reason x",
    "undo tomozo 2",
    "restart tomozo",
    "set-image tomozo app=repo/app:1",
    "status <http://api.io|api.io>",
]
REASON = {"reason": {"type": "plain_text_input", "value": "smoke test"}}
VALUES = {
    "reason": REASON,
    "accept": {"accept": {"type": "checkboxes", "selected_options": [{"value": "accept"}]}},
    "until": {"until": {"type": "static_select", "selected_option": {"value": "8h"}}},
    "finding": {"finding": {"type": "static_select", "selected_option": {"value": "0" * 16}}},
}
LOOKED_AT = ("text", "actions", "view", "event", "message", "channel_id", "channel", "trigger_id")
#: who somebody is, is Slack's word: it may be a person that nobody knows
SOMEBODY = re.compile(r"<@[A-Z0-9]+>")
AT_A_TIME = 200  #: cases in one room: what was done in it goes on being so


def templates(side):
    """Everything that people can do now, as Slack tells it."""
    bot, seen = side.room.bots[0], side.room.seen()
    pressed = []
    for message in (bot.card, None):
        for action_id, element in buttons(bot.card).items():
            kept = {name: element[name] for name in ("type", "text", "value") if name in element}
            for option in element.get("options", [None]):
                chosen = {"selected_option": option} if option else {}
                pressed.append(press({"action_id": action_id, **kept, **chosen}, message))
    sealed, forms = made_here(bot, seen)
    closed = {**forms[0], "type": "view_closed", "is_cleared": True}
    return [
        *[command(line) for line in LINES],
        *pressed,
        *sealed,
        *forms,
        closed,
        event("app_home_opened", tab="home", view={"id": "V", "type": "home"}),
        event("app_mention", text="<@U0BOT> status", ts="1.1"),
        event("message", text="hello", ts="1.1", channel_type="channel"),
        {"type": "url_verification", "challenge": "c", "token": "t", "api_app_id": slackside.APP},
    ]


def made_here(bot, seen):
    """Buttons that stand elsewhere than on cards, and forms: their values are sealed."""
    sealed = [
        press({"action_id": f"rollout:{name}", "type": "button", "value": value}, bot.card)
        for name, value in (
            *(("choose:1", SEAL.button(v, seen, reason="x", person="U0ANN")) for v in ("abort",)),
            ("mute", SEAL.button("mute", seen, about="0" * 16)),
            ("unmute", SEAL.button("unmute", seen, about="0" * 16)),
            ("drift", SEAL.button("drift", seen)),
        )
    ]
    forms = [
        submission(
            {
                "type": "modal",
                "callback_id": f"rollout:{verb}",
                "private_metadata": SEAL.modal(verb, seen, channel="C0RELEASES", person="U0ANN"),
                "blocks": [{"type": "input", "block_id": name, "element": {}} for name in VALUES],
            },
            VALUES,
        )
        for verb in ("header-only", "full", "mute")
    ]
    return sealed, forms


def a_payload(template, rng: random.Random):
    """One of three: wrong as an object, wrong in its bytes, or a command with any words."""
    if rng.random() < 0.1 and "command" in template:
        words = [*template["text"].split(), *(a_text(rng) for _ in range(rng.choice([1, 3, 30])))]
        rng.shuffle(words)
        template = {**template, "text": " ".join(words)}
    if rng.random() < 0.15:
        return in_bytes(template, rng)
    if rng.random() < 0.5:  # where we look: who and where stays as it is
        name = rng.choice([name for name in LOOKED_AT if name in template] or ["type"])
        return {**template, name: mutated(template.get(name), rng)}
    return mutated(template, rng)


def in_bytes(template, rng):
    """What HTTP mode makes of bytes that were changed after all; None: it refuses them."""
    if "command" in template:
        kind, body = (
            "application/x-www-form-urlencoded",
            urlencode(template, errors="replace").encode(),
        )
    elif "event" in template:
        kind, body = "application/json", json.dumps(template).encode()
    else:
        form = urlencode({"payload": json.dumps(template)})
        kind, body = "application/x-www-form-urlencoded", form.encode()
    try:
        return parsed(kind, garbled(body, rng))
    except (ValueError, RecursionError):
        return None


def ensure_fit_to_be_seen(side):
    """No traceback, nothing that Slack refuses, no markup that is not ours."""
    for _, message in side.voice.told:
        assert "Something went wrong" not in message.text, message.text
        assert "Traceback" not in message.text
        assert judge_message(list(message.blocks)) == [] if message.blocks else message.text
        json.dumps([message.text, message.blocks]).encode()
        for text in (message.text, *marked_up([*message.blocks])):
            assert is_harmless(SOMEBODY.sub("", text)), text
    for view in side.calls.shown:
        assert judge_view(view) == []
    side.voice.told.clear()
    side.calls.shown.clear()


async def one(side, number, rng, watcher):
    """Do one case."""
    template = rng.choice(templates(side))
    body = a_payload(template, rng)
    if body is None:
        return
    for name in ("event_id", "trigger_id"):  # else the doorman would take it for the last one
        if isinstance(body, dict) and isinstance(body.get(name), str) and body[name]:
            body[name] = f"{body[name]}{number}"
    async with asyncio.timeout(30):
        await side.take(body)
    assert watcher.found == []
    ensure_fit_to_be_seen(side)


async def test_payloads():
    side, at = None, 0
    with watched() as watcher:
        for number, rng in cases():
            if side is None or at >= AT_A_TIME:
                await over(side)
                side, at = await slackside.side(), 0
            at += 1
            try:
                await one(side, number, rng, watcher)
            except Exception as error:
                error.add_note(f"{replay(number)}\n{watcher.found}")
                raise
    await over(side)


async def over(side):
    """End a room."""
    if side is not None:
        for bot in side.room.bots:
            await bot.stop()
