"""ANN-…: what the annotations say."""

from bot.balancing.catalogue.entry import Entry
from bot.balancing.finding import Severity

ANN_01 = Entry(
    id="ANN-01",
    severity=Severity.CRITICAL,
    title="An annotation cannot be read",
    why="The ALB controller then changes no rule of the whole group: new weights do not arrive.",
    fix="Put right what the evidence names; until then new weights do not arrive.",
)
ANN_04 = Entry(
    id="ANN-04",
    severity=Severity.CRITICAL,
    title="All weights are 0",
    why="No target group may take a request; what the ALB does then is not documented.",
    fix="Give at least one target group a weight above 0.",
)
ANN_05 = Entry(
    id="ANN-05",
    severity=Severity.HIGH,
    title="A weight is out of range",
    why="AWS refuses weights below 0 and above 999, and the ALB stays at its last rules.",
    fix="Use weights from 0 to 999.",
)
ANN_06 = Entry(
    id="ANN-06",
    severity=Severity.HIGH,
    title="The list of target groups is refused",
    why="AWS takes one to five different target groups, and else the ALB stays at its last rules.",
    fix="Name one to five target groups, each once.",
)

ENTRIES = (ANN_01, ANN_04, ANN_05, ANN_06)
