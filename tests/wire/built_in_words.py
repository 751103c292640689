"""The built-in kinds."""

import random

from tests.wire.vocabulary import Manifest, Vocabulary, labels, template


def _backend(rng: random.Random) -> Manifest:
    port: Manifest = rng.choice(({"number": 80}, {"name": "use-annotation"}))
    return {"service": {"name": rng.choice(("web", "web-stable")), "port": port}}


def _rule(rng: random.Random) -> Manifest:
    kind = rng.choice(("Prefix", "ImplementationSpecific", "Exact"))
    path = {"path": "/*" if kind == "ImplementationSpecific" else "/", "pathType": kind}
    rule: Manifest = {"http": {"paths": [path | {"backend": _backend(rng)}]}}
    return rule | ({"host": "shop.example"} if rng.random() < 0.6 else {})


def _ingress(rng: random.Random) -> Manifest:
    spec: Manifest = {"rules": [_rule(rng) for _ in range(rng.randint(1, 2))]}
    if rng.random() < 0.4:
        spec["ingressClassName"] = "alb"
    if rng.random() < 0.3:
        spec["defaultBackend"] = _backend(rng)
    return {"metadata": labels(rng), "spec": spec}


_RULE = {
    "host": "a.example",
    "http": {
        "paths": [
            {
                "path": "/",
                "pathType": "Prefix",
                "backend": {"service": {"name": "web", "port": {"number": 80}}},
            }
        ]
    },
}
INGRESSES = Vocabulary(
    api="/apis/networking.k8s.io/v1",
    plural="ingresses",
    version="networking.k8s.io/v1",
    kind="Ingress",
    make=_ingress,
    fields={
        "/metadata/annotations/alb.ingress.kubernetes.io~1actions.web": (
            '{"Type":"forward","ForwardConfig":{"TargetGroups":[{"Weight":10}]}}',
            None,
        ),
        "/spec/ingressClassName": ("alb", "nginx", "No_", None, 3),
        "/spec/rules/0/host": ("b.example", "No_Host", "1.2.3.4", "*.example", "*", None),
        "/spec/rules/0/http/paths/0/path": ("/x", "x", "", "//", None),
        "/spec/rules/0/http/paths/0/pathType": ("Exact", "Prefix", "Odd", None),
        "/spec/rules/0/http/paths/0/backend": (
            {"service": {"name": "x", "port": {"number": 80}}},
            {"service": {"name": "x", "port": {}}},
            {"service": {"name": "x", "port": {"number": 70000}}},
            {"service": {"name": "X", "port": {"name": "Long_Name"}}},
            {},
        ),
        "/spec/rules/0/http/paths/-": (_RULE["http"]["paths"][0],),  # type: ignore[index]
        "/spec/rules/-": (_RULE, {}),
        "/spec/rules": ([_RULE], "x", {}, None),
        "/spec/tls": ([{"hosts": ["a.example"], "secretName": "s"}], [{"hosts": ["No_"]}], []),
        "/spec/defaultBackend": ({"service": {"name": "d", "port": {"number": 1}}}, {}, None),
        "/spec/nothing": (1,),
        "/status": ({},),
    },
    status={
        "/status/loadBalancer": (
            {},
            {"ingress": [{"hostname": "lb.example"}]},
            {"ingress": [{"ip": "1.2.3.4"}]},
            {"ingress": [{"ip": "x"}]},
            {"ingress": {}},
            None,
        ),
        "/metadata/labels/app": ("b",),
        "/spec/ingressClassName": ("other",),
    },
)


def _service(rng: random.Random) -> Manifest:
    spec: Manifest = {"ports": [{"port": 80}], "selector": {"app": "a"}}
    if rng.random() < 0.3:
        spec["type"] = rng.choice(("NodePort", "ClusterIP"))
    if rng.random() < 0.3:
        spec["ports"] = [
            {"name": "http", "port": 80, "targetPort": "web"},
            {"name": "b", "port": 81},
        ]
    if rng.random() < 0.2:
        spec["clusterIP"] = "None"
        spec["type"] = "ClusterIP"
    return {"metadata": labels(rng), "spec": spec}


SERVICES = Vocabulary(
    api="/api/v1",
    plural="services",
    version="v1",
    kind="Service",
    make=_service,
    fields={
        "/spec/selector": (
            {"app": "b"},
            {"app": "a", "rollouts-pod-template-hash": "x"},
            {"a b": "c"},
        ),
        "/spec/selector/rollouts-pod-template-hash": ("abc", "def", None, 5),
        "/spec/ports": ([{"port": 8080}], [{"port": 0}], "x", None),
        "/spec/ports/0/port": (80, 70000, "http"),
        "/spec/ports/0/targetPort": (8080, "web", 0, "no good", None),
        "/spec/ports/0/name": ("web", "Web", None),
        "/spec/ports/-": ({"name": "z", "port": 99},),
        "/spec/sessionAffinity": ("None", "Odd", None),
        "/spec/type": ("ClusterIP", "Odd", None, 1),
        "/spec/externalTrafficPolicy": (None,),
        "/spec/nothing": (1,),
    },
    status={
        "/status/loadBalancer": ({}, {"ingress": [{"ip": "1.2.3.4"}]}, "x"),
        "/spec/type": ("Odd",),
    },
    selectors=("metadata.name=one", "spec.type=ClusterIP", "spec.nothing=1"),
)


