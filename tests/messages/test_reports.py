"""What people ask to read: short, most urgent first, and what does not fit is counted."""

from datetime import timedelta

import pytest

from bot.balancing.finding import Finding, Severity
from bot.messages import findings, helps, reports
from bot.messages.drift import drift
from bot.messages.findings import Shown
from bot.release.access import Permission, Rule
from bot.release.digest import Flight
from bot.slack.commands import ALIASES, VERBS
from tests.builders import (
    BY_BEN,
    NOON,
    a_look,
    a_moving,
    a_rollout,
    a_stable,
    a_story,
    an_entry,
    at_a_gate,
)
from tests.messages.reading_aloud import buttons, read

FINDING = Finding(
    id="WIRE-08",
    severity=Severity.HIGH,
    namespace="tomozo",
    rollout="tomozo",
    kind="Ingress",
    name="tomozo",
    message="Ingress tomozo gives the canary 50 %, the controller wrote 10 %.",
    evidence="wanted canary 10, stable 90; found canary 50, stable 50",
    writer="kubectl-edit",
    heals=False,
    fix="Find out who writes this annotation.",
    since=NOON - timedelta(minutes=5),
)


def a_flight(rollout=None, **story):
    return Flight(look=a_look(rollout), story=a_story(**story))


def test_status_shows_the_card_without_buttons():
    message = reports.status(a_look(), a_story(), now=NOON)

    assert "⏸ Waiting for you · since 3 min ago" in read(message)
    assert message.metadata is None
    assert not buttons(message)


def test_the_list_has_what_is_on_its_way_first():
    flights = [a_flight(a_stable(name="api")), a_flight(), a_flight(a_moving(name="web"))]
    lines = read(reports.listing(flights, now=NOON, where="tomozo")).splitlines()

    assert lines[0] == "3 rollouts in tomozo, 2 on the way."
    assert lines[1] == "*tomozo/tomozo*  ⏸ Waiting for you · since 3 min ago · 10 % · 0.0.1 → 0.0.2"
    assert lines[3] == "*tomozo/api*  ✔ 0.0.2 is stable · 0.0.2"


def test_a_long_list_is_cut_and_counted():
    flights = [a_flight(a_stable(name=f"app-{n:03}")) for n in range(500)]
    shown = read(reports.listing(flights, now=NOON))

    assert shown.endswith("… 460 more: `list NAMESPACE` tells more.")


@pytest.mark.parametrize(
    ("flights", "said"),
    [
        ([], "Nothing needs a person. `help` lists what I understand."),
        ([a_flight(a_moving())], "Nothing needs a person. 1 on their way."),
        ([a_flight(), a_flight(a_stable())], "One needs a person.\n*tomozo/tomozo*  ⏸ Waiting"),
        ([a_flight(), a_flight()], "2 need a person."),
    ],
)
def test_what_needs_a_person(flights, said):
    assert read(reports.needs_me(flights, now=NOON)).startswith(said)


def test_steps_tell_where_it_stands():
    lines = read(reports.steps(a_look(at_a_gate()), now=NOON)).splitlines()

    assert lines[0] == "tomozo/tomozo: step 2 of 4, 0 % of the public."
    assert lines[2] == "2. ⏸ pause (gate: only requests with the header reach the canary)"
    assert lines[-1] == "→ 100 %"
    assert "no steps" in read(reports.steps(a_look(a_rollout(steps=())), now=NOON))


def test_history_is_newest_first():
    entries = [
        an_entry("promote", at=NOON - timedelta(hours=1)),
        an_entry("abort", "refused:not-allowed", actor=BY_BEN, reason="5xx"),
    ]
    lines = read(reports.history("tomozo/tomozo", entries)).splitlines()

    assert lines[0] == "tomozo/tomozo: 2 on record, newest first."
    assert lines[1].endswith('abort by @U0BEN: "5xx" at step 2: not done (not-allowed)')
    assert "nothing is on record" in read(reports.history("tomozo/tomozo", []))


def test_who_may_do_what():
    rule = Rule(
        allow=frozenset({Permission.PROMOTE, Permission.ABORT}),
        users=frozenset({"U0ANN"}),
        groups=frozenset({"S0ONCALL"}),
        channels=frozenset({"C0RELEASES"}),
        namespaces=("shop", "team-*"),
        reason_required=True,
    )

    assert (
        "abort, promote: @S0ONCALL, @U0ANN in #C0RELEASES on shop, team-*, with a reason"
        in read(reports.who([rule], namespace="shop"))
    )
    assert "nothing may be done in shop" in read(reports.who([], namespace="shop"))


def test_drift_is_told_with_its_evidence():
    shown = read(drift([Shown(finding=FINDING)], now=NOON, looked=NOON))

    assert "1 open finding." in shown
    assert "Evidence: wanted canary 10, stable 90; found canary 50, stable 50" in shown
    assert "Written last by kubectl-edit. The controller will not put it back" in shown
    assert "No drift" in read(drift([], now=NOON, looked=NOON))


@pytest.mark.parametrize(
    "message",
    [
        findings.found(Shown(finding=FINDING), now=NOON),
        findings.resolved(FINDING, now=NOON),
        findings.past(FINDING, now=NOON),
        findings.reminded(Shown(finding=FINDING), now=NOON),
    ],
    ids=["found", "resolved", "past", "reminded"],
)
def test_a_finding_carries_its_point(message):

    assert "tomozo/tomozo" in read(message)
    assert "Ingress tomozo gives the canary 50 %" in message.text


def test_a_finding_that_is_gone_says_how_long_it_lasted():
    assert "gone after 5 min" in read(findings.resolved(FINDING, now=NOON))
    assert "still there, first seen 5 min ago" in read(
        findings.reminded(Shown(finding=FINDING), now=NOON)
    )


def test_a_typo_gets_suggestions():
    assert "Did you mean `shop/api` or `shop/app`?" in read(
        reports.unknown("shop/apo", ["shop/api", "shop/app"])
    )
    assert "`list` tells" in read(reports.unknown("x"))


def test_help_lists_every_verb_and_says_what_an_act_does_not_do():
    shown = read(helps.overview())
    assert {*helps.READING, *helps.ACTING, *helps.NOT_YET} == set(VERBS)
    assert helps.ALIASES == ALIASES
    for verb in VERBS:
        assert (f"`{verb} " in shown) is (verb not in helps.NOT_YET)
    assert "`abort NAME`" not in read(helps.overview(writes=False))
    assert "The new version stays in the spec" in read(helps.about("abort"))
    assert "Also: `advance`, `next`." in read(helps.about("next"))
    assert read(helps.about("nonsense")) == shown
