"""What zsh and fish complete, once somebody has installed them: `make test-image`."""

import shutil
import subprocess
from contextlib import closing

import pytest

from bot.__main__ import _parser
from bot.commandline.completion import SHELLS, script
from bot.commandline.completion.outline import outline
from tests.commandline.terminal import Terminal

pytestmark = pytest.mark.image

PARSER = _parser()
COMMANDS = [command.name for command in outline(PARSER).commands]


@pytest.fixture
def folder(tmp_path):
    """Where somebody works."""
    (tmp_path / "deploy").mkdir()
    (tmp_path / "my values.yaml").touch()
    return tmp_path


def there(shell):
    """Make sure that a shell is there."""
    if not shutil.which(shell):
        pytest.fail(f"{shell} is not installed (Debian: apt-get install {shell})", pytrace=False)
    return shell


@pytest.fixture
def fish(folder):
    """Asks fish what it would offer after these words."""
    file = folder / "rollout-bot.fish"
    file.write_text(script("fish", PARSER))

    def ask(line):
        asked = f"source '{file}'; complete -C 'rollout-bot {line}'"
        ran = subprocess.run(
            [there("fish"), "--no-config", "-c", asked],
            cwd=folder,
            capture_output=True,
            text=True,
            check=True,
        )
        assert ran.stderr == ""
        return [offered.partition("\t")[0] for offered in ran.stdout.splitlines()]

    return ask


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        pytest.param("", COMMANDS, id="commands"),
        pytest.param("l", ["lint", "ledger"], id="begun"),
        pytest.param("config ", ["check"], id="below"),
        pytest.param("config check --log-f", ["--log-format"], id="option-of-one-below"),
        pytest.param("completion ", SHELLS, id="argument"),
        pytest.param("lint --output ", ["text", "json", "sarif"], id="value"),
        pytest.param("lint --output=js", ["--output=json"], id="value-begun-with-sign"),
        pytest.param("lint --output json --fail", ["--fail-on"], id="option-after-a-value"),
        pytest.param("demo --port ", [], id="a-number"),
        pytest.param("status ", [], id="a-name"),
        pytest.param("lint dep", ["deploy/"], id="a-folder"),
        pytest.param("run --config my", ["my values.yaml"], id="a-file"),
    ],
)
def test_fish_offers(fish, line, offered):
    assert sorted(fish(line)) == sorted(offered)


@pytest.mark.parametrize("command", list(outline(PARSER).everything()), ids=lambda one: one.name)
def test_fish_offers_every_option_of_every_command(fish, command):
    names = {name for option in command.options for name in option.names}
    assert names <= {*fish(f"{command.name} -"), *fish(f"{command.name} --")}


@pytest.fixture
def zsh(folder):
    """A zsh that has the script where it looks for such."""
    place = folder / "functions"
    place.mkdir()
    (place / "_rollout-bot").write_text(script("zsh", PARSER))
    with closing(Terminal(f"{there('zsh')} -f -i", folder)) as opened:
        opened.does(f"fpath=('{place}' $fpath); autoload -Uz compinit; compinit -u -D")
        yield opened


@pytest.mark.parametrize(
    ("typed", "seen"),
    [
        pytest.param("rollout-bot dem\t", "rollout-bot demo ", id="a-command"),
        pytest.param("rollout-bot \t", "the audit record", id="what-commands-are-for"),
        pytest.param("rollout-bot lint --fail-on=cr\t", "--fail-on=critical ", id="a-value"),
        pytest.param("rollout-bot lint --output sa\t", "--output sarif ", id="a-value-apart"),
        pytest.param("rollout-bot lint dep\t", "lint deploy/", id="a-folder"),
        pytest.param("rollout-bot run --config my\t", "my\\ values.yaml ", id="a-file"),
        pytest.param("rollout-bot config ch\t", "config check ", id="below"),
        pytest.param(
            "rollout-bot config check my\t", "my\\ values.yaml ", id="a-file-of-one-below"
        ),
        pytest.param("rollout-bot completion zs\t", "completion zsh", id="a-choice"),
        pytest.param("rollout-bot ledger --\t", "2026-01-31T09:00Z, or a span", id="options"),
    ],
)
def test_zsh_completes_what_is_typed(zsh, typed, seen):
    zsh.types(typed)
    zsh.sees(seen)


def test_zsh_takes_it_also_when_it_is_sourced(folder):
    file = folder / "completion"
    file.write_text(script("zsh", PARSER))
    with closing(Terminal(f"{there('zsh')} -f -i", folder)) as opened:
        opened.does("autoload -Uz compinit; compinit -u -D")
        opened.does(f"source '{file}'")
        opened.types("rollout-bot dem\t")
        opened.sees("rollout-bot demo ")
