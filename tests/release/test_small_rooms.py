"""Ownership, routing, the ledger and a digest: small things that others rely on."""

from datetime import timedelta

import pytest

from bot.release.changes import Topic
from bot.release.digest import Ended, Flight, summarise
from bot.release.errors import (
    Hazard,
    NotAllowed,
    NotFound,
    NotNow,
    OutOfDate,
    Refusal,
    Unanswered,
    Unclear,
    Unreachable,
)
from bot.release.ledger import DONE, PENDING, failed, refused
from bot.release.ownership import Owner, Ownership, SyncPolicy, classify, find_owner
from bot.release.routing import Route, Routing
from bot.release.story import Story
from bot.release.traffic import Selector
from tests.builders import (
    BY_CLOCK,
    NOON,
    a_look,
    a_moving,
    a_rollout,
    a_stable,
    an_aborted,
    an_ending,
    an_entry,
)

OWNER = Owner("", "web")


# --- Argo CD --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tracking", "owner"),
    [
        ("web:argoproj.io/Rollout:tomozo/tomozo", OWNER),
        ("team_web:argoproj.io/Rollout:tomozo/tomozo", Owner("team", "web")),
        ("web:argoproj.io/Rollout:tomozo/other", None),
        ("web:argoproj.io/Rollout:shop/tomozo", None),
        ("web:apps/ReplicaSet:tomozo/tomozo", None),
        (":argoproj.io/Rollout:tomozo/tomozo", None),
        ("web", None),
        ("", None),
    ],
)
def test_only_its_own_tracking_annotation_is_believed(tracking, owner):
    assert find_owner(a_rollout(tracking_id=tracking)) == owner


@pytest.mark.parametrize(
    ("automated", "policy"),
    [
        (None, SyncPolicy.MANUAL),
        ({}, SyncPolicy.AUTOMATED),
        ({"prune": True}, SyncPolicy.AUTOMATED),
        ({"selfHeal": False}, SyncPolicy.AUTOMATED),
        ({"selfHeal": True}, SyncPolicy.SELF_HEAL),
        ({"selfHeal": True, "enabled": True}, SyncPolicy.SELF_HEAL),
        ({"selfHeal": True, "enabled": False}, SyncPolicy.MANUAL),
        ("yes", SyncPolicy.MANUAL),
    ],
)
def test_what_argo_cd_would_do_to_an_edit(automated, policy):
    found = classify(OWNER, {"spec": {"syncPolicy": {"automated": automated}}})

    assert found.policy is policy
    assert found.reverts_spec == (policy is SyncPolicy.SELF_HEAL)
    assert found.is_owned


@pytest.mark.parametrize("application", [{}, {"spec": None}, {"spec": {"syncPolicy": []}}])
def test_an_application_without_a_policy_is_synced_by_hand(application):
    assert classify(OWNER, application).policy is SyncPolicy.MANUAL


def test_an_owner_that_cannot_be_read_is_treated_as_self_heal():
    found = classify(OWNER, None)

    assert (found.policy, found.application) == (SyncPolicy.UNKNOWN, "web")
    assert found.reverts_spec


def test_nobody_owns_it():
    assert classify(None, None) == Ownership()
    assert not Ownership().reverts_spec


def test_server_side_apply_and_its_cure():
    ignored = [{"group": "", "kind": "Service", "jsonPointers": ["/spec/selector/x"]}]
    spec = {
        "syncPolicy": {"syncOptions": ["ServerSideApply=true"]},
        "ignoreDifferences": ignored,
    }
    found = classify(OWNER, {"spec": spec})

    assert found.server_side_apply
    assert found.selectors_protected
    assert not classify(OWNER, {"spec": {**spec, "ignoreDifferences": [{"kind": "Ingress"}]}}
                        ).selectors_protected  # fmt: skip


# --- routing --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("routes", "channels"),
    [
        ((), []),
        ((Route(channel="C1"),), ["C1"]),
        ((Route(channel="C1", namespaces=("tom*",)),), ["C1"]),
        ((Route(channel="C1", namespaces=("shop",)),), []),
        ((Route(channel="C1", rollouts=("web-*",)),), []),
        ((Route(channel="C2"), Route(channel="C1"), Route(channel="C2")), ["C2", "C1"]),
        ((Route(channel="C1", tell=frozenset({Topic.DRIFT})),), []),
        (
            (
                Route(channel="C1", tell=frozenset({Topic.DRIFT})),
                Route(channel="C1", tell=frozenset({Topic.STEP})),
            ),
            ["C1"],
        ),
    ],
)
def test_who_hears_about_a_step(routes, channels):
    assert list(Routing(routes).channels(a_rollout(), Topic.STEP)) == channels


