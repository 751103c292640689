"""
What a follower is told, and when.

How a watch survives faults is in test_cluster_watch_faults.py.
"""

import asyncio
from contextlib import aclosing

import pytest

from bot.flows.ports import Gone, Listed, Observed
from tests.clusterroom import faults
from tests.clusterroom.following import Follower, until
from tests.clusterroom.manifests import (
    a_replica_set,
    a_rollout,
    a_service,
    an_ingress,
    managed,
)

NGINX = {"trafficRouting": {"nginx": {"stableIngress": "public"}}}


async def test_every_rollout_is_told_first_then_that_it_was_all_then_changes(server, follower):
    """Who follows can tell memory from news."""
    server.put("rollouts", a_rollout("one"))
    server.put("rollouts", a_rollout("two"))

    told = await follower.take(3)
    server.put("rollouts", a_rollout("two", step=2))
    changed = await follower.one()

    assert [told[0].rollout.name, told[1].rollout.name] == ["one", "two"]
    assert told[2] == Listed()
    assert (changed.rollout.name, changed.rollout.step) == ("two", 2)


async def test_a_rollout_comes_with_what_belongs_to_it_already_at_first(server, follower):
    """Without its Ingress it would look as if that did not exist."""
    rollout = server.put("rollouts", a_rollout())
    server.put("ingresses", an_ingress(note="ours"))
    server.put("ingresses", an_ingress("another"))
    server.put("ingresses", an_ingress(namespace="elsewhere"))
    server.put("services", a_service("checkout-canary"))
    server.put("services", a_service("checkout-stable"))
    server.put("replicasets", a_replica_set(rollout["metadata"]["uid"]))

    (told,) = await follower.until_listed()

    assert [ingress.annotations for ingress in told.ingresses] == [{"note": "ours"}]
    assert [service.name for service in told.services] == ["checkout-stable", "checkout-canary"]
    assert [replica_set.revision for replica_set in told.replica_sets] == ["new"]


async def test_nothing_is_told_before_every_kind_is_listed(server, cluster):
    """The list of Services takes its time."""
    server.put("rollouts", a_rollout())
    server.once("list", "services", faults.hangs)
    async with aclosing(cluster.watch()) as stream:
        first = asyncio.ensure_future(anext(stream))
        await until(lambda: cluster.known() and server.watching["ingresses"], "listed the others")

        assert not first.done()
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)


@pytest.mark.parametrize(
    ("kind", "manifest"),
    [
        pytest.param("ingresses", an_ingress(weight="20"), id="its Ingress"),
        pytest.param("services", a_service("checkout-canary", hash="new"), id="its Service"),
        pytest.param("services", a_service("ping"), id="its ping Service"),
        pytest.param("services", a_service("root"), id="its root Service"),
        pytest.param("ingresses", an_ingress("public"), id="its NGINX Ingress"),
        pytest.param(
            "ingresses", an_ingress("checkout-public-canary"), id="the one Argo made for NGINX"
        ),
    ],
)
async def test_a_rollout_is_told_when_something_it_names_changes(server, follower, kind, manifest):
    """Also when that did not exist before."""
    routing = {
        "alb": {"ingress": "checkout", "rootService": "root"},
        "nginx": {"stableIngress": "public"},
    }
    ping_pong = {"pingService": "ping", "pongService": "pong"}
    server.put("rollouts", a_rollout(canary={"trafficRouting": routing, "pingPong": ping_pong}))
    await follower.until_listed()

    server.put(kind, manifest)

    told = await follower.one()
    names = [thing.name for thing in (*told.ingresses, *told.services)]
    assert names == [manifest["metadata"]["name"]]


async def test_the_name_of_the_canary_ingress_is_cut_as_argo_cuts_it(server, follower):
    """Names have at most 253 characters, the suffix included."""
    stable = "s" * 250
    canary = ("checkout-" + stable)[:246] + "-canary"
    server.put(
        "rollouts", a_rollout(canary={"trafficRouting": {"nginx": {"stableIngress": stable}}})
    )
    server.put("ingresses", an_ingress(canary))

    (told,) = await follower.until_listed()

    assert [ingress.name for ingress in told.ingresses] == [canary]


