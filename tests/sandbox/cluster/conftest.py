"""A local cluster for each test, and its administrator."""

import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from bot.sandbox.cluster.server import LocalCluster
from tests.cluster.bed.api import Api
from tests.cluster.bed.users import namespace_manifest


@pytest.fixture
async def cluster() -> AsyncIterator[LocalCluster]:
    async with LocalCluster() as started:
        yield started


@pytest.fixture
async def api(cluster: LocalCluster) -> AsyncIterator[Api]:
    """The administrator; there is a namespace `shop`."""
    async with Api(cluster.url, None, cluster.people.token("admin")) as api:
        await api.create(namespace_manifest("shop"))
        yield api


class Watch:
    """One watch: its lines, as they come."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self.status = answer.status
        self._answer = answer

    async def next(self) -> tuple[str, Any]:
        """Type and object of the next line; at the end: empty and None."""
        line = await self._answer.content.readline()
        if not line:
            return "", None
        event = json.loads(line)
        return event["type"], event["object"]


@pytest.fixture
async def watch(cluster: LocalCluster):
    """Open a watch of rollouts, or of what *path* names."""
    headers = {"Authorization": f"Bearer {cluster.people.token('admin')}"}
    answers = []
    async with aiohttp.ClientSession(cluster.url, headers=headers) as session:

        async def open_(path="/apis/argoproj.io/v1alpha1/namespaces/shop/rollouts", **query):
            answers.append(await session.get(path, params={"watch": "true", **query}))
            return Watch(answers[-1])

        yield open_
        for answer in answers:
            answer.close()
