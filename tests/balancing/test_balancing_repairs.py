"""Whether the controller will put back by itself what somebody changed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.balancing.drift import find_drift
from bot.balancing.weights import read_traffic
from bot.release.traffic import Look
from tests.balancing.drifting import BOOKED, HALF, NOW, PODS, at, drift
from tests.balancing.situations import (
    ROOT,
    WRITTEN,
    a_path,
    a_rollout,
    an_ingress,
)


@pytest.mark.parametrize(
    ("ingress", "heals", "why"),
    [
        pytest.param(at(HALF), True, "", id="by itself"),
        pytest.param(
            at(HALF, booked=False), False, "does not name the rollout", id="it is not told"
        ),
        pytest.param(
            at(HALF, **{"kubernetes.io/ingress.class": "internal"}), False,
            "does not watch Ingresses of class internal", id="another class",
        ),
        pytest.param(at("{"), True, "", id="what it wrote itself"),
        pytest.param(
            an_ingress({ROOT: WRITTEN} | BOOKED, a_path("else")), False,
            "it is not for the controller to mend", id="a path",
        ),
    ],
)  # fmt: skip
def test_whether_it_heals_by_itself(ingress, heals, why):
    (finding,) = drift(ingress).findings
    assert finding.heals is heals
    assert why in finding.evidence


def test_a_class_that_the_controller_was_told_to_watch_heals():
    ingress = at(HALF, **{"kubernetes.io/ingress.class": "internal"})
    (finding,) = drift(ingress, classes={"internal"}).findings
    assert finding.heals is True


def test_behind_an_ingress_that_is_right_nothing_heals():
    """The controller returns at the first of its list that needs no change."""
    rollout = a_rollout(routing={"alb": {"ingresses": ["one", "two"]}})

    (second,) = drift(at(name="one"), at(HALF, name="two"), rollout=rollout).findings
    (first,) = drift(at(HALF, name="one"), at(name="two"), rollout=rollout).findings

    assert (second.name, second.heals) == ("two", False)
    assert "the controller stops at Ingress one, which needs no change" in second.evidence
    assert (first.name, first.heals) == ("one", True)


def test_a_controller_that_cannot_write_heals_nothing():
    """Its own word on why is the evidence."""
    rollout = a_rollout()
    traffic = read_traffic(rollout, [at(HALF)], (), PODS)
    look = Look(rollout=rollout, traffic=replace(traffic, blocked="webhook failed"))

    (finding,) = find_drift(look, [at(HALF)], now=NOW, grace=timedelta(0)).findings

    assert finding.heals is False
    assert finding.evidence.endswith("the controller cannot write: webhook failed")


def test_a_canary_ingress_of_nginx_that_was_deleted_comes_back_late():
    """The controller writes it anew when something wakes it; nothing does at once."""
    rollout = a_rollout(routing={"nginx": {"stableIngress": "app"}})

    (finding,) = drift(at(), rollout=rollout).findings

    assert finding.message == (
        "Ingress app-app-canary does not exist: "
        "the canary gets no request, also none with a header."
    )
    assert finding.heals is None
    assert "within 15 min" in finding.evidence


def test_a_canary_ingress_of_nginx_that_was_edited_heals():
    """Each of several is looked at: the loop over NGINX Ingresses does not stop early."""
    prefix = "nginx.ingress.kubernetes.io"
    weights = {f"{prefix}/canary": "true", f"{prefix}/canary-weight": "50"}
    nginx = {"kubernetes.io/ingress.class": "nginx"}
    rollout = a_rollout(routing={"nginx": {"stableIngress": "app"}})

    (finding,) = drift(
        at(), an_ingress(weights | nginx, name="app-app-canary"), rollout=rollout
    ).findings

    assert (finding.name, finding.heals) == ("app-app-canary", True)
