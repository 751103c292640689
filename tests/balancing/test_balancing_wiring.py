"""What the checks of the wiring say beyond their manifests: what is not known, what is right."""

from dataclasses import replace

import pytest

from bot.balancing.catalogue import CATALOGUE
from bot.balancing.inspection import inspect
from bot.balancing.inventory import Controller
from bot.release.rollout import Rollout
from tests.balancing.drifting import drift
from tests.balancing.loading import load, read, take_in
from tests.balancing.situations import ROOT, SEED, a_path, a_rollout, an_ingress, forward
from tests.balancing.test_balancing_catalogue import FOLDER, NEAR, SHOWN, called, section
from tests.balancing.wired import a_route, look, service, unchecked, wiring_of

SEVERITIES = {
    "critical": "ING-01 WIRE-01 WIRE-02 WIRE-03 WIRE-04 WIRE-06 WIRE-21",
    "high": "WIRE-05 WIRE-07 WIRE-08 WIRE-09 WIRE-17",
    "medium": "WIRE-10 WIRE-11 WIRE-12 WIRE-13 WIRE-14 WIRE-15 WIRE-18 WIRE-19",
    "low": "WIRE-16 WIRE-20",
}


@pytest.mark.parametrize(("severity", "ids"), SEVERITIES.items(), ids=SEVERITIES)
def test_the_severities_are_those_of_the_table(severity, ids):
    assert [CATALOGUE[id_].severity for id_ in ids.split()] == [severity] * len(ids.split())


def test_the_whole_section_is_there():
    ids = {id_ for ids in SEVERITIES.values() for id_ in ids.split()}

    assert {id_ for id_ in CATALOGUE if section(id_) in {"WIRE", "ING"}} == ids


def test_the_article_has_one_flaw():
    """
    Its manifests are wired right; only the delay after an abort is left at 30 seconds.

    The root path asks for the annotation that Argo will write under the stable Service's name;
    both Services are NodePorts with the port 8080 that the rollout names, as target-type
    instance (the default) needs it; the header route is the Ingress's own and stands behind the
    redirect, so neither WIRE-19 nor WIRE-20 is about it; every action has its path.
    """
    report = inspect(load(SEED))

    assert {f.id for f in report.findings if section(f.id) in {"WIRE", "ING"}} == {"WIRE-18"}
    assert not {id_ for id_ in unchecked(report) if section(id_) in {"WIRE", "ING"}}


def test_what_looks_odd_and_is_right_is_not_reported():
    report = inspect(load(FOLDER / "not-reported.yaml"))

    assert not wiring_of(report)
    assert "WIRE-18" not in {finding.id for finding in report.findings}


