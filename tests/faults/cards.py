"""I2 and I3: what the cards say at the end, read as a person reads it."""

import re
from collections.abc import Iterator

from tests.faults.history import Call, History, State
from tests.faults.violation import Violation

_POSTS = ("chat.postMessage", "chat.update")
_WEIGHT = re.compile(r"(\d{1,3}) %")


def i2_says_the_truth(history: History) -> Iterator[Violation]:
    """At the end the last words about each release agree with the cluster."""
    shown = final_cards(history)
    for state in final_states(history):
        wrong = _what_is_wrong(state, shown.get((state.uid, state.revision)))
        if wrong:
            yield Violation(
                invariant="I3" if state.needs_person else "I2",
                at=history.ended,
                words=wrong,
                key=state.key,
            )


def is_true(history: History) -> bool:
    """Whether the last words about each release are true now."""
    shown = final_cards(history)
    return not any(
        _what_is_wrong(state, shown.get((state.uid, state.revision)))
        for state in final_states(history)
    )


def _what_is_wrong(state: State, card: Call | None) -> str:
    """Say what is wrong with what is told of a rollout; empty: nothing."""
    if card is None:
        if not state.is_releasing or state.gone:
            return ""
        return f"nothing tells of {state.key} at step {state.index} ({state.phase})"
    if state.gone:
        over = _says_an_end(card.text) or "delet" in card.text.lower()
        return "" if over else f"{state.key} is deleted, its card says {card.text!r}"
    if agrees(card.text, state):
        return ""
    return (
        f"the card of {state.key} says {card.text!r}, the cluster is at step "
        f"{state.index}, {state.phase}, {state.weight} %"
    )


def final_states(history: History) -> list[State]:
    """Give the last state of each rollout, also of those that were deleted."""
    last: dict[str, State] = {}
    for state in history.states:
        last[state.uid] = state
    return list(last.values())


def final_cards(history: History) -> dict[tuple[str, str], Call]:
    """Give the last words on each release: the newest post or edit that Slack did."""
    last: dict[tuple[str, str], Call] = {}
    for call in sorted(history.calls, key=lambda call: call.ended):
        if call.method in _POSTS and call.done and call.is_card:
            last[str(call.payload["uid"]), str(call.payload["revision"])] = call
    return last


def agrees(text: str, state: State) -> bool:
    """Whether what a card says is what the cluster is."""
    low = text.lower()
    if not state.is_releasing:
        return _says_an_end(text)
    if state.aborted:
        return "abort" in low
    weights = {int(found) for found in _WEIGHT.findall(text)}
    if state.phase == "Paused" and not state.frozen:
        return state.weight in weights and ("wait" in low or "header-only" in low or "pause" in low)
    return "aborted" not in low and "done" not in low


def _says_an_end(text: str) -> bool:
    return any(word in text.lower() for word in ("done", "stable", "finished", "rolled back"))
