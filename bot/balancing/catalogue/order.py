"""ORD-…: order and shadowing of rules, listeners and groups."""

from bot.balancing.catalogue.entry import Entry
from bot.balancing.finding import Severity

ORD_11 = Entry(
    id="ORD-11",
    severity=Severity.CRITICAL,
    title="The order of the group cannot be read",
    why="The ALB controller then changes no rule of the whole group, and no Event says so.",
    fix="Write group.order as a whole number from -1000 to 1000.",
)

ENTRIES = (ORD_11,)
