"""Somebody who does what a page says, word by word, in one shell."""

import asyncio
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.docs.pages import Fence, fences

_OVER = "that was all of it"


@dataclass
class Command:
    """A line to type, and what the page says one will see; `…` stands for anything."""

    line: str
    seen: list[str] = field(default_factory=list)

    def is_seen_in(self, said: str) -> bool:
        """Whether somebody who typed it sees what the page says."""
        pattern = re.escape("\n".join(self.seen)).replace(re.escape("…"), ".*")
        return re.search(f"^{pattern}$", said.strip(), re.MULTILINE | re.DOTALL) is not None


def section(page: str, heading: str) -> str:
    """What stands under a heading, up to the next one."""
    _, _, rest = page.partition(f"\n{heading}\n")
    assert rest, f"there is no {heading}"
    return re.split(r"^#{1,3} ", rest, maxsplit=1, flags=re.MULTILINE)[0]


def steps(text: str) -> Iterator[Command | Fence]:
    """Everything that is to be typed, or saved in a file, in its order."""
    for fence in fences(text):
        if fence.language == "console":
            yield from _commands(fence.text.splitlines())
        else:
            yield fence


def _commands(lines: list[str]) -> Iterator[Command]:
    command: Command | None = None
    for line in lines:
        if line.startswith("$ "):
            if command:
                yield command
            command = Command(line.removeprefix("$ "))
        elif command and command.line.endswith("\\"):
            command.line += f"\n{line}"
        elif command:
            command.seen.append(line)
    if command:
        yield command


class Shell:
    """One bash: what is exported or activated stays so."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, folder: Path, environ: Mapping[str, str]) -> "Shell":
        """Start it there, knowing nothing but this."""
        return cls(
            await asyncio.create_subprocess_exec(
                *("bash", "--norc", "--noprofile"),
                cwd=folder,
                env=dict(environ),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
            )
        )

    async def does(self, line: str) -> tuple[int, str]:
        """Run a line to its end: its exit code, and what it said."""
        self._type(f"{line}\nprintf '\\n%s: %s\\n' \"$?\" '{_OVER}'\n")
        said = ""
        while not (ended := re.search(rf"\n(\d+): {_OVER}\n$", said)):
            said += await self._line(said)
        return int(ended[1]), said[: ended.start()]

    async def begins(self, command: Command) -> None:
        """Run something that goes on, until it shows what it shall."""
        self._type(f"exec {command.line}\n")
        said = ""
        while not command.is_seen_in(said):
            said += await self._line(said)

    async def ends(self, number: int) -> int:
        """Send what goes on a signal; its exit code."""
        self._process.send_signal(number)
        await self._process.communicate()
        return self._process.returncode

    async def close(self) -> None:
        """End it, whatever it does."""
        if self._process.returncode is None:
            self._process.kill()
            await self._process.communicate()

    def _type(self, text: str) -> None:
        self._process.stdin.write(text.encode())

    async def _line(self, said: str) -> str:
        line = (await self._process.stdout.readline()).decode()
        assert line, f"it has ended: {said}"
        return line
