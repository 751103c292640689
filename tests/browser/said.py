"""What the tiny app says in browser tests: the bot's own messages, and blocks of every type."""

from datetime import UTC, datetime, timedelta
from typing import Any

from bot.messages import modals
from bot.messages.blocks import Message
from bot.messages.card import card
from bot.release.parts import PauseCondition
from tests.builders import a_look, a_rollout, a_story, the_offers
from tests.messages.reading_aloud import SEAL
from tests.sandbox.page import fakecluster

Json = dict[str, Any]


def a_card() -> Message:
    """tomozo/tomozo waits at its pause, as the bot shows it."""
    now = datetime.now(UTC)
    paused = PauseCondition(reason="CanaryPauseStep", started=now - timedelta(minutes=3))
    return card(
        a_look(a_rollout(pauses=(paused,))),
        a_story(),
        the_offers(),
        seal=SEAL,
        now=now,
        cluster="test",
        checked=now - timedelta(seconds=12),
    )


def plain(text: str, **more: Any) -> Json:
    return {"type": "plain_text", "text": text, **more}


def mrkdwn(text: str, **more: Any) -> Json:
    return {"type": "mrkdwn", "text": text, "verbatim": True, **more}


def section(text: str, **more: Any) -> Json:
    return {"type": "section", "text": mrkdwn(text), **more}


def option(label: str, value: str = "") -> Json:
    return {"text": plain(label), "value": value or label.lower()}


def button(label: str, **more: Any) -> Json:
    return {
        "type": "button",
        "action_id": label.lower(),
        "text": plain(label),
        "value": f"{label} 1",
        **more,
    }


def actions(*elements: Json, block_id: str = "controls") -> Json:
    return {"type": "actions", "block_id": block_id, "elements": list(elements)}


def overflow(*labels: str) -> Json:
    return {
        "type": "overflow",
        "action_id": "more",
        "options": [option(label) for label in labels],
    }


def confirm(effect: str) -> Json:
    return {
        "title": plain("Sure?"),
        "text": plain(effect),
        "confirm": plain("Do it"),
        "deny": plain("Leave as it is"),
    }


def rich(*words: Json) -> Json:
    return {
        "type": "rich_text",
        "elements": [{"type": "rich_text_section", "elements": list(words)}],
    }


def a_form(*, required: bool = True) -> Json:
    """The form of header-only, as the bot's words make it."""
    return {
        "type": "modal",
        "callback_id": "form",
        "title": plain("Header-only"),
        "submit": plain("Header-only, 0 %"),
        "close": plain("Leave as it is"),
        "blocks": [
            section("*tomozo/tomozo*: 0.0.1 → 0.0.2\nNow 10 % of the public reach the canary."),
            {
                "type": "input",
                "block_id": "accept",
                "optional": True,
                "label": plain("Argo CD owns this rollout"),
                "element": {
                    "type": "checkboxes",
                    "action_id": "accept",
                    "options": [option("I accept that a sync ends header-only", "accept")],
                },
            },
            modals.reason_input(required=required),
        ],
    }


def every_block() -> list[Json]:
    """One of each block and element that Slack takes from us in a message."""
    return [
        {"type": "header", "text": plain("A header with *stars*")},
        section("A section", fields=[mrkdwn("*Left*\none"), plain("*Right*")]),
        section("With an accessory", block_id="acc", accessory=button("Beside")),
        {"type": "divider"},
        {"type": "context", "elements": [mrkdwn("small _print_"), plain("and *plain*")]},
        actions(
            button("Go", style="primary"),
            button("Halt", style="danger", confirm=confirm("It stops.")),
            overflow("Steps", "History"),
            {
                "type": "static_select",
                "action_id": "pick",
                "placeholder": plain("Pick one"),
                "options": [option("First"), option("Second")],
            },
            {"type": "radio_buttons", "action_id": "r", "options": [option("Red"), option("Blue")]},
            {"type": "checkboxes", "action_id": "c", "options": [option("Yes"), option("No")]},
        ),
        {"type": "image", "image_url": "https://pictures.example/x.png", "alt_text": "A picture"},
        {
            "type": "input",
            "block_id": "words",
            "label": plain("Your words"),
            "hint": plain("A hint"),
            "element": {"type": "plain_text_input", "action_id": "w", "multiline": True},
        },
        rich({"type": "text", "text": "bold", "style": {"bold": True}}),
        {
            "type": "table",
            "rows": [
                [{"type": "raw_text", "text": "Pod"}, {"type": "raw_text", "text": "Ready"}],
                [{"type": "raw_text", "text": "x2k7p"}, rich({"type": "text", "text": "yes"})],
            ],
        },
    ]


def a_long_rollout() -> Json:
    """Forty steps, many pods, names without end."""
    steps = [
        {
            "text": f"weight {number} %",
            "state": "done" if number < 17 else "now" if number == 17 else "next",
        }
        for number in range(40)
    ]
    name = "payment-service-with-a-very-long-name-that-does-not-end-anywhere-soon"
    pods = [fakecluster.a_pod(f"{name}-{number:05d}", ready=number % 4 > 0) for number in range(23)]
    return fakecluster.a_rollout(
        namespace="team-checkout", name=name, steps=steps, index=17, pods=pods
    )
