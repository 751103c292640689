"""
The forms: header-only, which asks and tells before it is done, and a plain question.

Inputs are blocks with the ids `reason` and `accept`; the room of Slack reads them by these names.
"""

from typing import Any

from bot.messages import headers, weights, words
from bot.messages.blocks import Block, code, fitting, option, plain_text, safe, section
from bot.messages.card import owner
from bot.messages.seal import Seal
from bot.release.actions import Plan
from bot.release.errors import Refusal
from bot.release.ownership import Ownership, SyncPolicy
from bot.release.traffic import Look

View = dict[str, Any]

HEADER_ONLY = "rollout:header-only"
REASON, ACCEPT = "reason", "accept"
_MOST_REASON = 300
_MOST_BLOCKS = 90
_LONGEST = 20_000  # a view may have 250 kB; nobody reads that much on a phone
_LONGEST_YAML = 2_900

_REVERTS = {
    SyncPolicy.AUTOMATED: "The next commit of any file puts git's steps back: header-only ends "
    "and the public gets the weight of step 1.",
    SyncPolicy.MANUAL: "The next sync puts git's steps back: header-only ends and the public gets "
    "the weight of step 1.",
}


def header_only(
    look: Look,
    plan: Plan,
    ownership: Ownership,
    *,
    seal: Seal,
    channel: str = "",
    person: str = "",
    extra: dict[str, Any] | None = None,
    reason_required: bool = False,
) -> View:
    """Ask before header-only: which way, what it changes, what may go wrong."""
    rollout = look.rollout
    inserted = bool(plan.way_back and plan.way_back.inserted)
    way = (
        "Way: a pause is *put in front of the steps* of the Rollout (an edit of the spec)."
        if inserted
        else "Way: it moves to the *pause that its own steps have* for this (the spec stays)."
    )
    blocks = [
        section(f"*{words.key(rollout)}*: {words.versions(look)}", _now(look)),
        section(way, safe(plan.effect, 1500)),
    ]
    if plan.hazards:
        told = [f"{words.ALERT} {safe(hazard, 600)}" for hazard in plan.hazards[:8]]
        blocks.append(section("*Know before*", *told))
    blocks.append(section(_afterwards(plan), owner(ownership)))
    if inserted and ownership.policy in _REVERTS:
        blocks.append(_accept(_REVERTS[ownership.policy]))
    blocks.append(reason_input(required=reason_required))
    metadata = seal.modal(
        "header-only", rollout.sighting(), channel=channel, person=person, extra=extra
    )
    return _modal("Header-only", HEADER_ONLY, blocks, metadata=metadata, submit="Header-only, 0 %")


def header_only_refused(
    look: Look, refusal: Refusal, *, ownership: Ownership, gate_yaml: str = ""
) -> View:
    """Say why header-only cannot be had, and what to commit instead."""
    blocks = [
        section(f"*{words.key(look.rollout)}*: {words.versions(look)}", _now(look)),
        section(f"Not done: {refusal.text}", owner(ownership)),
    ]
    if gate_yaml:
        blocks.append(section("*Commit this instead*, under `spec.strategy.canary`:"))
        blocks.append(section(code(gate_yaml, _LONGEST_YAML)))
    return _modal("Header-only", HEADER_ONLY, blocks)


def ask(
    verb: str,
    look: Look,
    plan: Plan,
    *,
    seal: Seal,
    label: str,
    channel: str = "",
    person: str = "",
    extra: dict[str, Any] | None = None,
    reason_required: bool = False,
) -> View:
    """Ask before an act that came from a menu, or that needs a reason."""
    blocks = [
        section(f"*{words.key(look.rollout)}*: {words.versions(look)}", _now(look)),
        section(
            safe(plan.effect, 1500),
            *(f"{words.ALERT} {safe(hazard, 600)}" for hazard in plan.hazards[:8]),
        ),
        reason_input(required=reason_required),
    ]
    metadata = seal.modal(
        verb, look.rollout.sighting(), channel=channel, person=person, extra=extra
    )
    return _modal(label, f"rollout:{verb}", blocks, metadata=metadata, submit=label)


def reason_input(*, required: bool) -> Block:
    """Ask why."""
    return {
        "type": "input",
        "block_id": REASON,
        "optional": not required,
        "label": plain_text("Reason", 2000),
        "hint": plain_text("It goes to the thread and the ledger.", 2000),
        "element": {
            "type": "plain_text_input",
            "action_id": REASON,
            "max_length": _MOST_REASON,
        },
    }


def _accept(what: str) -> Block:
    return {
        "type": "input",
        "block_id": ACCEPT,
        "optional": False,
        "label": plain_text("Argo CD owns this rollout", 2000),
        "hint": plain_text(what, 2000),
        "element": {
            "type": "checkboxes",
            "action_id": ACCEPT,
            "options": [option("I accept that a sync ends header-only", ACCEPT)],
        },
    }


def _now(look: Look) -> str:
    """Tell where traffic goes before anything is done."""
    tested = " No header route yet."
    if look.routes_to_canary:
        tested = f" Requests with {headers.named_routes(look)} reach the canary."
    elif hidden := headers.shadowed_routes(look):
        tested = f" Requests with {hidden} do not reach it."
    warned = f"\n{words.ALERT} {weights.stray(look, look.stray)}" if look.stray else ""
    return f"Now {weights.reach(look)} of the public reach the canary.{tested}{warned}"


def _afterwards(plan: Plan) -> str:
    if plan.way_back is None:
        return "`resume` ends it."
    return f"Resume returns to {plan.way_back.weight} %. Abort stays possible all the time."


def _modal(
    title: str,
    callback: str,
    blocks: list[Block],
    *,
    metadata: str = "",
    submit: str | None = None,
) -> View:
    view: View = {
        "type": "modal",
        "callback_id": callback,
        "title": plain_text(title, 24),
        "close": plain_text("Close" if submit is None else "Leave as it is", 24),
        "blocks": list(fitting(blocks, most=_MOST_BLOCKS, longest=_LONGEST)),
    }
    if metadata:
        view["private_metadata"] = metadata
    if submit is not None:
        view["submit"] = plain_text(submit, 24)
    return view
