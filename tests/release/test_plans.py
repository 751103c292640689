"""Every verb: the exact operations, and why it is refused."""

from dataclasses import replace
from datetime import timedelta, timezone

import pytest

from bot.release.actions import (
    Abort,
    HeaderOnly,
    Pause,
    Promote,
    PromoteFully,
    RestoreRoute,
    Resume,
    Retry,
    ReturnPoint,
)
from bot.release.errors import NotNow
from bot.release.ownership import Ownership, SyncPolicy
from bot.release.parts import AnalysisStatus, PauseCondition
from bot.release.plans import plan
from tests.builders import (
    NOON,
    a_look,
    a_moving,
    a_rollout,
    a_stable,
    a_stay,
    a_story,
    an_aborted,
    at_a_gate,
)
from tests.release.patches import (
    PAUSES,
    REVISION,
    STABLE,
    UID,
    add,
    check,
    head,
    moved,
    remove,
    sent,
    this_pause,
)

BEGAN = NOON - timedelta(minutes=3)
ANALYSIS = ({"setWeight": 10}, {"analysis": {}}, {"setWeight": 50}, {"pause": {}})
EXPERIMENT = ({"setWeight": 10}, {"experiment": {}}, {"setWeight": 50}, {"pause": {}})
UNDECIDED = PauseCondition(reason="InconclusiveAnalysisRun", started=BEGAN)
AT_GATE = a_stay(way_back=ReturnPoint(step=2, weight=10, gate=1))


def of(action, rollout=None, story=None, **traffic):
    return plan(action, a_look(rollout or a_rollout(), **traffic), story or a_story())


# --- promote --------------------------------------------------------------------------------------


def test_promote_takes_this_very_pause_away():
    """ControllerPause is left alone: the controller needs it to see the resume."""
    assert sent(of(Promote())) == [("status", [*head(), *this_pause(), remove(PAUSES)])]


def test_promote_passes_an_undecided_analysis_over():
    rollout = a_rollout(
        steps=ANALYSIS, pauses=(UNDECIDED,), step_analysis=AnalysisStatus(status="Inconclusive")
    )
    planned = of(Promote(), rollout)

    guard = (*head(), *this_pause("InconclusiveAnalysisRun"))
    assert sent(planned) == [("status", [*guard, *moved(2)])]
    assert "The undecided analysis is passed over; 50 % of the public" in planned.effect


def test_promote_passes_an_undecided_experiment_over():
    undecided = replace_reason(UNDECIDED, "InconclusiveExperiment")
    rollout = a_rollout(steps=EXPERIMENT, pauses=(undecided,))

    assert sent(of(Promote(), rollout))[0][1][-1] == add("/status/currentStepIndex", 2)


def replace_reason(pause, reason):
    return pause.model_copy(update={"reason": reason})


def test_promote_does_not_skip_a_step_because_the_background_is_undecided():
    """The index is set only when it is the present step's own analysis."""
    rollout = a_rollout(
        step=2,
        steps=ANALYSIS,
        pauses=(UNDECIDED,),
        long_analysis=AnalysisStatus(status="Inconclusive"),
    )
    planned = of(Promote(), rollout)

    guard = (*head(2), *this_pause("InconclusiveAnalysisRun"))
    assert sent(planned) == [("status", [*guard, remove(PAUSES)])]
    assert "measured again" in planned.effect


def test_times_are_written_as_the_api_server_writes_them():
    started = BEGAN.astimezone(timezone(timedelta(hours=9)))
    pauses = (PauseCondition(reason="CanaryPauseStep", started=started),)

    assert sent(of(Promote(), a_rollout(pauses=pauses))) == sent(of(Promote()))


def test_a_pause_without_a_start_is_known_by_its_reason():
    rollout = a_rollout(pauses=(PauseCondition(reason="CanaryPauseStep"),))

    assert sent(of(Promote(), rollout)) == [
        ("status", [*head(), check(f"{PAUSES}/0/reason", "CanaryPauseStep"), remove(PAUSES)])
    ]


