"""The exact operations that are sent: each names what the person saw."""

from datetime import timedelta

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
)
from bot.release.errors import Hazard, NotNow
from bot.release.ownership import Ownership, SyncPolicy
from bot.release.parts import AnalysisStatus, ManagedRoute, PauseCondition
from bot.release.plans import plan
from bot.release.story import Story
from bot.release.traffic import Pods
from tests.builders import NOON, a_look, a_rollout, a_stable, an_aborted

STARTED = (NOON - timedelta(minutes=3)).strftime("%Y-%m-%dT%H:%M:%SZ")
UID = {"op": "test", "path": "/metadata/uid", "value": "u1"}
REVISION = {"op": "test", "path": "/status/currentPodHash", "value": "7c9f"}
STEPS = {"op": "test", "path": "/status/currentStepHash", "value": "6f"}
INDEX = {"op": "test", "path": "/status/currentStepIndex", "value": 1}
REASON = {"op": "test", "path": "/status/pauseConditions/0/reason", "value": "CanaryPauseStep"}
START = {"op": "test", "path": "/status/pauseConditions/0/startTime", "value": STARTED}
UNPAUSE = {"op": "remove", "path": "/status/pauseConditions"}
SAME_PLACE = [UID, REVISION, STEPS, INDEX]
SAME_PAUSE = [REASON, START]
ROUTE = {
    "setHeaderRoute": {
        "name": "rollout-bot-header",
        "match": [{"headerName": "X-Canary", "headerValue": {"exact": "true"}}],
    }
}
GATED = (
    {"setCanaryScale": {"replicas": 2}},
    {
        "setHeaderRoute": {
            "name": "h",
            "match": [{"headerName": "X", "headerValue": {"exact": "y"}}],
        }
    },
    {"pause": {}},
    {"setWeight": 50},
    {"pause": {}},
)


def operations(action, look, story=None):
    """What is sent, patch by patch: where, and what."""
    made = plan(action, look, story or Story())
    return [
        ("status" if patch.status else "spec", list(patch.operations)) for patch in made.patches
    ]


def put(path, value):
    return {"op": "add", "path": path, "value": value}


def test_promote_ends_this_very_pause_and_nothing_else():
    assert operations(Promote(), a_look()) == [("status", [*SAME_PLACE, *SAME_PAUSE, UNPAUSE])]


def test_promote_passes_over_an_inconclusive_analysis():
    undecided = PauseCondition(reason="InconclusiveAnalysisRun", started=NOON)
    steps, analysis = ({"setWeight": 10}, {"analysis": {}}), AnalysisStatus(status="Inconclusive")
    rollout = a_rollout(steps=steps, pauses=(undecided,), step_analysis=analysis)
    ((where, sent),) = operations(Promote(), a_look(rollout))
    assert where == "status"
    assert sent[-3:] == [
        UNPAUSE,
        put("/status/controllerPause", False),
        put("/status/currentStepIndex", 2),
    ]


def test_full_tests_both_revisions():
    stable = {"op": "test", "path": "/status/stableRS", "value": "5d8b"}
    sent = [UID, REVISION, stable, put("/status/promoteFull", True)]
    assert operations(PromoteFully(), a_look()) == [("status", sent)]


def test_abort_asks_for_the_revision_only():
    sent = [UID, REVISION, put("/status/abort", True)]
    assert operations(Abort(), a_look()) == [("status", sent)]


def test_abort_of_a_frozen_rollout_lifts_the_freeze_as_well():
    _, (where, sent) = operations(Abort(), a_look(a_rollout(frozen=True)))
    assert where == "spec"
    assert sent == [
        UID,
        {"op": "test", "path": "/spec/paused", "value": True},
        {"op": "remove", "path": "/spec/paused"},
    ]


def test_retry_wants_an_abort():
    aborted = {"op": "test", "path": "/status/abort", "value": True}
    sent = [UID, REVISION, aborted, {"op": "remove", "path": "/status/abort"}]
    assert operations(Retry(), a_look(an_aborted())) == [("status", sent)]


def test_pause_and_its_end():
    assert operations(Pause(), a_look()) == [("spec", [UID, REVISION, put("/spec/paused", True)])]
    ((where, sent),) = operations(Resume(), a_look(a_rollout(frozen=True)))
    assert where == "spec"
    assert sent[-1] == {"op": "remove", "path": "/spec/paused"}
    assert INDEX in sent


