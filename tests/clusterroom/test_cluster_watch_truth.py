"""
What is known stays true: late, double, unreadable and missed events.

F6 of docs/reliability.md, without the processes.
"""

import asyncio
import json
import logging
from contextlib import aclosing

import pytest

from bot.flows.ports import Gone, Observed
from tests.clusterroom import faults
from tests.clusterroom.following import a_line, break_off, until, watch_of
from tests.clusterroom.manifests import a_replica_set, a_rollout


async def test_events_that_come_late_or_twice_change_nothing(server, settled, follower):
    """The last version wins."""
    pieces = [
        a_line(a_rollout(step=2), version=152),
        a_line(a_rollout(step=1), version=151),
        a_line(a_rollout(step=2), version=152),
        a_line(a_rollout(step=3), version=153),
    ]
    server.once("watch", "rollouts", faults.streams(b"".join(pieces), then="silent"))
    await break_off(server)
    await until(lambda: settled.seen("shop", "checkout").rollout.step == 3, "all arrived")

    assert (await follower.one()).rollout.step == 3


async def test_versions_that_are_no_numbers_are_not_compared(server, settled, follower):
    """Then nothing may be left out."""
    pieces = [a_line(a_rollout(step=2), version="b"), a_line(a_rollout(step=1), version="a")]
    server.once("watch", "rollouts", faults.streams(*pieces, then="silent"))
    await break_off(server)
    await until(lambda: settled.seen("shop", "checkout").rollout.step == 1, "both arrived")


async def test_a_late_deletion_of_the_old_does_not_touch_the_new(server, settled, follower):
    """Identity counts, not the name."""
    pieces = [
        a_line(a_rollout(step=7), uid="new", version=151, what="ADDED"),
        a_line(a_rollout(), uid="uid-1", version=152, what="DELETED"),
        a_line(a_rollout(), uid="never-seen", version=153, what="DELETED"),
    ]
    server.once("watch", "rollouts", faults.streams(*pieces, then="silent"))
    await break_off(server)

    told = [type(item) for item in await follower.take(2)]
    assert sorted(told, key=str) == [Gone, Observed]
    assert settled.seen("shop", "checkout").rollout.uid == "new"


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(b"{ this is not JSON\n", id="no JSON"),
        pytest.param(b'"text"\n', id="no object"),
        pytest.param(b"[]\n", id="a list"),
        pytest.param(b'{"type": "MODIFIED"}\n', id="without an object"),
        pytest.param(b'{"type": "MODIFIED", "object": {}}\n', id="without identity"),
        pytest.param(
            b'{"type": "NEW", "object": {"metadata": {"uid": "u"}}}\n', id="of a new type"
        ),
        pytest.param(b'{"type": "BOOKMARK", "object": {}}\n', id="a bookmark of nothing"),
        pytest.param(b"\xff\xfe\n", id="no text"),
    ],
)
async def test_a_line_without_sense_makes_us_list_again(server, settled, follower, line):
    """What was in it is lost, so only a list can tell."""
    lists = server.count("list")
    server.put("rollouts", a_rollout("lost"))
    await follower.one()
    server.send("rollouts", line)
    await until(lambda: watch_of(settled).counters.garbled, "heard")
    server.put("rollouts", a_rollout(step=1))

    assert (await follower.one()).rollout.step == 1
    await until(lambda: server.count("list") == lists + 1, "listed")


async def test_a_rollout_that_cannot_be_read_does_not_stop_the_others(
    server, settled, follower, caplog
):
    """It is said once for each object; what we knew of it stays, and it is not gone."""
    caplog.set_level(logging.ERROR)
    odd = a_rollout(status={"currentStepIndex": "second"})
    server.put("rollouts", odd)
    server.put("rollouts", odd)
    server.put("rollouts", a_rollout("other"))
    assert (await follower.one()).rollout.name == "other"

    server.once("watch", "rollouts", faults.says(410))
    await break_off(server)
    await until(lambda: server.count("list") == 2, "listed again")
    server.put("rollouts", a_rollout(step=1))

    told = await follower.one()
    assert (told.rollout.name, told.rollout.step) == ("checkout", 1)
    complaints = [one for one in caplog.records if getattr(one, "action", "") == "illegible"]
    assert [one.uid for one in complaints] == ["uid-1"]
    assert "status.currentStepIndex" in complaints[0].getMessage()
    assert "second" not in complaints[0].getMessage()


async def test_a_deletion_counts_also_when_the_object_cannot_be_read(server, settled, follower):
    """Its identity is enough."""
    odd = a_rollout(status={"currentStepIndex": "second"})
    line = a_line(odd, version=151, what="DELETED")
    server.once("watch", "rollouts", faults.streams(line, then="silent"))
    await break_off(server)

    gone = await follower.one()
    assert isinstance(gone, Gone)
    assert gone.rollout.key == "shop/checkout"


