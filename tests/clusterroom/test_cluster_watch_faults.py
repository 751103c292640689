"""
How a watch survives what can happen to it: nothing is lost, nothing is told twice, no hot loops.

F3 to F6 of docs/reliability.md, without the processes.
"""

from contextlib import aclosing
from datetime import UTC, datetime

import pytest

from bot.cluster.connect import Connection
from bot.cluster.pace import Pace
from bot.cluster.rollouts import KubernetesCluster
from tests.clusterroom import faults
from tests.clusterroom.following import Follower, a_line, break_off, until, watch_of
from tests.clusterroom.manifests import a_rollout, an_ingress


async def test_half_a_line_is_no_event(server, settled, follower):
    """The line is cut within an event: it is heard of again, whole, from where we were."""
    whole = a_line(a_rollout(step=1), version=150)
    half = a_line(a_rollout(step=9), version=160)[:-200]
    server.once("watch", "rollouts", faults.streams(whole, half, then="cut"))
    await break_off(server)

    assert (await follower.one()).rollout.step == 1
    await until(lambda: server.watching["rollouts"], "watching again")
    assert server.requests("watch")[-1].query["resourceVersion"] == "150"
    assert settled.seen("shop", "checkout").rollout.step == 1


async def test_a_line_in_many_pieces_is_one_event(server, settled, follower):
    """Wherever the network cuts it."""
    line = a_line(a_rollout(step=1)) + a_line(a_rollout(step=2), version=5001)
    pieces = [line[at : at + 7] for at in range(0, len(line), 7)]
    server.once("watch", "rollouts", faults.streams(*pieces, then="silent"))
    await break_off(server)

    await until(lambda: settled.seen("shop", "checkout").rollout.step == 2, "both arrived")
    assert watch_of(settled).counters.garbled == 0


async def test_an_object_of_one_and_a_half_megabytes_is_read(server, settled, follower):
    """Etcd's limit; aiohttp's own `readline` gives up long before."""
    large = a_rollout(step=1, metadata={"annotations": {"note": "x" * 1_500_000}})
    server.put("rollouts", large)
    server.put("rollouts", a_rollout("after"))

    first, second = await follower.take(2)
    assert (first.rollout.step, second.rollout.name) == (1, "after")


async def test_a_silent_line_is_found_and_left(server, configured, clock):
    """Half-open: the socket is there, nothing comes. We go on from where we were, at once."""
    pace = Pace(
        monotonic=clock, sleep=clock.sleep, uniform=lambda _, most: most, silence=0.1, opening=5
    )
    server.put("rollouts", a_rollout())
    server.once(
        "watch", "rollouts", faults.streams(a_line(a_rollout(step=1), version=150), then="silent")
    )
    async with Connection() as connection:
        cluster = KubernetesCluster(connection, pace=pace)
        async with aclosing(cluster.watch()) as stream:
            await Follower(stream).until_listed()
            await until(lambda: server.count("watch") > 1, "connected again")

            watch = watch_of(cluster)
            assert server.requests("watch")[1].query["resourceVersion"] == "150"
            assert (watch.counters.silences, watch.counters.failures) == (1, 0)
            assert watch.counters.lists == 1
            assert cluster.unreachable_since is None


async def test_a_server_that_takes_the_call_and_says_nothing_is_given_up(server, configured, clock):
    """No answer to the watch itself: that is a failure."""
    pace = Pace(monotonic=clock, sleep=clock.sleep, silence=5, opening=0.1)
    server.once("watch", "rollouts", faults.hangs)
    async with Connection() as connection:
        cluster = KubernetesCluster(connection, pace=pace)
        async with aclosing(cluster.watch()) as stream:
            await Follower(stream).until_listed()
            await until(lambda: server.watching["rollouts"], "connected again")
            assert watch_of(cluster).counters.failures == 1