def _replica_set(rng: random.Random) -> Manifest:
    spec = {
        "replicas": 0,
        "selector": {"matchLabels": {"app": "a"}},
        "template": template(rng),
    }
    if rng.random() < 0.2:
        spec["minReadySeconds"] = 5
    return {"metadata": labels(rng), "spec": spec}


REPLICA_SETS = Vocabulary(
    api="/apis/apps/v1",
    plural="replicasets",
    version="apps/v1",
    kind="ReplicaSet",
    make=_replica_set,
    fields={
        "/spec/replicas": (0, 2, -1, "x", None),
        "/spec/minReadySeconds": (0, 7, -1, "x", None),
        "/spec/selector": ({"matchLabels": {"app": "b"}}, None),
        "/spec/template/metadata/labels": ({"app": "a", "x": "y"}, {"app": "b"}, None),
        "/spec/template/metadata/annotations": ({"a": "b"}, None),
        "/spec/template/spec/containers/0/image": ("shop/web:latest", "", None, 3),
        "/spec/template/spec/containers/-": ({"name": "side", "image": "s:1"}, {"name": "app"}),
        "/spec/template/spec/containers": ([], [{"name": "App", "image": "x"}]),
        "/spec/template/spec/restartPolicy": ("Always", "Never"),
    },
    status={
        "/status/replicas": (0, 3, -1, "x"),
        "/status/readyReplicas": (0, 1, 2, None),
        "/status/availableReplicas": (0, 1, 5),
        "/status/observedGeneration": (1, -1),
    },
    selectors=("metadata.name=one", "status.replicas=0", "spec.nothing=1"),
)


def _event(rng: random.Random) -> Manifest:
    about = {"kind": "Rollout", "namespace": "@namespace", "name": rng.choice(("web", "shop"))}
    event = {"involvedObject": about, "reason": "RolloutPaused", "message": "it waits"}
    event["type"] = rng.choice(("Normal", "Warning"))
    return {"metadata": labels(rng), **event}


EVENTS = Vocabulary(
    api="/api/v1",
    plural="events",
    version="v1",
    kind="Event",
    make=_event,
    fields={
        "/message": ("other", "", None, 1),
        "/reason": ("RolloutAborted", None),
        "/type": ("Warning", "Normal", "Odd"),
        "/count": (2, "x", None, 0),
        "/lastTimestamp": ("2020-01-01T00:00:00Z", "x", None),
        "/firstTimestamp": ("2020-01-01T00:00:00.123Z", None),
        "/eventTime": (None, "x"),
        "/source": ({"component": "rollouts-controller"}, {}, None, "x"),
        "/involvedObject/uid": ("0-1", None),
        "/involvedObject/namespace": ("elsewhere", "@namespace"),
        "/nothing": (1,),
    },
    status={},
    selectors=(
        "involvedObject.name=web",
        "involvedObject.name=web,type=Warning",
        "type!=Normal",
        "reason=RolloutPaused",
        "involvedObject.kind=Rollout",
        "message=x",
    ),
)


def _lease(rng: random.Random) -> Manifest:
    spec: Manifest = {"holderIdentity": rng.choice(("a", "b"))}
    if rng.random() < 0.6:
        spec |= {"leaseDurationSeconds": 15, "renewTime": "2020-01-01T00:00:00.000000Z"}
    return {"metadata": labels(rng), "spec": spec}


LEASES = Vocabulary(
    api="/apis/coordination.k8s.io/v1",
    plural="leases",
    version="coordination.k8s.io/v1",
    kind="Lease",
    make=_lease,
    fields={
        "/spec/holderIdentity": ("a", "b", "c", "", None, 1),
        "/spec/leaseDurationSeconds": (10, 0, -1, "x", None),
        "/spec/renewTime": ("2020-01-02T00:00:00.123456Z", "2020-01-02T00:00:00Z", None),
        "/spec/acquireTime": ("2020-01-02T00:00:00.000000Z", "x"),
        "/spec/leaseTransitions": (0, 1, -1),
        "/spec": ({}, None, []),
    },
    status={},
)


def _config_map(rng: random.Random) -> Manifest:
    data = {"a": "1", "b": rng.choice(("x", "y", "<&>"))}
    return {"metadata": labels(rng), "data": data}


CONFIG_MAPS = Vocabulary(
    api="/api/v1",
    plural="configmaps",
    version="v1",
    kind="ConfigMap",
    make=_config_map,
    fields={
        "/data": ({}, {"c": "2"}, {"no good": "x"}, None, "x", []),
        "/data/a": ("1", "2", "", 5, None),
        "/data/b": ("<&>", "\u2028", "x"),
        "/data/c": ("3", None),
        "/binaryData": ({"k": "eA=="}, {"k": "?"}, None),
        "/immutable": (True, False, None, "x"),
        "/nothing": (1,),
    },
    status={},
)


def _pod(rng: random.Random) -> Manifest:
    return {"metadata": labels(rng), "spec": template(rng)["spec"]}


PODS = Vocabulary(
    api="/api/v1",
    plural="pods",
    version="v1",
    kind="Pod",
    make=_pod,
    fields={
        "/spec/containers/0/image": ("shop/web:5", "", None),
        "/metadata/annotations/bed~1made-ready": ("true",),
    },
    status={
        "/status/phase": ("Running", "Pending"),
        "/status/podIP": ("1.2.3.4",),
        "/status/message": ("m", None, 3),
        "/status/conditions": ([{"type": "Ready", "status": "True"}], []),
    },
    selectors=("metadata.name=one", "status.phase=Pending", "spec.nodeName=", "spec.nothing=1"),
)
