"""Drift: told once it is certain, with its evidence and who wrote it."""

from datetime import timedelta

import pytest

from bot.balancing.drift import Standing
from bot.balancing.finding import Severity
from tests.balancing.drifting import GRACE, HALF, NOW, PODS, at, drift
from tests.balancing.situations import (
    PREFIX,
    ROOT,
    WRITTEN,
    a_path,
    a_replica_set,
    a_rollout,
    an_ingress,
    forward,
)


def standing(found):
    return [(state.standing, state.reason) for state in found.states]


def test_what_agrees_is_in_sync():
    found = drift(at())
    assert found.findings == ()
    assert standing(found) == [(Standing.IN_SYNC, "")]
    assert not found.memory


def test_other_weights_are_told_with_what_was_wanted_and_found():
    """A hand edit of a single Ingress is put back at the next reconcile."""
    (finding,) = drift(at(HALF, writer="kubectl-edit")).findings

    assert (finding.id, finding.severity) == ("WIRE-08", Severity.HIGH)
    assert finding.message == "Ingress app gives the canary 50 %, the controller wrote 20 %."
    assert finding.evidence == (
        f"wanted canary 20, stable 80; found canary 50, stable 50 in {ROOT}"
    )
    assert (finding.writer, finding.heals, finding.since) == ("kubectl-edit", True, NOW)
    assert finding.key == "WIRE-08:shop/app:Ingress/app"


def test_a_stranger_with_a_share_is_told_although_the_canary_has_its_own():
    weights = forward(("canary", 20), ("other", 30), ("stable", 50))

    (finding,) = drift(at(weights)).findings

    assert finding.message == "Ingress app gives 30 % to others than the rollout's Services."
    assert "found canary 20, stable 50, others 30" in finding.evidence


def test_the_services_of_an_experiment_are_no_strangers():
    weights = forward(("canary", 20), ("experiment", 5), ("stable", 75))
    steps = [{"setWeight": 20}, {"experiment": {"templates": []}}]
    assert drift(at(weights), rollout=a_rollout(steps=steps)).findings == ()


@pytest.mark.parametrize(
    ("ingress", "id_", "severity", "words", "standing_"),
    [
        pytest.param(None, "ING-01", "critical", "does not exist", "missing", id="no Ingress"),
        pytest.param(at(None), "WIRE-03", "critical", "answers 503", "missing", id="no weights"),
        pytest.param(at("{"), "ANN-01", "critical", "cannot be read", "invalid", id="broken JSON"),
        pytest.param(
            at(WRITTEN.replace("20", '"20"')), "ANN-01", "critical", "cannot be read", "invalid",
            id="a weight in quotes",
        ),
        pytest.param(
            at(WRITTEN.replace("20", "null")), "ANN-01", "critical", "cannot be read", "invalid",
            id="a weight that is null",
        ),
        pytest.param(
            at(**{f"{PREFIX}/listen-ports": "x"}), "ANN-01", "critical", "holds an error",
            "invalid", id="an error elsewhere",
        ),
        pytest.param(
            at(forward(("canary", 0), ("stable", 0))), "ANN-04", "critical", "are 0", "invalid",
            id="all 0",
        ),
        pytest.param(at(WRITTEN.replace("20", "1000")), "ANN-05", "high", "refused by AWS",
                     "invalid", id="1000"),
        pytest.param(at(forward()), "ANN-06", "high", "refused by AWS", "invalid", id="none"),
        pytest.param(
            an_ingress({ROOT: WRITTEN}, a_path("else")), "WIRE-02", "critical",
            "No path of Ingress app reads the weights", "invalid", id="no path",
        ),
        pytest.param(
            an_ingress({ROOT: WRITTEN}, a_path("stable", port={"number": 80})), "WIRE-01",
            "critical", "ignores the weights", "invalid", id="a port",
        ),
    ],
)  # fmt: skip
def test_weights_that_have_no_effect(ingress, id_, severity, words, standing_):
    found = drift(*([ingress] if ingress else []))

    (finding,) = found.findings
    assert (finding.id, finding.severity) == (id_, severity)
    assert words in finding.message
    assert finding.evidence
    assert [state.standing for state in found.states] == [standing_]


# patience


def test_a_difference_counts_when_it_was_seen_for_the_grace_time():
    first = drift(at(HALF), grace=GRACE)
    assert (first.findings, len(first.memory)) == ((), 1)
    assert standing(first) == [(Standing.CONVERGING, "differs from what the controller reported")]
    soon = drift(at(HALF), grace=GRACE, now=NOW + timedelta(seconds=20), memory=first.memory)
    assert soon.findings == ()

    late = drift(at(HALF), grace=GRACE, now=NOW + timedelta(seconds=30), memory=soon.memory)

    (finding,) = late.findings
    assert finding.since == NOW


