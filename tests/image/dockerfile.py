"""The Dockerfile and what its context is, read as a builder reads them."""

import fnmatch
import json
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).parents[2]
FILE = ROOT / "Dockerfile"
_ARGUMENT = re.compile(r"\$\{(\w+)\}")


@dataclass(frozen=True)
class Instruction:
    """One instruction: its word, and the rest of it in one line."""

    word: str
    rest: str

    @property
    def words(self) -> list[str]:
        """The rest, as a shell splits it."""
        return shlex.split(self.rest)

    @property
    def command(self) -> list[str]:
        """The rest, where it is a list: what is started without a shell."""
        return list(json.loads(self.rest))


@dataclass
class Stage:
    """What comes after one FROM."""

    base: str
    name: str
    instructions: list[Instruction] = field(default_factory=list)

    def all(self, word: str) -> list[Instruction]:
        """Every instruction of this kind."""
        return [one for one in self.instructions if one.word == word]

    def only(self, word: str) -> Instruction:
        """The one instruction of this kind."""
        [one] = self.all(word)
        return one

    @property
    def pairs(self) -> Mapping[str, Mapping[str, str]]:
        """The names and values of ENV and LABEL, by the instruction's word."""
        found: dict[str, dict[str, str]] = {"ENV": {}, "LABEL": {}}
        for one in self.instructions:
            if one.word in found:
                found[one.word] |= dict(word.split("=", 1) for word in one.words)
        return found


def stages(text: str) -> list[Stage]:
    """Read all stages; arguments before the first FROM are filled in."""
    given: dict[str, str] = {}
    found: list[Stage] = []
    for one in _instructions(text):
        if one.word == "FROM":
            base, *named = _ARGUMENT.sub(lambda name: given[name[1]], one.rest).split()
            found.append(Stage(base, named[1] if named else ""))
        elif found:
            found[-1].instructions.append(one)
        else:
            assert one.word == "ARG", f"{one} before FROM"
            name, _, value = one.rest.partition("=")
            given[name] = value
    return found


def _instructions(text: str) -> Iterator[Instruction]:
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    for line in re.sub(r"\\\n\s*", "", "\n".join(lines)).splitlines():
        if line.strip():
            word, rest = line.split(None, 1)
            yield Instruction(word, rest.strip())


def is_sent(path: str, patterns: str) -> bool:
    """Whether .dockerignore lets a file through; the last pattern that fits counts."""
    parts = PurePosixPath(path).parts
    prefixes = ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]
    sent = True
    for line in patterns.splitlines():
        pattern = line.strip()
        if not pattern or pattern.startswith("#"):
            continue
        wanted = pattern.startswith("!")
        if any(_fits(prefix, pattern.removeprefix("!")) for prefix in prefixes):
            sent = wanted
    return sent


def _fits(path: str, pattern: str) -> bool:
    if pattern.startswith("**/"):
        return fnmatch.fnmatchcase(path.rpartition("/")[2], pattern.removeprefix("**/"))
    return path.count("/") == pattern.count("/") and fnmatch.fnmatchcase(path, pattern)