def test_the_card_is_for_every_channel_of_the_rollout():
    routing = Routing((Route(channel="C1", tell=frozenset({Topic.DRIFT})),))
    assert list(routing.channels(a_rollout())) == ["C1"]


# --- the ledger -----------------------------------------------------------------------------------


def test_an_entry_is_completed_not_changed():
    entry = an_entry(outcome=PENDING, detail={"begun": 1})
    done = entry.ends(DONE, seconds=2.0)

    assert (entry.is_pending, entry.detail) == (True, {"begun": 1})
    assert (done.is_pending, done.outcome) == (False, "done")
    assert done.detail == {"begun": 1, "seconds": 2.0}
    assert done.id == entry.id


def test_outcomes_by_name():
    assert refused("not-allowed") == "refused:not-allowed"
    assert failed("unreachable") == "failed:unreachable"


def test_every_refusal_has_a_reason_and_a_text():
    kinds = [Unclear, NotFound, NotAllowed, NotNow, Hazard, OutOfDate, Unreachable, Unanswered]

    assert len({kind.why for kind in kinds}) == len(kinds)
    assert all(issubclass(kind, Refusal) for kind in kinds)
    assert all(kind().text.endswith(".") for kind in kinds)
    assert NotNow("Look first.").text == "Look first."
    assert issubclass(Unanswered, Unreachable)


# --- a digest -------------------------------------------------------------------------------------

SINCE, UNTIL = NOON - timedelta(hours=24), NOON


def flight(rollout, **traffic):
    return Flight(look=a_look(rollout, **traffic), story=Story())


def sum_up(*flights, ended=(), entries=()):
    return summarise(flights, ended, entries, since=SINCE, until=UNTIL)


STRAY = {"selectors": (Selector(service="tomozo-stable", role="stable", revision=""),)}


@pytest.mark.parametrize(
    ("given", "waits", "flies"),
    [
        (flight(a_rollout()), 1, 0),
        (flight(a_rollout(frozen=True)), 1, 0),
        (flight(a_rollout(message="InvalidSpec: x")), 1, 0),
        (flight(a_moving()), 0, 1),
        (flight(a_moving(), **STRAY), 1, 0),
        (flight(an_aborted()), 0, 0),
        (flight(an_aborted(), written=a_look().traffic.written), 1, 0),
        (flight(a_stable()), 0, 0),
        (flight(a_rollout(blue_green={})), 0, 0),
    ],
)
def test_what_needs_a_person(given, waits, flies):
    summary = sum_up(given)
    assert (len(summary.waiting), len(summary.flying)) == (waits, flies)


def test_who_waits_longest_comes_first():
    older = a_rollout(name="older", pauses=(a_rollout().pause.model_copy(
        update={"started": NOON - timedelta(hours=2)}),))  # fmt: skip
    summary = sum_up(flight(a_rollout()), flight(a_rollout(frozen=True, pauses=())), flight(older))

    assert [f.look.rollout.name for f in summary.waiting] == ["older", "tomozo", "tomozo"]


def test_the_end_of_the_span_belongs_to_the_next():
    entries = [an_entry(at=at, id=str(at)) for at in (SINCE, UNTIL, SINCE - timedelta(seconds=1))]
    assert sum_up(entries=entries).acts == 1
    assert sum_up().is_empty


def test_acts_and_refusals_are_those_of_people():
    entries = [
        an_entry(outcome="done"),
        an_entry(outcome="refused:not-now", id="2"),
        an_entry(outcome="failed:unreachable", id="3"),
        an_entry("tidy-up", actor=BY_CLOCK, id="4"),
    ]
    summary = sum_up(entries=entries)
    assert (summary.acts, summary.refusals) == (1, 1)


def test_an_abort_is_told_once():
    abort = an_entry("abort", detail={"begun": {"weight": 10}, "image": "a:2"})
    known = Ended(
        namespace="tomozo", name="tomozo", version="a:2", ending=an_ending("aborted", at=SINCE)
    )
    (found,) = sum_up(entries=[abort]).ended

    assert (found.ending.how, found.ending.from_weight, found.version) == ("aborted", 10, "a:2")
    assert sum_up(entries=[abort], ended=[known]).ended == (known,)