async def test_a_bookmark_moves_the_version_and_is_no_news(server, settled, follower):
    """After a quiet night we need not list again."""
    version = server.bookmark("rollouts")
    await until(lambda: watch_of(settled).counters.bookmarks, "bookmark")
    await break_off(server)
    await until(lambda: server.watching["rollouts"], "watching again")

    assert server.requests("watch")[-1].query["resourceVersion"] == version
    assert watch_of(settled).counters.lists == 1


async def test_a_kind_we_may_not_read_is_said_and_the_others_go_on(server, cluster):
    """403 on Ingresses: half blind, and aware of it; when the right is given, we see."""
    server.put("rollouts", a_rollout())
    server.put("ingresses", an_ingress())
    server.always("list", "ingresses", faults.forbids("list", "ingresses"))
    async with aclosing(cluster.watch()) as stream:
        follower = Follower(stream)
        (told,) = await follower.until_listed()

        assert told.ingresses == ()
        assert cluster.missing_rights == (
            (
                "My account may not list ingresses in all namespaces. "
                "An administrator must grant that right."
            ),
        )
        server.always("list", "ingresses", None)
        assert [ingress.name for ingress in (await follower.one()).ingresses] == ["checkout"]
        assert cluster.missing_rights == ()
        assert cluster.unreachable_since is None


async def test_a_right_that_stays_away_is_asked_for_ever_more_rarely(server, cluster, clock):
    """No hot loop (34 requests in 1.5 s with the library's own)."""
    server.always("list", "services", faults.forbids("list", "services"))
    async with aclosing(cluster.watch()) as stream:
        await Follower(stream).until_listed()
        await until(lambda: server.count("list", "services") >= 10, "ten tries")

    assert clock.slept[:6] == [1.0, 2.0, 4.0, 8.0, 16.0, 30.0]
    assert set(clock.slept[6:]) == {30.0}


async def test_a_cluster_without_argo_rollouts_says_so(server, cluster):
    """404 on the whole kind."""
    server.always("list", "rollouts", faults.says(404, "the server could not find it"))
    async with aclosing(cluster.watch()) as stream:
        assert await Follower(stream).until_listed() == []
        assert "is that kind installed?" in cluster.missing_rights[0]


async def test_a_busy_server_is_left_alone_as_long_as_it_asks(server, follower, clock):
    """429 with Retry-After."""
    server.once("list", "rollouts", faults.says(429, "too many", headers={"Retry-After": "17"}))
    await follower.until_listed()

    assert clock.slept == [17.0]


@pytest.mark.parametrize("header", ["soon", "-5", "", "1e9"])
async def test_a_retry_after_that_is_no_number_is_not_heeded(server, follower, clock, header):
    """We wait as after any failure."""
    server.once("list", "rollouts", faults.says(429, "", headers={"Retry-After": header}))
    await follower.until_listed()

    assert clock.slept == [1.0]


async def test_a_failing_server_is_asked_ever_more_rarely(server, follower, cluster, clock):
    """500s at the start: nothing is told, and since when is known; then everything is well."""
    server.put("rollouts", a_rollout())
    server.once("list", "rollouts", *[faults.says(500)] * 6)

    before = datetime.now(UTC)
    told = await follower.until_listed()

    assert [one.rollout.name for one in told] == ["checkout"]
    assert clock.slept == [1.0, 2.0, 4.0, 8.0, 16.0, 30.0]
    assert cluster.unreachable_since is None
    assert before <= datetime.now(UTC)


async def test_while_the_rollouts_cannot_be_watched_it_is_known_since_when(
    server, settled, follower
):
    """Also when the server answers other questions."""
    server.always("watch", "rollouts", faults.says(503))
    server.always("list", "rollouts", faults.says(503))
    await break_off(server)
    await until(lambda: settled.unreachable_since, "noticed")
    since = settled.unreachable_since
    await until(lambda: watch_of(settled).counters.failures > 5, "tried")

    assert (await settled.get("shop", "checkout")).rollout.name == "checkout"
    assert settled.unreachable_since == since
    server.always("watch", "rollouts", None)
    server.always("list", "rollouts", None)
    await until(lambda: settled.unreachable_since is None, "well again")