def test_header_only_puts_a_gate_in_front_of_the_steps():
    steps = [{"setWeight": 10}, {"pause": {}}]
    gated = [
        {"setCanaryScale": {"replicas": 1}},
        {"pause": {}},
        {"setWeight": 10},
        {"setCanaryScale": {"matchTrafficWeight": True}},
        {"pause": {}},
    ]
    path = "/spec/strategy/canary/steps"
    sent = [*SAME_PLACE, {"op": "test", "path": path, "value": steps}, put(path, gated)]
    assert operations(HeaderOnly(), a_look()) == [("spec", sent)]


@pytest.mark.parametrize(
    ("managed", "added"),
    [
        (
            (),
            put(
                "/spec/strategy/canary/trafficRouting/managedRoutes",
                [{"name": "rollout-bot-header"}],
            ),
        ),
        (
            (ManagedRoute(name="x"),),
            put(
                "/spec/strategy/canary/trafficRouting/managedRoutes/-",
                {"name": "rollout-bot-header"},
            ),
        ),
    ],
    ids=["the first route", "one more route"],
)
def test_header_only_brings_a_route_where_there_is_none(managed, added):
    look = a_look(a_rollout(managed_routes=managed), routes=())
    made = plan(HeaderOnly(), look, Story())
    (patch,) = made.patches
    assert patch.operations[-1] == added
    assert list(patch.operations[-2]["value"])[1] == ROUTE
    assert (made.way_back.route, made.way_back.gate) == ("rollout-bot-header", 2)
    assert "tomozo" in made.effect


def test_header_only_moves_to_a_gate_that_is_there_and_leaves_the_spec_alone():
    rollout = a_rollout(steps=GATED, step=4)
    at_4 = {"op": "test", "path": "/status/currentStepIndex", "value": 4}
    made = plan(HeaderOnly(), a_look(rollout), Story())
    (patch,) = made.patches
    assert patch.status
    assert list(patch.operations) == [
        *(UID, REVISION, STEPS, at_4),
        *SAME_PAUSE,
        UNPAUSE,
        put("/status/controllerPause", False),
        put("/status/currentStepIndex", 1),
    ]
    assert (made.way_back.step, made.way_back.weight, made.way_back.gate) == (3, 50, 2)


def test_a_lost_route_is_written_again_from_its_gate():
    rollout = a_rollout(steps=GATED, step=2)
    ((where, sent),) = operations(RestoreRoute(), a_look(rollout, routes=()))
    assert where == "status"
    assert sent[-1] == put("/status/currentStepIndex", 1)


def test_a_route_is_not_asked_for_while_the_controller_would_not_write_it():
    look = a_look(a_rollout(steps=GATED, step=2), routes=(), stable=Pods(desired=4, available=3))
    with pytest.raises(NotNow, match="3 of 4 stable pods"):
        plan(RestoreRoute(), look, Story())


@pytest.mark.parametrize(
    ("policy", "ticked", "possible"),
    [
        (SyncPolicy.NONE, False, True),
        (SyncPolicy.MANUAL, False, False),
        (SyncPolicy.MANUAL, True, True),
        (SyncPolicy.AUTOMATED, False, False),
        (SyncPolicy.AUTOMATED, True, True),
        (SyncPolicy.SELF_HEAL, True, False),
        (SyncPolicy.UNKNOWN, True, False),
    ],
)
def test_an_inserted_gate_where_argo_cd_owns_the_rollout(policy, ticked, possible):
    story = Story(ownership=Ownership(policy=policy, application="shop"))
    action = HeaderOnly(accepts_revert=ticked)
    if possible:
        assert plan(action, a_look(), story).patches
    else:
        with pytest.raises(Hazard, match="Argo CD"):
            plan(action, a_look(), story)


@pytest.mark.parametrize(
    ("action", "rollout", "why"),
    [
        (Promote(), a_stable(), "Nothing is on its way"),
        (Promote(), an_aborted(), "retry"),
        (Promote(), a_rollout(frozen=True), "resume"),
        (Promote(), a_rollout(pauses=()), "no pause"),
        (Promote(), a_rollout(observed_generation="1"), "newest spec"),
        (Promote(), a_rollout(blue_green={}), "blueGreen"),
        (Abort(), a_stable(), "Nothing is on its way"),
        (Abort(), an_aborted(), "aborted already"),
        (Retry(), a_rollout(), "not aborted"),
        (Resume(), a_rollout(), "promote"),
        (Pause(), a_rollout(frozen=True), "already"),
        (HeaderOnly(), a_rollout(frozen=True), "resume"),
        (HeaderOnly(), an_aborted(), "retry"),
        (RestoreRoute(), a_rollout(), "gate"),
    ],
)
def test_what_makes_no_sense_is_refused_with_the_reason(action, rollout, why):
    with pytest.raises(NotNow, match=why):
        plan(action, a_look(rollout), Story())
