"""What the card says about traffic: one number when all agree, the difference first when not."""

from datetime import timedelta

import pytest

from bot.messages.card import card
from bot.release.ownership import Ownership, SyncPolicy
from bot.release.story import Pursuit
from bot.release.traffic import Pods, Selector
from tests.builders import (
    BY_ANN,
    BY_BEN,
    NOON,
    a_look,
    a_rollout,
    a_route,
    a_stay,
    a_story,
    a_written,
    an_aborted,
    an_ending,
    at_a_gate,
)
from tests.messages.reading_aloud import SEAL, read


def show(look=None, story=None):
    return card(look or a_look(), story or a_story(), (), seal=SEAL, now=NOON, cluster="test")


def test_an_aborted_canary_that_is_still_reached_comes_first():
    look = a_look(
        an_aborted(replicas=8),
        reported=50,
        written=(a_written(50),),
        stable=Pods(desired=8, available=7),
    )
    message = show(look, a_story(ending=an_ending("aborted", by=BY_BEN, from_weight=50)))
    lines = read(message).splitlines()

    assert lines[0] == (
        "*tomozo/tomozo*   ⚠ 50 % still reach the aborted canary: "
        "7 of 8 stable pods are available. I keep looking."
    )
    assert lines[1] == "✖ Aborted by @U0BEN at 50 %"
    assert "50 % still reach the canary" in message.text
    assert "asked 0 % · controller 50 % · Ingress tomozo 50 %" in lines


def test_weights_that_differ_are_all_named_the_difference_first():
    look = a_look(written=(a_written(50, writer="kubectl-edit"), a_written(10, "second")))
    message = show(look)
    lines = read(message).splitlines()

    assert lines[0].endswith(
        "⚠ Ingress tomozo gives the canary 50 %, the controller says 10 %, written by kubectl-edit."
    )
    assert "asked 10 % · controller 10 % · Ingress tomozo 50 % · Ingress second 10 %" in lines
    assert "▓" not in "".join(lines)
    assert "the controller says 10 %" in message.text


def test_an_ingress_that_cannot_be_read_is_no_zero():
    look = a_look(written=(a_written(None, problem="the annotation is missing: 503"),))
    message = show(look)

    assert "⚠ Ingress tomozo: the annotation is missing: 503" in read(message)
    assert "waits at an unknown share" in message.text


def test_a_stray_service_is_never_zero_percent():
    stray = Selector(service="tomozo-stable", role="stable", revision="", writer="argocd")
    look = a_look(at_a_gate(), selectors=(stray,))
    message = show(look, a_story(stay=a_stay()))
    said = read(message)

    assert said.splitlines()[0] == (
        "*tomozo/tomozo*   ⚠ About 20 % of the public reach the canary: Service tomozo-stable "
        "selects its pods, whatever the weight says, written by argocd."
    )
    assert " 0 %" not in said.replace("20 %", "")
    assert "(0 %" not in said
    assert "about 20 %" in message.text


def test_without_a_router_the_share_is_by_pods():
    look = a_look(a_rollout(alb=None), written=(), reported=None, routes=())

    assert "without a router: about 20 % by pods" in read(show(look))


@pytest.mark.parametrize(
    ("route", "said"),
    [
        (a_route(complete=False), "reach stable: route x-canary-header missing"),
        (a_route(shadowed_by="/*"), "reach stable: route shadowed by /*"),
    ],
)
def test_a_route_that_does_not_lead_to_the_canary_says_so(route, said):
    assert f"⚠ requests with X-Canary: true {said}" in read(show(a_look(routes=(route,))))


def test_a_route_of_which_nothing_is_left_is_told():
    match = [{"headerName": "X", "headerValue": {"exact": "1"}}]
    step = {"setHeaderRoute": {"name": "h", "match": match}}
    look = a_look(a_rollout(steps=(step, {"setWeight": 10}, {"pause": {}}), step=2), routes=())

    assert "requests with X: 1 reach stable: route h missing on Ingress tomozo" in read(show(look))


@pytest.mark.parametrize(
    ("delay", "seconds", "said"),
    [
        (None, 2, "either revision until 30 s after the abort, then stable"),
        (5, 2, "either revision until 5 s after the abort, then stable"),
        (None, 31, "stable"),
        (0, 31, "either revision while canary pods are left"),
    ],
)
def test_what_the_header_reaches_after_an_abort(delay, seconds, said):
    rollout = an_aborted(abort_delay=delay, aborted_at=NOON - timedelta(seconds=seconds))

    assert f"Header  X-Canary: true → {said}\n" in read(show(a_look(rollout))) + "\n"


def test_the_owner_and_what_is_still_missing_are_told():
    story = a_story(
        ownership=Ownership(policy=SyncPolicy.SELF_HEAL, application="shop"),
        pursuit=Pursuit(
            entry="1",
            verb="promote",
            by=BY_ANN,
            since=NOON - timedelta(seconds=4),
            missing=("canary pods 1 of 4",),
        ),
    )
    said = read(show(story=story))

    assert "Argo CD application shop, self-heal" in said
    assert (
        "→ promote by @U0ANN accepted 4 s ago, still missing: canary pods 1 of 4. I keep looking."
        in said
    )


def test_long_plans_show_the_steps_around_the_current_one():
    steps = tuple({"setWeight": n} if n % 2 else {"pause": {}} for n in range(30))
    said = read(show(a_look(a_rollout(steps=steps, step=10))))

    assert "… 8 before   ✔ pause   ✔ weight 9 %   ⏸ pause" in said
    assert "… 16 more   → 100 %" in said


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("r/a:1", "r/a:2", "1 → 2"),
        ("r:5000/a:1", "r:5000/a:2", "1 → 2"),
        ("r/a:1", "r/b:1", "a:1 → b:1"),
        ("r/a:1", "q/a:1", "r/a:1 → q/a:1"),
        ("r/a@sha256:" + "a" * 64, "r/a@sha256:" + "b" * 64, "sha256:aaaaaaaa → sha256:bbbbbbbb"),
        ("r/a:1@sha256:" + "a" * 64, "r/a:1@sha256:" + "b" * 64, "sha256:aaaaaaaa"),
        ("r/a:1", "r/a:1", "1 (same image, other template)"),
        ("", "r/a:2", "2 ·"),
    ],
)
def test_versions_are_what_differs(old, new, said):
    assert said in read(show(a_look(stable_image=old, canary_image=new)))
