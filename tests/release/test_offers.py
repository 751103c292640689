"""The buttons of the card: an action is offered exactly when its plan does not refuse."""

from dataclasses import replace

import pytest

from bot.release.actions import ReturnPoint
from bot.release.errors import Refusal
from bot.release.offers import ACTIONS, offers
from bot.release.parts import ManagedRoute, PauseCondition
from bot.release.plans import plan
from bot.release.rollout import State
from bot.release.steps import header_route_step
from bot.release.traffic import Selector
from tests.builders import (
    NOON,
    a_look,
    a_moving,
    a_rollout,
    a_route,
    a_stable,
    a_stay,
    a_story,
    a_written,
    an_aborted,
    an_ending,
    at_a_gate,
)

STAY = a_stay(way_back=ReturnPoint(step=2, weight=10, gate=1))
ROUTED_STAY = a_stay(way_back=ReturnPoint(step=3, weight=10, gate=2))
ROUTED = (
    {"setCanaryScale": {"replicas": 1}},
    header_route_step("X-Canary", "true", "tests"),
    {"pause": {}},
    {"setWeight": 10},
)
LOST = a_look(
    a_rollout(steps=ROUTED, step=2, managed_routes=(ManagedRoute(name="tests"),)), routes=()
)
NO_HASH = Selector(service="tomozo-stable", role="stable", revision="")
UNDECIDED = (PauseCondition(reason="InconclusiveAnalysisRun", started=NOON),)
ANALYSIS = a_moving(steps=({"setWeight": 10}, {"analysis": {}}), step=1)
TIMED = ({"setWeight": 10}, {"pause": {"duration": "1h"}})

#: per state, in the order of the buttons
LEGAL = [
    (State.WAITING, a_look(), "promote header-only abort full pause"),
    (State.TIMED, a_look(a_rollout(steps=TIMED)), "promote header-only abort full pause"),
    (State.MOVING, a_look(a_moving()), "header-only abort full pause"),
    (State.ANALYSING, a_look(ANALYSIS), "header-only abort full pause"),
    (State.UNDECIDED, a_look(a_rollout(pauses=UNDECIDED)), "promote abort full pause"),
    (State.RESUMING, a_look(a_rollout(pauses=())), "abort full pause"),
    (State.FROZEN, a_look(a_rollout(frozen=True)), "resume abort full"),
    (State.ABORTED, a_look(an_aborted()), "retry"),
    (State.FAILED, a_look(a_rollout(message="InvalidSpec: x")), "abort full pause"),
    (State.PENDING, a_look(a_rollout(generation=3)), "abort full pause"),
    (State.STABLE, a_look(a_stable()), ""),
    (State.UNSUPPORTED, a_look(a_rollout(blue_green={}, frozen=True)), ""),
]
OTHERS = [
    ("in header-only", a_look(at_a_gate()), {"stay": STAY}, "resume abort full pause"),
    ("its route is lost", LOST, {"stay": ROUTED_STAY}, "resume abort route full pause"),
    (
        "its route is there, but shadowed",
        a_look(LOST.rollout, routes=(a_route(name="tests", managed=True, shadowed_by="Prefix /"),)),
        {"stay": ROUTED_STAY},
        "resume abort full pause",
    ),
    ("at a gate by itself", a_look(at_a_gate()), {}, "promote abort full pause"),
    ("promoting fully", a_look(a_rollout(promoting_fully=True)), {}, "abort"),
    ("no Ingress", a_look(a_rollout(alb=None)), {}, "promote abort full pause"),
    (
        "weight 0, and a Service that leads everybody there",
        a_look(at_a_gate(), selectors=(NO_HASH,)),
        {},
        "promote header-only abort full pause",
    ),
    (
        "weights that cannot be read are not 0",
        a_look(reported=0, written=(a_written(None),)),
        {},
        "promote header-only abort full pause",
    ),
    ("frozen at rest", a_look(a_stable(frozen=True)), {}, "resume"),
    ("aborted and frozen", a_look(an_aborted(frozen=True)), {}, "resume abort retry"),
    ("ended", a_look(), {"ending": an_ending()}, ""),
    ("an abort is no end", a_look(an_aborted()), {"ending": an_ending("aborted")}, "retry"),
]
ALL = [(str(s), look, {}, verbs) for s, look, verbs in LEGAL] + OTHERS
parametrised = pytest.mark.parametrize(
    ("look", "known", "verbs"), [pytest.param(*case, id=name) for name, *case in ALL]
)


