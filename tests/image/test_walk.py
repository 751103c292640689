"""A newcomer does what the README says, in a clean checkout, with the sandbox in place of Slack."""

import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from bot.sandbox.play import cast
from tests.docs.pages import Fence
from tests.image.dockerfile import ROOT
from tests.image.sandbox import PATIENCE
from tests.image.walk import Command, Shell, section, steps

PAGE = (ROOT / "README.md").read_text()
STEPS = list(steps(section(PAGE, "### From nothing to a first card")))
_THEIRS = ("PYTHON", "VIRTUAL_ENV", "ROLLOUT_BOT", "SLACK", "COVERAGE", "PYTEST")


def test_the_page_tells_what_to_type_and_to_save():
    """Else the walk would be none."""
    typed = [one.line for one in STEPS if isinstance(one, Command)]
    saved = [one.language for one in STEPS if isinstance(one, Fence)]
    for word in ("pip install", "config check", "export SLACK_BOT_TOKEN", "doctor", "run"):
        assert any(word in line for line in typed), word
    assert saved == ["yaml"]
    assert typed[-1].startswith("rollout-bot run ")


@pytest.fixture
def checkout(tmp_path):
    """What somebody has who has cloned the repository, and nothing else."""
    folder = tmp_path / "rollout-bot"
    clone = ["git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(folder)]
    subprocess.run(clone, check=True, capture_output=True)
    return folder


@pytest.fixture
async def shell(checkout, tmp_path, sandbox):
    """A shell there, of somebody whose home is empty."""
    home = tmp_path / "home"
    home.mkdir()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_THEIRS)}
    opened = await Shell.start(
        checkout,
        kept
        | {
            "PATH": f"{Path(sys._base_executable).parent}:/usr/bin:/bin",
            "HOME": str(home),
            "KUBECONFIG": str(sandbox.bed.kubeconfig("rollout-bot")),
            "SLACK_API_URL": sandbox.slack.api_url,
        },
    )
    yield opened
    await opened.close()


@pytest.mark.image
@pytest.mark.timeout(300)
async def test_whoever_follows_it_sees_what_it_says_and_then_a_card(shell, sandbox, checkout):
    slack = sandbox.slack
    until = partial(slack.until, timeout=PATIENCE)
    await sandbox.deploy(cast.CHECKOUT)
    for step in STEPS[:-1]:
        if isinstance(step, Fence):
            (checkout / "rollout-bot.yaml").write_text(step.text)
            continue
        line = step.line.replace("xoxb-…", slack.bot_token)
        code, said = await shell.does(line.replace("xapp-…", slack.app_token))
        assert code == 0, f"{step.line}\n{said}"
        assert step.is_seen_in(said), f"{step.line}\n{said}"

    await shell.begins(STEPS[-1])
    await slack.connected()
    ann, channel = slack.person(cast.ANN), slack.channel(cast.RELEASES)
    await ann.types("/rollout list", channel=cast.RELEASES)
    await until(lambda: any("shop/checkout" in answer.plain for answer in ann.ephemerals))
    sandbox.release(cast.CHECKOUT)
    card = await until(lambda: channel.find("Waiting for you"))
    await ann.presses(card, "rollout:promote")
    await until(lambda: channel.find("Done"))

    assert await shell.ends(signal.SIGINT) == 0
