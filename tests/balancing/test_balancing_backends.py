"""What becomes of a rule when its Services are looked up: the controller's own situations."""

import pytest

from bot.balancing.annotations import FixedResponse, Forward, TargetGroup
from tests.balancing.situations import a_path, forward
from tests.balancing.worlds import failures, member, model_of, params, service, strict

ONE = forward(("svc", 1))
TWO = forward(("svc", 1), ("other", 99))
KEY = "alb.ingress.kubernetes.io"


def rule_of(*ingresses, **more):
    """The only rule of the only group."""
    (rule,) = model_of(*ingresses, **more).rules
    return rule


@pytest.mark.parametrize(
    ("port", "target"),
    [
        pytest.param({"number": 80}, TargetGroup(service="svc", port=80), id="a number"),
        pytest.param({"name": "http"}, TargetGroup(service="svc", port="http"), id="a name"),
    ],
)
def test_a_path_that_names_a_service_goes_there_whatever_the_action_says(port, target):
    one = member("a", a_path("svc", port=port), said={"actions.svc": TWO})
    assert rule_of(one, services=[service("svc")]).action == Forward(targets=(target,))


def test_a_missing_action_is_answered_503():
    answer = FixedResponse(
        status="503", content_type="text/plain", body="Backend action does not exist"
    )
    assert rule_of(member("a", a_path("root")), services=[]).action == answer


def test_or_stops_the_group_as_the_controller_was_started():
    one = member("a", a_path("root"))
    assert failures(one, services=[], controller=strict()) == [
        f"WIRE-03 Ingress shop/a: {KEY}/actions.root: the annotation is missing"
    ]


def test_a_bad_action_is_never_answered_503():
    one = member("a", a_path("root"), said={"actions.root": ""})
    assert failures(one, services=[]) == [
        (
            f"ANN-01 Ingress shop/a: {KEY}/actions.root: this is not JSON: "
            "the text is empty or ends too early (at character 1)"
        )
    ]


def test_a_single_service_that_does_not_exist_is_answered_503():
    answer = FixedResponse(
        status="503", content_type="text/plain", body="Backend service does not exist"
    )
    by_path = member("a", a_path("svc", port={"number": 80}))
    by_action = member("a", a_path("root"), said={"actions.root": ONE})
    assert rule_of(by_path, services=[]).action == answer
    assert rule_of(by_action, services=[]).action == answer


def test_or_stops_the_group_too():
    one = member("a", a_path("svc", port={"number": 80}))
    assert failures(one, services=[], controller=strict()) == [
        (
            "WIRE-05 Ingress shop/a: path ImplementationSpecific /* of app.test: "
            "Service svc does not exist"
        )
    ]


def test_of_two_services_both_must_exist_even_with_weight_0():
    one = member("a", a_path("root"), said={"actions.root": forward(("svc", 0), ("other", 100))})
    assert failures(one, services=[service("other")]) == [
        (
            "WIRE-05 Ingress shop/a: path ImplementationSpecific /* of app.test: "
            "Service svc does not exist"
        )
    ]


def test_in_files_what_is_not_there_may_exist():
    one = member("a", a_path("root"), said={"actions.root": TWO})
    assert failures(one) == []


def test_target_groups_of_aws_need_no_service():
    action = '{"type":"forward","targetGroupARN":"arn"}'
    one = member("a", a_path("root"), said={"actions.root": action})
    assert rule_of(one, services=[]).action == Forward(targets=(TargetGroup(arn="arn"),))


@pytest.mark.parametrize(
    ("port", "ports", "found"),
    [
        ({"number": 80}, [{"port": 80, "nodePort": 1}], True),
        ({"number": 81}, [{"port": 80, "nodePort": 1}], False),
        ({"name": "http"}, [{"port": 80, "name": "http", "nodePort": 1}], True),
        ({"name": "https"}, [{"port": 80, "name": "http", "nodePort": 1}], False),
        ({}, [{"port": 80, "nodePort": 1}], False),
    ],
)
def test_the_port_must_be_one_of_the_service(port, ports, found):
    one = member("a", a_path("svc", port=port))
    told = failures(one, services=[service("svc", *ports)])
    assert (told == []) is found
    assert found or told[0].startswith("WIRE-06 Ingress shop/a: path ImplementationSpecific /*")


