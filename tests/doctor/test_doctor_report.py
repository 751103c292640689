"""How it is told: the table, colours, progress, and what takes too long."""

import io

import pytest

from bot.__main__ import main
from bot.doctor import examination
from bot.sandbox.cluster import kinds


class Terminal(io.StringIO):
    """A stream that somebody looks at."""

    def isatty(self):
        return True


async def test_a_fault_stands_out_and_says_below_how_to_mend_it(clinic):
    clinic.take_right("patch", "rollouts/status")
    answer = await clinic.sees(output="text")
    lines = answer.out.splitlines()
    at = next(n for n, line in enumerate(lines) if "MISSING" in line)

    assert "patch rollouts/status" in lines[at]
    mend = "\n".join(lines[at:])
    assert (
        "→ add to the rules of the account's ClusterRole (config/rbac.yaml has them all):" in mend
    )
    assert "- apiGroups: [argoproj.io]\n" in mend
    assert lines[-1].startswith("1 missing, ")


async def test_what_is_to_be_copied_is_not_broken(clinic):
    """A sentence has the width of the paper; a command that is longer stays one line."""
    clinic.cluster.store.kinds.pop(kinds.ROLLOUTS.key)

    lines = (await clinic.sees(output="text")).out.splitlines()

    (command,) = (line for line in lines if "kubectl apply" in line)
    assert command.endswith("install.yaml")
    assert len(command) > 100


async def test_in_health_the_last_line_says_so(clinic):
    answer = await clinic.sees(output="text")

    assert answer.out.splitlines()[-1].startswith("All is well: ")
    assert max(map(len, answer.out.splitlines())) <= 100
    assert (answer.err, "\x1b" in answer.out) == ("", False)


@pytest.mark.parametrize(
    ("environ", "colours"), [({}, True), ({"NO_COLOR": "1"}, False)], ids=["colours", "NO_COLOR"]
)
async def test_colours_are_for_terminals_that_want_them(clinic, environ, colours):
    clinic.environ.update(environ)
    clinic.streams = Terminal(), Terminal()

    answer = await clinic.sees(output="text")

    assert ("\x1b[" in answer.out) == colours
    assert "\x1b" not in answer.err


async def test_a_person_in_a_terminal_sees_what_is_being_looked_at(clinic):
    clinic.streams = io.StringIO(), Terminal()

    answer = await clinic.sees()

    looked = [line.partition(" …")[0] for line in answer.err.splitlines()]
    assert looked == ["I look at Slack", "I look at the cluster", "I look at the database"]
    assert answer.checks


async def test_what_is_not_answered_in_time_is_one_fault_and_the_rest_is_told(clinic, monkeypatch):
    monkeypatch.setattr(examination, "PATIENCE", 3.0)
    clinic.slack.fail_next("users.info", delay=60)

    answer = await clinic.sees()

    assert (answer.code, set(answer.missing)) == (1, {"Slack, all of it"})
    assert {"SLACK_BOT_TOKEN", "#releases", "API server"} <= set(answer.those("ok"))


def test_its_help_says_what_it_does_and_what_the_exit_codes_mean(capsys):
    with pytest.raises(SystemExit):
        main(["doctor", "--help"])
    said = " ".join(capsys.readouterr().out.split())

    assert "Nothing is changed, posted or opened." in said
    assert "Exit code 0: nothing is missing; 1: something is." in said
