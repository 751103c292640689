"""The worked results of the balancer's rule order: the rules that come out, and what is said."""

import pytest

from bot.balancing.inspection import inspect
from tests.balancing.loading import take_in
from tests.balancing.situations import PREFIX, a_path

STEPS = [
    {"setCanaryScale": {"weight": 10}},
    {
        "setHeaderRoute": {
            "name": "header",
            "match": [{"headerName": "X-Canary", "headerValue": {"exact": "1"}}],
        }
    },
    {"pause": {}},
    {"setWeight": 10},
    {"pause": {}},
]


def a_release(name="web", root="root", steps=STEPS, ingress="", **alb):
    routing = {
        "alb": {"ingress": ingress or name, "servicePort": 80, "rootService": root, **alb},
        "managedRoutes": [{"name": "header"}],
    }
    canary = {
        "canaryService": f"{name}-canary",
        "stableService": f"{name}-stable",
        "trafficRouting": routing,
        "steps": steps,
    }
    return {
        "kind": "Rollout",
        "metadata": {"name": name},
        "spec": {"strategy": {"canary": canary}},
    }


def entry(*paths, host="app.test"):
    return {"host": host, "http": {"paths": list(paths)}}


def an_ingress(*entries, name="web", **annotations):
    keys = {f"{PREFIX}/{key.replace('_', '.')}": value for key, value in annotations.items()}
    return {
        "kind": "Ingress",
        "metadata": {"name": name, "annotations": keys},
        "spec": {"ingressClassName": "alb", "rules": list(entries)},
    }


def root(path="/*", kind="ImplementationSpecific"):
    return a_path("root", path, kind)


def other(service, path, kind):
    return a_path(service, path, kind, port={"number": 80})


WEB = a_release()


@pytest.mark.parametrize(
    ("documents", "findings"),
    [
        pytest.param(
            [an_ingress(entry(root("/", "Prefix")))], {("ORD-01", "critical")}, id="Prefix root"
        ),
        pytest.param([an_ingress(entry(root()))], set(), id="correct"),
        pytest.param([an_ingress(entry(root("/")))], {("ORD-04", "high")}, id="/ alone"),
        pytest.param(
            [an_ingress(entry(root(), other("x", "/x", "Exact"), other("api", "/api", "Prefix")))],
            {("ORD-02", "info")},
            id="paths of others before the header",
        ),
        pytest.param(
            [an_ingress(entry(root(), root("/x", "Exact"), root("/api", "Prefix")))],
            {("ORD-02", "high")},
            id="own paths before the header",
        ),
        pytest.param(
            [
                an_ingress(
                    entry(other("site", "/", "Prefix"), host=""),
                    name="a-catchall",
                    group_name="shared",
                ),
                an_ingress(entry(root()), group_name="shared"),
            ],
            {("ORD-01", "critical"), ("ORD-03", "critical"), ("ORD-05", "high")},
            id="a catch-all of the group",
        ),
    ],
)
def test_the_worked_results(documents, findings):
    report = inspect(take_in(*documents, WEB))
    found = [(f.id, f.severity.value) for f in report.findings if f.id.startswith("ORD")]
    assert set(found) == findings
    assert len(found) == len(findings)
