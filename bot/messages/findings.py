"""Findings in words: told once with their evidence, once when gone, at times a reminder."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from bot.balancing.drift import COMPARED
from bot.balancing.finding import Finding, Severity
from bot.messages import words
from bot.messages.blocks import (
    Block,
    Element,
    Message,
    actions,
    ago,
    button,
    coming,
    confirm,
    context,
    cut,
    duration,
    fitting,
    message,
    paragraphs,
    safe,
    section,
)
from bot.release.ledger import By
from bot.release.mute import Mute

EVENT = "rollout_finding"
MUTE, UNMUTE = "mute", "unmute"
_LONGEST = 900
_LONGEST_LINE = 300
_SIGNS = {Severity.CRITICAL: words.ALERT, Severity.HIGH: words.ALERT}


@dataclass(frozen=True, kw_only=True)
class Shown:
    """
    A finding as people see it.

    Attributes:
        mute: who wants to hear no more of it; None: nobody.
        press: the sealed value of the button that mutes it, or ends that; empty: no button.

    """

    finding: Finding
    mute: Mute | None = None
    press: str = ""


def identity(finding: Finding) -> dict[str, str]:
    """Write down for the metadata of its message which finding it is, and what it says."""
    return {
        "id": finding.id,
        "severity": str(finding.severity),
        "namespace": finding.namespace,
        "rollout": finding.rollout,
        "kind": finding.kind,
        "name": finding.name,
        "place": finding.place[:_LONGEST_LINE],
        "message": finding.message[:_LONGEST],
        "evidence": finding.evidence[:_LONGEST_LINE],
    }


def recalled(payload: Mapping[str, Any]) -> Finding | None:
    """Read it back from the payload of a message; None: it is not there, or cannot be read."""
    what = payload.get("what")
    if not isinstance(what, Mapping) or "id" not in what:
        return None
    severities = {str(severity): severity for severity in Severity}
    since = payload.get("since")
    first = datetime.fromtimestamp(since, UTC) if isinstance(since, int) and since > 0 else None
    severity = severities.get(str(what.get("severity")), Severity.HIGH)

    def told(name: str) -> str:
        return str(what.get(name) or "")

    return Finding(
        id=told("id"),
        severity=severity,
        namespace=told("namespace"),
        rollout=told("rollout"),
        kind=told("kind"),
        name=told("name"),
        place=told("place"),
        message=told("message"),
        evidence=told("evidence"),
        since=first,
    )


def found(shown: Shown, *, now: datetime, metadata: dict[str, Any] | None = None) -> Message:
    """Tell a finding for the first time; later on the same message says that it is muted."""
    finding = shown.finding
    text = f"{name(finding)}: {safe(finding.message, _LONGEST)}"
    muted = [muted_line(shown.mute, now)] if shown.mute else []
    blocks = [section(*lines(finding, now=now), *muted), *_row(shown)]
    return message(text, *blocks, metadata=metadata)


def past(finding: Finding, *, now: datetime, metadata: dict[str, Any] | None = None) -> Message:
    """Show in its own message that a finding is gone: nothing is left to press."""
    text = f"{name(finding)}: gone{_lasted(finding, now)}: {safe(finding.message, _LONGEST)}"
    first, *rest = lines(replace(finding, since=None, fix=""), now=now)
    over = f"{words.GOOD} Gone{_lasted(finding, now)}."
    told = section(over, first.removeprefix(f"{words.ALERT} "))
    return message(text, told, *([context(*rest)] if rest else []), metadata=metadata)


def resolved(finding: Finding, *, now: datetime) -> Message:
    """Tell that a finding is gone."""
    text = f"{name(finding)}: gone{_lasted(finding, now)}: {safe(finding.message, _LONGEST)}"
    return message(text, section(f"{words.GOOD} {text}"))


def reminded(shown: Shown, *, now: datetime, ended: Mute | None = None) -> Message:
    """
    Tell again that a finding is still there.

    Args:
        shown: the finding.
        now: the time.
        ended: the mute that has just ended, by itself or because it got graver.

    """
    finding = shown.finding
    still = f"still there{_since(finding, now)}"
    text = f"{name(finding)}: {still}: {safe(finding.message, _LONGEST)}"
    why = _why_again(finding, ended, now) if ended else ""
    rest = [part for part in (why, _healing(finding), _fix(finding)) if part]
    blocks = [section(f"{words.ALERT} {text}", *rest), *_row(shown)]
    return message(text, *blocks)


def several(shown: Sequence[Finding], what: str, *, command: str = "/rollout") -> Message:
    """
    Tell many at once: a channel is not flooded.

    Args:
        shown: the gravest first.
        what: `found`, `still there` or `gone`.
        command: what shows all of them.

    """
    title = f"{len(shown)} findings {what}."
    sign = words.GOOD if what == "gone" else words.ALERT
    told = [f"{sign} {line(finding)}" for finding in shown[:_MOST_NAMED]]
    more = len(shown) - len(told)
    hint = f"`{safe(command, 40)} drift` shows all of them, with evidence and remedy."
    rest = f"… {more} more. {hint}" if more > 0 else hint
    first = safe(shown[0].message, _LONGEST_LINE)
    text = f"{title} {name(shown[0])}: {first}"
    blocks = paragraphs([f"*{title}*", *told, "" if what == "gone" else rest])
    return Message(text=message(text).text, blocks=fitting(blocks))


_MOST_NAMED = 10


def muted(finding: Finding, mute: Mute, *, now: datetime) -> Message:
    """Tell, where the finding was told, that it is muted: by whom, until when and why."""
    text = f"{name(finding)}: {muted_line(mute, now)}"
    return message(f"{text} {safe(finding.message, _LONGEST_LINE)}", section(text, _quiet(finding)))


def unmuted(finding: Finding, *, by: By) -> Message:
    """Tell that somebody ended a mute."""
    text = (
        f"{name(finding)}: the mute was ended{words.by(by)}. {safe(finding.message, _LONGEST_LINE)}"
    )
    return message(text, section(text))


def muted_line(mute: Mute, now: datetime) -> str:
    """Tell that it is muted: by whom, until when and why."""
    return f"Muted {muted_until(mute, now)}"


def muted_until(mute: Mute, now: datetime) -> str:
    """Tell until when it is muted, by whom and why: `until 20:00 by <@U…>: "…".`."""
    return f"until {coming(mute.until, now)}{words.by(mute.by)}{words.why(mute.reason)}."


def lines(finding: Finding, *, now: datetime) -> list[str]:
    """Tell all of a finding: what, evidence, who, whether it heals, what to do."""
    sign = f"{_SIGNS[finding.severity]} " if finding.severity in _SIGNS else ""
    writer = f"Written last by {safe(finding.writer, 100)}." if finding.writer else ""
    kind = f"({safe(finding.id, 40)}, {finding.severity}{_since(finding, now)})"
    parts = [
        f"{sign}*{name(finding)}*: {safe(finding.message, _LONGEST)} {kind}",
        *(f"Evidence: {_evidence(finding)}".splitlines() if finding.evidence else ()),
        " ".join(part for part in (writer, _healing(finding)) if part),
        _fix(finding),
    ]
    return [part for part in parts if part]


def _evidence(finding: Finding) -> str:
    """Keep the lines of the evidence: rules in their order cannot be read as one."""
    parts = finding.evidence[: 2 * _LONGEST].splitlines()
    return cut("\n".join(safe(part, _LONGEST) for part in parts if part.strip()), _LONGEST)


def line(finding: Finding) -> str:
    """Tell a finding in one line."""
    return f"*{name(finding)}*: {safe(finding.message, _LONGEST_LINE)} ({safe(finding.id, 40)})"


def name(finding: Finding) -> str:
    """Name what it is about: the rollout, else the object."""
    return safe(finding.about, 2 * words.LONGEST_NAME)


def mute_button(shown: Shown) -> Element | None:
    """Make the button that mutes a finding, or ends that."""
    if not shown.press:
        return None
    if shown.mute is None:
        return button(f"rollout:{MUTE}", "Mute…", shown.press)
    effect = "It is told again in the channel, and reminded of, while it lasts."
    ask = confirm("End the mute", effect, "End it")
    return button(f"rollout:{UNMUTE}", "End the mute", shown.press, confirm=ask)


def _row(shown: Shown) -> list[Block]:
    made = mute_button(shown)
    return [actions("finding-controls", [made])] if made else []


def _quiet(finding: Finding) -> str:
    graver = f", unless it gets graver than {finding.severity}"
    most = finding.severity is Severity.CRITICAL
    return f"Until then I say nothing more of it here{'' if most else graver}."


def _why_again(finding: Finding, ended: Mute, now: datetime) -> str:
    if ended.is_over(now):
        return f"The mute{words.by(ended.by)} has ended{words.why(ended.reason)}."
    graver = f"It was {safe(ended.severity, 20)} when it was muted{words.by(ended.by)}"
    return f"{graver}; now it is {finding.severity}: the mute has ended."


def _lasted(finding: Finding, now: datetime) -> str:
    return f" after {duration(now - finding.since)}" if finding.since else ""


def _since(finding: Finding, now: datetime) -> str:
    return f", first seen {ago(finding.since, now)}" if finding.since else ""


def _healing(finding: Finding) -> str:
    if finding.heals is False and finding.id not in COMPARED:
        return ""  # nothing was changed that could be put back: it is wired so
    match finding.heals:
        case True:
            return "The controller will put it back by itself."
        case False:
            return "The controller will not put it back by itself."
        case None:
            return "Whether the controller puts it back by itself is not known."


def _fix(finding: Finding) -> str:
    return safe(finding.fix, _LONGEST) if finding.fix else ""
