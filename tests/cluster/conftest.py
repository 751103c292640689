"""Tests of the bed itself: always the real cluster."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.cluster.bed.cluster import Bed
from tests.cluster.bed.kube import Kube
from tests.cluster.bed.namespaces import namespace_of
from tests.conftest import NAMESPACE


@pytest.fixture(scope="session")
def bed(real_bed: Bed) -> Bed:
    """The cluster."""
    return real_bed


@pytest_asyncio.fixture(loop_scope="session")
async def kube(bed: Bed) -> AsyncIterator[Kube]:
    """The cluster's API as its administrator."""
    async with Kube(bed) as kube:
        yield kube


@pytest_asyncio.fixture(loop_scope="session")
async def namespace(bed: Bed, kube: Kube, request: pytest.FixtureRequest) -> AsyncIterator[str]:
    """A new namespace, named after the test; what the test has stopped runs again afterwards."""
    async with namespace_of(kube, request.node.name) as name:
        request.node.stash[NAMESPACE] = name
        yield name
        await bed.mend()
