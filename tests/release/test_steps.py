"""Canary steps: in words, where we are, what comes next, and which pause is a gate."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.release.steps import (
    Gate,
    canary_pods_at,
    describe,
    find_gate,
    first_set_weight,
    fixed_scale_at,
    gate_at,
    gate_now,
    header_route_step,
    index_behind_gate,
    insert_gate,
    is_endless_pause,
    routes_in_force,
    set_weight_index,
    stops_at,
    weight_at,
)
from tests.builders import a_rollout

PAUSE, FOLLOW = {"pause": {}}, {"setCanaryScale": {"matchTrafficWeight": True}}
ROUTE = header_route_step("X-Canary", "true", "route")
UNROUTE = {"setHeaderRoute": {"name": "route"}}
SEED = ({"setWeight": 10}, PAUSE)
FOUR = (
    {"setWeight": 10}, PAUSE, {"setWeight": 25}, {"pause": {"duration": "10m"}}, {"setWeight": 50},
    {"analysis": {}}, {"setWeight": 75}, PAUSE,
)  # fmt: skip
AUTHORED = ({"setCanaryScale": {"replicas": 2}}, ROUTE, PAUSE, {"setWeight": 10}, FOLLOW, PAUSE)


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ({"setWeight": 20}, "weight 20 %"),
        ({"pause": {}}, "pause"),
        ({"pause": None}, "pause"),
        ({"pause": {"duration": "5m"}}, "pause 5m"),
        ({"pause": {"duration": 30}}, "pause 30s"),
        ({"pause": {"duration": "30"}}, "pause 30s"),
        ({"setCanaryScale": {"weight": 5}}, "canary pods 5 %"),
        ({"setCanaryScale": {"replicas": 2}}, "canary pods 2"),
        ({"setCanaryScale": {"replicas": 2, "weight": 5}}, "canary pods 2"),
        (FOLLOW, "canary pods follow the weight"),
        (ROUTE, "header route route"),
        (UNROUTE, "remove header route route"),
        ({"setMirrorRoute": {"name": "m"}}, "mirror route m"),
        ({"analysis": {"templates": []}}, "analysis"),
        ({"experiment": {}}, "experiment"),
        ({"plugin": {"name": "p/q"}}, "plugin p/q"),
        ({"setFromTheFuture": 1}, "setFromTheFuture"),
        ({}, "empty step"),
    ],
)
def test_a_step_in_words(step, words):
    assert describe(step) == words


@pytest.mark.parametrize(
    ("index", "weight", "stop"),
    [
        (0, 10, (10, 1)),
        (1, 10, (25, 3)),
        (2, 25, (25, 3)),
        (3, 25, (75, 7)),
        (5, 50, (75, 7)),
        (7, 75, (100, None)),
        (8, 100, (100, None)),
        (99, 100, (100, None)),
    ],
)
def test_the_weight_now_and_where_a_promotion_stops(index, weight, stop):
    assert weight_at(FOUR, index) == weight
    assert stops_at(FOUR, index) == stop


def test_without_steps_everything_is_promoted():
    assert weight_at((), 0) == 100
    assert stops_at((), 0) == (100, None)


def test_the_set_weight_in_force():
    assert set_weight_index(AUTHORED, 2) is None
    assert weight_at(AUTHORED, 2) == 0
    assert set_weight_index(AUTHORED, 5) == 3
    assert set_weight_index(SEED, 99) == 0
    assert weight_at(({"setWeight": 0}, PAUSE), 1) == 0


@pytest.mark.parametrize(
    ("steps", "index", "pods"),
    [
        (SEED, 1, 1),  # 10 % of 4, rounded up
        (FOUR, 4, 2),
        (AUTHORED, 0, 2),
        (AUTHORED, 3, 2),  # the fixed count stays in force
        (AUTHORED, 4, 1),
        (({"setCanaryScale": {"weight": 30}}, PAUSE), 1, 2),
        (({"setWeight": 0}, PAUSE), 1, 0),  # 0 pods, so no gate
        (SEED, 2, 4),
    ],
)
def test_canary_pods_at_a_step(steps, index, pods):
    assert canary_pods_at(a_rollout(steps=steps), index) == pods


def test_a_fixed_count_stays_in_force_until_it_follows_the_weight():
    assert fixed_scale_at(AUTHORED, 3) == {"replicas": 2}
    assert fixed_scale_at(AUTHORED, 4) is None
    assert fixed_scale_at(SEED, 1) is None


@pytest.mark.parametrize(
    ("step", "is_endless"),
    [
        (PAUSE, True),
        ({"pause": None}, True),
        ({"pause": {"duration": "5m"}}, False),
        ({"setWeight": 1}, False),
        (None, False),
    ],
)
def test_who_has_to_end_a_step(step, is_endless):
    assert is_endless_pause(step) is is_endless


# --- gates ----------------------------------------------------------------------------------------

SCALE = {"setCanaryScale": {"replicas": 1}}


@pytest.mark.parametrize(
    ("steps", "gate"),
    [
        ((SCALE, PAUSE), Gate(pause=1, pods=1)),
        (AUTHORED[:3], Gate(pause=2, pods=2, route=1, route_name="route")),
        ((SCALE, {"setWeight": 0}, PAUSE), Gate(pause=2, pods=1)),
        (({"setCanaryScale": {"weight": 50}}, PAUSE), Gate(pause=1, pods=2)),
        ((ROUTE, SCALE, UNROUTE, PAUSE), Gate(pause=3, pods=1)),
        ((PAUSE,), None),
        ((FOLLOW, PAUSE), None),
        ((SCALE, FOLLOW, PAUSE), None),
        ((SCALE, {"pause": {"duration": "5m"}}), None),
        ((SCALE, {"setWeight": 1}, PAUSE), None),
        (({"setWeight": 1}, {"setWeight": 0}, SCALE, PAUSE), None),
        (({"setCanaryScale": {"replicas": 0}}, PAUSE), None),
        (({"setWeight": 0}, PAUSE), None),
    ],
)
def test_which_pause_is_a_gate(steps, gate):
    rollout = a_rollout(steps=steps, step=len(steps) - 1)

    assert gate_at(rollout, len(steps) - 1) == gate
    assert gate_now(rollout) == gate
    assert find_gate(a_rollout(steps=(*steps, {"setWeight": 10}, PAUSE))) == gate


@pytest.mark.parametrize("index", [-1, 0, 6, 99])
def test_no_gate_elsewhere(index):
    assert gate_at(a_rollout(steps=AUTHORED), index) is None


def test_the_routes_that_were_asked_for_so_far():
    steps = (SCALE, ROUTE, PAUSE, UNROUTE, PAUSE)

    asked = [set(routes_in_force(a_rollout(steps=steps, step=i))) for i in range(5)]

    assert asked == [set(), set(), {"route"}, {"route"}, set()]


def test_the_step_that_leads_a_header_to_the_canary():
    """One exact value is all that an ALB takes."""
    assert header_route_step("X-Canary", "true") == {
        "setHeaderRoute": {
            "name": "rollout-bot-header",
            "match": [{"headerName": "X-Canary", "headerValue": {"exact": "true"}}],
        }
    }


def test_the_gate_that_is_inserted():
    """As run against the controller."""
    assert insert_gate(SEED, pods=1, route=None) == (
        SCALE, PAUSE, {"setWeight": 10}, FOLLOW, PAUSE,
    )  # fmt: skip
    assert insert_gate(SEED, pods=1, route=ROUTE) == (
        SCALE, ROUTE, PAUSE, {"setWeight": 10}, FOLLOW, PAUSE,
    )  # fmt: skip
    assert insert_gate((PAUSE,), pods=3, route=None) == (
        {"setCanaryScale": {"replicas": 3}}, PAUSE, PAUSE,
    )  # fmt: skip


any_step = st.one_of(
    st.builds(lambda weight: {"setWeight": weight}, st.integers(0, 100)),
    st.sampled_from([PAUSE, {"pause": {"duration": "1m"}}, {"analysis": {}}, {"experiment": {}}]),
)
plans = st.lists(any_step, min_size=1, max_size=12)


@given(steps=plans, pods=st.integers(1, 9), with_route=st.booleans(), data=st.data())
def test_the_gate_leaves_what_is_behind_it_as_it_was(steps, pods, with_route, data):
    route = ROUTE if with_route else None
    edited = insert_gate(steps, pods=pods, route=route)
    index = data.draw(st.integers(0, len(steps) - 1))
    behind = index_behind_gate(steps, index, with_route=with_route)

    assert edited[behind] == steps[index], "the same step"
    assert weight_at(edited, behind) == weight_at(steps, index), "at the same weight"
    assert [s for s in edited[behind:] if s != FOLLOW] == steps[index:], "with the same before it"
    before, after = a_rollout(steps=tuple(steps)), a_rollout(steps=edited)
    first = first_set_weight(steps)
    if first is not None and index > first:
        assert canary_pods_at(after, behind) == canary_pods_at(before, index), "with the same pods"


@given(steps=plans, pods=st.integers(1, 9), with_route=st.booleans())
def test_what_is_inserted_is_a_gate(steps, pods, with_route):
    edited = insert_gate(steps, pods=pods, route=ROUTE if with_route else None)
    pause = 2 if with_route else 1

    gate = gate_at(a_rollout(steps=edited), pause)

    assert gate is not None
    assert (gate.pods, gate.route) == (pods, 1 if with_route else None)
    assert all(weight_at(edited, index) == 0 for index in range(pause + 1))


def test_weights_out_of_a_thousand_are_told_in_percent():
    """`maxTrafficWeight`: what people read is percent, what pods are counted by is not rounded."""
    steps = (
        {"setWeight": 5},
        PAUSE,
        {"setCanaryScale": {"weight": 300}},
        {"setWeight": 251},
        PAUSE,
    )
    assert [describe(step, 1000) for step in steps] == [
        "weight 1 %",
        "pause",
        "canary pods 30 %",
        "weight 25 %",
        "pause",
    ]
    assert [weight_at(steps, index, 1000) for index in (0, 3, 9)] == [1, 25, 100]
    assert stops_at(steps, 1, 1000) == (25, 4)
    thousand = a_rollout(steps=steps[:2], most_weight=1000, replicas=400)
    assert canary_pods_at(thousand, 1) == 2
    assert canary_pods_at(a_rollout(steps=steps[2:], most_weight=1000, replicas=10), 0) == 3
