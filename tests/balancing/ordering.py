"""Groups of Ingresses with a canary as manifests, of which only what matters is named."""

import json

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
    keys = {key if "/" in key else f"{PREFIX}/{key}": value for key, value in annotations.items()}
    return {
        "kind": "Ingress",
        "metadata": {"name": name, "annotations": keys},
        "spec": {"ingressClassName": "alb", "rules": list(entries)},
    }


def root(path="/*", kind="ImplementationSpecific"):
    return a_path("root", path, kind)


def other(service, path, kind):
    return a_path(service, path, kind, port={"number": 80})


def asks_for(value, header="X-Canary", field="http-header"):
    config = {"httpHeaderName": header, "values": value.split(",")}
    return json.dumps([{"field": field, "httpHeaderConfig": config}])
