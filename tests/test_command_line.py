"""The command line as somebody types it: what it prints, where, and with which exit code."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.__main__ import _check, _parser
from bot.release.ledger import DONE, By, Entry
from bot.store import Database, SqlLedger, only_one

CONFIG = Path(__file__).parent.parent / "config"
OWN, OTHER = str(CONFIG / "minimal.yaml"), str(CONFIG / "rollout-bot.yaml")
BROKEN = """\
slack:
  mod: socket
channels:
  - channel: releases!
    digest: {cron: "0 9 * * mon-fri", timezone: Asia/Tokio}
drift: {every: 60}
access:
  - allow: [promot]
    users: [U0ANN]
"""


def rollout_bot(*arguments, **environ):
    """Run it with no environment but what is given."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        capture_output=True,
        text=True,
        env=kept | environ,
        timeout=60,
        check=False,
    )


def test_the_version_is_one_line():
    ran = rollout_bot("--version")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.startswith("rollout-bot 0.")


def test_help_names_every_command():
    ran = rollout_bot("--help")
    assert ran.returncode == 0
    for command in ("run", "rules", "lint", "doctor", "status", "ledger", "config"):
        assert command in ran.stdout


@pytest.mark.parametrize("name", ["rollout-bot.yaml", "minimal.yaml"])
def test_the_examples_are_valid(name):
    ran = rollout_bot("config", "check", str(CONFIG / name))
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.endswith("ok\n")


@pytest.mark.parametrize(
    ("arguments", "environ", "checked"),
    [
        pytest.param([], {"ROLLOUT_BOT_CONFIG": OWN}, [OWN], id="of-the-environment"),
        pytest.param(["--config", OWN], {}, [OWN], id="of-the-option"),
        pytest.param([OTHER, "--config", OWN], {}, [OTHER, OWN], id="besides-others"),
        pytest.param([OTHER], {"ROLLOUT_BOT_CONFIG": OWN}, [OTHER], id="others-only"),
    ],
)
async def test_the_configuration_of_the_bot_itself_is_checked(capsys, arguments, environ, checked):
    args = _parser().parse_args(["config", "check", *arguments])

    assert await _check(args, environ) == 0
    assert capsys.readouterr().out.splitlines() == [f"{name}: ok" for name in checked]


def test_no_option_is_accepted_and_not_heeded(capsys):
    """The ledger is the database's: no configuration names one."""
    with pytest.raises(SystemExit):
        _parser().parse_args(["ledger", "--config", OWN])

    assert "--config" in capsys.readouterr().err


def test_every_fault_is_told_at_once_with_file_line_and_field(tmp_path):
    file = tmp_path / "broken.yaml"
    file.write_text(BROKEN)

    ran = rollout_bot("config", "check", str(file))

    assert ran.returncode == 2
    assert ran.stdout == ""
    told = ran.stderr.splitlines()
    where = [(2, "slack.mod"), (4, "channels[0].channel"), (6, "drift.every")]
    for line, field in where:
        assert any(one.startswith(f"{file}:{line}: ") and field in one for one in told), told
    assert "mode" in ran.stderr
    assert "Asia/Tokyo" in ran.stderr
    assert "promote" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_run_without_tokens_names_each_variable(tmp_path):
    ran = rollout_bot("run", "--config", str(CONFIG / "minimal.yaml"))
    assert ran.returncode == 2
    assert "SLACK_BOT_TOKEN" in ran.stderr
    assert "SLACK_APP_TOKEN" in ran.stderr


def test_run_without_a_configuration_says_how_to_name_one():
    ran = rollout_bot("run")
    assert ran.returncode == 2
    assert "ROLLOUT_BOT_CONFIG" in ran.stderr


async def test_the_ledger_is_printed_in_three_ways(tmp_path):
    url = f"sqlite:///{tmp_path / 'bot.sqlite3'}"
    database = await Database.open(url)
    entry = Entry(
        id="e1",
        at=datetime.now(UTC),
        actor=By(kind="slack", id="U0ANN", name="ann"),
        verb="promote",
        namespace="shop",
        name="api",
        outcome=DONE,
    )
    await SqlLedger(database).write(entry)
    await database.close()

    text, lines, table = (
        rollout_bot("ledger", "--output", shape, ROLLOUT_BOT_DATABASE_URL=url).stdout
        for shape in ("text", "json", "csv")
    )

    assert "ann" in text
    assert "shop/api" in text
    assert json.loads(lines)["actor"] == {"kind": "slack", "id": "U0ANN", "name": "ann"}
    assert table.splitlines()[0].startswith("id,at,actor_kind")


def test_a_moment_that_is_none_is_explained():
    ran = rollout_bot("ledger", "--since", "yesterday")
    assert ran.returncode == 2
    assert "36h" in ran.stderr


def test_status_without_a_cluster_says_where_it_looked(tmp_path):
    ran = rollout_bot("status", KUBECONFIG=str(tmp_path / "none"))
    assert ran.returncode == 3
    assert str(tmp_path / "none") in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_second_bot_on_the_same_file_is_refused_before_it_says_anything(tmp_path):
    config, file = tmp_path / "bot.yaml", tmp_path / "rollout-bot.sqlite3"
    config.write_text("health: {listen: '127.0.0.1:0'}")
    with only_one(f"sqlite:///{file}"):
        ran = rollout_bot(
            "run",
            ROLLOUT_BOT_CONFIG=str(config),
            ROLLOUT_BOT_STATE_DIR=str(tmp_path),
            SLACK_BOT_TOKEN="xoxb-1",
            SLACK_APP_TOKEN="xapp-1",
            SLACK_API_URL="http://127.0.0.1:9/api/",
        )
    assert (ran.returncode, ran.stdout) == (2, "")
    assert f"database: Another bot uses {file} already" in ran.stderr
    assert "Traceback" not in ran.stderr
