"""
I1 to I7, decided from histories alone.

It does not know the bot. What a card says is read as a person reads it: the words of the message
and its metadata.

    I1  an acknowledged press is done once, or the person is told that it was not; never twice, and
        never to another revision or step than the card showed
    I2  after the faults each channel says what the cluster says
    I3  what needs a person is on the screen
    I4  nothing is said twice
    I5  a replica without a valid lease posts nothing
    I6  each act has an entry before it, and the entry is completed
    I7  what a process holds comes back to what it was
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from tests.faults.cards import i2_says_the_truth
from tests.faults.history import Call, History, Holding
from tests.faults.presses import i1_done_once, verb_of
from tests.faults.sizes import i7_nothing_grows
from tests.faults.violation import Violation

_POSTS = ("chat.postMessage", "chat.update")


def check(history: History) -> list[Violation]:
    """Decide all of them."""
    return sorted(
        [
            *i1_done_once(history),
            *i2_says_the_truth(history),
            *i4_said_once(history),
            *i5_only_the_leader(history),
            *i6_audited(history),
            *i7_nothing_grows(history),
        ],
        key=lambda violation: violation.at,
    )


# --- I4 -------------------------------------------------------------------------------------------


#: with these words Slack says that a message cannot be edited any more: it is posted anew
_GONE = {"message_not_found", "edit_window_closed", "cant_update_message"}


def i4_said_once(history: History) -> Iterator[Violation]:
    """No card is posted twice, and no post carries an id that another one carries."""
    posts = [c for c in history.calls if c.method == "chat.postMessage" and c.done]
    cards: Counter[tuple[str, ...]] = Counter()
    lines: Counter[tuple[str, ...]] = Counter()
    ids: Counter[str] = Counter(str(c.payload["id"]) for c in posts if "id" in c.payload)
    for post in posts:
        thread = str(post.args.get("thread_ts") or "")
        if thread:
            lines[post.channel, thread, post.text] += 1
        elif post.is_about_one:
            cards[_card(post)] += 1
    cards.subtract(Counter(card for card, _ in _lost_cards(history)))
    for line in lines:  # each press is answered for itself
        lines[line] -= max(0, _presses_behind(history, line[-1]) - 1)
    yield from _doubled(history, cards, "cards")
    yield from _doubled(history, ids, "posts with the id")
    yield from _doubled(history, lines, "lines in a thread")


def _presses_behind(history: History, line: str) -> int:
    """Count the presses that a line in a thread may tell of: by whom it names, of what it names."""
    return sum(f"<@{press.person}>" in line and press.key in line for press in history.presses)


def _lost_cards(history: History) -> set[tuple[tuple[str, ...], str]]:
    """Give the cards that Slack would not let be edited, and which message each was."""
    return {
        (_card(call), str(call.args.get("ts")))
        for call in history.calls
        if call.method == "chat.update" and call.told in _GONE and call.is_about_one
    }


def _card(call: Call) -> tuple[str, ...]:
    """Tell what a message is about: a revision, or one coming of a finding about it."""
    what = ("uid", "revision", "finding", "since")
    return call.channel, *(str(call.payload.get(name, "")) for name in what)


def _doubled(history: History, counted: Counter[Any], what: str) -> Iterator[Violation]:
    for one, count in counted.items():
        if count > 1:
            words = f"{count} {what}: {one}"
            yield Violation(invariant="I4", at=history.ended, words=words[:200], kind="doubled")


# --- I5 -------------------------------------------------------------------------------------------


def i5_only_the_leader(history: History) -> Iterator[Violation]:
    """What is posted or edited in a channel comes from the replica whose lease is valid then."""
    if not history.holdings:
        return
    for call in history.calls:
        if call.method not in _POSTS or not call.done or not call.channel.startswith(("C", "G")):
            continue
        held = [
            holding.holder
            for holding, until in _terms(history)
            if holding.at <= call.ended and call.at <= until
        ]
        if not any(call.replica in holder for holder in held):
            words = f"{call.replica} did {call.method} while {sorted(set(held))} held the lease"
            yield Violation(invariant="I5", at=call.at, words=words, kind="doubled")


def _terms(history: History) -> Iterator[tuple[Holding, float]]:
    """Give each renewal with the moment until which it is good: the next, or its duration's end."""
    following = [holding.at for holding in history.holdings[1:]]
    for holding, until in zip(history.holdings, [*following, float("inf")], strict=True):
        yield holding, min(until, holding.at + holding.seconds)


# --- I6 -------------------------------------------------------------------------------------------


def i6_audited(history: History) -> Iterator[Violation]:
    """Before an act there is an entry; at the end none is left open."""
    seen: Counter[str] = Counter()
    for act in history.writes:
        if not act.is_action or not act.took or act.audited < 0:
            continue
        seen[act.key] += 1
        if act.audited < 1:
            words = f"{verb_of(act)} on {act.key} was sent with nothing in the ledger"
            yield Violation(invariant="I6", at=act.at, words=words, key=act.key)
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
            yield Violation(invariant="I6", at=history.ended, words=words, key=key)
    if history.lost_at > float("-inf") and not any(e.get("verb") == "gap" for e in history.ledger):
        words = "the ledger was lost, and does not say so"
        yield Violation(invariant="I6", at=history.lost_at, words=words)


def _acts_of(history: History, key: str) -> int:
    """Count those of which the ledger can still know."""
    acts = (w for w in history.writes if w.is_action and w.took and w.key == key)
    return sum(act.at > history.lost_at for act in acts)