def test_promote_out_of_an_authored_gate():
    assert (
        "10 % of the public go to the canary, and it waits there"
        in of(Promote(), at_a_gate()).effect
    )


# --- the others -----------------------------------------------------------------------------------

FREEZE = add("/spec/paused", value=True)
THAW = (check("/spec/paused", value=True), remove("/spec/paused"))

PATCHES = [
    ("full", PromoteFully(), a_rollout(), [
        ("status", [*REVISION, STABLE, add("/status/promoteFull", value=True)]),
    ]),
    ("abort", Abort(), a_rollout(), [
        ("status", [*REVISION, add("/status/abort", value=True)]),
    ]),
    ("abort, frozen", Abort(), a_rollout(frozen=True), [
        ("status", [*REVISION, add("/status/abort", value=True)]),
        ("spec", [UID, *THAW]),
    ]),
    ("abort, aborted and still frozen", Abort(), an_aborted(frozen=True), [
        ("status", [*REVISION, add("/status/abort", value=True)]),
        ("spec", [UID, *THAW]),
    ]),
    ("abort, an unseen spec", Abort(), a_rollout(generation=9), [
        ("status", [*REVISION, add("/status/abort", value=True)]),
    ]),
    ("abort, being promoted fully", Abort(), a_rollout(promoting_fully=True), [
        ("status", [*REVISION, add("/status/abort", value=True)]),
    ]),
    ("retry", Retry(), an_aborted(), [
        ("status", [*REVISION, check("/status/abort", value=True), remove("/status/abort")]),
    ]),
    ("pause", Pause(), a_rollout(), [("spec", [*REVISION, FREEZE])]),
    ("resume, frozen", Resume(), a_rollout(frozen=True), [
        ("spec", [*REVISION, THAW[0], check("/status/currentStepIndex", 1), THAW[1]]),
    ]),
    ("resume, frozen at rest", Resume(), a_stable(frozen=True), [
        ("spec", [*REVISION, THAW[0], check("/status/currentStepIndex", 2), THAW[1]]),
    ]),
    ("resume, frozen without steps", Resume(), a_rollout(frozen=True, steps=(), step=0), [
        ("spec", [*REVISION, *THAW]),
    ]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("action", "rollout", "patches"), [pytest.param(*case, id=name) for name, *case in PATCHES]
)
def test_the_exact_patches(action, rollout, patches):
    assert sent(of(action, rollout)) == patches


@pytest.mark.parametrize(
    ("action", "rollout", "words"),
    [
        (PromoteFully(), a_rollout(), "100 % of the public go to the canary. Skipped: pause."),
        (PromoteFully(), a_rollout(step=2), "100 % of the public go to the canary."),
        (PromoteFully(), a_rollout(frozen=True), "once `spec.paused` is taken away"),
        (Abort(), a_rollout(), "The 10 % of the public"),
        (Abort(), a_moving(steps=({"pause": {}},)), "All of the public stay"),
        (Retry(), an_aborted(), "at step 1 (weight 10 %); 10 % of the public first"),
        (Pause(), a_rollout(), "Nothing goes on until `resume`; 10 % stay"),
        (Resume(), a_rollout(frozen=True), "`spec.paused` is taken away"),
    ],
)
def test_what_will_happen_is_said(action, rollout, words):
    assert words in of(action, rollout).effect
    assert "Skipped: ." not in of(action, rollout).effect


def test_a_freeze_that_argo_cd_takes_back_is_told():
    owner = Ownership(policy=SyncPolicy.SELF_HEAL, application="web")

    assert of(Pause()).hazards == ()
    (hazard,) = of(Pause(), story=a_story(ownership=owner)).hazards
    assert "Argo CD (web) takes the pause back within seconds if git names" in hazard


def test_an_abort_says_that_it_lifts_the_freeze():
    assert of(Abort()).hazards == ()
    assert "taken away too" in of(Abort(), a_rollout(frozen=True)).hazards[0]


# --- refusals -------------------------------------------------------------------------------------

BLUE_GREEN = a_rollout(blue_green={}, frozen=True, aborted=True)
DELETED = a_rollout(deleted_at=NOON, frozen=True, aborted=True)
TWO = (PauseCondition(reason="CanaryPauseStep"), UNDECIDED)
INVALID = a_rollout(message="InvalidSpec: steps[0].setWeight")
EVERYTHING = (Promote, PromoteFully, HeaderOnly, Abort, Retry, Pause, Resume, RestoreRoute)

REFUSED = [
    (Promote(), a_stable(), "Nothing is on its way in tomozo/tomozo"),
    (Promote(), an_aborted(), "is aborted. `retry` starts the release again"),
    (Promote(), a_rollout(promoting_fully=True), "is being promoted fully already"),
    (Promote(), a_rollout(frozen=True), "is paused by `spec.paused`: use `resume` first"),
    (Promote(), a_moving(), "stands at no pause; it is at “weight 10 %” and goes on by itself"),
    (Promote(), a_moving(step=2), "it is at “the end” and goes on by itself"),
    (Promote(), a_rollout(pauses=TWO), "waits for several reasons at once (CanaryPauseStep, Inc"),
    (Promote(), a_rollout(generation=3), "has not looked at the newest spec"),
    (Promote(), INVALID, "refuses the spec of tomozo/tomozo: InvalidSpec: steps[0]"),
    (PromoteFully(), a_stable(), "Nothing is on its way"),
    (PromoteFully(), an_aborted(), "is aborted"),
    (PromoteFully(), a_rollout(promoting_fully=True), "is being promoted fully already"),
    (Abort(), a_stable(), "Nothing is on its way"),
    (Abort(), an_aborted(), "is aborted already; 0 % reach the canary"),
    (Retry(), a_rollout(), "is not aborted"),
    (Retry(), a_stable(aborted=True), "is not aborted"),
    (Pause(), a_stable(), "Nothing is on its way"),
    (Pause(), a_rollout(frozen=True), "is paused by `spec.paused` already"),
    (Pause(), an_aborted(), "is aborted"),
    (Resume(), a_rollout(), "neither in header-only nor paused by `spec.paused`"),
    (Resume(), a_stable(), "Nothing is on its way"),
    (Resume(), an_aborted(), "is aborted"),
    (RestoreRoute(), a_rollout(), "does not stand at a gate with a header route of its own"),
    *((action(), BLUE_GREEN, "is a blueGreen rollout") for action in EVERYTHING
      if action is not Abort),
    *((action(), DELETED, "is being deleted") for action in EVERYTHING if action is not Abort),
    (Abort(), a_rollout(blue_green={}), "is a blueGreen rollout"),
    (Abort(), a_rollout(deleted_at=NOON), "is being deleted"),
]  # fmt: skip


@pytest.mark.parametrize(("action", "rollout", "words"), REFUSED)
def test_what_makes_no_sense_now_is_refused_with_the_reason(action, rollout, words):
    with pytest.raises(NotNow) as refusal:
        of(action, rollout)
    assert words in refusal.value.text


def test_during_header_only_a_promotion_would_lead_elsewhere():
    with pytest.raises(NotNow, match="use `resume` to go back to 10 %, or `abort`"):
        of(Promote(), at_a_gate(), a_story(stay=AT_GATE))
    behind = replace(AT_GATE, way_back=replace(AT_GATE.way_back, gate=0))
    assert of(Promote(), at_a_gate(), a_story(stay=behind)), "behind the gate it is a pause"


def test_a_freeze_during_header_only_is_lifted_first():
    planned = of(Resume(), at_a_gate(frozen=True), a_story(stay=AT_GATE))

    assert sent(planned)[0][0] == "spec"