async def test_a_rollout_is_told_when_its_pods_change(server, follower):
    """Only ReplicaSets that a Rollout owns count."""
    uid = server.put("rollouts", a_rollout())["metadata"]["uid"]
    server.put("replicasets", a_replica_set(uid))
    await follower.until_listed()

    server.put("replicasets", a_replica_set(uid, "other", kind="Experiment"))
    server.put("replicasets", a_replica_set(uid, available=0))

    told = await follower.one()
    assert [(one.revision, one.available) for one in told.replica_sets] == [("new", 0)]


async def test_a_rollout_that_names_another_ingress_hears_of_that_one(server, follower):
    """The index follows the manifest, in both directions."""
    server.put("rollouts", a_rollout())
    await follower.until_listed()
    server.put("rollouts", a_rollout(canary=NGINX))
    await follower.one()

    server.put("ingresses", an_ingress("checkout"))
    server.put("ingresses", an_ingress("public"))

    told = await follower.one()
    assert [ingress.name for ingress in told.ingresses] == ["public"]


async def test_what_changes_nothing_we_read_is_no_news(server, follower, cluster):
    """A new version and new times come with every write of a controller."""
    fields = {"f:metadata": {"f:annotations": {}}}
    ingress = an_ingress()
    server.put("rollouts", a_rollout())
    ingress["metadata"]["managedFields"] = [managed("alb", "2026-11-24T03:00:00Z", fields)]
    server.put("ingresses", ingress)
    await follower.until_listed()

    server.put("rollouts", {**a_rollout(), "status": {**a_rollout()["status"], "HPAReplicas": 7}})
    ingress["metadata"]["managedFields"] = [managed("alb", "2026-11-24T04:00:00Z", fields)]
    server.put("ingresses", {**ingress, "status": {"loadBalancer": {}}})
    server.put("rollouts", a_rollout("another"))

    assert (await follower.one()).rollout.name == "another"
    seen = cluster.seen("shop", "checkout")
    assert seen.ingresses[0].managed_fields[0]["time"] == "2026-11-24T04:00:00Z"


async def test_a_new_hand_on_an_ingress_is_news(server, follower):
    """Who wrote it is part of a finding."""
    ingress = an_ingress()
    server.put("rollouts", a_rollout())
    server.put("ingresses", ingress)
    await follower.until_listed()

    entry = managed("argocd-controller", "2026-11-24T03:00:00Z", {"f:spec": {}})
    ingress["metadata"]["managedFields"] = [entry]
    server.put("ingresses", ingress)

    told = await follower.one()
    assert told.ingresses[0].managed_fields[0]["manager"] == "argocd-controller"


async def test_five_changes_before_the_next_look_are_told_once(server, follower, cluster):
    """The newest state counts, not each on the way."""
    server.put("rollouts", a_rollout())
    server.put("rollouts", a_rollout("other"))
    await follower.until_listed()

    for step in range(1, 6):
        server.put("rollouts", a_rollout(step=step))
    server.put("rollouts", a_rollout("other", step=1))
    await until(lambda: cluster.seen("shop", "other").rollout.step == 1, "all arrived")

    told = await follower.take(2)
    assert [(one.rollout.name, one.rollout.step) for one in told] == [("checkout", 5), ("other", 1)]


async def test_deleted_and_made_again_is_told_as_two(server, follower, cluster):
    """The same name is another rollout: what was decided about the old one does not count."""
    old = server.put("rollouts", a_rollout(step=1))["metadata"]["uid"]
    await follower.until_listed()

    server.put("rollouts", a_rollout(step=2))
    server.delete("rollouts", "shop", "checkout")
    new = server.put("rollouts", a_rollout())["metadata"]["uid"]
    await until(lambda: cluster.seen("shop", "checkout").rollout.uid == new, "all arrived")

    gone, told = await follower.take(2)
    assert isinstance(gone, Gone)
    assert (gone.rollout.uid, gone.rollout.step) == (old, 2)
    assert isinstance(told, Observed)
    assert told.rollout.uid == new


