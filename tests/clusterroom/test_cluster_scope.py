"""Which namespaces and rollouts are followed, and what is said when they may not be."""

from contextlib import aclosing

from bot.cluster.rollouts import KubernetesCluster
from tests.clusterroom import faults
from tests.clusterroom.following import Follower, until
from tests.clusterroom.manifests import a_rollout


async def test_each_namespace_has_its_own_watches(server, connection, pace):
    """A bot with rights in two namespaces asks for nothing else."""
    for namespace in ("shop", "pay", "secret"):
        server.put("rollouts", a_rollout(namespace=namespace))
    cluster = KubernetesCluster(connection, namespaces=["shop", "pay"], pace=pace)

    async with aclosing(cluster.watch()) as stream:
        told = await Follower(stream).until_listed()

    assert sorted(one.rollout.namespace for one in told) == ["pay", "shop"]
    assert {asked.path for asked in server.requests("list", "services")} == {
        "/api/v1/namespaces/shop/services",
        "/api/v1/namespaces/pay/services",
    }


async def test_the_selector_is_for_rollouts_only(server, connection, pace):
    """Ingresses and Services need not carry the label."""
    cluster = KubernetesCluster(connection, selector="team in (a,b),tier!=x", pace=pace)
    async with aclosing(cluster.watch()) as stream:
        await Follower(stream).until_listed()
        await until(lambda: server.watching["rollouts"], "watching")

    asked = {(one.verb, one.kind): one.query.get("labelSelector") for one in server.asked}
    assert asked["list", "rollouts"] == asked["watch", "rollouts"] == "team in (a,b),tier!=x"
    assert asked["list", "ingresses"] is None
    assert asked["list", "replicasets"] == "rollouts-pod-template-hash"


async def test_a_namespace_that_is_named_twice_is_watched_once(server, connection, pace):
    """The same line twice in the settings."""
    cluster = KubernetesCluster(connection, namespaces=["shop", "shop"], pace=pace)
    async with aclosing(cluster.watch()) as stream:
        await Follower(stream).until_listed()

    assert server.count("list", "rollouts") == 1


async def test_a_namespace_that_may_not_be_read_does_not_hide_the_others(server, connection, pace):
    """And it is said by name."""
    server.put("rollouts", a_rollout(namespace="shop"))

    async def only_shop(request):
        is_pay = "/namespaces/pay/" in request.path
        return await faults.forbids("list", "rollouts")(request) if is_pay else None

    cluster = KubernetesCluster(connection, namespaces=["pay", "shop"], pace=pace)
    server.always("list", "rollouts", only_shop)
    async with aclosing(cluster.watch()) as stream:
        told = await Follower(stream).until_listed()

        assert [one.rollout.key for one in told] == ["shop/checkout"]
        assert any("list rollouts in pay" in sentence for sentence in cluster.missing_rights)


async def test_without_a_right_in_all_namespaces_that_is_said(server, cluster):
    """`namespaces: []` needs it; nothing else can tell where rollouts are."""
    server.always("list", "rollouts", faults.forbids("list", "rollouts"))
    async with aclosing(cluster.watch()) as stream:
        assert await Follower(stream).until_listed() == []

        (sentence,) = cluster.missing_rights
    assert sentence == (
        "My account may not list rollouts in all namespaces. "
        "An administrator must grant that right."
    )
