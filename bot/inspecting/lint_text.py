"""Findings for people: the gravest first, then what was not checked, at last how many."""

from collections import defaultdict
from collections.abc import Iterator

from bot.balancing.catalogue import CATALOGUE
from bot.balancing.checks.scene import Unchecked
from bot.balancing.finding import Finding, Severity
from bot.balancing.inspection import Report
from bot.inspecting.looking import Sight, severities
from bot.paper import Paper, clean

_STYLES = {Severity.CRITICAL: "alert", Severity.HIGH: "alert", Severity.MEDIUM: "warn"}
_INDENT = "  "


def as_text(sight: Sight, report: Report, paper: Paper) -> Iterator[str]:
    """Write everything."""
    for finding in report.findings:
        yield from _finding(finding, paper)
        yield ""
    if report.unchecked or sight.missing:
        yield from _not_checked(sight, report, paper)
        yield ""
    yield from paper.wrap(_summary(sight, report))


def _finding(finding: Finding, paper: Paper) -> Iterator[str]:
    severity = paper.style(finding.severity.upper(), _STYLES.get(finding.severity, "bold"))
    place = f"  {clean(finding.origin)}" if finding.origin else ""
    called = clean(f"{finding.kind} {_name(finding.namespace, finding.name)}")
    yield f"{severity}  {paper.style(finding.id, 'bold')}  {called}{paper.style(place, 'dim')}"
    yield from (paper.style(line, "bold") for line in paper.wrap(finding.message, _INDENT))
    entry = CATALOGUE.get(finding.id)
    parts = (
        ("Why", entry.why if entry else ""),
        ("Evidence", finding.evidence),
        ("Rollout", _name(finding.namespace, finding.rollout) if finding.rollout else ""),
        ("Written by", finding.writer),
        ("Fix", finding.fix),
    )
    for label, text in parts:
        if text:
            yield from paper.wrap(text, f"{_INDENT}{label + ':':<10} ")
    if finding.patch:
        yield f"{_INDENT}Patch:"
        yield from (f"{_INDENT}    {line}".rstrip() for line in clean(finding.patch).splitlines())


def _not_checked(sight: Sight, report: Report, paper: Paper) -> Iterator[str]:
    yield paper.style("NOT CHECKED", "warn")
    for sentence in sight.missing:
        yield from paper.wrap(
            f"{sentence} What is not there counts as unknown, not as absent.",
            f"{_INDENT}- ",
            "    ",
        )
    together: dict[tuple[str, str], list[str]] = defaultdict(list)
    for one in report.unchecked:
        where = f"{one.kind} {_name(one.namespace, one.name)}"
        together[where, one.reason].append(one.id)
    for (where, reason), ids in together.items():
        told = reason if reason.startswith(where) else f"{where}: {reason}"
        yield from paper.wrap(told, f"{_INDENT}- ")
        yield f"{_INDENT}  not looked for:"
        for id_ in dict.fromkeys(ids):
            yield from paper.wrap(_titled(id_), f"{_INDENT}    ", f"{_INDENT}      ")


def unchecked(one: Unchecked) -> str:
    """Say that something could not be looked for, and why."""
    entry = CATALOGUE.get(one.id)
    title = f" ({entry.title})" if entry else ""
    return f"{one.id}{title} at {one.kind} {_name(one.namespace, one.name)}: {one.reason}"


def _titled(id_: str) -> str:
    entry = CATALOGUE.get(id_)
    return f"{id_}  {entry.title}" if entry else id_


def _summary(sight: Sight, report: Report) -> str:
    if sight.is_bare and not report.findings:
        return f"There is nothing to look at: no Rollout and no Ingress in {sight.source}."
    number = len(report.findings)
    findings = f"{number} finding{'s' * (number != 1)}: {', '.join(severities(report.findings))}"
    told = findings if number else "No findings"
    open_ = len(report.unchecked) + len(sight.missing)
    if open_:
        told += f"; {open_} not checked"
    left = sum(sight.left_out.values())
    others = f"; {left} object{'s' * (left != 1)} of other kinds left out" if left else ""
    return f"{told}. I looked at {sight.counted()}{others}."


def _name(namespace: str, name: str) -> str:
    return "/".join(filter(None, (namespace, name)))
