"""
The shapes of Argo Rollouts' kinds, as far as releases behind a load balancer use them.

What is not named here is kept as it comes, where the real CustomResourceDefinition would look at it
more closely.
"""

from dataclasses import replace

from bot.sandbox.cluster.pod_shapes import CUSTOM_POD_SPEC
from bot.sandbox.cluster.shapes import (
    ANY,
    BOOLEAN,
    DATE_TIME,
    INT_OR_STRING,
    INTEGER,
    METADATA,
    STRING,
    Shape,
    list_of,
    map_of,
    obj,
    some,
)

_LABELLED = obj(annotations=map_of(STRING), labels=map_of(STRING))
_SELECTOR = obj(
    matchLabels=map_of(STRING),
    matchExpressions=list_of(
        obj(key=STRING, operator=STRING, values=list_of(STRING)).needing("key", "operator")
    ),
).whole()
_MATCH = obj(headerName=STRING, headerValue=obj(exact=STRING, prefix=STRING, regex=STRING))
_ANALYSIS_FIELDS = {
    "templates": list_of(obj(templateName=STRING, clusterScope=BOOLEAN)),
    "args": list_of(obj(name=STRING, value=STRING, valueFrom=ANY).needing("name")),
    "analysisRunMetadata": _LABELLED,
    "dryRun": ANY,
    "measurementRetention": ANY,
}
_ANALYSIS = obj(**_ANALYSIS_FIELDS)
_BACKGROUND_ANALYSIS = obj(**_ANALYSIS_FIELDS, startingStep=INTEGER)
_STEP = obj(
    setWeight=INTEGER,
    pause=obj(duration=INT_OR_STRING),
    setCanaryScale=obj(weight=INTEGER, replicas=INTEGER, matchTrafficWeight=BOOLEAN),
    setHeaderRoute=obj(name=STRING, match=list_of(_MATCH.needing("headerName", "headerValue"))),
    setMirrorRoute=some(name=STRING, percentage=INTEGER).needing("name"),
    analysis=_ANALYSIS,
    experiment=some(templates=list_of(some())).needing("templates"),
    plugin=obj(name=STRING, config=ANY).needing("name"),
)
_ALB = obj(
    stickinessConfig=obj(enabled=BOOLEAN, durationSeconds=INTEGER).needing(
        "durationSeconds", "enabled"
    ),
    ingress=STRING,
    ingresses=list_of(STRING),
    servicePort=INTEGER,
    rootService=STRING,
    annotationPrefix=STRING,
).needing("servicePort")
_CANARY = obj(
    antiAffinity=ANY,
    replicaProgressThreshold=obj(type_=STRING, value=INTEGER).needing("type", "value"),
    canaryService=STRING,
    stableService=STRING,
    steps=list_of(_STEP),
    trafficRouting=obj(
        ambassador=ANY,
        apisix=ANY,
        appMesh=ANY,
        istio=ANY,
        plugins=ANY,
        smi=ANY,
        traefik=ANY,
        alb=_ALB,
        nginx=obj(
            stableIngress=STRING,
            stableIngresses=list_of(STRING),
            annotationPrefix=STRING,
            additionalIngressAnnotations=map_of(STRING),
            canaryIngressAnnotations=map_of(STRING),
        ),
        managedRoutes=list_of(obj(name=STRING).needing("name")),
        maxTrafficWeight=INTEGER,
    ),
    maxSurge=INT_OR_STRING,
    maxUnavailable=INT_OR_STRING,
    canaryMetadata=_LABELLED,
    stableMetadata=_LABELLED,
    analysis=_BACKGROUND_ANALYSIS,
    dynamicStableScale=BOOLEAN,
    minPodsPerReplicaSet=INTEGER,
    abortScaleDownDelaySeconds=INTEGER,
    scaleDownDelaySeconds=INTEGER,
    scaleDownDelayRevisionLimit=INTEGER,
    pingPong=obj(pingService=STRING, pongService=STRING).needing("pingService", "pongService"),
)
_BLUE_GREEN = some(
    activeService=STRING,
    previewService=STRING,
    autoPromotionEnabled=BOOLEAN,
    autoPromotionSeconds=INTEGER,
    previewReplicaCount=INTEGER,
    scaleDownDelaySeconds=INTEGER,
).needing("activeService")
_WEIGHT = obj(weight=INTEGER, serviceName=STRING, podTemplateHash=STRING).needing("weight")
_RUN = obj(name=STRING, status=STRING, message=STRING).needing("name", "status")
_CONDITION = obj(
    type=STRING,
    status=STRING,
    lastUpdateTime=DATE_TIME,
    lastTransitionTime=DATE_TIME,
    reason=STRING,
    message=STRING,
).needing("lastTransitionTime", "lastUpdateTime", "message", "reason", "status", "type")
_STATUS = obj(
    alb=ANY,
    albs=ANY,
    blueGreen=ANY,
    duration=ANY,
    HPAReplicas=INTEGER,
    abort=BOOLEAN,
    abortedAt=DATE_TIME,
    availableReplicas=INTEGER,
    canary=obj(
        stepPluginStatuses=ANY,
        weights=obj(
            canary=_WEIGHT, stable=_WEIGHT, additional=list_of(_WEIGHT), verified=BOOLEAN
        ).needing("canary", "stable"),
        currentStepAnalysisRunStatus=_RUN,
        currentBackgroundAnalysisRunStatus=_RUN,
        currentExperiment=STRING,
        stablePingPong=STRING,
    ),
    collisionCount=INTEGER,
    conditions=list_of(_CONDITION),
    controllerPause=BOOLEAN,
    currentPodHash=STRING,
    currentStepHash=STRING,
    currentStepIndex=INTEGER,
    message=STRING,
    observedGeneration=STRING,
    pauseConditions=list_of(obj(reason=STRING, startTime=DATE_TIME).needing("reason", "startTime")),
    phase=STRING,
    promoteFull=BOOLEAN,
    readyReplicas=INTEGER,
    replicas=INTEGER,
    restartedAt=DATE_TIME,
    selector=STRING,
    stableRS=STRING,
    updatedReplicas=INTEGER,
    workloadObservedGeneration=STRING,
)
_SPEC = obj(
    analysis=obj(successfulRunHistoryLimit=INTEGER, unsuccessfulRunHistoryLimit=INTEGER),
    minReadySeconds=INTEGER,
    paused=BOOLEAN,
    progressDeadlineAbort=BOOLEAN,
    progressDeadlineSeconds=INTEGER,
    replicas=INTEGER,
    restartAt=DATE_TIME,
    revisionHistoryLimit=INTEGER,
    rollbackWindow=obj(revisions=INTEGER),
    selector=_SELECTOR,
    strategy=obj(canary=_CANARY, blueGreen=_BLUE_GREEN),
    template=obj(metadata=_LABELLED, spec=CUSTOM_POD_SPEC),
    workloadRef=obj(apiVersion=STRING, kind=STRING, name=STRING, scaleDown=STRING),
)


