"""
The situations that two guides show: what is found in them, and why.

The page of Argo Rollouts about the AWS Load Balancer Controller, and the guide of that
controller to Ingress; manifests of our own, as they are once Argo has written its weights.
"""

from pathlib import Path

import pytest

from bot.balancing.foresight import foresee
from bot.balancing.inspection import inspect
from tests.balancing.loading import load
from tests.balancing.worlds import models

FOLDER = Path(__file__).parents[1] / "manifests" / "guides"

#: The page's rootService is a name that no Service of the weights has. When the Rollout is
#: deleted, Argo cannot put the action back to one Service: worth knowing, and so in all of them.
ROOT = {"WIRE-13": "medium"}

#: file -> what is found
FOUND = {
    # One path takes everything and has the weights: nothing can stand before it.
    "argo-weights": ROOT,
    # `/` Prefix comes before the `/*` that Argo writes for the header.
    "argo-header-route": ROOT | {"ORD-01": "critical"},
    # No group: each Ingress has its own balancer, and what stands in one shadows nothing
    # in the other.
    "argo-two-ingresses": ROOT,
    # Three hosts of one Ingress have nothing in common.
    "argo-three-hosts": ROOT,
    # Stickiness changes who gets which version, and no order.
    "argo-sticky": ROOT,
    # The same path as in the first one; the Services swap their roles, not their places.
    "argo-ping-pong": ROOT,
    # The order is right, and nobody reads the weights: the prefix went with v1.
    "argo-annotation-prefix": ROOT | {"WIRE-04": "critical"},
    # An IngressClass of the ALB controller counts, whatever its name.
    "argo-other-class": ROOT,
    # Five exact paths that differ; the redirect leads to another host.
    "aws-actions": {},
    # Seven exact paths that differ; what widens one does not reach another.
    "aws-conditions": {},
    # The order is said. But three teams share a balancer by an annotation, which the guide
    # warns of itself.
    "aws-group": {"ORD-15": "info"},
    # Order 0 comes before 10: the canary takes its whole host. That is an order somebody
    # chose, and it costs the canary nothing.
    "aws-group-default-order": {},
    # All HTTP is redirected, and the Ingress listens on HTTPS.
    "aws-ssl-redirect": {},
    # One path.
    "aws-game": {},
    # One path, on HTTPS alone.
    "aws-certificate-by-host": {},
    # No canary: what the last path, `/*`, never gets is what `/` Prefix was written for.
    "aws-order": {},
}

#: file -> what cannot be told from the files: with which flags Argo was started
UNCHECKED = {"argo-other-class": {"WIRE-15"}}


@pytest.mark.parametrize("name", FOUND)
def test_what_is_found_in_a_guide(name):
    report = inspect(foresee(load(FOLDER / f"{name}.yaml")))

    assert {f.id: f.severity.value for f in report.findings} == FOUND[name]
    assert {gap.id for gap in report.unchecked} == UNCHECKED.get(name, set())


def test_every_situation_is_argued():
    assert {path.stem for path in FOLDER.glob("*.yaml")} == set(FOUND)


def test_the_header_route_of_the_guide_is_told_with_what_shadows_it():
    report = inspect(foresee(load(FOLDER / "argo-header-route.yaml")))
    (finding,) = (f for f in report.findings if f.id == "ORD-01")

    assert finding.message == (
        "Requests with X-Canary: true will not reach the canary: the header route x-canary "
        "will be shadowed by `/` Prefix of guestbook/ingress."
    )
    assert "path: /*\n            pathType: ImplementationSpecific" in finding.patch


def test_the_order_of_the_specification():
    (model,) = models(load(FOLDER / "aws-order.yaml"))
    (listener,) = model.listeners

    assert [(rule.path_type, rule.path) for rule in listener.rules] == [
        ("Exact", "/shop/cart"),
        ("Prefix", "/shop/cart"),
        ("Prefix", "/shop"),
        ("Prefix", "/"),
        ("ImplementationSpecific", "/*"),
    ]
