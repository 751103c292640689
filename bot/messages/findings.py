"""Drift in words: told once with its evidence, once when it is gone, at times a reminder."""

from datetime import datetime

from bot.balancing.finding import Finding, Severity
from bot.messages import words
from bot.messages.blocks import Message, ago, duration, message, safe, section

_LONGEST = 900
_SIGNS = {Severity.CRITICAL: words.ALERT, Severity.HIGH: words.ALERT}


def found(finding: Finding, *, now: datetime) -> Message:
    """Tell a finding for the first time."""
    text = f"{_name(finding)}: {safe(finding.message, _LONGEST)}"
    return message(text, section(*lines(finding, now=now)))


def resolved(finding: Finding, *, now: datetime) -> Message:
    """Tell that a finding is gone."""
    lasted = f" after {duration(now - finding.since)}" if finding.since else ""
    text = f"{_name(finding)}: gone{lasted}: {safe(finding.message, _LONGEST)}"
    return message(text, section(f"{words.GOOD} {text}"))


def reminded(finding: Finding, *, now: datetime) -> Message:
    """Tell again that a finding is still there."""
    still = f"still there{_since(finding, now)}"
    text = f"{_name(finding)}: {still}: {safe(finding.message, _LONGEST)}"
    rest = [part for part in (_healing(finding), _fix(finding)) if part]
    return message(text, section(f"{words.ALERT} {text}", *rest))


def lines(finding: Finding, *, now: datetime) -> list[str]:
    """Tell all of a finding: what, evidence, who, whether it heals, what to do."""
    sign = f"{_SIGNS[finding.severity]} " if finding.severity in _SIGNS else ""
    writer = f"Written last by {safe(finding.writer, 100)}." if finding.writer else ""
    kind = f"({safe(finding.id, 40)}, {finding.severity}{_since(finding, now)})"
    parts = [
        f"{sign}*{_name(finding)}*: {safe(finding.message, _LONGEST)} {kind}",
        f"Evidence: {safe(finding.evidence, _LONGEST)}" if finding.evidence else "",
        " ".join(part for part in (writer, _healing(finding)) if part),
        _fix(finding),
    ]
    return [part for part in parts if part]


def _name(finding: Finding) -> str:
    return safe(f"{finding.namespace}/{finding.rollout}", 2 * words.LONGEST_NAME)


def _since(finding: Finding, now: datetime) -> str:
    return f", first seen {ago(finding.since, now)}" if finding.since else ""


def _healing(finding: Finding) -> str:
    match finding.heals:
        case True:
            return "The controller will put it back by itself."
        case False:
            return "The controller will not put it back by itself."
        case None:
            return "Whether the controller puts it back by itself is not known."


def _fix(finding: Finding) -> str:
    return safe(finding.fix, _LONGEST) if finding.fix else ""
