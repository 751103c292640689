"""Answers to what somebody asked to be done, and the line that the thread keeps of it."""

from collections.abc import Sequence
from dataclasses import replace

from bot.messages import weights, words
from bot.messages.blocks import (
    MOST_BUTTONS,
    Block,
    Message,
    actions,
    button,
    cut,
    message,
    safe,
    section,
)
from bot.messages.seal import Seal
from bot.release.errors import NotAllowed, Refusal, Unclear
from bot.release.ledger import DONE, By, Entry
from bot.release.rollout import Rollout
from bot.release.traffic import Look

_LONGEST_WHY = 1500


def reply(*lines: str) -> Message:
    """Say something in our own words, line by line."""
    text = "\n".join(line for line in lines if line)
    return message(text, section(text))


def done(verb: str, look: Look, *, by: By, effect: str = "", reason: str = "") -> Message:
    """Say that it is done and seen, and what that was."""
    name = words.key(look.rollout)
    told = f"Done: {name} {words.done(verb)}{words.who_and_why(by, reason)}."
    return reply(told, safe(effect, _LONGEST_WHY) if effect else "", stands(look))


def accepted(
    verb: str, look: Look, *, by: By, missing: Sequence[str] = (), effect: str = ""
) -> Message:
    """Say that it was accepted and its effect is not seen yet."""
    lacking = f" Still missing: {words.missing(missing)}." if missing else ""
    return reply(
        f"{named(verb)} of {words.key(look.rollout)} accepted{words.by(by)}.{lacking} "
        "I keep looking and tell it in the thread.",
        safe(effect, _LONGEST_WHY) if effect else "",
        stands(look),
    )


def overtaken(verb: str, look: Look | None, what: str) -> Message:
    """Say that it was accepted, and that something else came first."""
    name = f" of {words.key(look.rollout)}" if look else ""
    told = f"{named(verb)}{name} was accepted, but {safe(what, _LONGEST_WHY)}."
    return reply(told, stands(look) if look else "")


def refused(refusal: Refusal, look: Look | None = None) -> Message:
    """Say why it was not done and what next; the refusal's text is shown as it stands."""
    said = reply(why_not(refusal), stands(look) if look else "")
    return replace(said, refused=refusal.why)


def why_not(refusal: Refusal) -> str:
    """Give the sentence of a refusal."""
    text = cut(refusal.text, _LONGEST_WHY)
    if isinstance(refusal, NotAllowed | Unclear) or text.startswith("Not done"):
        return text
    return f"Not done: {text}"


def broken(number: str) -> Message:
    """Say that something unexpected happened; the log has the same number."""
    return reply(f"That went wrong on my side; my log tells more under {safe(number, 60)}.")


def choose(
    verb: str, rollouts: Sequence[Rollout], *, seal: Seal, reason: str = "", person: str = ""
) -> Message:
    """Ask which of several rollouts is meant; only the person who asked may choose."""
    shown = rollouts[:MOST_BUTTONS]
    more = len(rollouts) - len(shown)
    text = f"Which one? {len(rollouts)} rollouts have that name."
    if more:
        text += f" {more} more do not fit here: say NAMESPACE/NAME."
    buttons = [
        button(
            f"rollout:choose:{number}",
            f"{verb} {rollout.key}",
            seal.button(verb, rollout.sighting(), reason=reason, person=person),
        )
        for number, rollout in enumerate(shown, start=1)
    ]
    row: list[Block] = [actions("choose", buttons)] if buttons else []
    return message(text, section(text), *row)


def stands(look: Look) -> str:
    """Tell where it stands now, in one short line."""
    rollout = look.rollout
    state = words.STATES[rollout.state]
    if not rollout.is_releasing:
        return f"Now: {state}, {words.version(look)}."
    return f"Now: {state}, {weights.reach(look)} of the public reach {words.version(look)}."


# --- the thread -----------------------------------------------------------------------------------


def in_thread(entry: Entry, look: Look | None = None, *, why: str = "") -> Message:
    """
    Tell in the thread what somebody did or wanted, and why.

    Args:
        entry: the line of the ledger.
        look: where it stands now; None: not told.
        why: the text of the refusal, or what is still missing; as it is to be shown.

    """
    hand, reason = words.by(entry.actor), words.why(entry.reason)
    how = entry.outcome.partition(":")[0]
    verb, told = words.done(entry.verb), cut(why or _cause(entry), _LONGEST_WHY)
    match how:
        case "done":
            line = f"{words.GOOD} {verb}{hand}{reason}"
        case "pending":
            lacking = f" Still missing: {told}." if told else ""
            line = f"{words.MOVES} {named(entry.verb).lower()}{hand} accepted{reason}.{lacking}"
        case "refused":
            line = f"{words.OFF} {named(entry.verb).lower()}{hand} not done{reason}. {told}"
        case _:
            line = f"{words.OFF} {named(entry.verb).lower()}{hand} failed{reason}. {told}"
    line = line.rstrip()
    name = safe(f"{entry.namespace}/{entry.name}", 2 * words.LONGEST_NAME)
    return message(f"{name}: {line}", section(line, stands(look) if look else ""))


def interrupted(verb: str, what: str, entry: Entry | None) -> Message:
    """
    Answer somebody whose press was acknowledged by a bot that did not live to do it.

    Args:
        verb: what for.
        what: `namespace/name`, as far as it is known.
        entry: what the ledger has about it; None: nothing, so nothing was sent to the cluster.

    """
    about = safe(what or (f"{entry.namespace}/{entry.name}" if entry else ""), _LONGEST_WHY)
    asked = f"{named(verb)} of {about}" if about else named(verb)
    again = "Look at the card, and press again if it is still needed."
    if entry is None:
        text = f"Not done: {asked}. I was restarted before I could begin. {again}"
    elif entry.is_pending:
        text = (
            f"{asked}: I was restarted in the middle of it. The card shows what is so now; "
            "the thread will tell whether it was done."
        )
    elif entry.outcome == DONE:
        text = f"Done: {asked}. I was restarted before I could tell you."
    else:
        text = f"Not done: {asked}. {_cause(entry)} {again}"
    return message(text, section(text))


def _cause(entry: Entry) -> str:
    """Tell why, as far as the ledger knows."""
    for name in ("text", "why", "missing"):
        said = entry.detail.get(name)
        if isinstance(said, str) and said:
            return safe(said, _LONGEST_WHY)
        if isinstance(said, list | tuple) and said:
            return words.missing([str(part) for part in said])
    return safe(entry.outcome.partition(":")[2] or "", 100) if ":" in entry.outcome else ""


def named(verb: str) -> str:
    """Name an act as a noun: `Promote`, `Header-only`."""
    names = {"full": "Full promotion", "route": "Header route", "retry": "Retry"}
    return names.get(verb, safe(verb, 30).capitalize())
