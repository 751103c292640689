"""Paths, folders and standard input -> texts with names, each of a size that can be read."""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from bot.config.faults import Fault

STDIN = "stdin"  #: how standard input is named to people
MOST = 16 * 2**20  #: bytes of one file; an object has 1.5 MB at most
_ENDINGS = frozenset({".yaml", ".yml", ".json"})


@dataclass(frozen=True, kw_only=True)
class Text:
    """
    What one file holds.

    Attributes:
        name: the path as people wrote it.
        listed: found in a folder, not named by itself.

    """

    name: str
    text: str
    listed: bool = False


def collect(paths: Sequence[str], stdin: BinaryIO) -> Iterator[Text | Fault]:
    """
    Read all files, each once, in the order of the paths; those of a folder by name.

    Args:
        paths: files, folders, or `-` for standard input.
        stdin: read when a path is `-`.

    """
    seen: set[tuple[int, int]] = set()
    for path in paths:
        if path == "-":
            yield _decoded(STDIN, stdin.read(MOST + 1))
            continue
        place = Path(path)
        if not place.is_dir():
            yield from _once(place, seen, listed=False)
            continue
        files = sorted(_files(place))
        if not files:
            yield Fault(path, 0, "", f"holds no file that ends in {', '.join(sorted(_ENDINGS))}")
        for file in files:
            yield from _once(file, seen, listed=True)


def _files(folder: Path) -> Iterator[Path]:
    """Give the manifests in a folder and below; what begins with a dot is not meant."""
    for where, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            if Path(name).suffix.lower() in _ENDINGS and not name.startswith("."):
                yield Path(where) / name


def _once(file: Path, seen: set[tuple[int, int]], *, listed: bool) -> Iterable[Text | Fault]:
    try:
        with file.open("rb") as stream:
            state = os.fstat(stream.fileno())
            if (state.st_dev, state.st_ino) in seen:
                return ()
            seen.add((state.st_dev, state.st_ino))
            content = stream.read(MOST + 1)
    except FileNotFoundError:
        return (Fault(str(file), 0, "", "there is no such file"),)
    except OSError as error:
        return (Fault(str(file), 0, "", f"cannot be read: {error.strerror}"),)
    return (_decoded(str(file), content, listed=listed),)


def _decoded(name: str, content: bytes, *, listed: bool = False) -> Text | Fault:
    if len(content) > MOST:
        return Fault(
            name,
            0,
            "",
            f"is larger than {MOST // 2**20} MB, which I do not read in one piece; "
            "split it, or look at the cluster itself with --cluster",
        )
    is_wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        text = content.decode("utf-16" if is_wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        return Fault(name, line, "", "is no text in UTF-8")
    return Text(name=name, text=text.replace("\r\n", "\n").replace("\r", "\n"), listed=listed)
