"""
What can be wrong with the weights on an Ingress: ids, words and remedies.

The ids are those of the catalogue of wiring findings (`lint` will print the same
ones); ING-01 alone is ours.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.balancing.weights import Fault


@dataclass(frozen=True, kw_only=True)
class Entry:
    """
    One kind of finding.

    Attributes:
        id: as people look it up.
        severity: a word of `--fail-on`.
        message: one sentence without its full stop; `{name}` is the Ingress.
        fix: what to do, for people.

    """

    id: str
    severity: str
    message: str
    fix: str = ""


_KEPT = "and the ALB stays at its last rules"
DIFFERENT = Entry(
    id="WIRE-08",
    severity="high",
    message="",
    fix="Find out who writes this annotation. When it is in git, take it out of git or ignore it.",
)
CATALOGUE: Mapping[Fault, Entry] = {
    Fault.NO_INGRESS: Entry(
        id="ING-01",
        severity="critical",
        message="The rollout names Ingress {name}, which does not exist",
        fix="Create the Ingress, or name the right one in the rollout.",
    ),
    Fault.NO_PATH: Entry(
        id="WIRE-02",
        severity="critical",
        message="No path of Ingress {name} reads the weights",
        fix="Add a path whose backend is the rollout's rootService or stableService.",
    ),
    Fault.NOT_USED: Entry(
        id="WIRE-01",
        severity="critical",
        message="Ingress {name} ignores the weights",
        fix="Set the backend's port name to use-annotation.",
    ),
    Fault.MISSING: Entry(
        id="WIRE-03",
        severity="critical",
        message="Ingress {name} has lost its weights: the ALB answers 503",
        fix="Make the controller write it again; find out who took it away.",
    ),
    Fault.UNREADABLE: Entry(
        id="ANN-01",
        severity="critical",
        message="The weights on Ingress {name} cannot be read",
        fix="Put right what the evidence names; until then new weights do not arrive.",
    ),
    Fault.GROUP_BROKEN: Entry(
        id="ANN-01",
        severity="critical",
        message=f"Ingress {{name}} holds an error, {_KEPT}",
        fix="Put right what the evidence names; until then new weights do not arrive.",
    ),
    Fault.ALL_ZERO: Entry(
        id="ANN-04",
        severity="critical",
        message="All weights on Ingress {name} are 0",
    ),
    Fault.OUT_OF_RANGE: Entry(
        id="ANN-05",
        severity="high",
        message=f"A weight on Ingress {{name}} is refused by AWS, {_KEPT}",
    ),
    Fault.BAD_TARGETS: Entry(
        id="ANN-06",
        severity="high",
        message=f"The target groups on Ingress {{name}} are refused by AWS, {_KEPT}",
    ),
}
