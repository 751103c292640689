"""
One real cluster for all tests that want it, and what is said about it at the end.

Its binaries are built before the first test starts, because that may take minutes and the time
limit is for tests. Such tests carry the marker `cluster`; they run only when they are asked for, by
path or by marker.
"""

import gc
import os
import shutil
import signal
import time
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import pytest_asyncio

from tests.cluster.bed.cluster import Bed
from tests.cluster.bed.kube import has_phase
from tests.cluster.bed.seed import NEXT_IMAGE, SEED
from tests.cluster.bed.tools import HOME, ToolsMissingError, ensure_tools

_HERE = Path(__file__).parent
_PLACES = tuple(_HERE / name for name in ("cluster", "scenarios", "wire"))
_ERROR_LINES = 15
_RUN = pytest.StashKey["Run"]()
#: the namespace in the real cluster that a test works in
NAMESPACE = pytest.StashKey[str]()


class Run:
    """What is remembered from the first test to the summary."""

    def __init__(self) -> None:
        self.logs = HOME / "logs" / f"{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}"
        self.failed = False
        self.phases: dict[str, float] = {}


def pytest_configure(config: pytest.Config) -> None:
    """Give this run a folder for its logs."""
    config.stash[_RUN] = Run()


@pytest.hookimpl(tryfirst=True)  # before `-m` looks at the markers
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Let all tests beside a cluster share the loop on which it was started."""
    for item in items:
        if item.path.is_relative_to(_HERE / "cluster"):
            item.add_marker(pytest.mark.cluster)
        if pytest_asyncio.is_async_test(item) and _is_beside_a_cluster(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)
    unwanted = [] if _are_asked_for(config) else [item for item in items if _is_real(item)]
    if unwanted:
        items[:] = [item for item in items if not _is_real(item)]
        config.hook.pytest_deselected(items=unwanted)


def pytest_collection_finish(session: pytest.Session) -> None:
    """
    Build the tools, if a test is about to need them; if they cannot be built, it will say so.

    What lives as long as the run is not walked through at each collection of garbage.
    """
    gc.freeze()
    only_planned = session.config.option.collectonly or session.config.option.setupplan
    if not only_planned and any(map(_is_real, session.items)):
        capture = session.config.pluginmanager.getplugin("capturemanager")
        with capture.global_and_fixture_disabled(), suppress(ToolsMissingError):
            ensure_tools()


@pytest.fixture(scope="session")
def _ended_in_order() -> Iterator[None]:
    """A request to end is as good as Ctrl-C: the cluster is stopped and its files are removed."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.fixture(scope="session")
def cluster_run(pytestconfig: pytest.Config) -> Iterator[Run]:
    """This run's logs, which stay when a test has failed."""
    run = pytestconfig.stash[_RUN]
    yield run
    if not run.failed:
        shutil.rmtree(run.logs, ignore_errors=True)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def real_bed(cluster_run: Run, _ended_in_order: None) -> AsyncIterator[Bed]:
    """The real cluster."""
    async with Bed(logs=cluster_run.logs) as bed:
        cluster_run.phases = bed.phases
        yield bed


# `kube` and `namespace` come from the folder of the test: it says which cluster is meant.


@pytest.fixture
def see(kube, namespace):
    """Wait until the seed's object of this kind is as wanted."""

    async def look(kind, predicate, what, within=10):
        return await kube.wait_for(
            predicate, what, within, kind=kind, name="tomozo", namespace=namespace
        )

    return look


@pytest_asyncio.fixture(loop_scope="session")
async def seed(kube, namespace, see):
    """The seed's rollout, healthy."""
    await kube.apply_file(SEED, namespace)
    return await see("rollouts", has_phase("Healthy"), "healthy")


@pytest_asyncio.fixture(loop_scope="session")
async def paused(seed, kube, namespace, see):
    """The seed's rollout at its pause."""
    await kube.set_image(namespace, "tomozo", NEXT_IMAGE)
    return await see("rollouts", has_phase("Paused"), "paused")


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let an answer wait for its effect also where the machine has much else to do."""
    monkeypatch.setattr("bot.flows.operate._PATIENCE", 30.0)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """With a failure, tell where the logs are and what the controller complained about."""
    report = yield
    if report.failed and _is_real(item):
        run = item.config.stash[_RUN]
        run.failed = True
        said = _what_logs_say(run.logs, item.stash.get(NAMESPACE, ""))
        report.sections.append(("cluster", said))
    return report


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Tell how long the cluster took to start."""
    phases = config.stash[_RUN].phases
    if phases:
        parts = ", ".join(f"{name} {seconds:.1f}" for name, seconds in phases.items())
        terminalreporter.write_line(f"cluster started in {sum(phases.values()):.1f} s ({parts})")


def _are_asked_for(config: pytest.Config) -> bool:
    paths = [(config.invocation_params.dir / each.partition("::")[0]) for each in config.args]
    return "cluster" in config.option.markexpr or any(
        path.resolve().is_relative_to(place) for path in paths for place in _PLACES
    )


def _is_real(item: pytest.Item) -> bool:
    return item.get_closest_marker("cluster") is not None


def _is_beside_a_cluster(item: pytest.Item) -> bool:
    return any(item.path.is_relative_to(place) for place in _PLACES)


def _what_logs_say(logs: Path, namespace: str) -> str:
    """Where the logs are, and the last complaints of the controller about this namespace."""
    lines = [f"logs of all components: {logs}"]
    controller = logs / "rollouts-controller.log"
    if namespace and controller.exists():
        with controller.open(errors="replace") as log:
            complaints = (line for line in log if namespace in line and "level=info" not in line)
            lines += [line.rstrip() for line in deque(complaints, _ERROR_LINES)]
    return "\n".join(lines)
