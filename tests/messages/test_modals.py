"""The forms, and the Home tab."""

from datetime import timedelta

import pytest

from bot.messages import modals
from bot.messages.home import home
from bot.release.actions import Plan, ReturnPoint
from bot.release.digest import Concern, Flight
from bot.release.errors import Hazard
from bot.release.ownership import Ownership, SyncPolicy
from tests.builders import NOON, a_look, a_moving, a_rollout, a_route, a_stable, a_story
from tests.messages.reading_aloud import SEAL, read_view

STEPS = ({"setCanaryScale": {"replicas": 1}}, {"pause": {}})
INSERTED = Plan(
    patches=(),
    effect="0 % of the public, 1 canary pod for the header.",
    hazards=("The timed pause starts again.",),
    way_back=ReturnPoint(step=3, weight=10, inserted=STEPS),
)
AUTHORED = Plan(patches=(), effect="0 %.", way_back=ReturnPoint(step=3, weight=10))


def owned(policy):
    return Ownership(policy=policy, application="shop")


def ids(view):
    return [block.get("block_id") for block in view["blocks"] if block["type"] == "input"]


@pytest.mark.parametrize(
    ("plan", "policy", "asked"),
    [
        (INSERTED, SyncPolicy.NONE, ["reason"]),
        (INSERTED, SyncPolicy.MANUAL, ["accept", "reason"]),
        (INSERTED, SyncPolicy.AUTOMATED, ["accept", "reason"]),
        (AUTHORED, SyncPolicy.AUTOMATED, ["reason"]),
    ],
)
def test_a_tick_is_asked_for_where_argo_cd_may_undo_it(plan, policy, asked):
    view = modals.header_only(a_look(), plan, owned(policy), seal=SEAL)

    read_view(view)
    assert ids(view) == asked


def test_the_form_says_which_way_what_changes_and_the_hazards():
    view = modals.header_only(
        a_look(), INSERTED, owned(SyncPolicy.MANUAL), seal=SEAL, channel="C0", extra={"a": 1}
    )
    shown = read_view(view)

    assert "Now 10 % of the public reach the canary. Requests with `X-Canary: true`" in shown
    assert "a pause is *put in front of the steps*" in shown
    assert "0 % of the public, 1 canary pod for the header." in shown
    assert "⚠ The timed pause starts again." in shown
    assert "Resume returns to 10 %." in shown
    assert "Argo CD application shop, manual sync" in shown
    assert "The next sync puts git's steps back" in shown
    asked = SEAL.open_modal(view["private_metadata"])
    assert (asked.verb, asked.channel, asked.extra) == ("header-only", "C0", {"a": 1})
    assert asked.sighting == a_rollout().sighting()
    assert view["callback_id"] == "rollout:header-only"


def test_the_form_says_that_a_shadowed_route_does_not_reach_the_canary():
    look = a_look(routes=(a_route(shadowed_by="Prefix /"),))
    shown = read_view(modals.header_only(look, AUTHORED, Ownership(), seal=SEAL))

    assert "the canary. Requests with `X-Canary: true` do not reach it." in shown
    assert "No header route yet." not in shown
    none = modals.header_only(a_look(routes=()), AUTHORED, Ownership(), seal=SEAL)
    assert "No header route yet." in read_view(none)


def test_the_authored_way_says_that_the_spec_stays():
    view = modals.header_only(a_look(), AUTHORED, Ownership(), seal=SEAL, reason_required=True)

    assert "(the spec stays)" in read_view(view)
    assert view["blocks"][-1]["optional"] is False


def test_a_refused_form_says_what_to_commit_and_cannot_be_sent():
    yaml = "steps:\n- setCanaryScale: {replicas: 1}\n- pause: {}\n"
    view = modals.header_only_refused(
        a_look(),
        Hazard("Argo CD puts git's steps back."),
        ownership=owned(SyncPolicy.SELF_HEAL),
        gate_yaml=yaml,
    )
    shown = read_view(view)

    assert "Not done: Argo CD puts git's steps back." in shown
    assert "- setCanaryScale: {replicas: 1}\n- pause: {}" in shown
    assert "submit" not in view


def test_any_act_can_be_asked_for_in_a_form():
    plan = Plan(patches=(), effect="Skips all remaining steps.", hazards=("No analysis.",))
    view = modals.ask("full", a_look(), plan, seal=SEAL, label="Promote fully → 100 %")

    assert "Skips all remaining steps.\n⚠ No analysis." in read_view(view)
    assert view["callback_id"] == "rollout:full"
    assert SEAL.open_modal(view["private_metadata"]).verb == "full"


def test_home_shows_what_needs_a_person():
    flights = [Flight(look=a_look(r), story=a_story()) for r in (a_rollout(), a_stable())]
    flights += [Flight(look=a_look(a_moving(name=f"w{n}")), story=a_story()) for n in range(200)]
    concern = Concern(about="shop/api", message="Differs.", since=NOON - timedelta(hours=1))
    view = home(flights, [concern], now=NOON, may=("promote", "abort"))
    shown = read_view(view)

    assert "*tomozo/tomozo*  ⏸ Waiting for you" in shown
    assert "… 180 more." in shown
    assert "⚠ *shop/api*: Differs. · since 1 h ago" in shown
    assert "You may abort, promote." in shown
    assert "You may read." in read_view(home([], now=NOON))
