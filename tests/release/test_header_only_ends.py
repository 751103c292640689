"""Out of header-only at the old weight, and no trace is left."""

from dataclasses import replace

import pytest

from bot.release.actions import HeaderOnly, RestoreRoute, Resume
from bot.release.errors import NotNow
from bot.release.parts import ManagedRoute
from bot.release.plans import plan
from bot.release.steps import header_route_step
from bot.release.traffic import Pods
from bot.release.way_out import tidy_up
from tests.builders import (
    NEW,
    OLD,
    a_look,
    a_moving,
    a_rollout,
    a_route,
    a_stable,
    a_stay,
    a_story,
)
from tests.release.patches import (
    ROUTES,
    STEPS,
    UID,
    add,
    check,
    head,
    moved,
    remove,
    sent,
    this_pause,
)

PAUSE, FOLLOW = {"pause": {}}, {"setCanaryScale": {"matchTrafficWeight": True}}
SEED = ({"setWeight": 10}, PAUSE)
FOUR = (*SEED, {"setWeight": 25}, PAUSE, {"setWeight": 50}, {"analysis": {}}, PAUSE)
ROUTE = header_route_step("X-Canary", "true", "tests")
ROUTED = ({"setCanaryScale": {"replicas": 1}}, ROUTE, PAUSE, {"setWeight": 50}, FOLLOW, PAUSE)
MANAGED = {"managed_routes": (ManagedRoute(name="tests"),)}
THREE_OF_FOUR = Pods(desired=4, available=3)


def enter(rollout, **traffic):
    return plan(HeaderOnly(), a_look(rollout, **traffic), a_story())


def leave(rollout, back):
    return plan(Resume(), a_look(rollout), a_story(stay=a_stay(way_back=back)))


# --- the way out ----------------------------------------------------------------------------------


def test_out_of_the_gate_to_the_old_weight():
    back = enter(a_rollout()).way_back
    at_gate = a_rollout(steps=back.inserted, step=1)
    planned = leave(at_gate, back)

    assert sent(planned) == [("status", [*head(1), *this_pause(), *moved(2)])]
    assert planned.effect == "10 % of the public go to the canary again."


def test_out_of_a_gate_whose_pods_never_came():
    """No pause condition yet: only the index is tested, and nothing is removed."""
    back = enter(a_rollout()).way_back
    planned = leave(a_moving(steps=back.inserted, step=0), back)

    assert sent(planned) == [("status", [*head(0), *moved(2)[1:]])]


def test_where_it_does_not_stay_is_said():
    back = enter(a_moving(steps=FOUR, step=5), canary=Pods(desired=2, available=2)).way_back
    planned = leave(a_rollout(steps=back.inserted, step=1), back)

    assert "50 % of the public go to the canary again. It then goes on by itself" in planned.effect


def test_the_route_is_written_again_from_its_step():
    rollout = a_rollout(steps=ROUTED, step=2, **MANAGED)
    planned = plan(RestoreRoute(), a_look(rollout, routes=()), a_story())

    assert sent(planned) == [("status", [*head(2), *this_pause(), *moved(1)])]


@pytest.mark.parametrize(
    ("traffic", "words"),
    [
        ({"stable": THREE_OF_FOUR}, "3 of 4 stable pods"),
        ({"canary": Pods(desired=1)}, "No canary pod is available"),
    ],
)
def test_a_route_is_not_written_while_the_controller_would_leave_it_out(traffic, words):
    rollout = a_rollout(steps=ROUTED, step=2, **MANAGED)
    with pytest.raises(NotNow, match=words):
        plan(RestoreRoute(), a_look(rollout, routes=(), **traffic), a_story())


def test_a_route_that_is_there_but_shadowed_is_not_written_again():
    rollout = a_rollout(steps=ROUTED, step=2, **MANAGED)
    hidden = a_route(name="tests", managed=True, shadowed_by="Prefix / of shop.example")
    with pytest.raises(NotNow) as refused:
        plan(RestoreRoute(), a_look(rollout, routes=(hidden,)), a_story())

    assert refused.value.text == (
        "The header route tests is there, but Prefix / of shop.example takes its requests first: "
        "mend the Ingress. `rules tomozo/tomozo` shows the order."
    )


# --- tidying up -----------------------------------------------------------------------------------

BACK = enter(a_rollout(), routes=()).way_back
DONE = a_stable(steps=BACK.inserted, step=6)
TIDIED = [
    UID,
    check("/status/currentPodHash", NEW),
    check("/status/stableRS", NEW),
    check(STEPS, list(BACK.inserted)),
    add(STEPS, list(SEED)),
]


@pytest.mark.parametrize(
    ("names", "more"),
    [
        (["rollout-bot-header"], [check(f"{ROUTES}/0/name", BACK.route), remove(ROUTES)]),
        (["a", BACK.route], [check(f"{ROUTES}/1/name", BACK.route), remove(f"{ROUTES}/1")]),
        (["a"], []),
    ],
)
def test_the_gate_is_taken_out_with_the_route_that_came_with_it(names, more):
    rollout = DONE.model_copy(update={"managed_routes": tuple(ManagedRoute(name=n) for n in names)})

    assert sent(tidy_up(rollout, BACK)) == [("spec", [*TIDIED, *more])]


def test_a_route_that_was_there_before_stays():
    kept = DONE.model_copy(update={"managed_routes": (ManagedRoute(name=BACK.route),)})

    assert sent(tidy_up(kept, replace(BACK, route=""))) == [("spec", TIDIED)]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"stable": OLD}, "would start the release again"),
        ({"aborted": True}, "would start the release again"),
        ({"stable": ""}, "would start the release again"),
        ({"steps": SEED}, "not those that I inserted"),
    ],
)
def test_never_taken_out_while_that_would_start_something(changes, words):
    with pytest.raises(NotNow, match=words):
        tidy_up(DONE.model_copy(update=changes), BACK)


@pytest.mark.parametrize(
    "original",
    [(), ({"setWeight": 100},), (*SEED, {"setWeight": 50})],
    ids=["none", "others", "more"],
)
def test_a_record_that_somebody_changed_puts_no_other_steps_back(original):
    """Whoever can write to the database must not thereby write steps: only the gate goes."""
    with pytest.raises(NotNow, match="I do not put back more"):
        tidy_up(DONE, replace(BACK, original=original))
