"""The image, built: each instruction of the Dockerfile carried out in a box."""

import os
import shutil
import subprocess
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path, PurePosixPath

from tests.image.box import Box
from tests.image.dockerfile import FILE, ROOT, Instruction, Stage, is_sent, stages

_BASE = "/base"  #: what a base image has in /usr/local: python and pip by these names
_SHELL = "/usr/bin:/bin:/usr/sbin:/sbin"


class CannotBuildError(Exception):
    """A step did not go well, or this machine lacks what it takes."""


@dataclass(frozen=True)
class Image:
    """
    What there is when everything was carried out.

    Attributes:
        box: the root file system of the last stage.
        environ, entry, command, health, user: as the Dockerfile sets them.
        wheel: the wheel that was put in.

    """

    box: Box
    environ: Mapping[str, str]
    entry: Sequence[str]
    command: Sequence[str]
    health: Sequence[str]
    user: int
    wheel: Path

    @property
    def tree(self) -> Path:
        """Where the bot and what it needs lie."""
        return self.box.root / "opt/rollout-bot"


def build(folder: Path) -> Image:
    """
    Build the image of the last commit.

    Raises:
        CannotBuildError: with what the step said.

    """
    first, last = stages(FILE.read_text())
    context, where = folder / "context", folder / "build"
    _check_out(context)
    box = Box(where)
    box.furnish()
    _base(box, first.base)
    for one in first.instructions:
        match one.word:
            case "WORKDIR":
                workdir = one.rest
                (where / workdir.lstrip("/")).mkdir(parents=True)
            case "COPY":
                _copy(context, where / workdir.lstrip("/"), one.words)
            case "RUN":
                _run(box, one.rest, workdir)
            case _:
                raise CannotBuildError(f"nobody taught me {one.word} in a stage that builds")
    [wheel] = where.glob("src/dist/*.whl")
    return _finish(last, box, folder, Path(shutil.move(wheel, folder)))


def _finish(stage: Stage, built: Box, folder: Path, wheel: Path) -> Image:
    """Carry out the last stage; of the others only what it copies is left."""
    box = Box(folder / "image")
    box.furnish()
    for one in stage.instructions:
        if one.word == "RUN":
            _run(box, one.rest, "/")
        elif one.word == "COPY":
            origin, source, target = one.words
            assert origin == "--from=build"
            shutil.move(built.root / source.lstrip("/"), box.root / target.lstrip("/"))
    shutil.rmtree(built.root)
    user, _, group = stage.only("USER").rest.partition(":")
    assert user == group
    _, _, health = stage.only("HEALTHCHECK").rest.partition(" CMD ")
    return Image(
        box=box,
        environ=stage.pairs["ENV"],
        entry=stage.only("ENTRYPOINT").command,
        command=stage.only("CMD").command,
        health=Instruction("CMD", health).command,
        user=int(user),
        wheel=wheel,
    )


def _check_out(context: Path) -> None:
    """Lay out what the last commit has, and .dockerignore lets through."""
    archive = subprocess.run(
        ["git", "archive", "--format=tar", "HEAD"], cwd=ROOT, capture_output=True, check=True
    ).stdout
    patterns = (ROOT / ".dockerignore").read_text()
    with tarfile.open(fileobj=BytesIO(archive)) as tar:
        sent = [member for member in tar if is_sent(member.name, patterns)]
        tar.extractall(context, sent, filter="data")


def _base(box: Box, base: str) -> None:
    """Give the box `python` and `pip` of the base image's version."""
    version = base.removeprefix("python:").removesuffix("-slim")
    found = [place for place in ("/usr/local/bin", "/usr/bin") if _has(place, version)]
    if not found:
        raise CannotBuildError(
            f"in place of {base} it takes /usr's Python {version} with venv "
            "(Debian: apt-get install python3-venv)"
        )
    _run(box, f"{found[0]}/python{version} -m venv {_BASE}", "/")


def _has(place: str, version: str) -> bool:
    python = Path(place) / f"python{version}"
    asked = [str(python), "-c", "import ensurepip, venv"]
    return python.exists() and subprocess.run(asked, check=False).returncode == 0


def _copy(context: Path, workdir: Path, words: Sequence[str]) -> None:
    *sources, target = words
    for source in sources:
        path = context / source
        if not path.exists():
            raise CannotBuildError(f"COPY {source}: it is not there, or .dockerignore keeps it")
        if path.is_dir():
            shutil.copytree(path, workdir / PurePosixPath(target))
        else:
            shutil.copy2(path, workdir / PurePosixPath(target) / path.name)


def _run(box: Box, line: str, folder: str) -> None:
    own = ("PYTHON", "VIRTUAL_ENV", "COVERAGE", "PYTEST")  # of the tests
    environ = {name: value for name, value in os.environ.items() if not name.startswith(own)}
    environ |= {"PATH": f"{_BASE}/bin:{_SHELL}", "HOME": "/root"}
    ran = subprocess.run(
        box.building(line, folder, environ), capture_output=True, text=True, check=False
    )
    if ran.returncode:
        raise CannotBuildError(f"RUN {line}\n{ran.stdout[-4_000:]}{ran.stderr[-4_000:]}")