def test_an_empty_port_of_an_action_is_a_port_without_a_name():
    target = '{"serviceName":"svc","servicePort":""}'
    action = f'{{"type":"forward","forwardConfig":{{"targetGroups":[{target}]}}}}'
    one = member("a", a_path("root"), said={"actions.root": action})
    assert failures(one, services=[service("svc", {"port": 80, "nodePort": 1})]) == []
    assert failures(one, services=[service("svc")])[0].startswith("WIRE-06")


@pytest.mark.parametrize(
    ("said", "on_service", "kind", "spec", "told"),
    [
        pytest.param({}, {}, "ClusterIP", {}, "WIRE-07", id="no node port"),
        pytest.param({"target-type": "ip"}, {}, "ClusterIP", {}, "", id="none is needed"),
        pytest.param(
            {"target-type": "ip"},
            {"target-type": "instance"},
            "ClusterIP",
            {},
            "WIRE-07",
            id="the Service's word counts",
        ),
        pytest.param({}, {}, "ClusterIP", {"targetType": "ip"}, "", id="the class's counts more"),
        pytest.param({"target-type": "IP"}, {}, "NodePort", {}, "ANN-01", id="no such type"),
    ],
)
def test_targets_are_reached_by_node_ports_or_by_addresses(said, on_service, kind, spec, told):
    with_params, own = params(**spec)
    one = member("a", a_path("svc", port={"number": 80}), said=said, class_name="with-p")
    found = service("svc", {"port": 80}, kind=kind, said=on_service)
    first = failures(one, services=[found], classes=(with_params,), params=(own,))[:1]
    assert [text.split()[0] for text in first] == ([told] if told else [])


@pytest.mark.parametrize(
    ("suffix", "good", "bad"),
    [
        ("backend-protocol", "HTTPS", "https"),
        ("backend-protocol-version", "GRPC", "h2"),
        ("healthcheck-protocol", "HTTP", "TCP"),
        ("healthcheck-port", "http", "nope"),
        ("healthcheck-port", "traffic-port", ""),
        ("healthcheck-interval-seconds", "5", "5s"),
        ("healthcheck-timeout-seconds", "5", ""),
        ("healthy-threshold-count", "2", "two"),
        ("unhealthy-threshold-count", "2", "2.0"),
        ("target-group-attributes", "stickiness.enabled=true", "stickiness"),
        ("target-node-labels", "a=b", "a"),
        ("multi-cluster-target-group", "false", "no"),
        ("tags", "a=b", "=b"),
    ],
)
def test_what_a_service_says_of_its_target_group_must_be_understood(suffix, good, bad):
    one = member("a", a_path("svc", port={"number": 80}))
    assert failures(one, services=[service("svc", said={suffix: good})]) == []
    (told,) = failures(one, services=[service("svc", said={suffix: bad})])
    assert told.startswith(f"ANN-01 Ingress shop/a: {KEY}/{suffix} of Service svc: ")


def test_a_service_for_ipv6_needs_a_balancer_for_it():
    six = service("svc", ipFamilies=["IPv4", "IPv6"])
    one = member("a", a_path("svc", port={"number": 80}))
    dual = member("a", a_path("svc", port={"number": 80}), said={"ip-address-type": "dualstack"})
    assert "Service svc is for IPv6" in failures(one, services=[six])[0]
    assert failures(dual, services=[six]) == []


def test_the_controller_finds_out_in_its_order():
    """Conditions, transforms, action, Services, guards, then the rule itself."""
    said = {
        "conditions.root": "x",
        "transforms.root": "x",
        "actions.root": TWO,
        "auth-type": "x",
        "jwt-validation": "x",
        "use-regex-path-match": "x",
    }
    one = member("a", a_path("root"), said=said)
    told = failures(one, services=[service("other", {"port": 81, "nodePort": 1})])
    wheres = [text.split(": ")[1] for text in told]
    assert wheres == [
        f"{KEY}/conditions.root",
        f"{KEY}/transforms.root",
        "path ImplementationSpecific /* of app.test",
        f"{KEY}/auth-type",
        f"{KEY}/jwt-validation",
        f"{KEY}/use-regex-path-match",
        "path ImplementationSpecific /* of app.test",
    ]
    assert told[2].startswith("WIRE-05")
    assert told[6].startswith("WIRE-06")


def test_a_backend_that_is_no_service_stops_the_group():
    path = {"path": "/x", "pathType": "Exact", "backend": {"resource": {"kind": "Bucket"}}}
    assert failures(member("a", path)) == [
        "ANN-17 Ingress shop/a: path Exact /x: the backend names no Service"
    ]
