"""
Scenarios, on the local cluster and on the real one.

Each test that asks for a cluster runs on both, from the same code; one marked `real_only` needs
what only the real one has. What happened to the objects is recorded. When a test has run on both,
the recordings are compared: a difference fails it. With ROLLOUT_BOT_TEST_STORE=postgres the bot
keeps its record in a PostgreSQL that is started for it.
"""

import json
import os
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.cluster.bed.kube import Kube
from tests.cluster.bed.namespaces import namespace_of
from tests.conftest import NAMESPACE
from tests.postgres import postgres
from tests.scenarios.local import LocalBed, LocalKube
from tests.scenarios.operator import Operator
from tests.scenarios.record import Stories, differences, recording
from tests.scenarios.stage import stage

__all__ = ["postgres"]

LOCAL, REAL = "local", "real"
_RECORDED = pytest.StashKey[dict[str, Stories]]()
#: how many transitions, and how many stories differ
_COMPARED = pytest.StashKey[dict[str, tuple[int, int]]]()


def pytest_configure(config: pytest.Config) -> None:
    """Make room for recordings."""
    config.stash[_RECORDED], config.stash[_COMPARED] = {}, {}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Let each scenario run on both clusters, the local one first."""
    if "where" not in metafunc.fixturenames:
        return
    real = pytest.param(REAL, marks=pytest.mark.cluster)
    only = metafunc.definition.get_closest_marker("real_only")
    metafunc.parametrize("where", [real] if only else [LOCAL, real], scope="session")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def local_bed() -> AsyncIterator[LocalBed]:
    """The local cluster."""
    async with LocalBed() as bed:
        yield bed


@pytest.fixture(scope="session")
def bed(where: str, request: pytest.FixtureRequest):
    """The cluster."""
    return request.getfixturevalue(f"{where}_bed")


@pytest_asyncio.fixture(loop_scope="session")
async def kube(bed) -> AsyncIterator[Kube]:
    """The cluster's API as its administrator."""
    make = LocalKube if isinstance(bed, LocalBed) else Kube
    async with make(bed) as kube:
        yield kube


@pytest_asyncio.fixture(loop_scope="session")
async def namespace(bed, kube, request: pytest.FixtureRequest) -> AsyncIterator[str]:
    """A new namespace, whose story is recorded when both clusters are asked for."""
    async with namespace_of(kube, request.node.name.replace("[", "-")) as name:
        request.node.stash[NAMESPACE] = name
        is_compared = request.node.get_closest_marker("real_only") is None
        if not (is_compared and request.session.config.stash[_BOTH]):
            yield name
            await bed.mend()
            return
        async with recording(kube, name) as recorder:
            yield name
            await bed.mend()
            await recorder.quiet()
        _compare(request, recorder.stories())


_BOTH = pytest.StashKey[bool]()


def pytest_collection_finish(session: pytest.Session) -> None:
    """Record only when there will be something to compare with."""
    session.config.stash[_BOTH] = any(
        item.get_closest_marker("cluster") and "scenarios" in item.path.parts
        for item in session.items
    )


def _compare(request: pytest.FixtureRequest, stories: Stories) -> None:
    """Keep the local story; hold the real one against it."""
    where = request.getfixturevalue("where")
    test = request.node.nodeid.replace(f"[{where}", "[")
    recorded, compared = request.config.stash[_RECORDED], request.config.stash[_COMPARED]
    if where == LOCAL:
        recorded[test] = json.loads(json.dumps(stories))
        return
    if test not in recorded:
        return
    found = differences(recorded[test], json.loads(json.dumps(stories)))
    compared[test] = (sum(map(len, stories.values())), len(found))
    assert not found, "the local cluster tells another story:\n" + "\n".join(found)


def pytest_terminal_summary(terminalreporter, config: pytest.Config) -> None:
    """List what was compared."""
    compared = config.stash[_COMPARED]
    if not compared:
        return
    terminalreporter.section("the local cluster beside the real one")
    for test, (transitions, wrong) in sorted(compared.items()):
        remark = f"  {wrong} DIFFER" if wrong else ""
        terminalreporter.write_line(f"{transitions:5d} transitions  {test}{remark}")
    total, wrong = (sum(column) for column in zip(*compared.values(), strict=True))
    terminalreporter.write_line(
        f"{len(compared)} scenarios, {total} transitions compared, {wrong} differences"
    )


@pytest_asyncio.fixture(loop_scope="session")
async def operator(kube, namespace) -> Operator:
    """Somebody with kubectl."""
    return Operator(kube, namespace)


@pytest_asyncio.fixture(loop_scope="session")
async def scene(bed, kube, namespace, tmp_path, request: pytest.FixtureRequest):
    """People, channels and the cluster; the bot is started by the test."""
    async with stage(bed, kube, namespace, tmp_path) as one:
        if os.environ.get("ROLLOUT_BOT_TEST_STORE") == "postgres":
            one.database_url = request.getfixturevalue("postgres").new_database()
        yield one
