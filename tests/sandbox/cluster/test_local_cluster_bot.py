"""The bot's own room for Kubernetes, with the local cluster on the other side."""

from contextlib import aclosing

import pytest

from bot.cluster.connect import Connection
from bot.cluster.rollouts import KubernetesCluster
from bot.flows.ports import Listed, Observed
from bot.release.actions import Patch
from bot.release.errors import OutOfDate
from tests.clusterroom.acting import may
from tests.clusterroom.manifests import a_rollout


@pytest.fixture
async def bot(cluster, api, tmp_path, monkeypatch):
    """The bot's cluster, by a kubeconfig; there is a rollout that waits."""
    monkeypatch.setenv("KUBECONFIG", str(cluster.kubeconfig("admin", tmp_path / "kubeconfig")))
    manifest = a_rollout(step=1)
    await api.create(manifest, "shop")
    await api.patch("rollouts/status", "checkout", "shop", {"status": manifest["status"]})
    async with Connection() as connection:
        yield KubernetesCluster(connection, name="local")


async def test_the_bot_lists_and_follows(bot, api):
    async with aclosing(bot.watch()) as news:
        first, listed = [await anext(news) for _ in range(2)]
        await api.patch("rollouts/status", "checkout", "shop", {"status": {"phase": "Healthy"}})
        later = await anext(news)

    assert isinstance(first, Observed)
    assert isinstance(listed, Listed)
    assert (first.rollout.phase, later.rollout.phase) == ("Paused", "Healthy")


async def test_of_two_guarded_patches_one_is_too_late(bot):
    rollout = (await bot.get("shop", "checkout")).rollout
    test = {"op": "test", "path": "/status/currentStepIndex", "value": 1}
    step = {"op": "replace", "path": "/status/currentStepIndex", "value": 2}
    patch, proof = Patch(operations=(test, step), status=True), may(rollout.uid)

    await bot.apply(rollout, patch, proof)
    with pytest.raises(OutOfDate):
        await bot.apply(rollout, patch, proof)

    assert (await bot.get("shop", "checkout")).rollout.step == 2


async def test_the_bot_finds_its_own_name_among_the_writers(bot):
    rollout = (await bot.get("shop", "checkout")).rollout
    abort = {"op": "add", "path": "/status/abort", "value": True}
    await bot.apply(rollout, Patch(operations=(abort,), status=True), may(rollout.uid))

    ours = [one for one in await bot.writers(rollout) if one.manager == "rollout-bot"]

    assert [(one.subresource, one.fields) for one in ours] == [("status", {"status.abort"})]
