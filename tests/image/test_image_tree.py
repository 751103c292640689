"""What lies in the wheel and in the image: all that is needed, and nothing else."""

import os
import re
import stat
import subprocess
import zipfile
from pathlib import Path

import pytest

from tests.image.dockerfile import ROOT
from tests.image.licences import pinned

pytestmark = [pytest.mark.image, pytest.mark.timeout(300)]

#: shapes of tokens, and the first line of a private key
SECRETS = re.compile(
    rb"xox[abeprs]-\d{9}|xapp-\d-|hooks\.slack\.com/services/T|-----BEGIN [A-Z ]*PRIVATE KEY"
    rb"|AKIA[0-9A-Z]{16}|ghp_[A-Za-z0-9]{36}"
)


def files(image) -> list[Path]:
    return [path for path in image.tree.rglob("*") if path.is_file() and not path.is_symlink()]


def test_the_wheel_has_the_tracked_files_of_the_bot_and_no_others(image):
    """So also migrations and the sandbox's page; no tests, no leftovers."""
    tracked = subprocess.run(
        ["git", "ls-tree", "-r", "--name-only", "HEAD", "bot"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    with zipfile.ZipFile(image.wheel) as wheel:
        names = wheel.namelist()
    ours = [name for name in names if not name.startswith("rollout_bot-")]

    assert sorted(ours) == sorted(tracked)
    assert {name.partition("/")[2] for name in names if name not in ours} == {
        "METADATA",
        "RECORD",
        "WHEEL",
        "entry_points.txt",
        "licenses/LICENSE",
    }


def test_the_image_has_what_is_pinned_and_the_bot_and_nothing_else(image):
    found = {}
    for metadata in image.tree.glob("lib/python*/site-packages/*.dist-info/METADATA"):
        head = metadata.read_text().partition("\n\n")[0]
        name, version = (
            re.search(rf"^{f}: (.+)$", head, re.MULTILINE)[1] for f in ("Name", "Version")
        )
        found[re.sub(r"[-_.]+", "-", name).lower()] = version

    assert found.pop("rollout-bot")
    assert found == pinned()


def test_the_image_has_no_tests_and_no_build_leftovers(image):
    """Of our own and of all that came along."""
    names = [str(path.relative_to(image.tree)) for path in files(image)]
    unwanted = re.compile(
        r"(^|/)(tests?|testing|conftest\.py|test_[^/]*\.py|\.git[^/]*|build|dist)(/|$)"
        r"|\.(orig|rej|swp|o|a|c|h|pyx|pxd|whl|tar\.gz)$"
    )
    assert [name for name in names if unwanted.search(name)] == []
    assert {path.name for path in image.tree.iterdir()} == {"bin", "lib", "lib64", "pyvenv.cfg"}


def test_the_image_has_no_secrets(image):
    """Also of nobody else; what is shaped like one in words of ours is a placeholder."""
    found = {
        str(path.relative_to(image.tree)): SECRETS.findall(path.read_bytes())
        for path in files(image)
    }
    assert {name: secrets for name, secrets in found.items() if secrets} == {}


def test_whoever_runs_it_can_change_nothing_in_it(image):
    modes = {path: path.stat() for path in image.tree.rglob("*") if not path.is_symlink()}
    assert [
        path for path, one in modes.items() if one.st_mode & (stat.S_IWOTH | stat.S_ISUID)
    ] == []
    assert {one.st_uid for one in modes.values()} == {os.getuid()}, "not the user of the image"
    state = (image.box.root / "var/lib/rollout-bot").stat()
    assert stat.S_IMODE(state.st_mode) == 0o700
    assert state.st_uid in (image.user, os.getuid())


def test_its_size_is_as_the_documentation_says(image, measured):
    """Within a tenth: megabytes of the tree that is laid on the base image, and of the wheel."""
    size = sum(path.stat().st_size for path in files(image)) / 1e6
    wheel = image.wheel.stat().st_size / 1e6
    measured["image: /opt/rollout-bot"] = f"{size:.0f} MB, of it the bot's wheel {wheel:.2f} MB"

    page = " ".join((ROOT / "README.md").read_text().split())
    said = re.search(r"It is (\d+) MB on the base image", page)
    assert said, "the README tells the size"
    assert abs(size - int(said[1])) < size / 10
