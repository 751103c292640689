"""
One real cluster for all tests of this folder, and a namespace for each test.

The binaries are built before the first test starts, because that may take minutes and the time
limit is for tests.
"""

import os
import re
import secrets
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
from tests.cluster.bed.kube import Kube, has_phase
from tests.cluster.bed.seed import NEXT_IMAGE, SEED
from tests.cluster.bed.tools import HOME, ToolsMissingError, ensure_tools
from tests.cluster.bed.users import namespace_manifest
from tests.cluster.stage import stage

_HERE = Path(__file__).parent
_ERROR_LINES = 15
_RUN = pytest.StashKey["Run"]()
_NAMESPACE = pytest.StashKey[str]()


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
    """
    All tests here need the cluster, and the event loop on which it was started.

    They run only when they are asked for, by path or by `-m cluster`.
    """
    ours = [item for item in items if _is_ours(item)]
    for item in ours:
        item.add_marker(pytest.mark.cluster)
        if pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)
    if ours and not _are_asked_for(config):
        items[:] = [item for item in items if not _is_ours(item)]
        config.hook.pytest_deselected(items=ours)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Build the tools, if a test is about to need them; if they cannot be built, it will say so."""
    if not session.config.option.collectonly and any(map(_is_ours, session.items)):
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
async def bed(cluster_run: Run, _ended_in_order: None) -> AsyncIterator[Bed]:
    """The cluster."""
    async with Bed(logs=cluster_run.logs) as bed:
        cluster_run.phases = bed.phases
        yield bed


@pytest_asyncio.fixture(loop_scope="session")
async def kube(bed: Bed) -> AsyncIterator[Kube]:
    """The cluster's API as its administrator."""
    async with Kube(bed) as kube:
        yield kube


@pytest_asyncio.fixture(loop_scope="session")
async def namespace(bed: Bed, kube: Kube, request: pytest.FixtureRequest) -> AsyncIterator[str]:
    """A new namespace, named after the test; what the test has stopped runs again afterwards."""
    words = re.sub(r"[^a-z0-9]+", "-", request.node.name.lower().removeprefix("test_"))
    name = f"{words[:40].strip('-')}-{secrets.token_hex(2)}"
    request.node.stash[_NAMESPACE] = name
    await kube.create(namespace_manifest(name))
    yield name
    await bed.mend()
    await kube.delete("namespaces", name)


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


@pytest_asyncio.fixture(loop_scope="session")
async def scene(bed, kube, namespace, tmp_path):
    """People, channels and the cluster; the bot is started by the test."""
    async with stage(bed, kube, namespace, tmp_path) as one:
        yield one


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """With a failure, tell where the logs are and what the controller complained about."""
    report = yield
    if report.failed and _is_ours(item):
        run = item.config.stash[_RUN]
        run.failed = True
        report.sections.append(
            ("cluster", _what_logs_say(run.logs, item.stash.get(_NAMESPACE, "")))
        )
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
    paths = (config.invocation_params.dir / each.partition("::")[0] for each in config.args)
    return "cluster" in config.option.markexpr or any(
        path.resolve().is_relative_to(_HERE) for path in paths
    )


def _is_ours(item: pytest.Item) -> bool:
    return item.path.is_relative_to(_HERE)


def _what_logs_say(logs: Path, namespace: str) -> str:
    """Where the logs are, and the last complaints of the controller about this namespace."""
    lines = [f"logs of all components: {logs}"]
    controller = logs / "rollouts-controller.log"
    if namespace and controller.exists():
        with controller.open(errors="replace") as log:
            complaints = (line for line in log if namespace in line and "level=info" not in line)
            lines += [line.rstrip() for line in deque(complaints, _ERROR_LINES)]
    return "\n".join(lines)
