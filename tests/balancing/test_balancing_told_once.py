"""One fault, one finding; and words that fit what is there."""

import pytest

from bot.balancing.inspection import inspect
from bot.cluster.slim import Slimmer
from bot.release.rollout import Rollout
from tests.balancing.loading import load, read, take_in
from tests.balancing.ordering import STEPS, a_release, an_ingress, entry, other, root
from tests.balancing.situations import ROOT, a_path, a_rollout, forward
from tests.balancing.situations import an_ingress as a_weighted
from tests.balancing.test_balancing_catalogue import FOLDER
from tests.balancing.wired import look

TO_ONE = (
    "Set abortScaleDownDelaySeconds to 1 (not to 0: the canary's pods then stay, and it flaps for "
    "as long)."
)


def shown(place):
    """The findings at one of the manifests."""
    return inspect(load(FOLDER / f"{place}.yaml")).findings


def only(place):
    """The finding of a folder in one of its manifests."""
    (found,) = (f for f in shown(place) if f.id == place.partition("/")[0])
    return found


@pytest.mark.parametrize("is_slim", [False, True], ids=["as read", "as kept of a cluster"])
def test_the_one_pod_behind_a_header_is_also_found_in_what_is_kept_of_a_cluster(is_slim):
    (manifest,) = (m for m in read(FOLDER / "WIRE-20/shown-one-pod.yaml") if m["kind"] == "Rollout")
    manifest["metadata"]["uid"] = "u"
    rollout = Rollout.model_validate(manifest)
    if is_slim:
        Slimmer().slim(rollout)

    report = look(rollout)

    assert "WIRE-20" in {finding.id for finding in report.findings}
    assert "WIRE-20" not in {gap.id for gap in report.unchecked}


def weights(*shares):
    rollout = a_rollout(
        routing={"alb": {"ingresses": ["one", "two"], "servicePort": 80}}, weight=20
    )
    ingresses = (
        a_weighted({ROOT: forward(("canary", share), ("stable", 100 - share))}, name=name)
        for name, share in zip(("one", "two"), shares, strict=True)
    )
    return sorted(
        f.id for f in look(rollout, *ingresses).findings if f.id in {"WIRE-08", "WIRE-09"}
    )


@pytest.mark.parametrize(
    ("shares", "ids"),
    [
        pytest.param((50, 30), ["WIRE-08", "WIRE-08"], id="each is wrong by itself"),
        pytest.param((20, 30), ["WIRE-08", "WIRE-09"], id="one is left behind"),
    ],
)
def test_different_weights_are_not_told_again_where_each_ingress_is_told_of(shares, ids):
    assert weights(*shares) == ids


@pytest.mark.parametrize(
    ("file", "what"), [("shown-same-root", "weights"), ("shown-same-route", "header route")]
)
def test_two_rollouts_that_write_the_same_are_told_of_once(file, what):
    finding = only(f"WIRE-12/{file}")

    assert finding.message == (
        f"Rollouts basket and cart overwrite each other's {what} on Ingress shop."
    )
    assert not finding.rollout  # it concerns both


def test_a_header_route_that_is_not_reached_overtakes_no_redirect():
    ingress = an_ingress(
        entry(root("/", "Prefix"), a_path("to-https", "/*", "ImplementationSpecific")),
        **{
            "listen-ports": '[{"HTTP":80},{"HTTPS":443}]',
            "actions.to-https": '{"type":"redirect","redirectConfig":'
            '{"protocol":"HTTPS","statusCode":"HTTP_301"}}',
        },
    )

    ids = {finding.id for finding in inspect(take_in(ingress, a_release(steps=STEPS))).findings}

    assert "ORD-01" in ids
    assert "WIRE-19" not in ids


@pytest.mark.parametrize(
    ("place", "fix"),
    [
        ("ORD-01/shown-static-behind", "Put the header route before it."),
        (
            "WIRE-03/shown-header-action-misspelt",
            "Write the annotation, or correct its name or that of the backend.",
        ),
        ("WIRE-10/shown-annotations-only", "Take its annotations off the Ingress."),
        ("WIRE-18/shown-not-set", TO_ONE),
    ],
)
def test_what_to_do_fits_what_is_there(place, fix):
    assert only(place).fix == fix


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("ANN-10/shown-too-long", "AWS takes 1 to 604800; the whole value"),
        ("ANN-12/shown-step-to-come", "AWS takes 5; Argo will write it at that step"),
    ],
)
def test_evidence_reads_as_a_sentence(place, words):
    evidence = only(place).evidence

    assert words in evidence
    assert "; ;" not in evidence


@pytest.mark.parametrize(
    ("file", "does"), [("shown-step-to-come", "will be"), ("shown-route-there", "is")]
)
def test_a_route_that_is_to_come_will_be_refused(file, does):
    assert f"on Ingress shop {does} refused by AWS" in only(f"ANN-16/{file}").message


def alone(path):
    """An Ingress that needs no IngressClass to be the ALB controller's."""
    ingress = an_ingress(entry(path), **{"kubernetes.io/ingress.class": "alb"})
    del ingress["spec"]["ingressClassName"]
    return ingress


class TestAnIngressWithoutItsRollout:
    """Its path asks for an annotation that somebody has to write."""

    def test_in_files_somebody_else_may_write_it(self):
        report = inspect(take_in(alone(root())))

        assert not report.findings
        (gap,) = (gap for gap in report.unchecked if gap.id == "WIRE-03")
        assert gap.reason == ("no Rollout at hand writes alb.ingress.kubernetes.io/actions.root")

    def test_in_a_whole_cluster_nobody_does(self):
        report = inspect(take_in(alone(root()), is_whole=True))

        (finding,) = (finding for finding in report.findings if finding.id == "WIRE-03")
        assert "answers 503" in finding.message
        assert not report.unchecked

    @pytest.mark.parametrize("is_whole", [False, True], ids=["in files", "in a whole cluster"])
    def test_a_service_that_is_not_at_hand_may_exist(self, is_whole):
        ingress = alone(other("web", "/", "Prefix"))

        report = inspect(take_in(ingress, is_whole=is_whole))

        assert ("WIRE-05" in {gap.id for gap in report.unchecked}) != is_whole
