"""
A finding counts once it was seen for long enough: nothing is said about what passes by.

As in `drift.py`: the gravest once they were seen twice, all others once they were seen
unchanged for the grace time. One that counts goes on counting for as long as it is seen,
whatever its evidence says meanwhile.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.balancing.finding import Finding, Severity


@dataclass(frozen=True, kw_only=True, slots=True)
class Sight:
    """Since when something is seen, how it looked, and whether it counts."""

    first: datetime
    found: str
    counts: bool = False


Sights = Mapping[str, Sight]


@dataclass(frozen=True, kw_only=True)
class Ripe:
    """
    What came of one look.

    Attributes:
        findings: those that count, with the time at which each was first seen.
        sights: of everything that was seen, by key; to be handed to the next look.

    """

    findings: tuple[Finding, ...] = ()
    sights: Sights = field(default_factory=dict)


def ripen(findings: Iterable[Finding], before: Sights, *, now: datetime, grace: timedelta) -> Ripe:
    """
    Tell which findings count.

    Args:
        findings: what is seen now.
        before: the sights of the last look.
        now: the time of the look.
        grace: how long a change may take; zero: all count at first sight.

    """
    sights: dict[str, Sight] = {}
    certain: list[Finding] = []
    for finding in findings:
        sights[finding.key] = sight = _sight(finding, before.get(finding.key), now, grace)
        if sight.counts:
            certain.append(replace(finding, since=sight.first))
    return Ripe(findings=tuple(certain), sights=sights)


def _sight(finding: Finding, before: Sight | None, now: datetime, grace: timedelta) -> Sight:
    found = f"{finding.severity} {finding.message} {finding.evidence}"
    if before and before.counts:
        return replace(before, found=found)
    if before is None or before.found != found or before.first > now:  # the clock was set back
        return Sight(first=now, found=found, counts=not grace)
    is_ripe = finding.severity is Severity.CRITICAL or now - before.first >= grace
    return replace(before, counts=is_ripe)
