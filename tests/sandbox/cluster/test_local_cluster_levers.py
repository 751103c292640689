"""What a sandbox can do to its cluster: cut it off, mend it, fail."""

import asyncio

import aiohttp
import pytest
from aiohttp import web

from bot.sandbox.cluster.kinds import ROLLOUTS
from bot.sandbox.cluster.managed import Writer
from bot.sandbox.cluster.server import LocalCluster
from tests.sandbox.cluster.manifests import rollout


async def test_a_cluster_that_is_cut_off_breaks_its_watches_and_answers_nobody(cluster, api, watch):
    hears = await watch(resourceVersion="1")
    url = cluster.url
    await cluster.cut()

    with pytest.raises(aiohttp.ClientError):
        await hears.next()
    with pytest.raises(aiohttp.ClientConnectionError):
        await api.list("rollouts")
    assert cluster.url == url


async def test_when_it_is_mended_everything_is_there_at_the_same_address(cluster, api):
    made = await api.create(rollout(), "shop")
    await cluster.cut()
    await cluster.mend()

    assert await api.get("rollouts", "web", "shop") == made


async def test_it_can_fail_as_often_as_it_is_told(cluster, api):
    async def busy(_):
        return web.json_response({"message": "busy"}, status=429)

    cluster.faults.append(busy)

    with pytest.raises(Exception, match="429: busy"):
        await api.list("rollouts")
    assert await api.list("rollouts") == []


async def test_a_taken_port_is_said_at_the_start(cluster):
    with pytest.raises(OSError):  # noqa: PT011 - which one depends on the system
        await LocalCluster(port=cluster.port).start()


async def test_ten_watches_of_two_thousand_rollouts_all_hear_everything(cluster, api, watch):
    for number in range(2_000):
        await asyncio.sleep(0)
        manifest = rollout(f"web-{number}")
        manifest["metadata"]["namespace"] = "shop"
        cluster.store.create(ROLLOUTS, manifest, Writer(manager="test"))
    since = str(cluster.store.version)
    watches = [await watch(resourceVersion=since) for _ in range(10)]

    for number in range(100):
        await api.patch("rollouts", f"web-{number}", "shop", {"spec": {"replicas": 5}})

    for hears in watches:
        names = [(await hears.next())[1]["metadata"]["name"] for _ in range(100)]
        assert names == [f"web-{number}" for number in range(100)]
