"""Rollouts and AnalysisRuns."""

import random

from tests.wire.vocabulary import Manifest, Values, Vocabulary, labels, template

_STEPS: Values = (
    [],
    [{"setWeight": 10}, {"pause": {}}],
    [{"setWeight": 10}, {"pause": {"duration": 30}}, {"setWeight": 50}],
    [{"setCanaryScale": {"weight": 20}}, {"pause": {"duration": "1m"}}],
    [
        {
            "setHeaderRoute": {
                "name": "h",
                "match": [{"headerName": "X", "headerValue": {"exact": "1"}}],
            }
        },
        {"pause": {}},
    ],
    [{"setWeight": "ten"}],
    [{"pause": {"duration": True}}],
    [3],
    {"setWeight": 10},
    "none",
)


def _rollout(rng: random.Random) -> Manifest:
    canary: Manifest = {"steps": rng.choice(_STEPS[:5])}
    if rng.random() < 0.6:
        canary |= {"canaryService": "web-canary", "stableService": "web-stable"}
        canary["trafficRouting"] = {"alb": {"ingress": "web", "servicePort": 80}}
    spec: Manifest = {"replicas": rng.randint(0, 4), "strategy": {"canary": canary}}
    if rng.random() < 0.7:
        spec |= {"selector": {"matchLabels": {"app": "a"}}, "template": template(rng)}
    if rng.random() < 0.3:
        spec["paused"] = rng.random() < 0.5
    return {"metadata": labels(rng), "spec": spec}


ROLLOUTS = Vocabulary(
    api="/apis/argoproj.io/v1alpha1",
    plural="rollouts",
    version="argoproj.io/v1alpha1",
    kind="Rollout",
    is_custom=True,
    make=_rollout,
    fields={
        "/spec/replicas": (0, 3, 5, -1, "three", 1.5, True, None),
        "/spec/paused": (True, False, "yes", 0, None),
        "/spec/strategy/canary/steps": _STEPS,
        "/spec/strategy/canary/steps/0": ({"setWeight": 20}, {"pause": {}}, {}, None, 5),
        "/spec/strategy/canary/steps/-": ({"setWeight": 100}, {"pause": {}}),
        "/spec/strategy/canary/steps/-1": ({"pause": {}},),
        "/spec/strategy/canary/steps/7": ({"pause": {}},),
        "/spec/strategy/canary/steps/0/setWeight": (30, "x", None),
        "/spec/strategy/canary/steps/1/pause": ({}, {"duration": 5}, None, []),
        "/spec/strategy/canary/trafficRouting/alb": ({"servicePort": 80}, {}, {"servicePort": "x"}),
        "/spec/strategy/canary/maxSurge": ("25%", 1, False),
        "/spec/strategy": (
            {"canary": {}},
            {"blueGreen": {"activeService": "a"}},
            {"blueGreen": {}},
        ),
        "/spec/template/spec/containers/0/image": ("shop/web:9", 3, None),
        "/spec/template/spec/containers": ([], [{"name": "app", "image": "x"}], [{"image": "x"}]),
        "/spec/template/metadata/labels/app": ("a", "b"),
        "/spec/selector": ({"matchLabels": {"app": "a"}}, {"matchLabels": {"app": "z"}}, None),
        "/spec/restartAt": ("2020-01-01T00:00:00Z", "soon", None),
        "/spec/revisionHistoryLimit": (3, "x"),
        "/spec": ({}, {"replicas": 1}, None, "x", []),
        "/status/phase": ("Healthy",),
        "/nothing": ({"a": 1},),
    },
    status={
        "/status": ({}, {"phase": "Paused", "currentStepIndex": 1}, None, "x"),
        "/status/phase": ("Healthy", "Degraded", 3, None),
        "/status/abort": (True, False, "yes", None),
        "/status/currentStepIndex": (0, 1, 2, "x", 1.5, None),
        "/status/pauseConditions": (
            [{"reason": "CanaryPauseStep", "startTime": "2020-01-01T00:00:00Z"}],
            [],
            [{"reason": "x"}],
            None,
        ),
        "/status/pauseConditions/0/startTime": ("2020-02-02T00:00:00Z", "x"),
        "/status/controllerPause": (True, False),
        "/status/conditions": ([], [{"type": "x"}]),
        "/status/canary/weights": (
            {"canary": {"weight": 10}, "stable": {"weight": 90}},
            {"canary": {}},
        ),
        "/status/observedGeneration": ("1", 1),
        "/metadata/labels/app": ("b",),
        "/metadata/annotations/note": ("z",),
        "/spec/replicas": (9,),
    },
)


def _analysis(rng: random.Random) -> Manifest:
    metric = {"name": "errors", "provider": {"web": {"url": "http://x", "jsonPath": "{$}"}}}
    spec: Manifest = {"metrics": [metric]}
    if rng.random() < 0.5:
        spec["args"] = [{"name": "a", "value": "b"}]
    run: Manifest = {"metadata": labels(rng), "spec": spec}
    if rng.random() < 0.5:
        run["status"] = {"phase": "Running"}
    return run


ANALYSIS_RUNS = Vocabulary(
    api="/apis/argoproj.io/v1alpha1",
    plural="analysisruns",
    version="argoproj.io/v1alpha1",
    kind="AnalysisRun",
    is_custom=True,
    make=_analysis,
    fields={
        "/spec/terminate": (True, False, "x", None),
        "/spec/metrics": ([], [{"name": "x"}], [{"name": "y", "provider": {}}], "x"),
        "/spec/args": ([{"name": "a", "value": "c"}], [{"value": "b"}], []),
        "/status": ({}, {"phase": "Failed", "message": "m"}, {"phase": 1}, None),
        "/status/phase": ("Successful", "Inconclusive", 1, None),
        "/status/metricResults": ([{"name": "errors", "phase": "Failed"}], [{"name": "errors"}]),
    },
    status={},
)
