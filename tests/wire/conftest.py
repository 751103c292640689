"""
Two API servers without anybody who writes besides the test.

The real one has no controllers, and the local one does not clear up: what they would do is not the
wire's, and comes at times of its own.
"""

from collections.abc import AsyncIterator

import pytest_asyncio

from bot.sandbox.cluster.server import LocalCluster
from tests.cluster.bed.cluster import Bed
from tests.conftest import Run
from tests.wire.runner import Runner, asking


class QuietBed(Bed):
    """A real API server, alone."""

    async def _start_controllers(self) -> None:
        """Start none."""


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def quiet_bed(cluster_run: Run, _ended_in_order: None) -> AsyncIterator[QuietBed]:
    async with QuietBed(logs=cluster_run.logs / "quiet") as bed:
        yield bed


@pytest_asyncio.fixture(loop_scope="session")
async def real(quiet_bed: QuietBed) -> AsyncIterator[Runner]:
    """The real API server, asked as its administrator."""
    async with asking(quiet_bed.api_url, quiet_bed.token("admin"), quiet_bed.ca_file) as runner:
        yield runner


@pytest_asyncio.fixture(loop_scope="session")
async def local() -> AsyncIterator[Runner]:
    """The local one."""
    async with LocalCluster(keeps_house=False) as cluster:
        token = cluster.people.token("admin")
        async with asking(cluster.url, token, None) as runner:
            yield runner
