"""WIRE-…: whether a Rollout and its Ingresses are tied together as Argo and the ALB need it."""

from bot.balancing.catalogue.entry import Entry
from bot.balancing.finding import Severity

WIRE_01 = Entry(
    id="WIRE-01",
    severity=Severity.CRITICAL,
    title="The weights are ignored",
    why="The ALB controller heeds actions.* only where the port is named use-annotation; "
    "with any other port the Service gets all requests, whatever the step says.",
    fix="Set the backend's port name to use-annotation.",
)
WIRE_02 = Entry(
    id="WIRE-02",
    severity=Severity.CRITICAL,
    title="No path reads the weights",
    why="Argo refuses a rollout whose Ingress has no path with the service of its weights, "
    "and nothing would read them.",
    fix="Add a path whose backend is the rollout's rootService or stableService.",
)
WIRE_03 = Entry(
    id="WIRE-03",
    severity=Severity.CRITICAL,
    title="The weights are missing",
    why="A path that asks for an annotation which is not there is answered 503 by the ALB.",
    fix="Make the controller write it again; find out who took it away.",
)
WIRE_05 = Entry(
    id="WIRE-05",
    severity=Severity.HIGH,
    title="A Service of the weights does not exist",
    why="The ALB controller then changes no rule of the whole group, also when that Service has "
    "weight 0, and Argo refuses the rollout.",
    fix="Create the Service, or name the right one.",
)
WIRE_08 = Entry(
    id="WIRE-08",
    severity=Severity.HIGH,
    title="The Ingress says something else than the rollout",
    why="The public gets another share of the canary than the step says.",
    fix="Find out who writes this annotation. When it is in git, take it out of git or ignore it.",
)
ING_01 = Entry(
    id="ING-01",
    severity=Severity.CRITICAL,
    title="The Ingress does not exist",
    why="The controller has nowhere to write the weights, and refuses the rollout.",
    fix="Create the Ingress, or name the right one in the rollout.",
)

ENTRIES = (ING_01, WIRE_01, WIRE_02, WIRE_03, WIRE_05, WIRE_08)
