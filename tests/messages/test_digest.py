"""A span of time, summed up, and how it is told."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.messages.digests import digest
from bot.release.digest import Concern, Digest, Ended, Flight, summarise
from bot.release.parts import PauseCondition
from tests.builders import (
    BY_BEN,
    NOON,
    a_look,
    a_moving,
    a_rollout,
    a_stable,
    a_story,
    a_written,
    an_aborted,
    an_ending,
    an_entry,
)
from tests.messages.reading_aloud import read

DAY = timedelta(days=1)


def a_flight(rollout=None, **traffic):
    return Flight(look=a_look(rollout, **traffic), story=a_story())


def sum_up(*flights, **more):
    return summarise(flights, **{"since": NOON - DAY, "until": NOON, **more})


def ended(how="done", **changes):
    version = "tomozo-repo/tomozo:0.0.2"
    return Ended(
        namespace="tomozo", name="tomozo", version=version, ending=an_ending(how, **changes)
    )


def test_an_empty_one_is_one_line():
    summary = sum_up(a_flight(a_stable()))

    assert summary.is_empty
    assert read(digest(summary)) == "Nothing to tell since 2026-11-23 12:00 UTC."


def test_the_longest_wait_comes_first():
    early = (PauseCondition(started=NOON - timedelta(hours=2)),)
    late, first = a_flight(a_rollout(name="late")), a_flight(a_rollout(name="b", pauses=early))

    assert sum_up(late, first).waiting == (first, late)


def test_an_aborted_canary_that_is_reached_needs_a_person():
    reached = a_flight(an_aborted(), reported=50, written=(a_written(50),))
    settled = a_flight(an_aborted())

    assert sum_up(reached, settled).waiting == (reached,)
    assert sum_up(settled).flying == ()


def test_only_what_ended_within_the_span_counts():
    before, within = ended(at=NOON - 2 * DAY), ended(at=NOON - timedelta(hours=1))

    assert sum_up(endings=[before, within]).ended == (within,)


def test_an_abort_of_which_only_the_ledger_knows_is_told_once():
    abort = an_entry("abort", actor=BY_BEN, reason="5xx", detail={"begun": {"weight": 50}})
    twice = [abort, abort, an_entry("abort", "refused:not-now"), an_entry("promote")]
    summary = sum_up(entries=twice)

    assert [e.ending.from_weight for e in summary.ended] == [50]
    assert summary.ended[0].ending.by == BY_BEN
    assert (summary.acts, summary.refusals) == (3, 1)
    told = [ended("aborted", at=NOON - timedelta(hours=1))]
    assert len(sum_up(entries=twice, endings=told).ended) == 1


def test_the_digest_tells_the_most_urgent_first():
    summary = Digest(
        since=NOON - DAY,
        until=NOON,
        waiting=(a_flight(),),
        flying=(a_flight(a_moving(name="web")),),
        ended=(
            ended(at=NOON - timedelta(hours=1), by=BY_BEN),
            ended("aborted", by=BY_BEN, from_weight=50, seconds=2, reason="5xx"),
        ),
        concerns=(Concern(about="shop/api", message="Weights differ."),),
        acts=3,
        refusals=1,
    )
    message = digest(summary)
    aborted = (
        "*tomozo/tomozo* 0.0.2  ✖ aborted by @U0BEN at 50 %: "
        '"5xx", traffic back after 2 s · 12:00 UTC'
    )

    assert read(message).splitlines() == [
        "*Releases since 2026-11-23 12:00 UTC*",
        "*Needs a person*",
        "*tomozo/tomozo*  ⏸ Waiting for you · since 3 min ago · 10 % · 0.0.1 → 0.0.2",
        "*On its way*",
        "*tomozo/web*  → Moving to 10 % (1 of 1 pods) · 0.0.1 → 0.0.2",
        "*Ended*",
        "*tomozo/tomozo* 0.0.2  ✔ done, promoted by @U0BEN · 11:00 UTC",
        aborted,
        "*Open findings*",
        "⚠ *shop/api*: Weights differ.",
        "3 acts by people, 1 refused.",
        "Nothing else.",
    ]
    assert message.text == (
        "Releases: tomozo/tomozo needs a person; 1 on their way, 2 ended, 1 open finding, "
        "nothing else."
    )


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ({"lesser": 1, "muted": 1}, "1 open finding, 1 muted"),
        ({"lesser": 2}, "2 open findings"),
        ({"muted": 3}, "0 open findings, 3 muted"),
    ],
)
def test_the_digest_counts_findings_as_drift_does(counts, said):
    message = digest(replace(sum_up(), flying=(a_flight(a_moving()),), **counts))

    assert message.text == f"Releases: 1 on their way, 0 ended, {said}, nothing else."
    assert f"{said} (`drift`)." in read(message).splitlines()
    assert f"{said} (`drift`)." in read(digest(replace(sum_up(), **counts)))


def test_one_act_is_one_act():
    assert "1 act by people." in read(digest(replace(sum_up(), ended=(ended(),), acts=1)))
