"""From two looks to what happened between them, and from one look to what is wrong."""

import pytest

from bot.release.changes import (
    Aborted,
    Failed,
    Finished,
    Frozen,
    PublicStray,
    Retried,
    RolledBack,
    RouteLost,
    Started,
    StepReached,
    StepsEdited,
    Superseded,
    Undecided,
    Unfrozen,
    Waiting,
)
from bot.release.detect import alarms, detect_changes
from bot.release.parts import PauseCondition
from bot.release.traffic import Selector
from tests.builders import NOON, OLD, a_look, a_rollout, a_route, a_stable, an_aborted

AT_REST = a_rollout(revision=OLD, stable=OLD, step=2, pauses=(), phase="Healthy", message="")
STEPS = ({"setWeight": 10}, {"pause": {}}, {"setWeight": 50}, {"pause": {"duration": "1h"}})
MOVING = {"pauses": (), "controller_pause": False, "phase": "Progressing", "message": ""}
UNSURE = (PauseCondition(reason="InconclusiveAnalysisRun", started=NOON),)
ROUTED = (
    {"setCanaryScale": {"replicas": 1}},
    {
        "setHeaderRoute": {
            "name": "h",
            "match": [{"headerName": "X", "headerValue": {"exact": "y"}}],
        }
    },
    {"pause": {}},
)


def happened(before, after):
    return [type(change) for change in detect_changes(a_look(before), a_look(after))]


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        (a_rollout(), a_rollout(resource_version="9"), []),
        (AT_REST, a_rollout(), [Started, Waiting]),
        (AT_REST, a_rollout(step=0, **MOVING), [Started]),
        (a_rollout(), a_rollout(revision="v3", step=0, **MOVING), [Superseded, Started]),
        (
            a_rollout(),
            a_rollout(revision="v3", stable="7c9f", step=0, **MOVING),
            [Finished, Started],
        ),
        (an_aborted(), a_rollout(revision="v3", step=0, **MOVING), [Started]),
        (a_rollout(), AT_REST, [RolledBack]),
        (a_rollout(), a_stable(), [Finished]),
        (a_rollout(), an_aborted(), [Aborted]),
        (an_aborted(), a_rollout(step=0, **MOVING), [Retried]),
        (a_rollout(), a_rollout(frozen=True), [Frozen]),
        (a_rollout(frozen=True), a_rollout(), [Unfrozen, Waiting]),
        (a_rollout(steps=STEPS), a_rollout(steps=STEPS, step=2, **MOVING), [StepReached]),
        (a_rollout(steps=STEPS), a_rollout(steps=STEPS, step=3), [StepReached]),
        (a_rollout(), a_rollout(step_hash="other", step=0, **MOVING), [StepsEdited]),
        (a_rollout(step=0, **MOVING), a_rollout(), [Waiting]),
        (a_rollout(step=0, **MOVING), a_rollout(pauses=UNSURE), [Undecided]),
        (a_rollout(), a_rollout(message="InvalidSpec: no such service"), [Failed]),
    ],
)
def test_what_happened_between_two_looks(before, after, changes):
    assert happened(before, after) == changes


def test_nothing_is_concluded_while_status_and_spec_do_not_belong_together():
    assert happened(a_rollout(), an_aborted(observed_generation="1")) == []


def test_a_rollout_made_again_under_the_same_name_is_no_rollback():
    assert happened(a_rollout(), AT_REST.model_copy(update={"uid": "u2"})) == []


def test_a_service_that_selects_both_is_an_alarm_and_the_share_is_never_too_low():
    stray = Selector(service="tomozo-stable", role="stable", revision="")
    look = a_look(selectors=(stray,))
    assert isinstance(alarms(look)["stray:tomozo-stable"], PublicStray)
    assert look.public_share == 28  # 10 %, and one pod of five of the other 90 %


def test_a_service_that_is_not_there_or_not_readable_is_no_stray():
    gone = Selector(service="tomozo-stable", role="stable", revision="", exists=False)
    assert alarms(a_look(selectors=(gone,))) == {}


def test_a_route_that_the_steps_asked_for_and_that_was_never_written_is_lost():
    look = a_look(a_rollout(steps=ROUTED, step=2), routes=())
    (alarm,) = alarms(look).values()
    assert isinstance(alarm, RouteLost)
    assert (alarm.route.name, alarm.route.header, alarm.route.value) == ("h", "X", "y")


def test_a_whole_route_is_no_alarm_and_a_shadowed_one_is():
    rollout = a_rollout(steps=ROUTED, step=2)
    assert alarms(a_look(rollout, routes=(a_route(name="h"),))) == {}
    assert alarms(a_look(rollout, routes=(a_route(name="h", shadowed_by="/"),)))


def test_after_an_abort_nothing_is_expected_of_routes():
    assert alarms(a_look(an_aborted(steps=ROUTED), routes=())) == {}
