"""One Rollout as people see it: read from a manifest, its state in one word."""

from datetime import timedelta

import pytest

from bot.release.errors import OutOfDate
from bot.release.parts import (
    AlbRouting,
    AnalysisStatus,
    Container,
    Destination,
    NginxRouting,
    PauseCondition,
    PingPong,
)
from bot.release.rollout import Rollout, State
from tests.builders import NEW, NOON, OLD, a_moving, a_rollout, a_stable, an_aborted

MANIFEST = {
    "metadata": {
        "namespace": "tomozo",
        "name": "tomozo",
        "uid": "u1",
        "resourceVersion": "77",
        "generation": 3,
        "annotations": {"rollout.argoproj.io/revision": "2"},
    },
    "spec": {
        "replicas": 4,
        "paused": True,
        "template": {"spec": {"containers": [{"name": "a", "image": "a:2", "env": []}]}},
        "strategy": {
            "canary": {
                "stableService": "s",
                "canaryService": "c",
                "trafficRouting": {"alb": {"ingress": "i", "servicePort": 80}},
                "steps": [{"setWeight": 10}, {"pause": {}}],
            }
        },
    },
    "status": {
        "observedGeneration": "3",
        "currentPodHash": NEW,
        "stableRS": OLD,
        "currentStepHash": "6f",
        "currentStepIndex": 1,
        "pauseConditions": [{"reason": "CanaryPauseStep", "startTime": "2026-11-24T12:00:00Z"}],
        "controllerPause": True,
        "canary": {
            "weights": {"canary": {"weight": 10, "podTemplateHash": NEW, "serviceName": "c"}},
            "currentStepAnalysisRunStatus": {"name": "r", "status": "Running"},
        },
        "phase": "Paused",
        "message": "CanaryPauseStep",
    },
}

INCONCLUSIVE = (PauseCondition(reason="InconclusiveAnalysisRun", started=NOON),)
TIMED = ({"setWeight": 10}, {"pause": {"duration": "60m"}})
ANALYSIS = ({"setWeight": 10}, {"analysis": {"templates": []}})

STATES = [
    ("the seed's pause", a_rollout(), State.WAITING),
    ("nothing on its way", a_stable(), State.STABLE),
    ("waiting for pods", a_moving(), State.MOVING),
    ("a timed pause", a_rollout(steps=TIMED), State.TIMED),
    ("an analysis runs", a_moving(steps=ANALYSIS, step=1), State.ANALYSING),
    ("an experiment runs", a_moving(steps=({"experiment": {}},)), State.ANALYSING),
    ("a pause was ended", a_rollout(pauses=()), State.RESUMING),
    ("an analysis was inconclusive", a_rollout(pauses=INCONCLUSIVE), State.UNDECIDED),
    ("inconclusive and frozen", a_rollout(pauses=INCONCLUSIVE, frozen=True), State.UNDECIDED),
    ("spec.paused", a_rollout(frozen=True), State.FROZEN),
    ("aborted", an_aborted(), State.ABORTED),
    ("aborted and frozen", an_aborted(frozen=True), State.ABORTED),
    ("an invalid spec", a_rollout(message="InvalidSpec: steps[0]"), State.FAILED),
    (
        "past its deadline",
        a_rollout(phase="Degraded", message="ProgressDeadlineExceeded: x"),
        State.FAILED,
    ),
    ("the spec is not observed", a_rollout(generation=3), State.PENDING),
    ("no status at all", a_rollout(revision="", stable="", generation=0), State.PENDING),
    ("the first deploy", a_moving(stable=""), State.MOVING),
    ("past the last step", a_moving(step=2), State.MOVING),
    ("blueGreen", a_rollout(blue_green={}), State.UNSUPPORTED),
]


@pytest.mark.parametrize(
    ("rollout", "state"), [pytest.param(r, state, id=name) for name, r, state in STATES]
)
def test_the_state_in_one_word(rollout, state):
    assert rollout.state is state


def test_every_state_has_a_test():
    assert {state for *_, state in STATES} == set(State)


def test_a_manifest_is_read_by_its_paths():
    rollout = Rollout.model_validate(MANIFEST)

    assert (rollout.key, rollout.uid, rollout.number) == ("tomozo/tomozo", "u1", "2")
    assert (rollout.replicas, rollout.frozen, rollout.generation) == (4, True, 3)
    assert rollout.containers == (Container(name="a", image="a:2"),)
    assert (rollout.revision, rollout.stable, rollout.step_hash) == (NEW, OLD, "6f")
    assert rollout.pause == PauseCondition(reason="CanaryPauseStep", started=NOON)
    assert rollout.canary_weight == Destination(weight=10, revision=NEW)
    assert rollout.step_analysis == AnalysisStatus(name="r", status="Running")
    assert rollout.alb == AlbRouting(ingress="i", service_port=80)
    assert rollout.current_step == {"pause": {}}
    assert rollout.is_releasing


