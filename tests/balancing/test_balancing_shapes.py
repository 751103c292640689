"""Every version in which an object may be written becomes the same model, or says what is wrong."""

from pathlib import Path

import pytest
import yaml

from bot.balancing.objects import ClassParams, Ingress, IngressClass, Service
from bot.balancing.shapes import Misshapen, gather, is_wanted, members, shape
from bot.release.rollout import Rollout

MANIFESTS = Path(__file__).parent.parent / "manifests"


def an_ingress(version="networking.k8s.io/v1", **spec):
    return {"apiVersion": version, "kind": "Ingress", "metadata": {"name": "web"}, "spec": spec}


def with_path(path, version="networking.k8s.io/v1"):
    return an_ingress(version, rules=[{"http": {"paths": [path]}}])


def objects(name):
    documents = yaml.safe_load_all((MANIFESTS / name).read_text(encoding="utf-8"))
    return [shape(document, origin=f"{name}:1") for document in documents]


def unmarked(one):
    if isinstance(one, Rollout):
        return one
    mark = {"legacy": False} if isinstance(one, Ingress) else {}
    return one.model_copy(update={"origin": "", **mark})


def test_the_seed_is_the_same_in_both_versions():
    """But for the mark that the v1 controller reads the old one."""
    today, once = objects("seed.yaml"), objects("seed-v1beta1.yaml")
    assert [type(one) for one in today] == [Ingress, Service, Service, Rollout]
    old, new = ([unmarked(one) for one in found] for found in (once, today))
    assert old == new
    assert (once[0].legacy, today[0].legacy) == (True, False)
    assert today[0].origin == "seed.yaml:1"


@pytest.mark.parametrize(
    ("port", "becomes"),
    [
        pytest.param(80, {"number": 80}, id="number"),
        pytest.param("http", {"name": "http"}, id="name"),
        pytest.param("use-annotation", {"name": "use-annotation"}, id="use-annotation"),
    ],
)
def test_the_backends_of_v1beta1_are_written_as_today(port, becomes):
    backend = {"serviceName": "web", "servicePort": port}
    old = an_ingress(
        "networking.k8s.io/v1beta1",
        backend=backend,
        ingressClassName="alb",
        rules=[{"host": "a.example", "http": {"paths": [{"path": "/", "backend": backend}]}}, {}],
    )
    found = shape(old)
    today = {"service": {"name": "web", "port": becomes}}
    path = {"path": "/", "pathType": "ImplementationSpecific", "backend": today}
    assert found.default_backend == today
    assert found.rules == ({"host": "a.example", "http": {"paths": [path]}}, {})
    assert (found.class_name, found.legacy) == ("alb", False)


def test_what_a_file_does_not_say_is_made_up():
    found = shape(an_ingress(), namespace="shop")
    assert (found.namespace, found.uid) == ("shop", "Ingress/shop/web")
    told = {**an_ingress(), "metadata": {"name": "web", "namespace": "own", "uid": "u1"}}
    assert (shape(told).namespace, shape(told).uid) == ("own", "u1")


def test_classes_have_no_namespace():
    metadata = {"name": "alb", "namespace": "shop"}
    one = {"apiVersion": "networking.k8s.io/v1", "kind": "IngressClass", "metadata": metadata}
    two = {
        "apiVersion": "elbv2.k8s.aws/v1beta1",
        "kind": "IngressClassParams",
        "metadata": metadata,
        "spec": {"group": {"name": "shared"}},
    }
    assert shape(one) == IngressClass(name="alb", uid="IngressClass//alb")
    spec = {"group": {"name": "shared"}}
    wanted = ClassParams(name="alb", uid="IngressClassParams//alb", group="shared", spec=spec)
    assert shape(two) == wanted


@pytest.mark.parametrize(
    ("version", "kind", "wanted"),
    [
        ("networking.k8s.io/v1", "Ingress", True),
        ("networking.k8s.io/v9", "Ingress", True),
        ("", "Ingress", True),
        ("v1", "List", True),
        ("networking.k8s.io/v1", "IngressList", True),
        ("v1", "ConfigMap", False),
        ("serving.knative.dev/v1", "Service", False),
        ("config.openshift.io/v1", "Ingress", False),
        ("", "", True),
    ],
)
def test_what_decides_where_traffic_goes_is_wanted(version, kind, wanted):
    assert is_wanted(version, kind) is wanted


def test_of_other_kinds_there_is_nothing():
    assert shape({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}}) is None


def test_lists_are_taken_apart_and_a_typed_list_names_the_kind():
    inner = {"apiVersion": "networking.k8s.io/v1", "kind": "IngressList", "items": [{"a": 1}]}
    outer = {"apiVersion": "v1", "kind": "List", "items": [{"kind": "Service"}, inner, 7]}
    assert list(members(outer)) == [
        (("items", 0), {"kind": "Service"}),
        (
            ("items", 1, "items", 0),
            {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "a": 1},
        ),
    ]
    assert list(members({"kind": "Service"})) == [((), {"kind": "Service"})]


def test_of_two_objects_with_one_name_the_later_counts():
    first, second = shape(an_ingress()), shape(an_ingress(ingressClassName="alb"))
    assert gather([first, second]).ingresses == (second,)


V1, OLD = "networking.k8s.io/v1", "extensions/v1beta1"


