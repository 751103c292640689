"""The files of the page: package data, found wherever the package was installed."""

from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import PurePosixPath

STATIC = resources.files("bot.sandbox.page") / "static"
INDEX = "index.html"
#: Nothing else is served.
TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}


@cache
def names() -> list[str]:
    """Every file, by its path below `static`."""
    return sorted(_below(STATIC, PurePosixPath()))


def read(name: str) -> tuple[str, str] | None:
    """A file's text and type; None if there is no such file."""
    if name not in names():
        return None
    text = STATIC.joinpath(*PurePosixPath(name).parts).read_text(encoding="utf-8")
    return text, TYPES[PurePosixPath(name).suffix]


def _below(folder: Traversable, path: PurePosixPath) -> list[str]:
    found: list[str] = []
    for entry in folder.iterdir():
        here = path / entry.name
        if entry.is_dir():
            found += _below(entry, here)
        elif here.suffix in TYPES:
            found.append(str(here))
    return found
