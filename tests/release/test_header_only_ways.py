"""Into header-only: one patch by either way, or the reason why not."""

from dataclasses import replace

import pytest

from bot.release.actions import HeaderOnly, Resume, ReturnPoint
from bot.release.errors import Hazard, NotNow
from bot.release.header_only import gate_for_git
from bot.release.ownership import Ownership, SyncPolicy
from bot.release.parts import ManagedRoute, NginxRouting
from bot.release.plans import plan
from bot.release.steps import header_route_step, insert_gate
from bot.release.traffic import Pods, Selector
from tests.builders import (
    NEW,
    a_look,
    a_moving,
    a_rollout,
    a_route,
    a_stable,
    a_stay,
    a_story,
    an_aborted,
    at_a_gate,
)
from tests.release.patches import (
    AUTHORED,
    FOLLOW,
    PAUSE,
    ROUTES,
    SEED,
    add,
    enter,
    head,
    inserted,
    moved,
    sent,
    this_pause,
)

FOUR = (*SEED, {"setWeight": 25}, PAUSE, {"setWeight": 50}, {"analysis": {}}, PAUSE)
ROUTE = header_route_step("X-Canary", "true", "tests")
NEW_ROUTE = header_route_step("X-Canary", "true")
ROUTED = ({"setCanaryScale": {"replicas": 1}}, ROUTE, PAUSE, {"setWeight": 50}, FOLLOW, PAUSE)
MANAGED = {"managed_routes": (ManagedRoute(name="tests"),)}
SELF_HEAL = a_story(ownership=Ownership(policy=SyncPolicy.SELF_HEAL, application="web"))
THREE_OF_FOUR = Pods(desired=4, available=3)


def leave(rollout, back, **traffic):
    story = a_story(stay=a_stay(way_back=back))
    return plan(Resume(), a_look(rollout, **traffic), story)


# --- way 1: an authored gate ----------------------------------------------------------------------


def test_to_an_authored_gate_with_a_static_route():
    rollout = a_rollout(steps=AUTHORED, step=4)
    planned = enter(rollout)

    assert sent(planned) == [("status", [*head(4), *this_pause(), *moved(1)])]
    assert planned.way_back == ReturnPoint(step=2, weight=10, gate=1, enter=1, pods=1)
    assert "step 2 of its own steps. The spec is not changed" in planned.effect


def test_to_its_route_step_where_the_route_has_to_be_written():
    planned = enter(a_rollout(steps=ROUTED, step=5, **MANAGED), routes=())

    assert sent(planned) == [("status", [*head(5), *this_pause(), *moved(1)])]
    assert (planned.way_back.gate, planned.way_back.enter, planned.way_back.step) == (2, 1, 3)


def test_self_heal_does_not_matter_where_the_spec_stays():
    assert enter(a_rollout(steps=AUTHORED, step=4), SELF_HEAL).way_back.inserted == ()


def test_self_heal_takes_the_path_of_a_managed_route():
    with pytest.raises(Hazard, match="web would remove the header path tests within seconds"):
        enter(a_rollout(steps=ROUTED, step=5, **MANAGED), SELF_HEAL)


@pytest.mark.parametrize(
    "rollout",
    [
        a_moving(steps=AUTHORED, step=2),
        a_rollout(steps=(*AUTHORED, {"setWeight": 50}, {"pause": {"duration": "9m"}}), step=6),
    ],
    ids=["moving", "a timed pause"],
)
def test_elsewhere_the_index_is_not_moved(rollout):
    """The controller may write the index itself there: a new gate is put in front."""
    assert sent(enter(rollout))[0][0] == "spec"


def test_a_gate_that_no_header_reaches_is_not_used():
    planned = enter(a_rollout(steps=AUTHORED, step=4), routes=())

    assert sent(planned)[0][0] == "spec"
    assert planned.way_back.inserted[1] == NEW_ROUTE


# --- way 2: a gate is put in front ----------------------------------------------------------------


def test_with_a_static_route_only_the_steps_are_edited():
    rollout = a_rollout()
    planned = enter(rollout)
    steps = ({"setCanaryScale": {"replicas": 1}}, PAUSE, {"setWeight": 10}, FOLLOW, PAUSE)

    assert sent(planned) == inserted(rollout, steps)
    assert planned.way_back == ReturnPoint(
        step=2, weight=10, gate=1, inserted=steps, original=SEED, pods=1
    )


@pytest.mark.parametrize(
    ("managed", "operation"),
    [
        ((), add(ROUTES, [{"name": "rollout-bot-header"}])),
        (("tests",), add(f"{ROUTES}/-", {"name": "rollout-bot-header"})),
        (("rollout-bot-header",), None),
    ],
    ids=["no managed routes yet", "others", "its own already"],
)
def test_a_new_route(managed, operation):
    rollout = a_rollout(managed_routes=tuple(ManagedRoute(name=name) for name in managed))
    planned = enter(rollout, routes=())

    steps = insert_gate(SEED, pods=1, route=NEW_ROUTE)
    assert sent(planned) == inserted(rollout, steps, *([operation] if operation else []))
    assert planned.way_back.route == ("rollout-bot-header" if operation else "")
    assert (planned.way_back.gate, planned.way_back.step) == (2, 3)
    assert ("is added to Ingress tomozo" in planned.effect) == bool(operation)


