"""The catalogue of `docs/findings.md`, from `bot/balancing/catalogue`."""

import re

from bot.balancing.catalogue import CATALOGUE, Entry
from bot.balancing.finding import Severity


def overview() -> str:
    """All ids by severity, each a link."""
    lines = ["| severity | findings |", "|---|---|"]
    for severity in Severity:
        found = [f"[{e.id}](#{e.id.lower()})" for e in CATALOGUE.values() if e.severity is severity]
        if found:
            lines.append(f"| {severity} | {' '.join(found)} |")
    return "\n".join(lines)


def sections(prefix: str) -> str:
    """All findings whose ids begin so."""
    found = [entry for entry in CATALOGUE.values() if entry.id.startswith(prefix)]
    return "\n\n".join(_section(entry) for entry in found)


def _section(entry: Entry) -> str:
    return "\n".join(
        (
            f"### {entry.id}",
            "",
            f"**{_text(entry.title)}.** {str(entry.severity).capitalize()}.",
            "",
            _text(entry.why),
            "",
            f"*Mend:* {_text(entry.fix)}",
            "",
            f"[Manifests that show it](../tests/manifests/{entry.id}).",
        )
    )


def _text(words: str) -> str:
    """Write words so that no sign in them is Markdown."""
    return re.sub(r"([*_<])", r"\\\1", words)
