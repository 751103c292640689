"""The table of faults, and the seed with which it is repeated."""

from dataclasses import asdict

import pytest

from tests.faults.tally import HEAD, NIGHTLY, SEED, Line, Tally

_TALLY = pytest.StashKey[Tally]()


def pytest_configure(config: pytest.Config) -> None:
    """Begin to count."""
    config.stash[_TALLY] = Tally()


def pytest_report_header() -> str:
    """Say with which seed this run can be repeated."""
    return f"faults: FAULT_SEED={SEED}{' NIGHTLY=1' if NIGHTLY else ''}"


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Let a worker hand over what it has counted."""
    if output := getattr(session.config, "workeroutput", None):
        output["faults"] = [asdict(line) for line in session.config.stash[_TALLY].lines.values()]


@pytest.hookimpl(optionalhook=True)  # where pytest-xdist shares the tests out
def pytest_testnodedown(node) -> None:
    """Take what a worker has counted."""
    for line in getattr(node, "workeroutput", {}).get("faults", ()):
        node.config.stash[_TALLY].add(Line(**line))


@pytest.fixture(scope="session")
def tally(pytestconfig: pytest.Config) -> Tally:
    """What faults have cost so far."""
    return pytestconfig.stash[_TALLY]


def pytest_terminal_summary(terminalreporter, config: pytest.Config) -> None:
    """Print the table."""
    lines = config.stash[_TALLY].lines
    if not lines:
        return
    terminalreporter.section(f"faults, FAULT_SEED={SEED}")
    terminalreporter.write_line(HEAD)
    for fault in sorted(lines, key=lambda name: (int("".join(filter(str.isdigit, name))), name)):
        terminalreporter.write_line(str(lines[fault]))