def _top(**fields: Shape) -> Shape:
    head = {"apiVersion": STRING, "kind": STRING, "metadata": METADATA}
    return Shape(type="object", fields=head | fields).needing("spec")


ROLLOUT = replace(_top(spec=_SPEC, status=_STATUS), has_rules=True)
_COUNTS = obj(
    count=INTEGER, successful=INTEGER, failed=INTEGER, inconclusive=INTEGER, error=INTEGER
)
_METRIC = obj(
    name=STRING,
    provider=ANY,
    interval=STRING,
    initialDelay=STRING,
    count=INT_OR_STRING,
    successCondition=STRING,
    failureCondition=STRING,
    failureLimit=INT_OR_STRING,
    inconclusiveLimit=INT_OR_STRING,
    consecutiveErrorLimit=INT_OR_STRING,
    consecutiveSuccessLimit=INT_OR_STRING,
).needing("name", "provider")
ANALYSIS_RUN = _top(
    spec=obj(
        metrics=list_of(_METRIC),
        args=list_of(obj(name=STRING, value=STRING, valueFrom=ANY).needing("name")),
        dryRun=ANY,
        measurementRetention=ANY,
        terminate=BOOLEAN,
        ttlStrategy=ANY,
    ).needing("metrics"),
    status=obj(
        phase=STRING,
        message=STRING,
        startedAt=DATE_TIME,
        completedAt=DATE_TIME,
        metricResults=list_of(some(name=STRING, phase=STRING).needing("name", "phase")),
        dryRunSummary=_COUNTS,
        runSummary=_COUNTS,
    ).needing("phase"),
)
