"""What bash completes, when it is asked as it asks, and typed in a terminal."""

import re
import subprocess
from contextlib import closing

import pytest

from bot.__main__ import _parser
from bot.commandline.completion import SHELLS, script
from bot.commandline.completion.outline import outline
from tests.commandline.terminal import Terminal

PARSER = _parser()
COMMANDS = [command.name for command in outline(PARSER).commands]


@pytest.fixture(scope="module")
def completed(tmp_path_factory):
    """Asks bash's function as bash does: what it offers after these words."""
    file = tmp_path_factory.mktemp("bash") / "rollout-bot"
    file.write_text(script("bash", PARSER))

    def ask(line):
        words = ["rollout-bot", *re.findall(r"=|[^\s=]+", line)]
        if line.endswith(" ") or not line:
            words.append("")
        quoted = " ".join(f"'{word}'" for word in words)
        asked = (
            f"source '{file}'; COMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}; "
            "_rollout_bot; printf '%s\\n' \"${COMPREPLY[@]}\""
        )
        return _bash("-c", asked).split()

    return ask


def _bash(*arguments):
    ran = subprocess.run(
        ["bash", "--norc", "--noprofile", *arguments], capture_output=True, text=True, check=True
    )
    assert ran.stderr == ""
    return ran.stdout


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        pytest.param("", COMMANDS, id="commands"),
        pytest.param("l", ["lint", "ledger"], id="begun"),
        pytest.param("config ", ["check"], id="below"),
        pytest.param("completion ", list(SHELLS), id="argument"),
        pytest.param("lint --output ", ["text", "json", "sarif"], id="value"),
        pytest.param("lint --output=", ["text", "json", "sarif"], id="value-with-sign"),
        pytest.param("lint --output=js", ["json"], id="value-begun-with-sign"),
        pytest.param("lint --output json --fail", ["--fail-on"], id="option-after-a-value"),
        pytest.param("status shop/api --w", ["--watch"], id="option-after-an-argument"),
        pytest.param("config check --log-f", ["--log-format"], id="option-of-one-below"),
        pytest.param("--v", ["--version"], id="option-of-the-program"),
        pytest.param("demo --port ", [], id="a-number"),
        pytest.param("status ", [], id="a-name"),
        pytest.param("lint ", [], id="files-are-readline-s"),
        pytest.param("nonsense ", COMMANDS, id="nonsense"),
    ],
)
def test_bash_offers(completed, line, offered):
    assert completed(line) == offered


@pytest.mark.parametrize("command", list(outline(PARSER).everything()), ids=lambda one: one.name)
def test_bash_offers_every_option_of_every_command(completed, command):
    names = [name for option in command.options for name in option.names]
    assert completed(f"{command.name} -") == names


@pytest.fixture
def terminal(tmp_path):
    file = tmp_path / "completion"
    file.write_text(script("bash", PARSER))
    folder = tmp_path / "work"
    (folder / "deploy").mkdir(parents=True)
    (folder / "my values.yaml").touch()
    with closing(Terminal("bash --norc --noprofile -i", folder)) as opened:
        opened.does(f"source '{file}'")
        yield opened


@pytest.mark.parametrize(
    ("typed", "seen"),
    [
        pytest.param("rollout-bot dem\t", "rollout-bot demo ", id="a-command"),
        pytest.param("rollout-bot lint --fail-on=cr\t", "--fail-on=critical ", id="a-value"),
        pytest.param("rollout-bot lint dep\t", "lint deploy/", id="a-folder"),
        pytest.param("rollout-bot run --config my\t", "my\\ values.yaml ", id="a-file"),
        pytest.param(
            "rollout-bot config check my\t", "my\\ values.yaml ", id="a-file-of-one-below"
        ),
        pytest.param("rollout-bot completion \t\t", "bash  fish  zsh", id="a-choice"),
    ],
)
def test_bash_completes_what_is_typed(terminal, typed, seen):
    terminal.types(typed)
    terminal.sees(seen)


@pytest.mark.parametrize("shell", SHELLS)
def test_the_command_prints_the_script(shell, capsys):
    from bot.__main__ import main

    assert main(["completion", shell]) == 0
    assert capsys.readouterr().out == script(shell, PARSER)
