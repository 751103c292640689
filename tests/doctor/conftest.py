"""A healthy set-up for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.sandbox.cluster.server import LocalCluster
from bot.sandbox.slack import LocalSlack
from tests.doctor.clinic import Clinic


@pytest.fixture
async def clinic(tmp_path: Path) -> AsyncIterator[Clinic]:
    """All that a doctor looks at, in good health."""
    async with LocalSlack() as slack, LocalCluster() as cluster:
        yield Clinic(slack, cluster, tmp_path)
