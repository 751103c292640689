"""An action is finished when its effect is seen; till then it says what is missing."""

from dataclasses import replace

import pytest

from bot.release.actions import ReturnPoint
from bot.release.effects import Begun, Verdict, judge, way_back_of
from bot.release.ledger import PENDING
from bot.release.steps import insert_gate
from bot.release.traffic import Pods, Selector
from tests.builders import (
    OLD,
    a_look,
    a_moving,
    a_rollout,
    a_route,
    a_stable,
    a_written,
    an_aborted,
    an_entry,
)

SEED = ({"setWeight": 10}, {"pause": {}})
GATED = insert_gate(SEED, pods=1, route=None)
BACK = ReturnPoint(step=2, weight=10, gate=1, inserted=GATED, original=SEED)
AUTHORED = replace(BACK, inserted=(), original=())
AT_GATE = a_rollout(steps=GATED, step=1, step_hash="70", generation=3, observed_generation="3")
SHORT = {"stable": Pods(desired=4, available=3)}
STAYS = {"reported": 10, "written": (a_written(10),)}


def begun(verb, back=None, look=None):
    """The entry of an action that began at the seed's pause."""
    started = Begun.at(look or a_look(), back)
    return an_entry(verb, PENDING, detail=started.detail())


SEEN = [
    ("promote", None, a_look(a_moving(step=2))),
    ("promote", None, a_look(a_stable())),
    ("full", None, a_look(a_stable())),
    ("abort", None, a_look(an_aborted())),
    ("retry", None, a_look(a_moving())),
    ("pause", None, a_look(a_rollout(frozen=True))),
    ("resume", None, a_look(a_rollout())),
    ("header-only", BACK, a_look(AT_GATE)),
    ("resume", BACK, a_look(a_rollout(steps=GATED, step=4))),
    ("resume", BACK, a_look(a_rollout(steps=GATED, step=2))),
    ("resume", BACK, a_look(a_stable(steps=GATED))),
    ("route", BACK, a_look(AT_GATE)),
]
MISSING = [
    ("promote", None, a_look(), "the controller has not acted yet"),
    ("full", None, a_look(), "the revision is not stable yet"),
    ("abort", None, a_look(), "the controller has not acted yet"),
    ("abort", None, a_look(an_aborted(), **STAYS), "weight 0 % (10 % still reach the canary)"),
    (
        "abort",
        None,
        a_look(an_aborted(), **STAYS, **SHORT),
        "weight 0 % (10 % still reach the canary, because 3 of 4 stable pods are available)",
    ),
    (
        "abort",
        None,
        a_look(an_aborted(), reported=0, written=(a_written(0), a_written(10, "second"))),
        "weight 0 % (10 % still reach the canary)",
    ),
    ("retry", None, a_look(an_aborted()), "the controller has not started again"),
    ("pause", None, a_look(), "the controller has not looked at the spec yet"),
    (
        "pause",
        None,
        a_look(a_rollout(frozen=True, generation=3)),
        "the controller has not looked at the spec yet",
    ),
    ("resume", None, a_look(a_rollout(frozen=True)), "the controller has not looked at the spec"),
    ("header-only", BACK, a_look(), "the controller has not acted yet"),
    (
        "header-only",
        BACK,
        a_look(AT_GATE.model_copy(update={"step": 0})),
        "the pause, which the controller has not reached",
    ),
    ("header-only", BACK, a_look(AT_GATE, **STAYS), "weight 0 % (10 % still reach the canary)"),
    (
        "header-only",
        BACK,
        a_look(AT_GATE, canary=Pods(desired=1)),
        "an available canary pod (0 of 1)",
    ),
    ("header-only", BACK, a_look(AT_GATE, routes=()), "a header route to the canary"),
    (
        "header-only",
        BACK,
        a_look(AT_GATE, routes=(a_route(shadowed_by="/*"),)),
        "a header route to the canary (shadowed by /*)",
    ),
    (
        "header-only",
        BACK,
        a_look(
            AT_GATE,
            selectors=(
                Selector(service="tomozo-stable", role="stable", revision=OLD),
                Selector(service="tomozo-canary", role="canary", revision=OLD),
            ),
        ),
        "Service tomozo-canary selecting the canary pods alone",
    ),
    (
        "resume",
        BACK,
        a_look(AT_GATE),
        "the controller has not acted yet",
    ),
    (
        "resume",
        BACK,
        a_look(a_rollout(steps=GATED, step=2), reported=0, written=(a_written(0),)),
        "0 % of 10 % so far",
    ),
]
OVERTAKEN = [
    ("promote", None, None, "the rollout was deleted"),
    ("promote", None, a_look(a_rollout(uid="u2")), "the rollout was deleted"),
    ("promote", None, a_look(a_rollout(revision="9a")), "another revision took its place"),
    ("promote", None, a_look(an_aborted()), "it was aborted meanwhile"),
    ("promote", None, a_look(a_moving(step_hash="70")), "the steps were edited meanwhile"),
    ("abort", None, a_look(a_stable()), "the revision is stable already"),
    ("header-only", BACK, a_look(an_aborted()), "it was aborted meanwhile"),
    ("header-only", BACK, a_look(a_stable(generation=3)), "the revision is stable already"),
    (
        "header-only",
        BACK,
        a_look(a_rollout(generation=4, observed_generation="4")),
        "the inserted steps were taken out",
    ),
    (
        "header-only",
        AUTHORED,
        a_look(a_rollout(steps=GATED, step=4)),
        "somebody promoted it out of the gate",
    ),
]


@pytest.mark.parametrize(("verb", "back", "look"), SEEN)
def test_seen(verb, back, look):
    assert judge(begun(verb, back), look) == Verdict()
    assert judge(begun(verb, back), look).is_seen


@pytest.mark.parametrize(("verb", "back", "look", "missing"), MISSING)
def test_missing(verb, back, look, missing):
    verdict = judge(begun(verb, back), look)

    assert not verdict.is_seen
    assert not verdict.overtaken
    assert any(part.startswith(missing) for part in verdict.missing), verdict.missing


@pytest.mark.parametrize(("verb", "back", "look", "what"), OVERTAKEN)
def test_overtaken(verb, back, look, what):
    assert judge(begun(verb, back), look) == Verdict(overtaken=what)


def test_a_full_promotion_may_pass_an_abort():
    """It clears the abort."""
    assert judge(begun("full"), a_look(an_aborted())).missing


def test_without_its_beginning_nothing_is_concluded():
    entry = an_entry("promote", PENDING)
    assert judge(entry, a_look()).overtaken == "what it began from is not known any more"


def test_a_watch_that_is_behind_proves_nothing():
    """It shows the time before the patch: of another abort, or of the pause before."""
    before = begun("promote", look=a_look(a_rollout(resource_version="500")))
    behind = a_look(a_moving(step=2, resource_version="499"))

    assert judge(before, behind).missing
    assert judge(before, a_look(a_moving(step=2, resource_version="500"))).is_seen


def test_what_it_began_from_survives_the_ledger():
    entry = begun("header-only", BACK)

    assert way_back_of(entry) == BACK
    kept = Begun.of(entry.detail)
    assert (kept.step, kept.step_hash, kept.paused, kept.weight) == (1, "6f", True, 10)
    assert Begun.of({}) is None
    assert Begun.of({"begun": {"step": "x"}}) is None
    assert way_back_of(an_entry("promote")) is None
