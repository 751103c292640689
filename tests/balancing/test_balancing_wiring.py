"""What the checks of the wiring say beyond their manifests: what is not known, what is right."""

from dataclasses import replace

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.balancing.catalogue import CATALOGUE
from bot.balancing.inspection import inspect
from bot.balancing.inventory import Controller, Inventory
from bot.balancing.objects import Ingress, IngressClass, Service
from bot.release.rollout import Rollout
from tests.balancing.drifting import drift
from tests.balancing.loading import load, read, take_in
from tests.balancing.situations import PREFIX, ROOT, SEED, a_path, a_rollout, an_ingress, forward
from tests.balancing.test_balancing_catalogue import FOLDER, NEAR, SHOWN, called, section

SEVERITIES = {
    "critical": "ING-01 WIRE-01 WIRE-02 WIRE-03 WIRE-04 WIRE-06 WIRE-21",
    "high": "WIRE-05 WIRE-07 WIRE-08 WIRE-09 WIRE-17",
    "medium": "WIRE-10 WIRE-11 WIRE-12 WIRE-13 WIRE-14 WIRE-15 WIRE-18 WIRE-19",
    "low": "WIRE-16 WIRE-20",
}


def wiring_of(report):
    """The findings of this section, without the delay after an abort that few set."""
    mine = (finding for finding in report.findings if section(finding.id) in {"WIRE", "ING"})
    return {finding.id: finding for finding in mine if finding.id != "WIRE-18"}


def look(rollout=None, *ingresses, services=(), **more):
    objects = (rollout or a_rollout(),), ingresses, services
    return inspect(
        Inventory(rollouts=objects[0], ingresses=objects[1], services=objects[2], **more)
    )


def unchecked(report):
    return {gap.id for gap in report.unchecked}


def service(name, **spec):
    spec = {"ports": [{"port": 80}], "type": "NodePort"} | spec
    return Service.model_validate({"metadata": {"namespace": "shop", "name": name}, "spec": spec})


def a_route(name="route", header="X-Canary", value="1"):
    match = [{"headerName": header, "headerValue": {"exact": value}}]
    return {"setHeaderRoute": {"name": name, "match": match}}


def with_route(**more):
    """A rollout whose steps set a header route, with two pods behind it."""
    steps = ({"setCanaryScale": {"replicas": 2}}, a_route(), {"pause": {}}, {"setWeight": 20})
    routing = {"alb": {"ingress": "app", "servicePort": 80}, "managedRoutes": [{"name": "route"}]}
    return a_rollout(**{"steps": steps, "routing": routing, "weight": None, "stableRS": ""} | more)


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


class TestPaths:
    def test_a_missing_action_is_told_once_for_all_its_paths(self):
        ingress = an_ingress({}, a_path("stable"), a_path("stable", "/v2/*"))

        report = look(a_rollout(), ingress)

        assert [f.id for f in report.findings].count("WIRE-03") == 1

    def test_without_the_flag_the_group_stands_still_instead_of_503(self):
        strict = Controller(tolerates_missing_action=False)

        finding = wiring_of(look(a_rollout(), an_ingress({}), controller=strict))["WIRE-03"]

        assert "the ALB stays at its last rules" in finding.message

    def test_the_root_of_another_rollout_is_its_own_matter(self):
        other = a_rollout(canary={"stableService": "basket"}, weight=None)
        other = other.model_copy(update={"name": "basket"})
        ingress = an_ingress(None, a_path("stable"), a_path("basket", "/basket/*"))

        report = inspect(Inventory(rollouts=(a_rollout(), other), ingresses=(ingress,)))

        assert "WIRE-03" not in wiring_of(report)
        assert "WIRE-03" not in unchecked(report)

    def test_a_path_of_a_managed_route_kept_in_git_answers_503_until_its_step(self):
        ingress = an_ingress({}, a_path("route"), a_path("stable"))

        finding = wiring_of(look(with_route(), ingress))["WIRE-03"]

        assert "answers 503" in finding.message
        assert "setHeaderRoute" in finding.evidence

    def test_a_foreign_prefix_says_nothing_to_the_old_controller(self):
        """Version 1 could be started with another prefix."""
        alb = {"ingress": "app", "servicePort": 80, "annotationPrefix": "alb.test"}
        rollout = a_rollout(routing={"alb": alb})
        legacy = an_ingress().model_copy(update={"legacy": True})

        assert "WIRE-04" in wiring_of(look(rollout, an_ingress()))
        assert "WIRE-04" not in wiring_of(look(rollout, legacy))
        assert "WIRE-04" not in wiring_of(
            look(rollout, an_ingress(), controller=Controller(legacy=True))
        )