@pytest.mark.parametrize(
    ("document", "field", "says"),
    [
        pytest.param({"kind": "Ingress"}, "apiVersion", "is missing; for Ingress", id="no-version"),
        pytest.param(
            an_ingress("networking.k8s.io/v2"),
            "apiVersion",
            "is networking.k8s.io/v2",
            id="version",
        ),
        pytest.param(
            {"apiVersion": V1, "kind": "Ingress"}, "metadata.name", "is missing", id="name"
        ),
        pytest.param(
            {"apiVersion": V1, "kind": "Ingress", "metadata": []},
            "metadata",
            "a mapping",
            id="list",
        ),
        pytest.param(
            {
                "apiVersion": V1,
                "kind": "Ingress",
                "metadata": {"name": "a", "annotations": {"x": 1}},
            },
            "metadata.annotations.x",
            "must be text, not 1; put it in quotes",
            id="annotation",
        ),
        pytest.param(
            an_ingress(rules={}), "spec.rules", "must be a list, not a mapping", id="rules"
        ),
        pytest.param(
            an_ingress(rules=[{"host": 5}]), "spec.rules.0.host", "must be text, not 5", id="host"
        ),
        pytest.param(
            an_ingress(rules=[{"http": {}}]), "spec.rules.0.http.paths", "is missing", id="paths"
        ),
        pytest.param(
            with_path({"path": "/"}),
            "spec.rules.0.http.paths.0.backend",
            "is missing",
            id="backend",
        ),
        pytest.param(
            with_path({"backend": {"serviceName": "a", "servicePort": 80}}),
            "spec.rules.0.http.paths.0.backend",
            "serviceName is of another apiVersion; networking.k8s.io/v1 wants service.name",
            id="old-words-in-v1",
        ),
        pytest.param(
            with_path({"backend": {"service": {"name": "a"}}}, OLD),
            "spec.rules.0.http.paths.0.backend",
            "service is of another apiVersion; v1beta1 wants serviceName",
            id="new-words-in-v1beta1",
        ),
        pytest.param(
            with_path(
                {"backend": {"service": {"name": "a", "port": {"number": "use-annotation"}}}}
            ),
            "spec.rules.0.http.paths.0.backend.service.port",
            'number must be a number, not "use-annotation"',
            id="name-as-number",
        ),
        pytest.param(
            with_path({"backend": {"service": {"name": "a", "port": {}}}}),
            "spec.rules.0.http.paths.0.backend.service.port",
            "must have a name or a number",
            id="no-port",
        ),
        pytest.param(
            with_path({"backend": {"serviceName": "a", "servicePort": True}}, OLD),
            "spec.rules.0.http.paths.0.backend.servicePort",
            "must be a port number",
            id="old-port",
        ),
        pytest.param(
            an_ingress(OLD, backend={"serviceName": "a"}),
            "spec.backend",
            "must have serviceName and servicePort",
            id="old-default",
        ),
        pytest.param(
            {
                "apiVersion": "v1",
                "kind": "Service",
                "metadata": {"name": "a"},
                "spec": {"ports": [{"port": "web"}]},
            },
            "spec.ports.0.port",
            'must be a whole number, not "web"',
            id="service-port",
        ),
        pytest.param(
            {
                "apiVersion": "v1",
                "kind": "Service",
                "metadata": {"name": "a"},
                "spec": {"ports": [80]},
            },
            "spec.ports.0",
            "must be a mapping (key: value), not 80",
            id="service-port-alone",
        ),
        pytest.param(
            {
                "apiVersion": "argoproj.io/v1alpha1",
                "kind": "Rollout",
                "metadata": {"name": "a"},
                "spec": {"strategy": {"canary": []}},
            },
            "spec.strategy.canary",
            "must be a mapping (key: value), not a list",
            id="canary",
        ),
        pytest.param(
            {
                "apiVersion": "argoproj.io/v1alpha1",
                "kind": "Rollout",
                "metadata": {"name": "a"},
                "spec": {
                    "strategy": {
                        "canary": {
                            "steps": [
                                {
                                    "setHeaderRoute": {
                                        "name": "x",
                                        "match": [
                                            {"headerName": "X", "headerValue": {"exact": True}}
                                        ],
                                    }
                                }
                            ]
                        }
                    }
                },
            },
            "spec.strategy.canary.steps.0.setHeaderRoute.match.0.headerValue.exact",
            "must be text, not true; put it in quotes",
            id="header-value",
        ),
        pytest.param(
            {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "My Shop"}},
            "metadata.name",
            "must be of a-z, 0-9, - and .",
            id="impossible-name",
        ),
        pytest.param(
            {
                "apiVersion": "v1",
                "kind": "Service",
                "metadata": {"name": "a", "namespace": "\ud800"},
            },
            "metadata.namespace",
            "must be of a-z, 0-9, - and .",
            id="no-text",
        ),
        pytest.param(
            {
                "apiVersion": "argoproj.io/v1alpha1",
                "kind": "Rollout",
                "metadata": {"name": "a"},
                "spec": {"strategy": {"canary": {"steps": "x"}}},
            },
            "spec.strategy.canary.steps",
            'must be a list, not "x"',
            id="steps",
        ),
    ],
)
def test_a_wrong_shape_names_the_field_and_what_is_wanted(document, field, says):
    with pytest.raises(Misshapen) as refused:
        shape(document)
    (flaw,) = refused.value.flaws
    assert ".".join(str(part) for part in flaw.loc) == field
    assert says in flaw.message


def test_all_that_is_wrong_is_told_at_once():
    with pytest.raises(Misshapen) as refused:
        shape(an_ingress(rules=[{"host": 1}, {"host": 2}]))
    assert len(refused.value.flaws) == 2
