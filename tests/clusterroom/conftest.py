"""
The real `kubernetes.aio`, pointed at an API server in the test's own process by a kubeconfig.

The proxy variables name a port where nobody listens: every test here also proves that they are not
heeded for this machine. The watches' time is a clock that jumps: no backoff is waited for.
"""

from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest

from bot.cluster.connect import Connection
from bot.cluster.pace import Pace
from bot.cluster.rollouts import KubernetesCluster
from bot.release.rollout import Rollout
from tests.clusterroom.apiserver import ApiServer
from tests.clusterroom.following import Follower, JumpingClock, until
from tests.clusterroom.manifests import a_rollout, kubeconfig


@pytest.fixture
async def server() -> AsyncIterator[ApiServer]:
    async with ApiServer() as started:
        yield started


@pytest.fixture
def token(tmp_path: Path) -> Path:
    """The file with our token."""
    file = tmp_path / "token"
    file.write_text("first")
    return file


@pytest.fixture
def configured(
    server: ApiServer, token: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """The environment of a bot whose cluster is the server."""
    file = tmp_path / "kubeconfig"
    file.write_text(kubeconfig(server.url, str(token)))
    monkeypatch.setenv("KUBECONFIG", str(file))
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
        monkeypatch.setenv(name.lower(), "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    return file


@pytest.fixture
async def connection(configured: Path) -> AsyncIterator[Connection]:
    async with Connection() as opened:
        yield opened


@pytest.fixture
def clock() -> JumpingClock:
    return JumpingClock()


@pytest.fixture
def pace(clock: JumpingClock) -> Pace:
    """Full waiting times, on the clock that jumps; silence is real time."""
    return Pace(
        monotonic=clock, sleep=clock.sleep, uniform=lambda _, most: most, silence=5.0, opening=5.0
    )


@pytest.fixture
def cluster(connection: Connection, pace: Pace) -> KubernetesCluster:
    return KubernetesCluster(connection, name="test", pace=pace)


@pytest.fixture
async def follower(cluster: KubernetesCluster) -> AsyncIterator[Follower]:
    async with aclosing(cluster.watch()) as stream:
        yield Follower(stream)


@pytest.fixture
async def rollout(server: ApiServer, cluster: KubernetesCluster) -> Rollout:
    """The rollout shop/checkout, as the bot reads it."""
    server.put("rollouts", a_rollout(step=1))
    return (await cluster.get("shop", "checkout")).rollout


@pytest.fixture
async def settled(
    server: ApiServer, follower: Follower, cluster: KubernetesCluster
) -> KubernetesCluster:
    """A cluster with one rollout, listed and watched."""
    server.put("rollouts", a_rollout())
    await follower.until_listed()
    await until(lambda: server.watching["rollouts"], "watching")
    return cluster