async def test_unknown_fields_and_a_missing_status_are_fine(server, follower):
    """A rollout that was just made, by a newer Argo than we know."""
    new = a_rollout(metadata={"novelty": 1})
    del new["status"]
    new["spec"]["strategy"]["canary"]["quantum"] = {"a": [1, 2]}
    server.put("rollouts", new)
    bare = {"metadata": {"namespace": "shop", "name": "bare"}}
    server.put("rollouts", bare)

    told = await follower.until_listed()

    assert {one.rollout.name for one in told} == {"checkout", "bare"}


async def test_a_list_that_makes_no_sense_is_asked_for_again(server, follower):
    """A proxy's page of HTML with status 200."""
    server.put("rollouts", a_rollout())
    server.once("list", "rollouts", faults.body(200, b"<html>Sorry</html>"))

    assert len(await follower.until_listed()) == 1


async def test_an_empty_list_may_say_null(server, follower):
    """As Go writes a list that is nil."""
    server.once(
        "list", "services", faults.body(200, b'{"metadata":{"resourceVersion":"1"},"items":null}')
    )
    assert await follower.until_listed() == []


async def test_a_long_night_makes_a_short_log(server, cluster, caplog):
    """Each power of two is enough."""
    caplog.set_level(logging.WARNING)
    server.always("list", "rollouts", faults.says(500))
    async with aclosing(cluster.watch()) as stream:
        first = asyncio.ensure_future(anext(stream))
        await until(lambda: server.count("list") > 20, "twenty tries")
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        tries = server.count("list")

    said = [one for one in caplog.records if getattr(one, "action", "") == "watch-failed"]
    assert len(said) <= tries.bit_length()


async def test_pods_of_a_rollout_that_the_selector_leaves_out_are_no_news(server, follower):
    """Their ReplicaSets are watched all the same."""
    await follower.until_listed()
    server.put("replicasets", a_replica_set("somebody-else"))
    server.put("rollouts", a_rollout())

    assert (await follower.one()).rollout.name == "checkout"


async def test_a_long_list_is_read_in_pages(server, follower):
    """All of it is told."""
    for number in range(600):
        server.put("rollouts", a_rollout(f"r{number}"))

    told = await follower.until_listed()

    assert len({one.rollout.uid for one in told}) == 600
    assert [asked.query.get("continue") for asked in server.requests("list")] == [
        None,
        "700:250",
        "700:500",
    ]


async def test_a_page_token_that_is_too_old_begins_the_list_again(server, follower, clock):
    """410 on `continue`: what was read before is worth nothing."""
    for number in range(300):
        server.put("rollouts", a_rollout(f"r{number}"))
    page = {"metadata": {"resourceVersion": "1", "continue": "1:250"}, "items": []}
    server.once("list", "rollouts", faults.body(200, json.dumps(page).encode()), faults.says(410))

    told = await follower.until_listed()

    assert len(told) == 300
    assert server.count("list") == 4
    assert clock.slept == [1.0]  # one list a second


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(faults.says(410, "too old"), id="on connect"),
        pytest.param(faults.refuses_in_stream(410, "too old"), id="in the stream"),
    ],
)
async def test_a_version_that_is_too_old_is_mended_by_one_list(server, settled, follower, fault):
    """410: what was missed is told late, deletions too, and nothing that did not change."""
    server.put("rollouts", a_rollout("stays"))
    old = server.put("rollouts", a_rollout("again"))["metadata"]["uid"]
    await follower.take(2)
    lists = server.count("list")

    server.once("watch", "rollouts", fault)
    server.end_watches("rollouts")
    server.put("rollouts", a_rollout(step=3))
    server.delete("rollouts", "shop", "again")
    server.put("rollouts", a_rollout("again"))
    server.lose("rollouts")

    gone, *told = await follower.take(3)
    assert isinstance(gone, Gone)
    assert gone.rollout.uid == old
    assert {one.rollout.name: one.rollout.step for one in told} == {"checkout": 3, "again": 0}
    assert server.count("list") == lists + 1


async def test_again_and_again_too_old_is_answered_with_patience(server, settled, clock, follower):
    """At most one list a second, and ever fewer."""
    server.once("watch", "rollouts", *[faults.says(410)] * 8)
    await break_off(server)
    server.put("rollouts", a_rollout(step=1))
    told = await follower.one()
    await until(lambda: server.watching["rollouts"], "watching again")

    assert told.rollout.step == 1
    assert watch_of(settled).counters.expired == 8
    assert max(clock.slept) == 30.0
    assert sum(clock.slept) > 100
