"""What the code writes into the documentation is what the code says now."""

import ast
import traceback
from pathlib import Path

import pytest
import yaml

from bot.config import Config
from bot.messages.findings import MUTE
from bot.messages.helps import NOT_YET
from bot.release.errors import Refusal
from bot.release.offers import ACTIONS
from bot.release.plans import plan
from bot.slack.commands import VERBS
from tests.docs import keys
from tests.docs.cases import ALL, PATCHES, REFUSALS, action
from tests.docs.pages import ROOT, Page
from tests.docs.written import DOCS, PARTS, parts_of, renewed

_PLANNING = tuple(
    ROOT / "bot" / "release" / f"{name}.py"
    for name in ("checks", "header_only", "plans", "way_out")
)
#: what the bot does by itself; nobody can ask for it
_NO_VERB = {"tidy_up"}


@pytest.mark.parametrize("page", PARTS)
def test_what_is_generated_is_up_to_date(page: str) -> None:
    """`make docs` writes it anew."""
    text = (DOCS / page).read_text(encoding="utf-8")

    assert sorted(parts_of(text)) == sorted(PARTS[page]), "each part has its place, once"
    assert text == renewed(text, PARTS[page]), "run `make docs`"


def test_every_key_has_a_meaning_and_an_example() -> None:
    silent = [
        f"{name}.{key}"
        for name, section in keys.sections(Config)
        for key, info in keys.keys_of(section)
        if not (info.description and info.examples)
    ]

    assert silent == []


def test_the_examples_of_all_keys_are_a_valid_configuration() -> None:
    """As they are written on the page."""
    written = _all(Config, lambda info: keys.as_yaml(info.examples[0]))

    assert Config.model_validate(written).channels[0].digest is not None


def test_the_defaults_are_shown_as_they_could_be_written() -> None:
    """What stands in the column of defaults gives the default, when it is written."""
    shown = _all(Config, _default_or_example)
    config, silent = Config.model_validate(shown), Config()

    for name in ("slack", "kubernetes", "header_only", "drift", "health"):
        assert getattr(config, name) == getattr(silent, name)


def _default_or_example(info) -> str:  # type: ignore[no-untyped-def]
    shown = keys.default_of(info)
    if shown == "none":
        return "null"
    return keys.as_yaml(info.examples[0]) if shown == "required" else shown.strip("`")


def _all(section, write):  # type: ignore[no-untyped-def]
    """Fill in everything; a list of sections gets one entry."""
    filled = {}
    for name, info in section.model_fields.items():
        within = keys.section_of(info)
        if within:
            entry = _all(within, write)
            filled[name] = [entry] if name in ("channels", "access") else entry
        elif (value := yaml.safe_load(write(info))) is not None:
            filled[name] = value
    if "users" in filled and not filled["users"] and not filled["groups"]:
        filled["users"] = ["U0ANN"]
    return filled


# --- verbs ------------------------------------------------------------------------------------


def test_every_verb_has_its_section_and_every_act_its_patch() -> None:
    there = Page(DOCS / "verbs.md").anchors

    assert {*VERBS, MUTE} - NOT_YET - there == set()
    assert PATCHES.keys() == REFUSALS.keys() - {ALL} == ACTIONS.keys()


def test_every_refusal_of_a_plan_is_on_the_page() -> None:
    """Each place of the planning that refuses is reached by one of the situations."""
    shown = {
        _where_refused("promote" if verb == ALL else verb, case)
        for verb, cases in REFUSALS.items()
        for case in cases
    }
    there = {place for file in _PLANNING for place in _places(file)}

    assert there - shown == set()


def _places(file: Path) -> set[tuple[str, str, int]]:
    """Give the lines of a file that raise, but for what no verb leads to."""
    return {
        (file.name, function.name, node.lineno)
        for function in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(function, ast.FunctionDef) and function.name not in _NO_VERB
        for node in ast.walk(function)
        if isinstance(node, ast.Raise)
    }


def _where_refused(verb, case) -> tuple[str, str, int]:  # type: ignore[no-untyped-def]
    try:
        plan(action(verb), case.look, case.story)
    except Refusal as refusal:
        last = traceback.extract_tb(refusal.__traceback__)[-1]
        return Path(last.filename).name, last.name, last.lineno or 0
    return "", "", 0