def test_the_header_is_as_configured():
    action = HeaderOnly(header="X-Test", value="7")
    (route,) = [s for s in enter(a_rollout(), action=action, routes=()).way_back.inserted
                if "setHeaderRoute" in s]  # fmt: skip

    assert route == header_route_step("X-Test", "7")


def test_a_route_in_force_is_kept():
    """What people were told to test with goes on to work."""
    steps = ({"setWeight": 10}, ROUTE, PAUSE)
    rollout = a_rollout(steps=steps, step=2, **MANAGED)
    planned = enter(rollout, routes=(a_route(name="tests", managed=True),))

    assert sent(planned) == inserted(rollout, insert_gate(steps, pods=1, route=ROUTE))
    assert planned.way_back.route == ""


@pytest.mark.parametrize(("available", "kept"), [(0, 1), (1, 1), (3, 3)])
def test_as_many_pods_as_are_there(available, kept):
    """More would be waited for, for ever where there is no room."""
    planned = enter(a_moving(), canary=Pods(desired=4, available=available))

    assert planned.way_back.inserted[0] == {"setCanaryScale": {"replicas": kept}}
    assert planned.way_back.pods == kept


def test_in_mid_plan_the_way_back_is_the_weight_in_force():
    rollout = a_moving(steps=FOUR, step=5)
    back = enter(rollout, canary=Pods(desired=2, available=2)).way_back

    assert (back.weight, back.step, back.gate, back.first) == (50, 7, 1, None)
    assert back.inserted[back.step] == {"setWeight": 50}


def test_what_the_public_has_while_pods_come_up_is_told():
    planned = enter(a_moving(steps=FOUR, step=4), canary=Pods(desired=2, available=1))

    assert planned.way_back.first == 25
    assert any("25 % first" in hazard for hazard in planned.hazards)


@pytest.mark.parametrize(
    "rollout",
    [
        a_moving(steps=()),
        a_moving(steps=(PAUSE,), step=1),
        a_moving(steps=SEED, step=2),
        a_rollout(steps=(PAUSE, *SEED), step=0),
    ],
    ids=["no steps", "no weight, all done", "all done", "before the first weight"],
)
def test_odd_steps_have_a_way_back_too(rollout):
    back = enter(rollout).way_back

    assert back.inserted == insert_gate(rollout.steps, pods=1, route=None)
    leave(replace_steps(rollout, back), back)


def replace_steps(rollout, back):
    """It stands at the gate now."""
    return a_rollout(steps=back.inserted, step=back.gate)


# --- what stands against it -----------------------------------------------------------------------

NOT_NOW = [
    (a_stable(), {}, "Nothing is on its way"),
    (an_aborted(), {}, "is aborted"),
    (a_rollout(frozen=True), {}, "use `resume` first"),
    (a_rollout(generation=3), {}, "has not looked at the newest spec"),
    (at_a_gate(), {}, "stands at its gate: the public gets 0 % already"),
    (a_rollout(), {"stay": a_stay()}, "Header-only is on already"),
]
STRAY = Selector(service="tomozo-stable", role="stable", revision="")
HAZARDS = [
    (a_rollout(alb=None), {}, "no traffic routing by Ingress"),
    (a_rollout(), {"selectors": (STRAY,)}, "tomozo-stable does not select one revision only"),
    (a_rollout(), {"selectors": (replace(STRAY, revision=NEW),)}, "does not select one revision"),
    (
        a_rollout(alb=None, nginx=NginxRouting(stable_ingress="tomozo")),
        {"routes": ()},
        "set `canary-by-header` in `nginx.additionalIngressAnnotations`",
    ),
]


@pytest.mark.parametrize(("rollout", "known", "words"), NOT_NOW)
def test_refused_as_it_makes_no_sense(rollout, known, words):
    with pytest.raises(NotNow, match=words):
        enter(rollout, a_story(**known))


@pytest.mark.parametrize(("rollout", "traffic", "words"), HAZARDS)
def test_refused_as_it_would_do_something_else(rollout, traffic, words):
    with pytest.raises(Hazard, match=words):
        enter(rollout, **traffic)


def test_what_to_know_before():
    def hazards(rollout, **traffic):
        return " ".join(enter(rollout, **traffic).hazards)

    assert hazards(a_rollout()) == ""
    assert "3 of 4 stable pods" in hazards(a_rollout(), stable=THREE_OF_FOUR)
    assert "scaled up first" in hazards(a_rollout(dynamic_stable_scale=True))
    timed = ({"setWeight": 10}, {"pause": {"duration": "1h"}})
    assert "starts again from its beginning" in hazards(a_rollout(steps=timed))
    assert "may abort" in hazards(a_rollout(background_analysis={"templates": []}))
    assert "goes on by itself with “analysis”" in hazards(a_moving(steps=FOUR, step=5))


def test_the_gate_to_commit_keeps_the_pods_that_are_wanted():
    look = a_look(a_rollout(), canary=Pods(desired=2, available=0))
    assert gate_for_git(HeaderOnly(), look) == insert_gate(SEED, pods=2, route=None)
