"""The shapes of the built-in kinds."""

from dataclasses import replace

from bot.sandbox.cluster.pod_shapes import POD_SPEC, POD_STATUS, TEMPLATE
from bot.sandbox.cluster.shapes import (
    ANY,
    BOOLEAN,
    BYTES,
    INT_OR_STRING,
    INTEGER,
    METADATA,
    MICRO_TIME,
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

_SELECTOR = obj(
    matchLabels=map_of(STRING),
    matchExpressions=list_of(
        obj(key=always(STRING), operator=always(STRING), values=list_of(STRING))
    ),
).whole()
_CONDITION = obj(
    type=always(STRING),
    status=always(STRING),
    observedGeneration=INTEGER,
    lastTransitionTime=always(TIME),
    reason=STRING,
    message=STRING,
)
_REFERENCE = {
    "kind": STRING,
    "namespace": STRING,
    "name": STRING,
    "uid": STRING,
    "apiVersion": STRING,
    "resourceVersion": STRING,
    "fieldPath": STRING,
}
_LOAD_BALANCER = part(
    ingress=list_of(
        obj(
            ip=STRING,
            hostname=STRING,
            ipMode=kept(STRING),
            ports=list_of(obj(error=kept(STRING), port=always(INTEGER), protocol=always(STRING))),
        )
    )
)


def _top(**fields: Shape) -> Shape:
    return part(metadata=METADATA, **fields)


_BACKEND = {
    "service": obj(name=always(STRING), port=part(name=STRING, number=INTEGER).whole()),
    "resource": obj(apiGroup=kept(STRING), kind=always(STRING), name=always(STRING)).whole(),
}
_PATH = obj(path=STRING, pathType=kept(STRING), backend=part(**_BACKEND))
INGRESS = _top(
    spec=part(
        ingressClassName=kept(STRING),
        defaultBackend=obj(**_BACKEND),
        tls=list_of(obj(hosts=list_of(STRING), secretName=STRING)),
        rules=list_of(obj(host=STRING, http=obj(paths=always(list_of(_PATH))))),
    ),
    status=part(loadBalancer=_LOAD_BALANCER),
)
INGRESS_CLASS = _top(
    spec=part(
        controller=STRING,
        parameters=obj(
            apiGroup=kept(STRING),
            kind=always(STRING),
            name=always(STRING),
            scope=kept(STRING),
            namespace=kept(STRING),
        ),
    )
)
SERVICE = _top(
    spec=part(
        ports=keyed(
            obj(
                name=STRING,
                protocol=replace(STRING, default="TCP"),
                appProtocol=kept(STRING),
                port=always(INTEGER),
                targetPort=always(INT_OR_STRING),
                nodePort=INTEGER,
            ),
            "port",
            "protocol",
        ),
        selector=map_of(STRING).whole(),
        clusterIP=STRING,
        clusterIPs=list_of(STRING),
        type_=STRING,
        externalIPs=list_of(STRING),
        sessionAffinity=STRING,
        loadBalancerIP=STRING,
        loadBalancerSourceRanges=list_of(STRING),
        externalName=STRING,
        externalTrafficPolicy=STRING,
        healthCheckNodePort=INTEGER,
        publishNotReadyAddresses=BOOLEAN,
        sessionAffinityConfig=some(),
        ipFamilies=list_of(STRING),
        ipFamilyPolicy=kept(STRING),
        allocateLoadBalancerNodePorts=kept(BOOLEAN),
        loadBalancerClass=kept(STRING),
        internalTrafficPolicy=kept(STRING),
        trafficDistribution=kept(STRING),
    ),
    status=part(loadBalancer=_LOAD_BALANCER, conditions=keyed(_CONDITION, "type")),
)
REPLICA_SET = _top(
    spec=part(
        replicas=kept(INTEGER),
        minReadySeconds=INTEGER,
        selector=always(_SELECTOR),
        template=TEMPLATE,
    ),
    status=part(
        replicas=always(INTEGER),
        fullyLabeledReplicas=INTEGER,
        readyReplicas=INTEGER,
        availableReplicas=INTEGER,
        terminatingReplicas=kept(INTEGER),
        observedGeneration=INTEGER,
        conditions=keyed(_CONDITION, "type"),
    ),
)
POD = _top(spec=POD_SPEC, status=POD_STATUS)
EVENT = _top(
    involvedObject=part(**_REFERENCE).whole(),
    reason=STRING,
    message=STRING,
    source=part(component=STRING, host=STRING),
    firstTimestamp=always(TIME),
    lastTimestamp=always(TIME),
    count=INTEGER,
    type_=STRING,
    eventTime=always(MICRO_TIME),
    series=obj(count=INTEGER, lastObservedTime=always(MICRO_TIME)),
    action=STRING,
    related=obj(**_REFERENCE).whole(),
    reportingComponent=always(STRING),
    reportingInstance=always(STRING),
)
LEASE = _top(
    spec=part(
        holderIdentity=kept(STRING),
        leaseDurationSeconds=kept(INTEGER),
        acquireTime=MICRO_TIME,
        renewTime=MICRO_TIME,
        leaseTransitions=kept(INTEGER),
        strategy=kept(STRING),
        preferredHolder=kept(STRING),
    )
)
CONFIG_MAP = _top(immutable=kept(BOOLEAN), data=map_of(STRING), binaryData=map_of(BYTES))
NAMESPACE = _top(
    spec=part(finalizers=list_of(STRING)),
    status=part(phase=STRING, conditions=keyed(_CONDITION, "type")),
)
SERVICE_ACCOUNT = _top(
    secrets=keyed(obj(**_REFERENCE), "name"),
    imagePullSecrets=list_of(obj(name=STRING)),
    automountServiceAccountToken=kept(BOOLEAN),
)
ENDPOINT_SLICE = _top(
    addressType=always(STRING),
    endpoints=always(
        list_of(
            obj(
                addresses=always(list_of(STRING)),
                conditions=part(
                    ready=kept(BOOLEAN), serving=kept(BOOLEAN), terminating=kept(BOOLEAN)
                ),
                hostname=kept(STRING),
                targetRef=obj(**_REFERENCE).whole(),
                deprecatedTopology=map_of(STRING),
                nodeName=kept(STRING),
                zone=kept(STRING),
                hints=some(),
            )
        )
    ),
    ports=always(
        list_of(
            obj(
                name=kept(STRING),
                protocol=kept(STRING),
                port=kept(INTEGER),
                appProtocol=kept(STRING),
            )
        )
    ),
)
_RULE = obj(
    verbs=always(list_of(STRING)),
    apiGroups=list_of(STRING),
    resources=list_of(STRING),
    resourceNames=list_of(STRING),
    nonResourceURLs=list_of(STRING),
)
ROLE = _top(rules=always(list_of(_RULE)))
CLUSTER_ROLE = _top(
    rules=always(list_of(_RULE)),
    aggregationRule=obj(clusterRoleSelectors=list_of(_SELECTOR)),
)
BINDING = _top(
    subjects=list_of(
        obj(kind=always(STRING), apiGroup=STRING, name=always(STRING), namespace=STRING).whole()
    ),
    roleRef=part(apiGroup=always(STRING), kind=always(STRING), name=always(STRING)).whole(),
)
_WEBHOOK = some(
    name=always(STRING),
    clientConfig=part(url=kept(STRING), service=some(), caBundle=STRING),
    rules=list_of(
        obj(
            operations=list_of(STRING),
            apiGroups=list_of(STRING),
            apiVersions=list_of(STRING),
            resources=list_of(STRING),
            scope=kept(STRING),
        )
    ),
    failurePolicy=kept(STRING),
    sideEffects=kept(STRING),
    admissionReviewVersions=always(list_of(STRING)),
)
WEBHOOK = _top(webhooks=keyed(_WEBHOOK, "name"))
DEFINITION = _top(
    spec=part(
        group=always(STRING),
        scope=always(STRING),
        names=some(plural=always(STRING), kind=always(STRING)),
        versions=list_of(ANY),
    ),
    status=part(
        conditions=always(keyed(_CONDITION, "type")),
        acceptedNames=some(),
        storedVersions=always(list_of(STRING)),
    ),
)
