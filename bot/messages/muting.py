"""
The form that mutes a finding, and the answers to it.

Inputs are blocks with the ids `finding`, `until` and `reason`; the room of Slack reads them by
these names.
"""

from collections.abc import Sequence
from datetime import datetime

from bot.messages import findings, words
from bot.messages.blocks import Block, Element, Message, fitting, option, plain_text, section
from bot.messages.findings import Shown
from bot.messages.modals import View, reason_input
from bot.messages.replies import reply
from bot.messages.seal import Seal
from bot.release.mute import SPANS, Mute
from bot.release.rollout import Rollout, Sighting

CALLBACK = "rollout:mute"
FINDING, UNTIL = "finding", "until"
_USUAL = "8h"
_LABELS = {"1h": "1 hour", "8h": "8 hours", "1d": "1 day", "7d": "7 days"}
_MOST = 100  # options of a select
_MOST_BLOCKS = 90
_LONGEST = 20_000


def form(
    shown: Sequence[Shown],
    *,
    seal: Seal,
    seen: Sighting,
    channel: str,
    now: datetime,
    person: str = "",
) -> View:
    """
    Ask which finding is to be muted, for how long and why.

    Args:
        shown: those that may be meant, the gravest first; with one of them nothing is to choose.
        seal: for the metadata.
        seen: the rollout whose rights count.
        channel: where it was asked.
        now: the time.
        person: who asked; nobody else may fill it in.

    """
    one = shown[0].finding if len(shown) == 1 else None
    blocks = [_which(shown)] if one is None else [section(*findings.lines(one, now=now))]
    blocks += [_until(), reason_input(required=True)]
    extra = {FINDING: one.fingerprint} if one else {}
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "title": plain_text("Mute a finding", 24),
        "submit": plain_text("Mute", 24),
        "close": plain_text("Leave as it is", 24),
        "blocks": list(fitting(blocks, most=_MOST_BLOCKS, longest=_LONGEST)),
        "private_metadata": seal.modal("mute", seen, channel=channel, person=person, extra=extra),
    }


def done(shown: Shown, *, now: datetime) -> Message:
    """Tell the person that it is muted."""
    name = findings.name(shown.finding)
    line = findings.muted_line(shown.mute, now) if shown.mute else ""
    return reply(f"Done: {name}. {line}", findings.line(shown.finding), _MEANS)


def already(mute: Mute, rollout: Rollout, *, now: datetime) -> str:
    """Tell the person that somebody was first."""
    return (
        f"it is muted {findings.muted_until(mute, now)} `drift {words.key(rollout)}` can end that."
    )


def ended(shown: Shown, mute: Mute) -> Message:
    """Tell the person that the mute has ended."""
    was = f"It was muted{words.by(mute.by)}{words.why(mute.reason)}."
    return reply(f"Done: no longer muted: {findings.line(shown.finding)}", was)


_MEANS = (
    "No message and no reminder of it until then. It stays on the card and in `drift`, and I tell "
    "it if it gets graver."
)


def _which(shown: Sequence[Shown]) -> Block:
    options = [_option(one) for one in shown[:_MOST]]
    more = len(shown) - len(options)
    block: Block = {
        "type": "input",
        "block_id": FINDING,
        "label": plain_text("Which finding", 2000),
        "element": _select(FINDING, options),
    }
    if more > 0:
        hint = f"{more} more do not fit here: mute them with the buttons of /rollout drift."
        block["hint"] = plain_text(hint, 2000)
    return block


def _option(one: Shown) -> Element:
    finding = one.finding
    return option(f"{finding.id} ({finding.severity}): {finding.message}", finding.fingerprint)


def _until() -> Block:
    options = [option(_LABELS[span], span) for span in SPANS]
    element = _select(UNTIL, options)
    element["initial_option"] = next(o for o in options if o["value"] == _USUAL)
    return {
        "type": "input",
        "block_id": UNTIL,
        "label": plain_text("For how long", 2000),
        "hint": plain_text(_MEANS.replace("`", ""), 2000),
        "element": element,
    }


def _select(action_id: str, options: Sequence[Element]) -> Element:
    return {"type": "static_select", "action_id": action_id, "options": list(options)}
