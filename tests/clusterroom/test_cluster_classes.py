"""Everything that is known is handed out for an inspection; the classes are read now and then."""

from contextlib import aclosing

import pytest

from bot.cluster.rollouts import KubernetesCluster
from tests.clusterroom import faults
from tests.clusterroom.following import Follower
from tests.clusterroom.manifests import a_class, a_rollout, a_service, an_ingress, class_params


@pytest.fixture
def filled(server):
    """One rollout with its Ingress and a Service; an Ingress that no rollout names; a class."""
    server.put("rollouts", a_rollout())
    for name in ("checkout", "unnamed"):
        server.put("ingresses", an_ingress(name))
    server.put("services", a_service())
    server.put("ingressclasses", a_class())
    server.put("ingressclassparams", class_params())
    return server


async def test_it_has_everything_that_exists(filled, follower, cluster):
    await follower.until_listed()

    inventory = await cluster.inventory()

    assert [one.name for one in inventory.rollouts] == ["checkout"]
    assert sorted(one.name for one in inventory.ingresses) == ["checkout", "unnamed"]
    assert [one.name for one in inventory.services] == ["checkout-stable"]
    assert [(one.name, one.controller) for one in inventory.classes] == [
        ("alb", "ingress.k8s.aws/alb")
    ]
    assert [one.group for one in inventory.params] == ["shared"]
    assert inventory.is_whole


async def test_what_has_not_changed_is_the_same_object(filled, follower, cluster, clock):
    """An inspector looks again only at what is another one."""
    await follower.until_listed()
    before = await cluster.inventory()
    clock.now += 601

    after = await cluster.inventory()

    assert filled.count("list", "ingressclasses") == 2
    for one, other in (
        (before.ingresses, after.ingresses),
        (before.classes, after.classes),
        (before.params, after.params),
    ):
        assert all(a is b for a, b in zip(one, other, strict=True))


async def test_the_classes_are_not_asked_for_each_time(filled, follower, cluster):
    await follower.until_listed()
    for _ in range(5):
        await cluster.inventory()

    assert filled.count("list", "ingressclasses") == 1


@pytest.mark.parametrize(
    ("kind", "answer", "params", "is_whole"),
    [
        pytest.param("ingressclasses", faults.forbids, 0, False, id="no-right-to-classes"),
        pytest.param("ingressclassparams", faults.forbids, 0, False, id="no-right-to-parameters"),
        pytest.param("ingressclassparams", None, 0, True, id="no-such-kind"),
        pytest.param("ingressclasses", None, 0, False, id="no-classes-at-all"),
    ],
)
async def test_without_them_it_is_told_that_something_may_be_missing(
    filled, follower, cluster, kind, answer, params, is_whole
):
    fault = answer("list", kind) if answer else faults.says(404)
    filled.always("list", kind, fault)
    await follower.until_listed()

    inventory = await cluster.inventory()

    assert len(inventory.params) == params
    assert len(inventory.ingresses) == 2
    assert inventory.is_whole is is_whole


@pytest.mark.parametrize("kind", ["ingressclasses", "ingressclassparams"])
async def test_one_that_cannot_be_read_may_be_any(filled, follower, cluster, kind):
    filled.put(kind, {"metadata": {"name": "odd", "annotations": 7}})
    await follower.until_listed()

    inventory = await cluster.inventory()

    assert [one.name for one in inventory.classes] == ["alb"]
    assert not inventory.is_whole


async def test_a_server_that_does_not_answer_leaves_what_was_known(
    filled, follower, cluster, clock
):
    await follower.until_listed()
    await cluster.inventory()
    filled.always("list", "ingressclasses", faults.says(500))
    clock.now += 601

    inventory = await cluster.inventory()

    assert [one.name for one in inventory.classes] == ["alb"]
    assert inventory.is_whole


@pytest.mark.parametrize(
    "limits",
    [
        pytest.param({"selector": "team=a"}, id="rollouts-by-label"),
        pytest.param({"namespaces": ["shop"]}, id="some-namespaces"),
    ],
)
async def test_what_is_not_watched_may_exist_all_the_same(filled, connection, pace, limits):
    """An Ingress may name a rollout that is left out; a group may have members elsewhere."""
    cluster = KubernetesCluster(connection, **limits, pace=pace)
    async with aclosing(cluster.watch()) as stream:
        await Follower(stream).until_listed()
        assert not (await cluster.inventory()).is_whole