class TestWhatIsNotAtHand:
    def test_a_rollout_without_its_ingress_says_what_was_not_checked(self):
        manifests = [m for m in read(SEED) if m["kind"] == "Rollout"]

        report = inspect(take_in(*manifests))

        assert not wiring_of(report)
        assert {"ING-01", "WIRE-01", "WIRE-02", "WIRE-03", "WIRE-05", "WIRE-06"} <= unchecked(
            report
        )
        assert all(gap.reason for gap in report.unchecked)

    def test_without_services_nothing_is_said_about_them(self):
        """As where they stand in another chart."""
        manifests = [m for m in read(SEED) if m["kind"] != "Service"]

        report = inspect(take_in(*manifests))

        assert not wiring_of(report)
        assert {"WIRE-05", "WIRE-06", "WIRE-07"} <= unchecked(report)

    def test_in_a_whole_cluster_what_is_not_there_does_not_exist(self):
        report = look(is_whole=True)

        assert {"ING-01", "WIRE-05"} <= wiring_of(report).keys()
        assert not unchecked(report)

    @pytest.mark.parametrize("id_", ["WIRE-08", "WIRE-10", "WIRE-11", "WIRE-21"])
    def test_nothing_deployed_nothing_to_compare(self, id_):
        """Files without status: neither found nor unchecked."""
        steps = [{"setHeaderRoute": {"name": "x"}}, {"setWeight": 20}]
        rollout = Rollout.model_validate(
            {
                "metadata": {"namespace": "shop", "name": "app", "uid": "u"},
                "spec": {
                    "strategy": {
                        "canary": {
                            "stableService": "stable",
                            "canaryService": "canary",
                            "trafficRouting": {
                                "alb": {"ingress": "app", "servicePort": 80},
                                "managedRoutes": [{"name": "route"}],
                            },
                            "steps": steps,
                        }
                    }
                },
            }
        )
        ingress = an_ingress({ROOT: forward(("canary", 70), ("stable", 30))}, a_path("stable"))

        report = look(rollout, ingress, services=(service("stable"), service("canary")))

        assert id_ not in wiring_of(report)
        assert id_ not in unchecked(report)

    def test_the_selectors_of_a_running_release_need_the_services(self):
        assert "WIRE-21" in unchecked(look(a_rollout(), an_ingress()))

    def test_a_class_that_is_not_at_hand_is_not_called_wrong(self):
        ingress = an_ingress()

        report = look(a_rollout(), ingress.model_copy(update={"class_name": "alb-public"}))

        assert "WIRE-15" in unchecked(report)
        assert "WIRE-15" not in wiring_of(report)

    def test_the_pods_of_an_autoscaled_rollout_are_not_guessed(self):
        """Without spec.replicas a part of it says nothing."""
        manifest = {
            "metadata": {"namespace": "shop", "name": "app", "uid": "u"},
            "spec": {
                "strategy": {
                    "canary": {
                        "trafficRouting": {
                            "alb": {"ingress": "app", "servicePort": 80},
                            "managedRoutes": [{"name": "route"}],
                        },
                        "steps": [{"setCanaryScale": {"weight": 50}}, a_route()],
                    }
                }
            },
        }

        report = look(Rollout.model_validate(manifest), an_ingress())

        assert "WIRE-20" in unchecked(report)
        assert "WIRE-20" not in wiring_of(report)

        manifest["spec"]["strategy"]["canary"]["steps"][0]["setCanaryScale"] = {"replicas": 2}
        fixed = look(Rollout.model_validate(manifest), an_ingress())

        assert "WIRE-20" not in unchecked(fixed)


WRONG = {
    "WIRE-01": an_ingress(None, a_path("stable", port={"number": 80})),
    "WIRE-02": an_ingress({}, a_path("other", port={"number": 80})),
    "WIRE-03": an_ingress({}, a_path("stable")),
    "WIRE-08": an_ingress({ROOT: forward(("canary", 50), ("stable", 50))}),
}


class TestOneReplacesTheOther:
    @pytest.mark.parametrize(("id_", "ingress"), WRONG.items(), ids=WRONG)
    def test_the_same_key_as_the_patient_look_at_the_cluster(self, id_, ingress):
        patient = drift(ingress).findings

        assert [finding.id for finding in patient] == [id_]
        assert wiring_of(look(a_rollout(), ingress))[id_].key == patient[0].key

    def test_also_without_an_ingress(self):
        (patient,) = drift().findings

        assert wiring_of(look(is_whole=True))["ING-01"].key == patient.key


class TestOldManifests:
    def test_no_patch_is_offered_for_an_api_that_is_no_more(self):
        legacy = WRONG["WIRE-01"].model_copy(update={"legacy": True})

        assert wiring_of(look(a_rollout(), legacy))["WIRE-01"].patch == ""

    @pytest.mark.parametrize("path", [*SHOWN, *NEAR], ids=called)
    def test_the_other_ways_to_look_at_a_manifest_do_not_fail(self, path):
        """As a whole cluster, and as what the old controller reads."""
        inventory = load(path)
        for controller in (Controller(legacy=True), Controller(tolerates_missing_action=False)):
            report = inspect(replace(inventory, controller=controller, is_whole=True))
            assert all(finding.message and finding.fix for finding in report.findings)
