"""What the checks of the wiring say of paths, classes, Services and header routes."""

import pytest
import yaml

from bot.balancing.inspection import inspect
from bot.balancing.inventory import Controller, Inventory
from bot.balancing.objects import IngressClass
from tests.balancing.loading import load
from tests.balancing.situations import PREFIX, a_path, a_rollout, an_ingress, forward
from tests.balancing.test_balancing_catalogue import FOLDER
from tests.balancing.wired import look, service, unchecked, wiring_of, with_route


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
