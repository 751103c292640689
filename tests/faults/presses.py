"""I1: what becomes of each press."""

from collections.abc import Iterator

from tests.faults.history import History, Press, Write
from tests.faults.violation import Violation

#: seconds around an arrival within which a write may belong to a press
_CLOSE = 30.0
#: seconds by which two clocks may differ
_INSTANT = 0.05


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
    for press in _unanswered(history):
        words = f"{press.person} pressed {press.verb} on {press.key} and never heard of it"
        yield Violation(
            invariant="I1", at=press.at, words=words, key=press.key, person=press.person
        )


def _press_of(act: Write, presses: list[Press]) -> Press | None:
    """Find the press that an act can be the answer to."""
    verb, before = verb_of(act), act.before
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
    verb = verb_of(act)
    same = [press for press in presses if press.key == act.key and press.verb == verb]
    at_step = [p for p in same if act.before is not None and p.index == act.before.index]
    what = f"{verb} was done to {act.key} by {act.replica}"
    if at_step:
        yield Violation(
            invariant="I1",
            at=act.at,
            words=f"{what} once more than pressed",
            kind="doubled",
            key=act.key,
        )
    elif same:
        where = f"step {act.before.index}" if act.before else "an unknown step"
        yield Violation(
            invariant="I1",
            at=act.at,
            words=f"{what} at {where}, which no card showed",
            kind="doubled",
            key=act.key,
        )
    else:
        yield Violation(
            invariant="I1",
            at=act.at,
            words=f"{what}; nobody pressed that",
            kind="doubled",
            key=act.key,
        )


def verb_of(act: Write) -> str:
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
    return verb_of(act) == "header-only"


def _unanswered(history: History) -> list[Press]:
    """Give the presses for which no answer is left: each has one of its own, done or not."""
    left = sorted(_told(history))
    without: list[Press] = []
    for press in sorted(history.presses, key=lambda press: press.at, reverse=True):
        if not press.acked:
            continue
        own = [one for one in left if one[1] == press.person and one[0] >= press.at - _INSTANT]
        if own:
            left.remove(own[-1])
        else:
            without.append(press)
    return without


def _told(history: History) -> Iterator[tuple[float, str]]:
    """Give what was told to one person: an answer that only they see, or a direct message."""
    yield from ((answer.at, answer.person) for answer in history.answers)
    people = {press.person for press in history.presses}
    for call in history.calls:
        if call.done and call.method == "chat.postMessage" and call.channel in people:
            yield call.ended, call.channel