class TestAfterAnAbort:
    def test_a_stable_scale_that_follows_has_no_delay_unless_one_is_set(self):
        scale = {"dynamicStableScale": True}

        unset = look(a_rollout(canary=scale), an_ingress())
        long = look(a_rollout(canary=scale | {"abortScaleDownDelaySeconds": 60}), an_ingress())

        assert "WIRE-18" not in {finding.id for finding in unset.findings}
        assert "WIRE-18" in {finding.id for finding in long.findings}


class TestClasses:
    @pytest.mark.parametrize(
        ("controller", "found"),
        [
            ("ingress.k8s.aws/alb", False),
            ("eks.amazonaws.com/alb", False),
            ("k8s.io/ingress-nginx", True),
        ],
        ids=["the controller's", "that of EKS Auto Mode", "another one's"],
    )
    def test_whose_class_it_is(self, controller, found):
        manifest = {"metadata": {"name": "alb"}, "spec": {"controller": controller}}

        report = look(a_rollout(), an_ingress(), classes=(IngressClass.model_validate(manifest),))

        assert ("WIRE-15" in wiring_of(report)) == found

    def test_what_argo_watches_is_not_known_from_files(self):
        manifest = {"metadata": {"name": "mine"}, "spec": {"controller": "ingress.k8s.aws/alb"}}
        ingress = an_ingress().model_copy(update={"class_name": "mine"})

        report = look(a_rollout(), ingress, classes=(IngressClass.model_validate(manifest),))

        assert "WIRE-15" in unchecked(report)
        assert "WIRE-15" not in wiring_of(report)


class TestDefaultBackends:
    def test_conditions_of_a_service_that_is_the_default_by_its_port_belong_to_its_paths(self):
        """What the default backend does by itself was never meant to have conditions."""
        method = '[{"field":"http-request-method","httpRequestMethodConfig":{"values":["GET"]}}]'
        ingress = an_ingress({f"{PREFIX}/conditions.stable": method}, a_path("stable")).model_copy(
            update={"default_backend": {"service": {"name": "stable", "port": {"number": 80}}}}
        )

        assert "WIRE-17" not in wiring_of(look(a_rollout(), ingress))


