"""
What stands on a page of the documentation: links, headings, commands, code.

No more of Markdown than we use.

    text ─▶ fences (code between three backticks) and prose ─▶ headings, links, spans of code
"""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from pathlib import Path

ROOT = Path(__file__).parents[2]
_FENCE = re.compile(r"^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
_SPAN = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\]\(([^()\s]+)\)|\b(?:src|href)=\"([^\"]+)\"")
_HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)
_NO_ANCHOR = re.compile(r"[^\w\- ]")
_ENDS_A_COMMAND = {"|", "||", "&&", ";", "&"}
_ASSIGNS = re.compile(r"[A-Z_][A-Z0-9_]*=.*", re.DOTALL)


@dataclass(frozen=True)
class Fence:
    """Code between three backticks."""

    language: str
    text: str

    @property
    def commands(self) -> Iterator[list[str]]:
        """The words of each command that is typed there; of a console what stands behind `$`."""
        text = self.text.replace("\\\n", " ")
        for line in text.splitlines():
            typed = line.removeprefix("$ ")
            if self.language == "sh" or typed != line:
                yield from _simple(typed)


def fences(text: str) -> list[Fence]:
    """The blocks of code in a text."""
    return [Fence(found["language"], found["text"]) for found in _FENCE.finditer(text)]


@dataclass(frozen=True)
class Page:
    """One file in Markdown."""

    path: Path

    @property
    def name(self) -> str:
        """Where it is in the repository."""
        return str(self.path.relative_to(ROOT))

    @cached_property
    def text(self) -> str:
        """All of it."""
        return self.path.read_text(encoding="utf-8")

    @property
    def fences(self) -> list[Fence]:
        """The blocks of code."""
        return fences(self.text)

    @property
    def prose(self) -> str:
        """What is no block of code."""
        return _FENCE.sub("", self.text)

    @property
    def spans(self) -> list[str]:
        """The code within lines."""
        return _SPAN.findall(self.prose)

    @property
    def links(self) -> list[str]:
        """Where links and pictures lead."""
        return [first or second for first, second in _LINK.findall(_SPAN.sub("", self.prose))]

    @property
    def anchors(self) -> set[str]:
        """What a link can lead to within the page."""
        seen: dict[str, int] = {}
        found = set()
        for heading in _HEADING.findall(self.prose):
            anchor = _NO_ANCHOR.sub("", heading.strip().lower()).replace(" ", "-")
            times = seen[anchor] = seen.get(anchor, -1) + 1
            found.add(f"{anchor}-{times}" if times else anchor)
        return found


def pages() -> list[Page]:
    """All pages that people read."""
    found = (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("helm/**/*.md"))
    return [Page(path) for path in sorted(found)]


def _simple(line: str) -> Iterator[list[str]]:
    """Split a line of shell into simple commands, without assignments and what is redirected."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    for ends, group in groupby(lexer, lambda word: word in _ENDS_A_COMMAND):
        words = list(group)
        while words and _ASSIGNS.fullmatch(words[0]):
            words.pop(0)
        if words and not ends:
            yield words
