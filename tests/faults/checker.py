"""
I1 to I6, decided from histories alone.

It does not know the bot. What a card says is read as a person reads it: the words of the message
and its metadata.

    I1  an acknowledged press is done once, or the person is told that it was not; never twice, and
        never to another revision or step than the card showed
    I2  after the faults each channel says what the cluster says
    I3  what needs a person is on the screen
    I4  nothing is said twice
    I5  a replica without a valid lease posts nothing
    I6  each act has an entry before it, and the entry is completed
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.faults.history import Call, History, Press, State, Write

#: seconds around an arrival within which a write may belong to a press
_CLOSE = 30.0
_POSTS = ("chat.postMessage", "chat.update")
_WEIGHT = re.compile(r"(\d{1,3}) %")


@dataclass(frozen=True, kw_only=True)
class Violation:
    """A promise that was broken, and how."""

    invariant: str
    at: float
    words: str
    kind: str = "lost"  #: lost, doubled or late

    def __str__(self) -> str:
        return f"{self.invariant} at {self.at:.3f}: {self.words}"


def check(history: History) -> list[Violation]:
    """Decide all of them."""
    return sorted(
        [
            *i1_done_once(history),
            *i2_says_the_truth(history),
            *i4_said_once(history),
            *i5_only_the_leader(history),
            *i6_audited(history),
        ],
        key=lambda violation: violation.at,
    )


# --- I1 -------------------------------------------------------------------------------------------


def i1_done_once(history: History) -> Iterator[Violation]:
    """Every act belongs to one press, at the step that the card showed; every press has its end."""
    acts = [write for write in history.writes if write.is_action and write.took]
    free: list[Press] = list(history.presses)
    for act in acts:
        press = _press_of(act, free)
        if press is not None:
            free.remove(press)
        elif not _is_own(act):
            yield from _unasked(act, history.presses)
    for press in free:
        if press.acked and not _was_told(press, history):
            words = f"{press.person} pressed {press.verb} on {press.key} and never heard of it"
            yield Violation(invariant="I1", at=press.at, words=words)


def _press_of(act: Write, presses: list[Press]) -> Press | None:
    """Find the press that an act can be the answer to."""
    verb, before = _verb(act), act.before
    fitting = [
        press
        for press in presses
        if press.key == act.key
        and press.at <= act.ended
        and act.at - press.at < _CLOSE
        and press.verb == verb
        and before is not None
        and press.uid == before.uid
        and press.revision == before.revision
        and (verb == "abort" or press.index in {-1, before.index})
    ]
    return fitting[0] if fitting else None


def _unasked(act: Write, presses: list[Press]) -> Iterator[Violation]:
    """Say what is wrong with an act for which there is no press left."""
    verb = _verb(act)
    same = [press for press in presses if press.key == act.key and press.verb == verb]
    at_step = [p for p in same if act.before is not None and p.index == act.before.index]
    what = f"{verb} was done to {act.key} by {act.replica}"
    if at_step:
        yield Violation(
            invariant="I1", at=act.at, words=f"{what} once more than pressed", kind="doubled"
        )
    elif same:
        where = f"step {act.before.index}" if act.before else "an unknown step"
        yield Violation(
            invariant="I1",
            at=act.at,
            words=f"{what} at {where}, which no card showed",
            kind="doubled",
        )
    else:
        yield Violation(
            invariant="I1", at=act.at, words=f"{what}; nobody pressed that", kind="doubled"
        )


def _verb(act: Write) -> str:
    """Tell from what is written which verb it is."""
    changes = [o for o in act.body if isinstance(o, dict) and o.get("op") != "test"]
    text = str(changes)
    if "/status/abort" in text and "True" in text:
        return "abort"
    if "/status/abort" in text:
        return "retry"
    if "/status/promoteFull" in text:
        return "full"
    if "/spec/paused" in text:
        return "pause"
    if "/spec/strategy" in text:
        return "header-only"
    return "promote"


def _is_own(act: Write) -> bool:
    """Whether the bot may do it by itself: taking out what it put in."""
    return _verb(act) == "header-only"


def _was_told(press: Press, history: History) -> bool:
    """Whether the person, or the thread with their name, heard of their press afterwards."""
    own = any(a.person == press.person and a.at >= press.at for a in history.answers)
    said = any(
        call.done and press.person in f"{call.text}{call.args.get('blocks', '')}"
        for call in history.calls
        if call.at >= press.at and call.method in (*_POSTS, "chat.postEphemeral", "response_url")
    )
    return own or said


# --- I2, I3 ---------------------------------------------------------------------------------------


def i2_says_the_truth(history: History) -> Iterator[Violation]:
    """At the end the last words about each release agree with the cluster."""
    shown = final_cards(history)
    for state in final_states(history):
        card = shown.get((state.uid, state.revision))
        if card is None:
            if state.is_releasing:
                yield Violation(
                    invariant="I3" if state.needs_person else "I2",
                    at=history.ended,
                    words=f"nothing tells of {state.key} at step {state.index} ({state.phase})",
                )
            continue
        if not agrees(card.text, state):
            yield Violation(
                invariant="I3" if state.needs_person else "I2",
                at=history.ended,
                words=f"the card of {state.key} says {card.text!r}, the cluster is at step "
                f"{state.index}, {state.phase}, {state.weight} %",
            )


def final_states(history: History) -> list[State]:
    """Give the last state of each rollout that is still there."""
    last: dict[str, State] = {}
    for state in history.states:
        last[state.uid] = state
    return [state for state in last.values() if not state.gone]


def final_cards(history: History) -> dict[tuple[str, str], Call]:
    """Give the last words on each release: the newest post or edit that Slack did."""
    last: dict[tuple[str, str], Call] = {}
    for call in sorted(history.calls, key=lambda call: call.ended):
        payload = call.payload
        is_card = "uid" in payload and not call.args.get("thread_ts")
        if call.method in _POSTS and call.done and is_card:
            last[str(payload["uid"]), str(payload.get("revision"))] = call
    return last


def agrees(text: str, state: State) -> bool:
    """Whether what a card says is what the cluster is."""
    low = text.lower()
    if not state.is_releasing:
        return any(word in low for word in ("done", "stable", "finished", "rolled back"))
    if state.aborted:
        return "abort" in low
    weights = {int(found) for found in _WEIGHT.findall(text)}
    if state.phase == "Paused" and not state.frozen:
        return state.weight in weights and ("wait" in low or "header-only" in low or "pause" in low)
    return "aborted" not in low and "done" not in low


# --- I4 -------------------------------------------------------------------------------------------


def i4_said_once(history: History) -> Iterator[Violation]:
    """No card is posted twice, and no post carries an id that another one carries."""
    posts = [c for c in history.calls if c.method == "chat.postMessage" and c.done]
    cards: Counter[tuple[str, ...]] = Counter()
    lines: Counter[tuple[str, ...]] = Counter()
    ids: Counter[str] = Counter(str(c.payload["id"]) for c in posts if "id" in c.payload)
    for post in posts:
        payload, thread = post.payload, str(post.args.get("thread_ts") or "")
        if thread:
            lines[post.channel, thread, post.text] += 1
        elif "uid" in payload:
            cards[post.channel, str(payload["uid"]), str(payload.get("revision"))] += 1
    yield from _doubled(history, cards, "cards")
    yield from _doubled(history, ids, "posts with the id")
    yield from _doubled(history, lines, "lines in a thread")


def _doubled(history: History, counted: Counter[Any], what: str) -> Iterator[Violation]:
    for one, count in counted.items():
        if count > 1:
            words = f"{count} {what}: {one}"
            yield Violation(invariant="I4", at=history.ended, words=words[:200], kind="doubled")


# --- I5 -------------------------------------------------------------------------------------------


def i5_only_the_leader(history: History) -> Iterator[Violation]:
    """What is posted or edited in a channel comes from the replica that holds the lease."""
    if not history.holdings:
        return
    for call in history.calls:
        if call.method not in _POSTS or not call.done:
            continue
        holders = {
            holding.holder
            for holding, until in _terms(history)
            if holding.at <= call.ended and call.at <= until
        }
        if not any(call.replica in holder for holder in holders):
            words = f"{call.replica} did {call.method} while {sorted(holders)} held the lease"
            yield Violation(invariant="I5", at=call.at, words=words, kind="doubled")


def _terms(history: History) -> Iterator[tuple[object, float]]:
    following = [holding.at for holding in history.holdings[1:]]
    return zip(history.holdings, [*following, float("inf")], strict=True)


# --- I6 -------------------------------------------------------------------------------------------


def i6_audited(history: History) -> Iterator[Violation]:
    """Before an act there is an entry; at the end none is left open."""
    seen: Counter[str] = Counter()
    for act in history.writes:
        if not act.is_action or not act.took or act.audited < 0:
            continue
        seen[act.key] += 1
        if act.audited < 1:
            words = f"{_verb(act)} on {act.key} was sent with nothing in the ledger"
            yield Violation(invariant="I6", at=act.at, words=words)
    for entry in history.ledger:
        if entry.get("outcome") == "pending":
            words = f"{entry.get('verb')} on {entry.get('namespace')}/{entry.get('name')}"
            yield Violation(
                invariant="I6", at=history.ended, words=f"the entry of {words} was left open"
            )
    done = Counter(
        f"{entry['namespace']}/{entry['name']}"
        for entry in history.ledger
        if (entry.get("actor") or {}).get("kind") in {"slack", "schedule"}
        and not str(entry.get("outcome", "")).startswith("refused")
    )
    for key, acts in seen.items():
        if history.ledger and done[key] < _acts_of(history, key):
            words = f"{acts} acts on {key}, {done[key]} entries"
            yield Violation(invariant="I6", at=history.ended, words=words)
    if history.lost_at > float("-inf") and not any(e.get("verb") == "gap" for e in history.ledger):
        words = "the ledger was lost, and does not say so"
        yield Violation(invariant="I6", at=history.lost_at, words=words)


def _acts_of(history: History, key: str) -> int:
    """Count those of which the ledger can still know."""
    acts = (w for w in history.writes if w.is_action and w.took and w.key == key)
    return sum(act.at > history.lost_at for act in acts)
