"""What a failure says: how to repeat it, and what happened around each violation."""

import os
from collections.abc import Iterable, Iterator

from tests.faults.history import Call, History, Press, State, Write
from tests.faults.tally import NIGHTLY, SEED
from tests.faults.violation import Violation

_BEFORE, _AFTER = 10.0, 3.0  #: seconds that are shown around a violation
_MOST = 60  #: lines for each violation
_WRONGED = 400  #: the same where it is about a person: everything they did and heard is needed
_AT_MOST = 3  #: violations that are shown so


def explained(history: History, found: Iterable[Violation], said: str = "") -> str:
    """
    Say what was violated, how to see it again, and what led to it; *said*: the logs.

    What was violated stands at both ends: often only one of them is shown.
    """
    all_of_them = list(found)
    test = os.environ.get("PYTEST_CURRENT_TEST", "").partition(" ")[0]
    nightly = " NIGHTLY=1" if NIGHTLY else ""
    head = [
        f"{len(all_of_them)} violations; again with:",
        f"  FAULT_SEED={SEED}{nightly} python -m pytest '{test}'",
        *map(str, all_of_them),
    ]
    lines: list[str] = []
    for violation in all_of_them[:_AT_MOST]:
        lines += ["", f"--- what led to {violation}", *around(history, violation)]
    return "\n".join([*head, *lines, "", said, "", *head])


def around(history: History, violation: Violation) -> list[str]:
    """
    Tell what happened before it and shortly after; with a rollout, only what is about it.

    With a person: everything that they pressed and that was told to them, to the end.
    """
    told = sorted(_all(history), key=lambda line: line[0])
    if violation.person:
        ours = [line for line in told if line[2] == "" or violation.person in line[1]]
        return [f"{at:12.3f} {words}" for at, words, _ in ours[-_WRONGED:]]
    until = violation.at + _AFTER
    if violation.key:
        shown = [line for line in told if line[0] <= until and line[2] in {violation.key, ""}]
    else:
        shown = [line for line in told if violation.at - _BEFORE <= line[0] <= until]
    return [f"{at:12.3f} {words}" for at, words, _ in shown[-_MOST:]]


def _all(history: History) -> Iterator[tuple[float, str, str]]:
    """Give everything: when, in words, and which rollout it is about."""
    names = {state.uid: state.key for state in history.states}
    yield from ((at, f"=== {words}", "") for at, words in history.notes)
    yield from ((at, f"start    {name}", "") for at, name in history.starts)
    yield from ((s.at, _state(s), s.key) for s in history.states)
    yield from ((p.at, _press(p), p.key) for p in history.presses)
    for write in history.writes:
        yield write.at, _write(write), write.key if write.is_action else "-"
    for call in history.calls:
        yield call.at, _call(call), names.get(str(call.payload.get("uid")), "-")
    for read in history.reads:
        yield read.at, f"{read.kind:8} {read.plural}", "-"
    for answer in history.answers:
        yield answer.at, f"hears    {answer.person} {answer.text[:100]!r}", "-"


def _state(state: State) -> str:
    if state.gone:
        return f"cluster  {state.key} is deleted"
    flags = " aborted" * state.aborted + " frozen" * state.frozen
    return (
        f"cluster  {state.key} {state.revision} step {state.index} {state.phase} "
        f"{state.weight} %{flags}"
    )


def _press(press: Press) -> str:
    acked = "acknowledged" if press.acked else "not acknowledged"
    return f"press    {press.person} {press.verb} {press.key} at step {press.index}, {acked}"


def _write(write: Write) -> str:
    return f"{write.method:8} {write.path} {write.status} {str(write.body)[:200]}"


def _call(call: Call) -> str:
    whom = call.args.get("user") or call.args.get("thread_ts") or call.ts
    where = f"{call.channel} {whom}"
    seconds = call.ended - call.at
    return f"{call.method} {where} {call.told} in {seconds:.1f} s {call.text[:100]!r}"
