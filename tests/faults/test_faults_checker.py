"""The checker finds what is wrong in histories that are made up."""

from dataclasses import replace

import pytest

from tests.faults.checker import check
from tests.faults.history import Answer, Call, History, Holding, Press, Size, State, Write

PROMOTE = [
    {"op": "test", "path": "/metadata/uid", "value": "u1"},
    {"op": "remove", "path": "/status/pauseConditions"},
]
PATH = "/apis/argoproj.io/v1alpha1/namespaces/shop/rollouts/app/status"
CARD = {"event_payload": {"uid": "u1", "revision": "new"}}


def a_state(**changes) -> State:
    """shop/app waits at 10 %, at its second step."""
    fields = {
        "at": 1.0,
        "uid": "u1",
        "key": "shop/app",
        "version": 1,
        "revision": "new",
        "stable": "old",
        "index": 1,
        "steps": 4,
        "phase": "Paused",
        "weight": 10,
        "aborted": False,
        "paused_since": "now",
        "frozen": False,
    }
    return State(**(fields | changes))


def a_post(**changes) -> Call:
    """The card was posted, and says so."""
    args = {"channel": "C1", "text": "shop/app waits at 10 %", "metadata": CARD}
    fields = {"at": 2.0, "ended": 2.1, "replica": "bot", "method": "chat.postMessage"}
    more = {"args": args | changes.pop("args", {}), "done": True, "told": "ok", "ts": "1.0"}
    return Call(**(fields | more | changes))


def a_press(**changes) -> Press:
    """Ann pressed Promote."""
    fields = {"at": 3.0, "person": "U0ANN", "verb": "promote", "key": "shop/app", "uid": "u1"}
    more = {"revision": "new", "index": 1, "acked": True, "mark": 1}
    return Press(**(fields | more | changes))


def an_act(**changes) -> Write:
    """The bot promoted it."""
    fields = {"at": 3.1, "ended": 3.2, "replica": "bot", "method": "PATCH", "path": PATH}
    more = {"body": PROMOTE, "status": 200, "before": a_state(), "audited": 1}
    return Write(**(fields | more | changes))


def an_entry(**changes):
    """What the ledger has of it."""
    fields = {"verb": "promote", "namespace": "shop", "name": "app", "outcome": "done"}
    return fields | {"actor": {"kind": "slack", "id": "U0ANN"}} | changes


def a_size(**changes) -> Size:
    """What the bot holds."""
    fields = {"at": 1.5, "replica": "bot", "memory": 110_000, "sockets": 9, "tasks": 20}
    return Size(**(fields | {"waiting": 0} | changes))


def a_history(**changes) -> History:
    """Nothing is wrong: pressed, done, answered, on record, shown."""
    after = a_state(at=4.0, index=3, weight=30)
    shown = a_post(method="chat.update", at=5.0, ended=5.1, args={"text": "shop/app waits at 30 %"})
    fields = {
        "states": [a_state(), after],
        "calls": [a_post(), shown],
        "presses": [a_press()],
        "writes": [an_act()],
        "answers": [Answer(at=3.5, person="U0ANN", text="Done.")],
        "ledger": [an_entry()],
        "ended": 9.0,
    }
    return History(**(fields | changes))


def test_where_nothing_is_wrong_nothing_is_found():
    assert check(a_history()) == []


@pytest.mark.parametrize(
    ("changes", "invariant"),
    [
        pytest.param(
            {"writes": [an_act(), an_act(at=3.3)], "ledger": [an_entry(), an_entry()]},
            "I1",
            id="done-twice",
        ),
        pytest.param({"presses": [a_press(index=0)]}, "I1", id="at-another-step-than-shown"),
        pytest.param({"presses": [a_press(revision="older")]}, "I1", id="to-another-revision"),
        pytest.param(
            {"presses": [a_press(), a_press(person="U0BEN", mark=2)]}, "I1", id="never-answered"
        ),
        pytest.param({"calls": [a_post()]}, "I3", id="an-old-card"),
        pytest.param({"calls": []}, "I3", id="no-card"),
        pytest.param(
            {"calls": [*a_history().calls, a_post(at=1.5, ended=1.6)]}, "I4", id="two-cards"
        ),
        pytest.param({"ledger": [an_entry(outcome="pending")]}, "I6", id="an-entry-left-open"),
        pytest.param({"writes": [an_act(audited=0)]}, "I6", id="no-entry-before"),
        pytest.param({"ledger": [an_entry(name="other")]}, "I6", id="no-entry-at-all"),
        pytest.param({"sizes": [a_size(), a_size(memory=122_000)]}, "I7", id="more-memory"),
        pytest.param({"sizes": [a_size(), a_size(sockets=12)]}, "I7", id="more-sockets"),
        pytest.param({"sizes": [a_size(), a_size(tasks=25)]}, "I7", id="more-tasks"),
        pytest.param({"sizes": [a_size(), a_size(waiting=1)]}, "I7", id="something-waits"),
    ],
)
def test_what_is_wrong_is_found(changes, invariant):
    assert invariant in {violation.invariant for violation in check(a_history(**changes))}