class TestServices:
    def test_a_missing_service_of_the_rollout_is_not_told_of_its_annotation_too(self):
        report = look(a_rollout(), an_ingress(), services=(service("stable"),))

        assert [f.key for f in report.findings if f.id == "WIRE-05"] == [
            "WIRE-05:shop/app:Rollout/app#canary"
        ]

    def test_ping_and_pong_are_the_services_of_the_weights(self):
        ping = {"pingPong": {"pingService": "ping", "pongService": "pong"}}
        rollout = a_rollout(canary=ping, weight=None)

        report = look(rollout, an_ingress({}), services=(service("ping"),))

        gone = [f for f in report.findings if f.id == "WIRE-05"]
        assert [(f.place, "pong Service" in f.message) for f in gone] == [("pong", True)]

    def test_a_port_name_is_no_port_number(self):
        named = (service("stable", ports=[{"name": "80", "port": 8080}]), service("canary"))

        assert "WIRE-06" in wiring_of(look(a_rollout(), an_ingress(), services=named))

    def test_what_argo_wrote_is_told_once(self):
        """The port stands in the rollout and in the annotation: one cause, one finding."""
        ports = (service("stable", ports=[{"port": 8080}]), service("canary"))

        report = look(a_rollout(), an_ingress(), services=ports)

        assert [f.key for f in report.findings if f.id == "WIRE-06"] == [
            "WIRE-06:shop/app:Rollout/app#stable"
        ]

    @pytest.mark.parametrize(
        ("selectors", "status", "found"),
        [
            (("old", "new"), {}, set()),
            ((None, "new"), {}, {"stable"}),
            (("new", "new"), {}, {"stable"}),
            (("old", None), {}, {"canary"}),
            (("old", "old"), {}, {"canary"}),
            (("old", "old"), {"abort": True}, set()),
            ((None, None), {"abort": True}, {"stable", "canary"}),
            ((None, None), {"currentPodHash": "old"}, set()),
        ],
        ids=[
            "as it should be",
            "the stable one was stripped",
            "the stable one selects the canary",
            "the canary one was stripped",
            "the canary one did not follow",
            "after an abort it may go to and fro",
            "stripped after an abort",
            "nothing is on its way",
        ],
    )
    def test_who_selects_which_pods(self, selectors, status, found):
        services = [
            service(
                name, selector={"app": "app"} | ({"rollouts-pod-template-hash": h} if h else {})
            )
            for name, h in zip(("stable", "canary"), selectors, strict=True)
        ]

        report = look(a_rollout(**status), an_ingress(), services=tuple(services))

        assert {f.name for f in report.findings if f.id == "WIRE-21"} == found

    def test_the_cure_names_the_application_and_the_field(self):
        (path,) = (FOLDER / "WIRE-21").glob("shown-selector-stripped.yaml")

        finding = wiring_of(inspect(load(path)))["WIRE-21"]

        assert "Application checkout" in finding.patch
        assert yaml.safe_load(finding.patch)["spec"] == {
            "ignoreDifferences": [
                {
                    "group": "",
                    "kind": "Service",
                    "jsonPointers": ["/spec/selector/rollouts-pod-template-hash"],
                }
            ],
            "syncPolicy": {"syncOptions": ["RespectIgnoreDifferences=true"]},
        }


class TestRoutes:
    def test_a_route_that_another_rollout_may_have_asked_for_is_not_left_over(self):
        """That both use the name is told by WIRE-12."""
        one = with_route(weight=0, stableRS="new")
        other = one.model_copy(update={"name": "basket"})
        ingress = an_ingress({}, a_path("route"), a_path("stable"))

        report = inspect(Inventory(rollouts=(one, other), ingresses=(ingress,)))

        assert "WIRE-10" not in wiring_of(report)
        assert "WIRE-12" in wiring_of(report)

    @pytest.mark.parametrize(
        ("status", "is_left"),
        [
            ({"currentStepIndex": 0}, True),
            ({"currentStepIndex": 1}, False),
            ({"currentStepIndex": 3}, False),
            ({"currentStepIndex": 3, "abort": True}, True),
            ({"currentStepIndex": 3, "promoteFull": True}, True),
            ({"currentPodHash": "old"}, True),
        ],
        ids=[
            "not reached yet",
            "at its step",
            "behind its step",
            "called off",
            "to be promoted at once",
            "promoted",
        ],
    )
    def test_a_route_is_left_over_when_no_step_asks_for_it(self, status, is_left):
        rollout = with_route(weight=0, stableRS="old", **status)
        ingress = an_ingress(
            {f"{PREFIX}/actions.route": forward(("canary", 100))}, a_path("route"), a_path("stable")
        )

        assert ("WIRE-10" in wiring_of(look(rollout, ingress))) == is_left

    def test_a_redirect_of_other_paths_is_not_overtaken(self):
        """With the header, /old is answered by the canary, which the redirect did not stop."""
        old = '{"type":"redirect","redirectConfig":{"host":"new.test","statusCode":"HTTP_301"}}'
        ingress = an_ingress(
            {f"{PREFIX}/actions.old": old}, a_path("old", "/old/*"), a_path("stable")
        )

        assert "WIRE-19" not in wiring_of(look(with_route(), ingress))

    def test_where_nothing_is_served_on_http_nothing_is_overtaken(self):
        """`ssl-redirect` leaves no rule on HTTP, and a redirect to HTTPS none on HTTPS."""
        ssl = '{"type":"redirect","redirectConfig":{"protocol":"HTTPS","statusCode":"HTTP_301"}}'
        annotations = {
            f"{PREFIX}/actions.ssl": ssl,
            f"{PREFIX}/listen-ports": '[{"HTTP":80},{"HTTPS":443}]',
        }
        paths = (a_path("ssl"), a_path("stable"))
        by_listener = annotations | {f"{PREFIX}/ssl-redirect": "443"}

        assert "WIRE-19" in wiring_of(look(with_route(), an_ingress(annotations, *paths)))
        assert "WIRE-19" not in wiring_of(look(with_route(), an_ingress(by_listener, *paths)))

    def test_a_redirect_that_comes_first_by_its_type_is_not_overtaken(self):
        """A Prefix path stands before every route of Argo's."""
        ssl = '{"type":"redirect","redirectConfig":{"protocol":"HTTPS","statusCode":"HTTP_301"}}'
        ingress = an_ingress(
            {f"{PREFIX}/actions.ssl": ssl}, a_path("ssl", "/", "Prefix"), a_path("stable")
        )

        assert "WIRE-19" not in wiring_of(look(with_route(), ingress))


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


