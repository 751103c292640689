"""Every page: its links lead somewhere, its commands can be typed, its files are there."""

import json
import re
from pathlib import Path

import pytest
import yaml

from bot.__main__ import _parser
from bot.config import Config, load
from bot.slack.commands import ALIASES, NEEDS_ME, VERBS, parse
from tests.docs.pages import ROOT, Page, pages

#: programs that people have, beside those that are checked here
PROGRAMS = {
    "cp",
    "export",
    "git",
    "helm",
    "kubectl",
    "pg_dump",
    "pg_restore",
    "pip",
    "rm",
    "sqlite3",
}
_TARGET = re.compile(r"^([a-z][a-z-]*):", re.MULTILINE)
_PATH = re.compile(r"(?P<file>\.?[\w-]+(?:/[\w.-]+)+/?|[\w-]+\.py)(?:::(?P<test>\w+))?")
_PLACEHOLDER = re.compile(r"[A-Z]{2,}|[\[|…]")
_FOLDERS = {path.name for path in ROOT.iterdir() if path.is_dir()} - {".git"}

each_page = pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)


@each_page
def test_links_lead_somewhere(page: Page) -> None:
    """Relative ones to a file that is there, and to a heading that it has."""
    lost = [
        link for link in page.links if not re.match(r"https?://", link) and not _leads(page, link)
    ]

    assert lost == []


def _leads(page: Page, link: str) -> bool:
    file, _, anchor = link.partition("#")
    target = (page.path.parent / file).resolve() if file else page.path
    if not target.exists() or not target.is_relative_to(ROOT):
        return False
    return not anchor or anchor in Page(target).anchors


def test_every_picture_is_shown_somewhere() -> None:
    shown = {(page.path.parent / link).resolve() for page in pages() for link in page.links}

    assert {*ROOT.glob("docs/pictures/**/*.png")} - shown == set()


@each_page
def test_commands_can_be_typed(page: Page) -> None:
    """`rollout-bot` takes them, `make` has the target, Python has the module; others are known."""
    for fence in page.fences:
        if fence.language in ("sh", "console"):
            for words in fence.commands:
                _check(words)


def _check(words: list[str]) -> None:
    match words:
        case ["rollout-bot", *rest]:
            _ensure_taken(rest)
        case ["make", *wanted]:
            targets = set(_TARGET.findall((ROOT / "Makefile").read_text(encoding="utf-8")))
            assert {word for word in wanted if "=" not in word} <= targets, words
        case [python, "-m", module, *_] if python.endswith("python"):
            assert module == "pytest" or _is_module(module), words
        case [python, file, *_] if python.endswith("python"):
            assert (ROOT / file).is_file(), words
        case [program, *_]:
            assert program in PROGRAMS, words


def _ensure_taken(rest: list[str]) -> None:
    try:
        _parser().parse_args(rest)
    except SystemExit as end:  # --help and --version end well
        if end.code:
            pytest.fail(f"rollout-bot does not take {rest}")


def _is_module(name: str) -> bool:
    path = ROOT / Path(*name.split("."))
    return path.with_suffix(".py").is_file() or (path / "__main__.py").is_file()


@each_page
def test_what_is_said_to_the_bot_is_understood(page: Page) -> None:
    """Every `/rollout …` in a line names a verb; where nothing is left open, all of it is right."""
    for span in page.spans:
        if not span.startswith("/rollout"):
            continue
        said = span.removeprefix("/rollout").strip()
        verb = said.split(maxsplit=1)[0] if said else NEEDS_ME
        if not _PLACEHOLDER.search(said):
            parse(said)
        assert verb.isupper() or verb in {*VERBS, *ALIASES, NEEDS_ME}, span


@each_page
def test_configuration_is_valid(page: Page, tmp_path: Path) -> None:
    """Blocks of YAML can be read, and those that are configuration are accepted as such."""
    for number, fence in enumerate(page.fences):
        if fence.language == "json":
            json.loads(fence.text)
        if fence.language != "yaml":
            continue
        data = yaml.safe_load(fence.text)
        if isinstance(data, dict) and data.keys() <= Config.model_fields.keys():
            file = tmp_path / f"{number}.yaml"
            file.write_text(fence.text, encoding="utf-8")
            load(file)


@each_page
def test_files_that_are_named_are_there(page: Page) -> None:
    """Also tests that are named as `file.py::test`."""
    lost = [
        span for span in page.spans if (found := _PATH.fullmatch(span)) and not _is_there(found)
    ]

    assert lost == []


def _is_there(found: re.Match[str]) -> bool:
    file, test = found["file"], found["test"]
    if "/" not in file:  # a name alone: whichever folder it is in
        return (ROOT / file).is_file() or _is_somewhere(file)
    if file.split("/")[0] not in _FOLDERS:
        return True  # a name of something else, such as a rollout
    path = ROOT / file
    if not test:
        return path.exists()
    return path.is_file() and f"def {test}(" in path.read_text(encoding="utf-8")


def _is_somewhere(name: str) -> bool:
    return any(True for folder in ("bot", "tests", "config") for _ in (ROOT / folder).rglob(name))
