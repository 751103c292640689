"""`--help` of every command is its manual page, and says what is true."""

import argparse
import ast
import io
import re
import shlex
from functools import cache
from pathlib import Path

import pytest

from bot.__main__ import _parser
from bot.commandline.completion.outline import outline
from bot.commandline.manual import ENVIRONMENT
from bot.commandline.pages import PAGES

BOT = Path(__file__).parents[2] / "bot"
PARSER = _parser()
COMMANDS = {command.name: command for command in outline(PARSER).everything()}


def helped(name, monkeypatch):
    """What its --help prints, in a terminal of 100 columns."""
    monkeypatch.setenv("COLUMNS", "100")
    parser = PARSER
    for word in name.split():
        [group] = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
        parser = group.choices[word]
    printed = io.StringIO()
    parser.print_help(printed)
    return printed.getvalue()


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_has_a_page_with_all_its_sections(name, monkeypatch):
    said, page = helped(name, monkeypatch), PAGES[name]

    flat = " ".join(said.split())
    assert " ".join(page.about.split()) in flat
    assert "\nexit codes:\n  0  " in said
    assert "\nexamples:\n  # " in said
    for variable in page.environment:
        assert f"\n  {variable} " in said
    assert all(len(line) <= 100 or "[--" in line or "> " in line for line in said.splitlines())


@pytest.mark.parametrize("name", COMMANDS)
def test_each_option_says_what_it_is_for_and_what_it_is_by_default(name, monkeypatch):
    said = helped(name, monkeypatch)
    for option in COMMANDS[name].options:
        assert option.about, option.names
        if option.values.words:
            entry = said.split(f"\n  {option.names[0]} ")[1].split("\n  -")[0]
            assert "default: " in entry, option.names


def examples():
    return [
        pytest.param(name, line, id=line)
        for name, page in PAGES.items()
        if name in COMMANDS
        for line, _ in page.examples
    ]


@pytest.mark.parametrize(("name", "line"), examples())
def test_each_example_is_one_of_its_command_and_is_understood(name, line):
    ours = line.rpartition("| ")[2].partition(" >")[0]
    program, *words = shlex.split(ours)
    assert program == "rollout-bot"
    assert " ".join(words).startswith(name)
    if "--help" not in words:
        PARSER.parse_args(words)


@cache
def variables():
    """Every environment variable that the code names."""
    name = re.compile(r"(SLACK|ROLLOUT_BOT)_[A-Z_]+[A-Z]|KUBECONFIG|NO_COLOR")
    return {
        node.value
        for path in BOT.rglob("*.py")
        if "sandbox" not in path.parts and "commandline" not in path.parts
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and name.fullmatch(node.value)
    }


def test_every_variable_that_is_read_is_explained_and_no_other():
    """Those of the way out, HTTPS_PROXY and NO_PROXY, are read by libraries."""
    assert variables() == ENVIRONMENT.keys() - {"HTTPS_PROXY"}
    assert set(PAGES[""].environment) == ENVIRONMENT.keys()
