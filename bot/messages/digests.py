"""The digest: what needs a person, what is on its way, what ended and by whom, what is wrong."""

from datetime import timedelta

from bot.messages import words
from bot.messages.blocks import Message, ago, clock, date, duration, message, paragraphs, safe
from bot.messages.reports import line_of
from bot.release.digest import Concern, Digest, Ended, Flight

_MOST = 15

_HOW = {
    "done": f"{words.GOOD} done",
    "aborted": f"{words.OFF} aborted",
    "superseded": f"{words.OFF} superseded",
    "rolled back": f"{words.GOOD} rolled back",
    "deleted": f"{words.OFF} deleted",
}


EVENT = "rollout_digest"


def digest(summary: Digest) -> Message:
    """Say it, most urgent first; one line when there is nothing."""
    span = f"since {date(summary.since)}"
    if summary.is_empty:
        text = " ".join(part for part in (f"Nothing to tell {span}.", _beside(summary)) if part)
        return message(text, *paragraphs([text]))
    lines = [f"*Releases {span}*"]
    lines += _part(
        "Needs a person",
        [_flight(f, summary) for f in summary.waiting[:_MOST]],
        len(summary.waiting),
    )
    lines += _part(
        "On its way", [_flight(f, summary) for f in summary.flying[:_MOST]], len(summary.flying)
    )
    lines += _part("Ended", [_ended(e, summary) for e in summary.ended[:_MOST]], len(summary.ended))
    lines += _part(
        "Open findings",
        [_concern(c, summary) for c in summary.concerns[:_MOST]],
        len(summary.concerns),
    )
    if beside := _beside(summary):
        lines.append(beside)
    if summary.acts or summary.refusals:
        refused = f", {summary.refusals} refused" if summary.refusals else ""
        acts = "1 act" if summary.acts == 1 else f"{summary.acts} acts"
        lines.append(f"{acts} by people{refused}.")
    lines.append("Nothing else.")
    return message(_point(summary), *paragraphs(lines))


def _point(summary: Digest) -> str:
    """Carry the whole point in one line."""
    first = ""
    if summary.waiting:
        keys = [words.key(flight.look.rollout) for flight in summary.waiting]
        need = "needs" if len(keys) == 1 else "need"
        first = f"{words.some(keys, 3)} {need} a person; "
    counts = f"{len(summary.flying)} on their way, {len(summary.ended)} ended, {_findings(summary)}"
    return f"Releases: {first}{counts}, nothing else."


def _findings(summary: Digest) -> str:
    """Count all findings as `drift` does."""
    count = len(summary.concerns) + summary.lesser
    muted = f", {summary.muted} muted" if summary.muted else ""
    return f"{count} open {'finding' if count == 1 else 'findings'}{muted}"


def _beside(summary: Digest) -> str:
    """Count the findings that are not named."""
    if not summary.concerns:
        is_any = summary.lesser or summary.muted
        return f"{_findings(summary)} (`drift`)." if is_any else ""
    parts = [f"{summary.lesser} less grave"] if summary.lesser else []
    parts += [f"{summary.muted} muted"] if summary.muted else []
    if not parts:
        return ""
    return f"Beside them: {', '.join(parts)} (`drift`)."


def _part(title: str, lines: list[str], count: int) -> list[str]:
    if not lines:
        return []
    more = [f"… {count - len(lines)} more"] if count > len(lines) else []
    return [f"*{title}*", *lines, *more]


def _flight(flight: Flight, summary: Digest) -> str:
    return line_of(flight, summary.until)


def _ended(ended: Ended, summary: Digest) -> str:
    ending = ended.ending
    how = _HOW.get(ending.how, safe(ending.how, 40))
    at = f" at {ending.from_weight} %" if ending.from_weight is not None else ""
    version = f" {words.tag(ended.version)}" if ended.version else ""
    hand = words.by(ending.by)
    promoted = ", promoted" if ending.how == "done" and hand else ""
    took = ""
    if ending.seconds is not None:
        took = f", traffic back after {duration(timedelta(seconds=ending.seconds))}"
    when = ""
    if ending.at:
        is_today = summary.until - ending.at < timedelta(hours=12)
        when = f" · {clock(ending.at) if is_today else date(ending.at)}"
    name = safe(ended.key, 2 * words.LONGEST_NAME)
    return f"*{name}*{version}  {how}{promoted}{hand}{at}{words.why(ending.reason)}{took}{when}"


def _concern(concern: Concern, summary: Digest) -> str:
    since = f" · since {ago(concern.since, summary.until)}" if concern.since else ""
    name = safe(concern.about, 2 * words.LONGEST_NAME)
    return f"{words.ALERT} *{name}*: {safe(concern.message, 500)}{since}"