def test_what_the_controller_leaves_out_has_a_meaning():
    """False booleans, empty lists and an index of 0 are not written."""
    rollout = Rollout.model_validate({"metadata": {"namespace": "n", "name": "a", "uid": "u"}})

    assert (rollout.step, rollout.replicas, rollout.frozen, rollout.aborted) == (0, 1, False, False)
    assert rollout.pause is None
    assert rollout.current_step is None


@pytest.mark.parametrize(
    ("observed", "generation", "is_observed"),
    [
        ("3", 3, True),
        ("2", 3, False),
        ("10", 9, True),
        ("9", 10, False),
        ("", 1, False),
        ("", 0, True),
        ("5d8b9c", 3, True),
    ],
)
def test_the_generation_is_compared_as_a_number(observed, generation, is_observed):
    rollout = a_rollout(observed_generation=observed, generation=generation)
    assert rollout.is_observed is is_observed


@pytest.mark.parametrize("step", [-1, 2, 99])
def test_an_index_out_of_range_is_no_step(step):
    assert a_rollout(step=step).current_step is None


@pytest.mark.parametrize(
    ("role", "stable", "canary"),
    [("ping", "a", "b"), ("pong", "b", "a"), ("", "b", "a")],
    ids=["ping is stable", "pong is stable", "empty counts as pong"],
)
def test_ping_and_pong_swap_roles(role, stable, canary):
    rollout = a_rollout(ping_pong=PingPong(ping="a", pong="b"), stable_ping_pong=role)

    assert (rollout.stable_service_now, rollout.canary_service_now) == (stable, canary)


@pytest.mark.parametrize(
    ("routers", "names"),
    [
        ({"alb": AlbRouting(ingress="a")}, ("a",)),
        ({"alb": AlbRouting(ingresses=("a", "b"))}, ("a", "b")),
        ({"alb": None, "nginx": NginxRouting(stable_ingress="n")}, ("n",)),
        ({"nginx": NginxRouting(stable_ingresses=("n", "m"))}, ("tomozo", "n", "m")),
        ({"alb": None}, ()),
    ],
)
def test_all_ingresses_whose_weights_the_controller_keeps(routers, names):
    assert a_rollout(**routers).ingresses == names


# --- what somebody had before them ----------------------------------------------------------------

LATER = (PauseCondition(reason="CanaryPauseStep", started=NOON),)

MOVED = [
    ("another step", {"step": 0}, "has moved since"),
    ("other steps", {"step_hash": "70"}, "has moved since"),
    ("the next pause at the same step", {"pauses": LATER}, "has moved since"),
    ("no pause any more", {"pauses": ()}, "has moved since"),
    ("another revision", {"revision": "9a"}, "has a newer revision since"),
    ("another object", {"uid": "u2"}, "was deleted and made again since"),
]


@pytest.mark.parametrize(
    ("changes", "words"), [pytest.param(c, w, id=name) for name, c, w in MOVED]
)
def test_what_is_not_what_they_saw_is_refused(changes, words):
    with pytest.raises(OutOfDate, match=words):
        a_rollout(**changes).ensure_still(a_rollout().sighting())


@pytest.mark.parametrize("changes", [{"frozen": True}, {"replicas": 9}, {"generation": 9}])
def test_what_they_did_not_see_may_have_changed(changes):
    rollout = a_rollout(**changes)
    assert rollout.ensure_still(a_rollout().sighting()) is rollout


@pytest.mark.parametrize(
    ("changes", "holds"), [pytest.param(c, "moved" in w, id=name) for name, c, w in MOVED]
)
def test_for_an_abort_the_revision_is_enough(changes, holds):
    rollout, seen = a_rollout(**changes), a_rollout().sighting()
    if holds:
        assert rollout.ensure_still(seen, strictly=False) is rollout
    else:
        with pytest.raises(OutOfDate):
            rollout.ensure_still(seen, strictly=False)


def test_a_sighting_is_what_the_guard_needs():
    seen = a_rollout().sighting()

    assert (seen.namespace, seen.name, seen.uid) == ("tomozo", "tomozo", "u1")
    assert (seen.revision, seen.step_hash, seen.step) == (NEW, "6f", 1)
    assert seen.pause_started == NOON - timedelta(minutes=3)
    assert a_moving().sighting().pause_started is None
