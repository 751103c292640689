"""WIRE-…, ING-…: whether a Rollout and its Ingresses are tied together as both sides need it."""

from bot.balancing.catalogue.entry import Entry
from bot.balancing.finding import Severity

ING_01 = Entry(
    id="ING-01",
    severity=Severity.CRITICAL,
    title="The Ingress does not exist",
    why="The controller has nowhere to write the weights, and refuses the rollout.",
    fix="Create the Ingress, or name the right one in the rollout.",
    source="argo-rollouts: rollout/controller.go",
)
WIRE_01 = Entry(
    id="WIRE-01",
    severity=Severity.CRITICAL,
    title="The weights are ignored",
    why="The ALB controller heeds actions.* only where the port is named use-annotation; "
    "any other port is one of the Service, which gets all requests, whatever the step says.",
    fix="Set the backend's port name to use-annotation.",
    source="aws-load-balancer-controller: pkg/ingress/enhanced_backend_builder.go",
)
WIRE_02 = Entry(
    id="WIRE-02",
    severity=Severity.CRITICAL,
    title="No path reads the weights",
    why="Argo refuses a rollout whose Ingress has no path with the service of its weights, "
    "and nothing would read them.",
    fix="Add a path whose backend is the rollout's rootService or stableService.",
    source="argo-rollouts: pkg/apis/rollouts/validation/validation_references.go",
)
WIRE_03 = Entry(
    id="WIRE-03",
    severity=Severity.CRITICAL,
    title="The weights are missing",
    why="A path that asks for an annotation which is not there is answered 503 by the ALB.",
    fix="Make the controller write it again; find out who took it away.",
    source="aws-load-balancer-controller: pkg/ingress/enhanced_backend_builder.go",
)
WIRE_04 = Entry(
    id="WIRE-04",
    severity=Severity.CRITICAL,
    title="The weights are written where nothing reads them",
    why="The ALB controller knows one prefix of annotations only, alb.ingress.kubernetes.io; "
    "under any other the weights are not there for it, and the path answers 503.",
    fix="Take annotationPrefix out of the rollout.",
    source="aws-load-balancer-controller: pkg/annotations/constants.go",
)
WIRE_05 = Entry(
    id="WIRE-05",
    severity=Severity.HIGH,
    title="A Service of the weights does not exist",
    why="Argo refuses the rollout; on an ALB no rule of the whole group is changed any more where "
    "it is one of several targets, with weight 0 too, and where it is the only one the answer is "
    "503.",
    fix="Create the Service, or name the right one.",
    source="aws-load-balancer-controller: pkg/ingress/enhanced_backend_builder.go",
)
WIRE_06 = Entry(
    id="WIRE-06",
    severity=Severity.CRITICAL,
    title="The port is none of the Service's",
    why="The ALB controller then changes no rule of the whole group: new weights do not arrive.",
    fix="Let the rollout's alb.servicePort, or the annotation, name a port of the Service.",
    source="aws-load-balancer-controller: pkg/k8s/service_utils.go",
)
WIRE_07 = Entry(
    id="WIRE-07",
    severity=Severity.HIGH,
    title="The Service cannot be reached through nodes",
    why="With target-type instance the ALB needs a node port; without one its controller changes "
    "no rule of the whole group.",
    fix="Make the Service a NodePort, or set target-type to ip.",
    source="aws-load-balancer-controller: pkg/ingress/model_build_target_group.go",
)
WIRE_08 = Entry(
    id="WIRE-08",
    severity=Severity.HIGH,
    title="The Ingress says something else than the rollout",
    why="The public gets another share of the canary than the step says.",
    fix="Find out who writes this annotation. When it is in git, take it out of git or ignore it.",
    source="argo-rollouts: rollout/trafficrouting/alb/alb.go",
)
WIRE_09 = Entry(
    id="WIRE-09",
    severity=Severity.HIGH,
    title="The Ingresses of one rollout say different weights",
    why="Argo stops at the first Ingress that needs no change, so one that was left behind stays "
    "behind until the first one changes too.",
    fix="Write the right weights on the Ingress that is behind, or let the next step do it: "
    "all change then.",
    source="argo-rollouts: rollout/trafficrouting/alb/alb.go",
)
WIRE_10 = Entry(
    id="WIRE-10",
    severity=Severity.MEDIUM,
    title="A header route was left behind",
    why="Requests with the header still go to the canary Service though no step asks for it.",
    fix="Take the path and its annotations off the Ingress.",
    source="argo-rollouts: rollout/trafficrouting.go",
)
WIRE_11 = Entry(
    id="WIRE-11",
    severity=Severity.MEDIUM,
    title="The weights of a rollout that is gone still hold",
    why="Nobody writes these weights any more: what the deleted rollout left is what the public "
    "gets.",
    fix="Give everything to the Service that stays, and take the rollout out of the bookkeeping.",
    source="argo-rollouts: ingress/alb.go",
)
WIRE_12 = Entry(
    id="WIRE-12",
    severity=Severity.MEDIUM,
    title="Two rollouts write the same annotation",
    why="Each overwrites what the other wrote: what holds is what the last one wrote.",
    fix="Give each rollout a rootService, and each header route a name, of its own.",
    source="argo-rollouts: rollout/trafficrouting/alb/alb.go",
)
WIRE_13 = Entry(
    id="WIRE-13",
    severity=Severity.MEDIUM,
    title="After the rollout is deleted its last weights stay",
    why="Argo gives everything back to the Service that the annotation is named after, and gives "
    "up when that is none of the target groups.",
    fix="Know it: before you delete the rollout let it end at 0 %, or set the action by hand.",
    source="argo-rollouts: ingress/alb.go",
)
WIRE_14 = Entry(
    id="WIRE-14",
    severity=Severity.MEDIUM,
    title="The header route takes other applications' requests",
    why="Argo puts the path of a header route into every entry of spec.rules: with the header, "
    "requests to the other hosts reach this canary too.",
    fix="Keep the other hosts in an Ingress of their own; group.name puts both on one ALB.",
    source="argo-rollouts: utils/ingress/wrapper.go",
)
WIRE_15 = Entry(
    id="WIRE-15",
    severity=Severity.MEDIUM,
    title="A controller does not look at the Ingress",
    why="Without the ALB controller no rule is made of it; without Argo's a change by hand is not "
    "put back.",
    fix="Give the Ingress the class of the ALB controller; start Argo with --alb-ingress-classes "
    "that name it.",
    source="aws-load-balancer-controller: pkg/ingress/class_loader.go",
)
WIRE_16 = Entry(
    id="WIRE-16",
    severity=Severity.LOW,
    title="Nothing reads an annotation",
    why="What is written for a backend that no path refers to has no effect; the ALB controller v1 "
    "stumbles over it all the same when it is malformed.",
    fix="Take it away, or correct the name in the path or the annotation.",
    source="aws-load-balancer-controller: pkg/ingress/enhanced_backend_builder.go",
)
WIRE_17 = Entry(
    id="WIRE-17",
    severity=Severity.HIGH,
    title="The conditions of the default backend are dropped",
    why="A listener's default action has no conditions: it takes every request that no rule takes.",
    fix="Use a path of spec.rules instead of defaultBackend.",
    source="aws-load-balancer-controller: pkg/ingress/model_build_listener.go",
)
WIRE_18 = Entry(
    id="WIRE-18",
    severity=Severity.MEDIUM,
    title="After an abort the canary Service flaps",
    why="Until abortScaleDownDelaySeconds is over Argo switches the canary Service between canary "
    "and stable pods tens of times a second: a header reaches either, or nothing.",
    fix="Set abortScaleDownDelaySeconds to 1 (not to 0: the canary's pods then stay, and it flaps "
    "for as long).",
    source="github.com/argoproj/argo-rollouts/issues/3078",
)
WIRE_19 = Entry(
    id="WIRE-19",
    severity=Severity.MEDIUM,
    title="The header route comes before the redirect",
    why="Argo puts the path of a header route first: with the header, the request is answered "
    "where everybody else is redirected.",
    fix="Use a header route of your own behind the redirect, or accept it knowingly.",
    source="argo-rollouts: utils/ingress/wrapper.go",
)
WIRE_20 = Entry(
    id="WIRE-20",
    severity=Severity.LOW,
    title="The header test hangs on one pod",
    why="In the moment in which no canary pod is available Argo removes the header route, and "
    "does not put it back.",
    fix="Keep two canary pods at that step, or use a header route of your own.",
    source="argo-rollouts: rollout/trafficrouting.go",
)
WIRE_21 = Entry(
    id="WIRE-21",
    severity=Severity.CRITICAL,
    title="A Service selects the wrong pods",
    why="The weights no longer decide who reaches the canary: the pods behind the Services do.",
    fix="In the Argo CD Application ignore the Service's selector rollouts-pod-template-hash "
    "and set RespectIgnoreDifferences=true.",
    source="argo-rollouts: service/service.go; github.com/argoproj/argo-rollouts/issues/3437",
)

ENTRIES = (
    *(ING_01, WIRE_01, WIRE_02, WIRE_03, WIRE_04, WIRE_05, WIRE_06, WIRE_07, WIRE_08, WIRE_09),
    *(WIRE_10, WIRE_11, WIRE_12, WIRE_13, WIRE_14, WIRE_15, WIRE_16, WIRE_17, WIRE_18, WIRE_19),
    *(WIRE_20, WIRE_21),
)
