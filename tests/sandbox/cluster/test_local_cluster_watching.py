import asyncio

import pytest

from bot.sandbox.cluster import watching
from bot.sandbox.cluster.kinds import ROLLOUTS
from tests.cluster.bed.waiting import holds_within
from tests.sandbox.cluster.manifests import rollout


async def test_a_watch_goes_on_from_the_version_of_a_list(cluster, api, watch):
    await api.create(rollout("a"), "shop")
    since = str(cluster.store.version)
    hears = await watch(resourceVersion=since)

    await api.create(rollout("b"), "shop")
    await api.patch("rollouts", "b", "shop", {"spec": {"replicas": 2}})
    await api.delete("rollouts", "b", "shop")

    events = [await hears.next() for _ in range(3)]
    assert [what for what, _ in events] == ["ADDED", "MODIFIED", "DELETED"]
    assert [thing["metadata"]["name"] for _, thing in events] == ["b"] * 3


@pytest.mark.parametrize("version", ["", "0"])
async def test_without_a_version_it_first_tells_what_there_is(api, watch, version):
    await api.create(rollout("a"), "shop")

    hears = await watch(resourceVersion=version, allowWatchBookmarks="true")

    assert (await hears.next())[0] == "ADDED"
    what, thing = await hears.next()
    assert what == "BOOKMARK"
    assert thing["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}


async def test_what_loses_its_label_is_told_as_deleted_as_it_was(cluster, api, watch):
    await api.create(rollout("a", app="web"), "shop")
    hears = await watch(resourceVersion=str(cluster.store.version), labelSelector="app=web")

    await api.patch("rollouts", "a", "shop", {"metadata": {"labels": {"app": "db"}}})
    await api.patch("rollouts", "a", "shop", {"metadata": {"labels": {"app": "web"}}})

    gone, back = await hears.next(), await hears.next()
    assert gone[0] == "DELETED"
    assert gone[1]["metadata"]["labels"] == {"app": "web"}
    assert back[0] == "ADDED"


async def test_a_version_that_is_forgotten_is_an_error_in_the_stream(cluster, watch):
    since = str(cluster.store.version)
    cluster.expire(ROLLOUTS)

    hears = await watch(resourceVersion=since)

    what, status = await hears.next()
    assert (hears.status, what, status["code"], status["reason"]) == (200, "ERROR", 410, "Expired")
    assert await hears.next() == ("", None)


async def test_a_watch_that_is_behind_when_versions_are_forgotten_is_told(cluster, watch):
    hears = await watch(resourceVersion=str(cluster.store.version))
    assert await holds_within(5, lambda: _is(cluster.watches["rollouts"] == 1))

    cluster.expire(ROLLOUTS)

    assert (await hears.next())[0] == "ERROR"


async def test_bookmarks_tell_how_far_a_quiet_watch_is(cluster, watch, monkeypatch):
    monkeypatch.setattr(watching, "BOOKMARKS", 0.05)
    hears = await watch(resourceVersion="1", allowWatchBookmarks="true")

    what, thing = await hears.next()

    assert what == "BOOKMARK"
    assert thing["metadata"]["resourceVersion"] == str(cluster.store.version)


async def test_a_watch_ends_at_its_time(watch):
    hears = await watch(resourceVersion="1", timeoutSeconds="1")

    async with asyncio.timeout(5):
        assert await hears.next() == ("", None)


async def test_open_watches_are_counted(cluster, api, watch):
    hears = await watch(resourceVersion="1", timeoutSeconds="1")
    assert await holds_within(5, lambda: _is(cluster.watches["rollouts"] == 1))

    await hears.next()

    assert await holds_within(5, lambda: _is(cluster.watches["rollouts"] == 0))


async def _is(condition: bool) -> bool:
    return condition