def test_whatever_changes_begins_anew():
    """Somebody is at work there."""
    first = drift(at(HALF), grace=GRACE)
    other = drift(at(forward(("canary", 60), ("stable", 40))), grace=GRACE,
                  now=NOW + timedelta(minutes=1), memory=first.memory)  # fmt: skip
    assert other.findings == ()


def test_an_outage_counts_when_it_was_seen_twice():
    """The public gets 503: thirty seconds are long."""
    first = drift(at(None), grace=GRACE)
    assert first.findings == ()
    again = drift(at(None), grace=GRACE, now=NOW + timedelta(seconds=1), memory=first.memory)
    assert [finding.id for finding in again.findings] == ["WIRE-03"]


def test_what_is_gone_is_forgotten():
    first = drift(at(HALF), grace=GRACE)
    assert drift(at(), grace=GRACE, memory=first.memory).memory == {}


# what is as it should be


@pytest.mark.parametrize(
    ("rollout", "weights", "pods", "reason"),
    [
        pytest.param(
            a_rollout(currentStepIndex=2), WRITTEN, (PODS[0], a_replica_set("new", 3, 1)),
            "1 of 3 canary pods available", id="its pods are on their way",
        ),
        pytest.param(
            a_rollout(currentStepIndex=2), WRITTEN, PODS, "on its way", id="the controller is",
        ),
        pytest.param(
            a_rollout(abort=True), WRITTEN, PODS, "on its way", id="an abort is",
        ),
        pytest.param(
            a_rollout(abort=True, weight=0), WRITTEN, PODS, "called off, traffic goes back",
            id="aborted, the Ingress is not there yet",
        ),
        pytest.param(
            a_rollout(abort=True), HALF, (a_replica_set("old", 4, 3),),
            "called off, traffic goes back", id="aborted, and stable pods are missing",
        ),
        pytest.param(
            a_rollout(), HALF, (a_replica_set("old", 4, 1), PODS[1]),
            "the controller waits: 1 of 3 stable pods available", id="stable pods are missing",
        ),
        pytest.param(
            a_rollout(), HALF, (a_replica_set("old", wanted_for="3"), PODS[1]),
            "the controller has to scale first", id="scaling",
        ),
        pytest.param(
            a_rollout(weight=None, stableRS=""), None, (), "nothing was written yet", id="new",
        ),
    ],
)  # fmt: skip
def test_what_the_controller_is_still_at_is_no_drift(rollout, weights, pods, reason):
    found = drift(at(weights), rollout=rollout, pods=pods)

    assert found.findings == ()
    assert standing(found) == [(Standing.CONVERGING, reason)]


def test_a_full_promotion_keeps_its_weight_until_the_pods_are_there():
    """Asked 100, reported and written 20: as it should be."""
    found = drift(
        at(), rollout=a_rollout(promoteFull=True), pods=(PODS[0], a_replica_set("new", 4, 1))
    )
    assert found.findings == ()
    assert standing(found) == [(Standing.CONVERGING, "1 of 4 canary pods available")]


def test_while_it_promotes_fully_stable_pods_still_carry_the_rest():
    """The gate counts with the weight that is written, not with the one that is asked for."""
    (state,) = drift(
        at(HALF),
        rollout=a_rollout(promoteFull=True),
        pods=(a_replica_set("old", 4, 2), a_replica_set("new", 4, 4)),
    ).states
    assert state.reason == "the controller waits: 2 of 3 stable pods available"


def test_another_hand_is_no_excuse():
    """The controller waits, and somebody else wrote."""
    pods = (a_replica_set("old", 4, 1), PODS[1])
    (finding,) = drift(at(HALF, writer="argocd-controller"), pods=pods).findings
    assert (finding.writer, finding.heals) == ("argocd-controller", None)


def test_a_hand_that_wrote_after_the_abort_is_told():
    aborted = a_rollout(abort=True, weight=0, abortedAt="2026-11-24T02:59:00Z")
    assert drift(at(WRITTEN, writer="rollouts-controller"), rollout=aborted).findings == ()
    (finding,) = drift(at(WRITTEN, writer="kubectl"), rollout=aborted).findings
    assert finding.writer == "kubectl"


@pytest.mark.parametrize(
    "rollout",
    [
        pytest.param(
            a_rollout().model_copy(update={"blue_green": {"activeService": "a"}}), id="blue-green"
        ),
        pytest.param(a_rollout().model_copy(update={"deleted_at": NOW}), id="being deleted"),
    ],
)
def test_what_is_no_canary_has_no_drift(rollout):
    found = drift(at(HALF), rollout=rollout)
    assert (found.findings, found.states) == ((), ())