async def test_until_the_last_watch_is_back_what_is_known_does_not_belong_together(
    server, settled, connection
):
    """A server that starts serves its own kinds before others, and all after a moment."""
    assert not settled.is_catching_up
    await server.stop()
    await until(lambda: connection.outage.is_on, "noticed")
    server.always("watch", "services", faults.says(503))
    await server.start()
    await until(lambda: settled.unreachable_since is None, "the rollouts are watched")
    await until(lambda: watch_of(settled, "services").failing_since, "the services are not")
    assert settled.is_catching_up

    server.always("watch", "services", None)
    await until(lambda: not settled.is_catching_up, "all are watched")


async def test_what_happened_while_the_server_was_away_is_told(server, settled, follower):
    """A restart of the API server: no transition is missed."""
    await server.stop()
    server.put("rollouts", a_rollout(step=4))
    await until(lambda: watch_of(settled).counters.failures > 3, "tried")
    assert settled.unreachable_since is not None
    await server.start()

    assert (await follower.one()).rollout.step == 4
    await until(lambda: settled.unreachable_since is None, "well again")


async def test_after_three_failures_the_version_may_be_at_fault(server, settled, follower):
    """Etcd restored from a backup: our version lies in its future, and only a list helps."""
    lists = server.count("list")
    server.once("watch", "rollouts", *[faults.says(504, "Too large resource version")] * 2)
    await break_off(server)
    await until(lambda: server.watching["rollouts"], "watching again")

    assert server.count("list") == lists + 1


async def test_an_older_list_after_a_restore_is_the_truth(server, settled, follower, clock):
    """Versions may go back; what is listed counts."""
    server.put("rollouts", a_rollout(step=3))
    await follower.one()
    server.version = 10
    server.put("rollouts", a_rollout(step=1))
    server.once("watch", "rollouts", faults.says(410))
    await break_off(server)

    assert (await follower.one()).rollout.step == 1


async def test_a_watch_that_ends_at_once_is_not_hammered(server, settled, clock):
    """3,841 requests in 1.5 s with the library's own."""
    server.always("watch", "rollouts", faults.streams())
    clock.slept.clear()
    await break_off(server)
    await until(lambda: watch_of(settled).counters.failures >= 8, "eight tries")

    assert sum(clock.slept) > 60


async def test_a_watch_that_ends_after_each_event_is_not_hammered_either(server, settled, clock):
    """One connection a second."""
    server.always("watch", "rollouts", faults.streams(a_line(a_rollout(), version=150)))
    await break_off(server)
    began, had = clock.now, server.count("watch")
    await until(lambda: server.count("watch") >= had + 10, "ten watches")

    assert clock.now - began >= 9


async def test_a_watch_that_ends_in_good_time_is_renewed_at_once(server, settled, follower, clock):
    """The server keeps to `timeoutSeconds`: that is no failure."""

    async def ends(request):
        clock.now += 300
        return await faults.streams()(request)

    server.once("watch", "rollouts", ends)
    await break_off(server)
    await until(lambda: server.watching["rollouts"], "watching again")
    server.put("rollouts", a_rollout(step=1))

    assert (await follower.one()).rollout.step == 1
    assert watch_of(settled).counters.failures == 1  # the one of break_off
    assert watch_of(settled).failing_since is None


async def test_every_quarter_of_an_hour_everything_is_listed(server, settled, follower, clock):
    """What a watch has lost is found, without any error to tell of it."""
    lists = server.count("list")
    clock.now += 60
    server.put("rollouts", a_rollout("lost"))
    server.lose("rollouts")

    async def ends(request):
        clock.now += 300
        return await faults.streams()(request)

    server.once("watch", "rollouts", *[ends] * 3)
    await break_off(server)

    assert (await follower.one()).rollout.name == "lost"
    assert server.count("list") == lists + 1