@parametrised
def test_what_is_offered(look, known, verbs):
    assert [offer.verb for offer in offers(look, a_story(**known))] == verbs.split()


def test_each_state_is_covered():
    assert {state for state, *_ in LEGAL} == set(State)
    assert all(look.rollout.state is state for state, look, _ in LEGAL)


@parametrised
def test_a_button_and_its_command_never_disagree(look, known, verbs):
    story = a_story(**known)
    if story.ending and story.ending.how != "aborted":
        return  # a card of the past, about a look of then
    offered = {offer.verb for offer in offers(look, story)}

    for verb in ACTIONS.keys() - {"header-only"}:
        try:
            plan(ACTIONS[verb](), look, story)
        except Refusal:
            assert verb not in offered
        else:
            assert verb in offered or (verb == "route" and look.routes_to_canary)


def test_read_only_offers_nothing():
    assert offers(a_look(), a_story(), writes=False) == ()


@pytest.mark.parametrize(
    ("look", "known", "verb", "label"),
    [
        (a_look(), {}, "promote", "Promote → 100 %"),
        (a_look(at_a_gate()), {}, "promote", "Promote → 10 %"),
        (a_look(), {}, "header-only", "Header-only, 0 %"),
        (a_look(), {}, "abort", "Abort → 0 %"),
        (a_look(), {}, "full", "Promote fully → 100 %"),
        (a_look(), {}, "pause", "Pause"),
        (a_look(an_aborted()), {}, "retry", "Retry from step 1 (weight 10 %)"),
        (a_look(an_aborted(steps=())), {}, "retry", "Retry from step 1 (100 %)"),
        (a_look(a_rollout(frozen=True)), {}, "resume", "Resume"),
        (a_look(at_a_gate()), {"stay": STAY}, "resume", "Resume at 10 %"),
        (a_look(at_a_gate(frozen=True)), {"stay": STAY}, "resume", "Resume"),
        (LOST, {"stay": ROUTED_STAY}, "route", "Put the header route back"),
    ],
)
def test_a_button_says_its_effect(look, known, verb, label):
    labels = {offer.verb: offer.label for offer in offers(look, a_story(**known))}
    assert labels[verb] == label


def test_every_button_carries_what_was_seen():
    look = a_look()
    assert {offer.seen for offer in offers(look, a_story())} == {look.rollout.sighting()}


def test_danger_and_dialogs():
    by_verb = {offer.verb: offer for offer in offers(a_look(a_rollout()), a_story())}

    assert [verb for verb, offer in by_verb.items() if offer.danger] == ["abort", "full"]
    assert [verb for verb, offer in by_verb.items() if offer.primary] == ["promote"]
    assert by_verb["header-only"].effect == "", "it opens a dialog of its own"
    assert all(offer.effect for verb, offer in by_verb.items() if verb != "header-only")


def test_the_dialog_tells_the_hazards():
    frozen = {o.verb: o for o in offers(a_look(a_rollout(frozen=True)), a_story())}
    assert "`spec.paused` is taken away too" in frozen["abort"].effect


def test_a_stay_that_is_over_does_not_hide_the_promotion():
    look = a_look(at_a_gate(step=3))
    story = a_story(stay=replace(STAY, missing=()))
    assert "promote" in {offer.verb for offer in offers(look, story)}


def test_a_route_that_is_there_need_not_be_put_back():
    whole = a_look(LOST.rollout)
    assert "route" not in {offer.verb for offer in offers(whole, a_story(stay=ROUTED_STAY))}