def test_what_comes_back_has_not_grown():
    """Less than a tenth more, one link more, or much for a while."""
    held = [a_size(), a_size(memory=300_000, sockets=90), a_size(memory=119_000, sockets=10)]
    assert check(a_history(sizes=held)) == []


def test_who_leads_later_may_hold_what_the_leader_held_at_first():
    first = [a_size(sockets=14), a_size(replica="two")]
    assert check(a_history(sizes=[*first, a_size(), a_size(replica="two", sockets=14)])) == []
    assert check(a_history(sizes=[*first, a_size(), a_size(replica="two", sockets=17)]))


def test_a_finding_is_no_second_card():
    """It names the revision too."""
    about = {"event_payload": {**CARD["event_payload"], "finding": "f1"}}
    told = a_post(ts="3.0", args={"metadata": about, "text": "the Ingress gives the canary 60 %"})
    assert check(a_history(calls=[*a_history().calls, told])) == []
    again = replace(told, ts="4.0")
    found = check(a_history(calls=[*a_history().calls, told, again]))
    assert [violation.invariant for violation in found] == ["I4"], "but it is told once too"


def test_a_press_that_was_not_acknowledged_may_be_lost():
    """Slack told the person itself."""
    history = a_history(presses=[a_press(), a_press(person="U0BEN", mark=2, acked=False)])
    assert check(history) == []


def held(*moments: tuple[float, str]) -> list[Holding]:
    """The lease of five seconds, renewed at these moments by these."""
    return [Holding(at=at, holder=who, renewed="", seconds=5) for at, who in moments]


@pytest.mark.parametrize(
    ("holdings", "is_right"),
    [
        pytest.param(held((1.0, "bot_1"), (4.0, "bot_1")), True, id="by-the-leader"),
        pytest.param(
            held((1.0, "bot_1"), (2.05, "other_1"), (5.05, "bot_1")), True, id="at-the-end"
        ),
        pytest.param(held((1.0, "other_1"), (4.0, "other_1")), False, id="by-another"),
        pytest.param(held((1.0, "bot_1"), (3.0, "other_1")), False, id="after-it-was-taken-over"),
        pytest.param(held((-4.0, "bot_1")), False, id="after-its-end-which-nobody-took-over"),
        pytest.param(held((1.0, "bot_1"), (4.0, "")), False, id="after-it-was-given-back"),
        pytest.param([], True, id="without-a-lease"),
    ],
)
def test_only_whose_lease_is_valid_posts(holdings, is_right):
    """The card is posted at 2.0 and edited at 5.0."""
    found = {violation.invariant for violation in check(a_history(holdings=holdings))}
    assert ("I5" not in found) == is_right


def a_refusal(**changes) -> Call:
    """A line in the thread: Ben's abort was not done."""
    text = "shop/app: abort by <@U0BEN> not done. It is aborted already."
    return a_post(ts="2.0", args={"thread_ts": "1.0", "metadata": None, "text": text}, **changes)


@pytest.mark.parametrize(("presses", "is_right"), [(2, True), (1, False)])
def test_a_line_for_each_press_is_no_double(presses, is_right):
    """Who presses twice too late is told so twice."""
    bens = [a_press(person="U0BEN", verb="abort", mark=n + 2) for n in range(presses)]
    told = [Answer(at=3.5, person="U0BEN", text="Not done.") for _ in bens]
    base = a_history()
    found = check(
        a_history(
            presses=[*base.presses, *bens],
            answers=[*base.answers, *told],
            calls=[*base.calls, a_refusal(), a_refusal(at=3.0, ended=3.1)],
        )
    )
    assert ("I4" not in {violation.invariant for violation in found}) == is_right
