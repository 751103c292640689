"""
The shape of pods, and of the templates that they are made from.

Not every field of a pod is here: the ones that releases are about, and those that have keys.
Fields that are not named are kept as they come.
"""

from dataclasses import replace

from bot.sandbox.cluster.shapes import (
    BOOLEAN,
    INT_OR_STRING,
    INTEGER,
    QUANTITY,
    STRING,
    TIME,
    Shape,
    always,
    kept,
    keyed,
    list_of,
    map_of,
    obj,
    part,
    some,
)
from bot.sandbox.cluster.shapes import METADATA as _METADATA

_RESOURCES = part(limits=map_of(QUANTITY), requests=map_of(QUANTITY))
_PROBE = some(
    httpGet=obj(path=STRING, port=always(INT_OR_STRING), host=STRING, scheme=STRING),
    tcpSocket=obj(port=always(INT_OR_STRING), host=STRING),
    exec_=obj(command=list_of(STRING)),
    initialDelaySeconds=INTEGER,
    timeoutSeconds=INTEGER,
    periodSeconds=INTEGER,
    successThreshold=INTEGER,
    failureThreshold=INTEGER,
)
_PORT = obj(
    name=STRING,
    hostPort=INTEGER,
    containerPort=always(INTEGER),
    protocol=replace(STRING, default="TCP"),
    hostIP=STRING,
)
_CONTAINER = some(
    name=always(STRING),
    image=STRING,
    command=list_of(STRING),
    args=list_of(STRING),
    workingDir=STRING,
    ports=keyed(_PORT, "containerPort", "protocol"),
    env=keyed(some(name=always(STRING), value=STRING), "name"),
    resources=_RESOURCES,
    volumeMounts=keyed(some(name=always(STRING), mountPath=always(STRING)), "mountPath"),
    livenessProbe=_PROBE,
    readinessProbe=_PROBE,
    startupProbe=_PROBE,
    terminationMessagePath=STRING,
    terminationMessagePolicy=STRING,
    imagePullPolicy=STRING,
).needing("name")
_SPEC = {
    "containers": always(keyed(_CONTAINER, "name")),
    "initContainers": keyed(_CONTAINER, "name"),
    "volumes": keyed(some(name=always(STRING)), "name"),
    "restartPolicy": STRING,
    "terminationGracePeriodSeconds": kept(INTEGER),
    "activeDeadlineSeconds": kept(INTEGER),
    "dnsPolicy": STRING,
    "nodeSelector": map_of(STRING).whole(),
    "serviceAccountName": STRING,
    "serviceAccount": STRING,
    "nodeName": STRING,
    "hostNetwork": BOOLEAN,
    "securityContext": some(),
    "imagePullSecrets": keyed(obj(name=STRING).whole(), "name"),
    "schedulerName": STRING,
    "tolerations": list_of(
        obj(
            key=STRING,
            operator=STRING,
            value=STRING,
            effect=STRING,
            tolerationSeconds=kept(INTEGER),
        )
    ),
    "priority": kept(INTEGER),
    "enableServiceLinks": kept(BOOLEAN),
    "preemptionPolicy": kept(STRING),
}
#: of a pod, and of a built-in kind's template
POD_SPEC = Shape(type="object", fields=_SPEC, is_open=True, is_part=True)
#: of a Rollout's template, in which nothing is made up that nobody gave
CUSTOM_POD_SPEC = some(**_SPEC).needing("containers")
_CONDITION = obj(
    type=always(STRING),
    status=always(STRING),
    observedGeneration=INTEGER,
    lastProbeTime=always(TIME),
    lastTransitionTime=always(TIME),
    reason=STRING,
    message=STRING,
)
_CONTAINER_STATUS = some(
    name=always(STRING),
    state=part(
        waiting=obj(reason=STRING, message=STRING),
        running=obj(startedAt=TIME),
        terminated=some(exitCode=always(INTEGER), reason=STRING, message=STRING),
    ),
    lastState=some(),
    ready=always(BOOLEAN),
    restartCount=always(INTEGER),
    image=always(STRING),
    imageID=always(STRING),
    containerID=STRING,
    started=kept(BOOLEAN),
)
POD_STATUS = Shape(
    type="object",
    is_open=True,
    is_part=True,
    fields={
        "observedGeneration": INTEGER,
        "phase": STRING,
        "conditions": keyed(_CONDITION, "type"),
        "message": STRING,
        "reason": STRING,
        "hostIP": STRING,
        "hostIPs": list_of(obj(ip=always(STRING))),
        "podIP": STRING,
        "podIPs": keyed(obj(ip=always(STRING)), "ip"),
        "startTime": TIME,
        "containerStatuses": list_of(_CONTAINER_STATUS),
        "initContainerStatuses": list_of(_CONTAINER_STATUS),
        "qosClass": STRING,
    },
)
TEMPLATE = part(metadata=_METADATA, spec=POD_SPEC)
