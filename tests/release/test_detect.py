"""What a change says of itself, and which alarms go on until they are gone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.release.changes import (
    Aborted,
    PublicStray,
    RouteLost,
    Started,
    StepReached,
    StepsEdited,
    Superseded,
)
from bot.release.detect import alarms, detect_changes
from bot.release.steps import header_route_step
from bot.release.traffic import Pods, Selector
from tests.builders import (
    NEW,
    NOON,
    OLD,
    a_look,
    a_moving,
    a_rollout,
    a_route,
    a_stable,
    an_aborted,
    at_a_gate,
)

FOUR = ({"setWeight": 10}, {"pause": {}}, {"setWeight": 25}, {"setWeight": 50}, {"pause": {}})
ROUTE = header_route_step("X-Canary", "true", "tests")
ROUTED = ({"setCanaryScale": {"replicas": 1}}, ROUTE, {"pause": {}}, {"setWeight": 10})
NO_HASH = Selector(service="tomozo-stable", role="stable", revision="")

rollouts = st.sampled_from(
    [a_rollout(), a_moving(), an_aborted(), a_stable(), at_a_gate(), a_rollout(frozen=True),
     a_rollout(blue_green={}), a_rollout(generation=3), a_rollout(revision="9a"),
     a_rollout(message="InvalidSpec: x"), a_rollout(uid="u2"), a_moving(stable=""),
     a_rollout(steps=FOUR, step=4), a_rollout(deleted_at=NOON)]
)  # fmt: skip


@given(rollout=rollouts)
def test_nothing_happened_between_a_look_and_itself(rollout):
    assert detect_changes(a_look(rollout), a_look(rollout)) == ()


@given(before=rollouts, after=rollouts)
def test_the_same_pair_gives_the_same_changes(before, after):
    pair = a_look(before), a_look(after)
    assert detect_changes(*pair) == detect_changes(*pair)


@given(before=rollouts, after=rollouts)
def test_where_it_stands_now_is_named_once(before, after):
    told = [type(change) for change in detect_changes(a_look(before), a_look(after))]
    assert len(told) == len(set(told))
    assert len(told) <= 3


@given(before=rollouts)
@pytest.mark.parametrize("changes", [{"generation": 9}, {"blue_green": {}}, {"deleted_at": NOON}])
def test_of_some_looks_nothing_is_concluded(before, changes):
    assert detect_changes(a_look(before), a_look(a_rollout(**changes))) == ()


def test_several_steps_that_passed_at_once_are_one_change():
    before, after = a_rollout(steps=FOUR), a_moving(steps=FOUR, step=3)
    assert detect_changes(a_look(before), a_look(after)) == (
        StepReached(look=a_look(after), from_step=1),
    )


def test_an_abort_tells_what_the_public_had():
    (change,) = detect_changes(a_look(), a_look(an_aborted()))
    assert isinstance(change, Aborted)
    assert change.from_weight == 10


def test_an_edit_of_the_steps_tells_what_the_public_had():
    before = a_look(a_rollout(steps=FOUR, step=4))
    (change,) = detect_changes(before, a_look(a_moving(step_hash="70")))
    assert isinstance(change, StepsEdited)
    assert (change.from_step, change.previous_weight) == (4, 50)


def test_the_first_hash_of_the_steps_is_no_edit():
    assert detect_changes(a_look(a_moving(step_hash="")), a_look(a_moving())) == ()


def test_versions_are_named():
    superseded, started, *_ = detect_changes(a_look(), a_look(a_rollout(revision="9a")))
    assert isinstance(superseded, Superseded)
    assert superseded.look.rollout.revision == NEW, "the card of the old revision tells it"
    assert isinstance(started, Started)
    assert started.previous_image == "tomozo-repo/tomozo:0.0.1"


# --- alarms ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rollout", "traffic", "keys"),
    [
        (a_rollout(), {}, set()),
        (a_rollout(), {"selectors": (NO_HASH,)}, {"stray:tomozo-stable"}),
        (a_rollout(), {"selectors": (NO_HASH,), "canary": Pods(desired=1)}, set()),
        (a_stable(), {"selectors": (NO_HASH,)}, set()),
        (an_aborted(), {"selectors": (NO_HASH,)}, set()),
        (a_rollout(generation=3), {"selectors": (NO_HASH,)}, set()),
        (a_rollout(steps=ROUTED, step=2), {"routes": ()}, {"route:tests"}),
        (a_rollout(steps=ROUTED, step=2), {"routes": (a_route(name="tests"),)}, set()),
        (
            a_rollout(steps=ROUTED, step=2),
            {"routes": (a_route(name="tests", complete=False),)},
            {"route:tests"},
        ),
        (a_rollout(steps=ROUTED, step=3), {"routes": ()}, {"route:tests"}),
        (a_rollout(steps=ROUTED, step=1), {"routes": ()}, set()),
        (a_moving(steps=ROUTED, step=4), {"routes": ()}, set()),
        (a_rollout(steps=ROUTED, step=2, promoting_fully=True), {"routes": ()}, set()),
    ],
)
def test_what_is_wrong_at_a_look(rollout, traffic, keys):
    assert set(alarms(a_look(rollout, **traffic))) == keys


def test_a_static_route_is_missed_at_a_gate_only():
    """Elsewhere nobody tests by it; what is known of it comes from before."""
    known = {"x-canary-header": a_route()}

    (lost,) = alarms(a_look(at_a_gate(), routes=()), known).values()
    assert isinstance(lost, RouteLost)
    assert lost.route == a_route()
    assert alarms(a_look(a_rollout(), routes=()), known) == {}
    assert alarms(a_look(at_a_gate(), routes=()), {"m": a_route(name="m", managed=True)}) == {}


def test_a_service_that_selects_the_other_revision_is_a_stray():
    wrong = Selector(service="tomozo-stable", role="stable", revision=NEW)
    (alarm,) = alarms(a_look(selectors=(wrong,))).values()

    assert isinstance(alarm, PublicStray)
    assert alarm.selector == wrong
    canary = Selector(service="tomozo-canary", role="canary", revision=OLD)
    assert alarms(a_look(selectors=(canary,))) == {}, "the public is where it should be"