KEYS = "setWeight setHeaderRoute setCanaryScale name match replicas headerName headerValue exact"
KEYS += " http paths backend service port path pathType host weight pause matchTrafficWeight"
values = st.none() | st.booleans() | st.integers(-2, 200) | st.sampled_from(["", "route", "stable"])
json_like = st.recursive(
    values,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(KEYS.split()), inner, max_size=4)
    ),
    max_leaves=12,
)
match = st.lists(
    json_like | st.fixed_dictionaries({"headerName": json_like, "headerValue": json_like}),
    max_size=2,
)
route = st.fixed_dictionaries({"name": st.just("route"), "match": match | json_like})
path = st.fixed_dictionaries(
    {"path": json_like, "backend": st.fixed_dictionaries({"service": json_like}) | json_like}
)
http = st.fixed_dictionaries({"paths": st.lists(path | json_like, max_size=3)})
junk = (
    st.dictionaries(st.sampled_from(["setHeaderRoute", "setCanaryScale", "http"]), json_like)
    | st.fixed_dictionaries({"setHeaderRoute": route})
    | st.fixed_dictionaries({"http": http})
)


@given(
    steps=st.lists(junk, max_size=3),
    rules=st.lists(junk, max_size=3),
    default=st.none() | junk,
    book=st.text(max_size=8) | st.sampled_from(['{"app":["a/actions.b"]}', '{"x":null}']),
    name=st.text(max_size=4),
)
@settings(max_examples=300, deadline=None)
def test_whatever_stands_in_a_manifest_nothing_breaks(steps, rules, default, book, name):
    """Files are not what the API server would have let through."""
    routing = {"alb": {"ingress": "app"}, "managedRoutes": [{"name": "route"}, {"name": name}]}
    rollout = a_rollout(steps=steps, routing=routing)
    annotations = {
        f"{PREFIX}/actions.{name}": book,
        f"{PREFIX}/conditions.route": book,
        "rollouts.argoproj.io/managed-alb-annotations": book,
    }
    ingress = Ingress.model_validate(
        {
            "metadata": {"namespace": "shop", "name": "app", "annotations": annotations},
            "spec": {"ingressClassName": "alb", "rules": rules, "defaultBackend": default},
        }
    )

    for is_whole in (True, False):
        report = look(rollout, ingress, services=(service("stable"),), is_whole=is_whole)
        for finding in report.findings:
            list(yaml.safe_load_all(finding.patch))
