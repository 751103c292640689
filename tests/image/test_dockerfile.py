"""What the Dockerfile promises, read; that its steps work, `make test-image` shows."""

import re
import subprocess
import tomllib

import pytest

from bot.config.model import Health
from tests.image.dockerfile import FILE, ROOT, is_sent, stages

BUILD, IMAGE = stages(FILE.read_text())
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def test_both_stages_are_the_same_slim_python_which_the_requirements_were_pinned_for():
    """Else what was compiled in one would not run in the other."""
    assert BUILD.base == IMAGE.base
    version = re.fullmatch(r"python:(\d+\.\d+)-slim", BUILD.base)[1]
    assert PROJECT["requires-python"] == f">={version}"


def test_whatever_is_installed_is_checked_by_its_hash_or_was_built_here():
    for line in (one.rest for one in BUILD.all("RUN")):
        if re.search(r"\bpip\b.*\binstall\b", line):
            assert "--require-hashes" in line or "--no-index" in line, line
    assert not [one for one in IMAGE.all("RUN") if "pip" in one.rest]


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-build.txt"])
def test_every_requirement_is_pinned_with_hashes(name):
    lines = (ROOT / name).read_text().replace("\\\n", " ").splitlines()
    for line in (line for line in lines if line and not line.lstrip().startswith("#")):
        assert re.match(r"[a-z0-9.-]+(\[[a-z]+\])?==\S+( .*)? --hash=sha256:[0-9a-f]{64}", line), (
            line
        )


def test_it_runs_as_a_user_by_number_who_owns_the_state_and_nothing_else():
    """By number: Kubernetes can tell then that it is not root."""
    user = IMAGE.only("USER").rest
    number, _, group = user.partition(":")
    state = IMAGE.only("VOLUME").rest

    assert number == group
    assert int(number) > 1000
    assert IMAGE.pairs["ENV"]["ROLLOUT_BOT_STATE_DIR"] == state
    assert IMAGE.only("RUN").rest == f"install -d -o {number} -g {number} -m 0700 {state}"
    order = [one.word for one in IMAGE.instructions]
    assert "RUN" not in order[order.index("USER") :]


def test_what_is_started_needs_no_shell():
    for word in ("ENTRYPOINT", "CMD"):
        assert IMAGE.only(word).command
    *_, command = IMAGE.only("HEALTHCHECK").rest.partition(" CMD ")
    assert command.startswith("[")
    assert IMAGE.only("STOPSIGNAL").rest == "SIGTERM"


def test_health_is_asked_for_where_it_is_by_default():
    listen = Health().listen
    assert f"'{listen.host}', {listen.port}" in IMAGE.only("HEALTHCHECK").rest
    assert IMAGE.only("EXPOSE").rest == str(listen.port)


def test_the_labels_say_what_the_project_says():
    labels = {name.rpartition(".")[2]: value for name, value in IMAGE.pairs["LABEL"].items()}
    assert labels["title"] == PROJECT["name"]
    assert PROJECT["description"].startswith(labels["description"])
    assert labels["licenses"] == PROJECT["license"]
    assert (labels["version"], labels["revision"]) == ("${VERSION}", "${REVISION}")


def test_make_gives_the_version_that_stands_in_one_place():
    said = subprocess.run(
        ["make", "-n", "image"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert f"--build-arg VERSION={PROJECT['version']} " in said.stdout


def test_the_context_has_what_is_copied_and_nothing_else():
    """Neither tests nor history nor what lies about, such as a file with tokens."""
    patterns = (ROOT / ".dockerignore").read_text()
    copied = [word for one in BUILD.all("COPY") for word in one.words[:-1]]
    for path in copied:
        assert is_sent(f"{path}/__init__.py" if path == "bot" else path, patterns), path
    for path in (".env", ".git/HEAD", "tests/conftest.py", "docs/x.md", ".venv/bin/pip"):
        assert not is_sent(path, patterns), path
    assert not is_sent("bot/store/__pycache__/tables.cpython-311.pyc", patterns)
    wanted = {line.removeprefix("!") for line in patterns.splitlines() if line.startswith("!")}
    assert wanted == set(copied)