async def test_what_is_known_can_be_asked_for_without_the_server(server, follower, cluster):
    """Also what does not exist."""
    server.put("rollouts", a_rollout())
    await follower.until_listed()
    asked = len(server.asked)

    assert [rollout.name for rollout in cluster.known()] == ["checkout"]
    assert cluster.seen("shop", "checkout").rollout.name == "checkout"
    assert cluster.seen("shop", "cart") is None
    assert len(server.asked) == asked


async def test_who_stops_following_ends_the_watches_and_may_come_back(server, cluster):
    """A new leader is told everything again, and what was deleted in between."""
    server.put("rollouts", a_rollout("stays"))
    server.put("rollouts", a_rollout("goes"))
    async with aclosing(cluster.watch()) as stream:
        await Follower(stream).until_listed()
    await until(lambda: not any(server.watching.values()), "watches ended")
    server.delete("rollouts", "shop", "goes")

    async with aclosing(cluster.watch()) as stream:
        told = await Follower(stream).take(3)

    assert [type(item) for item in told] == [Observed, Gone, Listed]
    assert [told[0].rollout.name, told[1].rollout.name] == ["stays", "goes"]


async def test_only_one_may_follow_at_a_time(follower, cluster):
    """Two would each get half of the news."""
    await follower.until_listed()
    with pytest.raises(RuntimeError, match="watched already"):
        await anext(cluster.watch())


async def test_a_bug_in_a_watch_is_not_hidden(server, follower, cluster, monkeypatch):
    """The follower must not go on half blind."""
    await follower.until_listed()
    watch = next(watch for watch in cluster.watches if watch.kind.plural == "ingresses")

    monkeypatch.setattr(watch._decoder, "event", None)
    server.put("ingresses", an_ingress())

    with pytest.raises(TypeError):
        await follower.one()


async def test_the_wire_is_asked_as_it_should_be(server, follower):
    """Bookmarks, an end on the server's side, our name, our token."""
    await follower.until_listed()
    await until(lambda: server.watching["rollouts"], "watching")
    (listed,), (watched,) = server.requests("list"), server.requests("watch")

    assert listed.query == {"limit": "250"}
    assert watched.query == {
        "watch": "true",
        "allowWatchBookmarks": "true",
        "resourceVersion": "100",
        "timeoutSeconds": "300",
    }
    assert watched.headers["Authorization"] == "Bearer first"
    assert watched.headers["User-Agent"] == "rollout-bot"


async def test_the_metrics_tell_how_long_nothing_was_heard(server, follower, cluster, clock):
    """And how much was."""
    await follower.until_listed()
    (watch,) = (one for one in cluster.watches if one.kind.plural == "rollouts")
    clock.now += 30
    server.put("rollouts", a_rollout())
    await follower.one()

    assert watch.last_heard == clock.now
    assert (watch.counters.lists, watch.counters.events) == (1, 1)
    assert str(watch) == "watch rollouts in all namespaces"


async def test_who_comes_second_is_told_everything_from_the_start_without_a_new_list(
    server, cluster
):
    """A replica that is elected begins to follow where another one only kept what is known."""
    server.put("rollouts", a_rollout("one"))
    server.put("rollouts", a_rollout("two"))
    async with cluster.mirrored():
        async with aclosing(cluster.watch()) as stream:
            assert len(await Follower(stream).until_listed()) == 2
        server.delete("rollouts", "shop", "one")
        server.put("rollouts", a_rollout("three"))
        await until(lambda: {r.name for r in cluster.known()} == {"two", "three"}, "known")
        async with aclosing(cluster.watch()) as stream:
            second = Follower(stream)
            assert {o.rollout.name for o in await second.until_listed()} == {"two", "three"}
            server.put("rollouts", a_rollout("two", step=3))
            assert (await second.one()).rollout.step == 3
        lists = [asked for asked in server.asked if asked.verb == "list"]
        assert len([asked for asked in lists if asked.kind == "rollouts"]) == 1
    assert cluster.seen("shop", "two").rollout.step == 3
