"""Who wrote what, the warnings, and the Application of Argo CD."""

import json
from datetime import UTC, datetime

import pytest

from bot.flows.ports import Trouble, Unreadable, Writer
from bot.release.errors import NotFound, Unreachable
from tests.clusterroom import faults
from tests.clusterroom.manifests import (
    a_rollout,
    managed,
)


async def test_the_writers_are_told_newest_first(server, cluster):
    """With paths as deep as a person would ask."""
    steps = {"f:strategy": {"f:canary": {"f:steps": {}}}, "f:paused": {}}
    images = {"f:containers": {'k:{"name":"app"}': {".": {}, "f:image": {}}}}
    entries = [
        managed(
            "argocd",
            "2026-11-24T01:00:00Z",
            {"f:spec": {**steps, "f:template": {"f:spec": images}}},
        ),
        managed("plugin", "2026-11-24T03:00:00Z", {"f:status": {".": {}, "f:abort": {}}}, "status"),
        {"manager": "nobody"},
    ]
    server.put("rollouts", a_rollout(metadata={"managedFields": entries}))
    rollout = (await cluster.get("shop", "checkout")).rollout

    newest, older, oldest = await cluster.writers(rollout)

    assert newest == Writer(
        manager="plugin",
        subresource="status",
        at=datetime(2026, 11, 24, 3, tzinfo=UTC),
        fields=frozenset({"status.abort"}),
    )
    assert older.fields == {
        "spec.paused",
        "spec.strategy.canary.steps",
        "spec.template.spec.containers",
    }
    assert (oldest.manager, oldest.at, oldest.fields) == ("nobody", None, frozenset())


async def test_nobody_is_blamed_for_another_rollout_of_the_same_name(server, cluster, rollout):
    server.delete("rollouts", "shop", "checkout")
    server.put("rollouts", a_rollout())
    with pytest.raises(NotFound, match="deleted and made again"):
        await cluster.writers(rollout)


async def test_warnings_are_told_newest_first(server, cluster, rollout):
    """Whichever of its times an Event uses."""

    def event(name, **times):
        return {
            "metadata": {"namespace": "shop", "name": name},
            "reason": name,
            "message": "m",
            "type": "Warning",
            **times,
        }

    server.put("events", event("none", lastTimestamp=None))
    server.put("events", event("old", lastTimestamp="2026-11-24T01:00:00Z"))
    server.put("events", event("new", eventTime="2026-11-24T03:00:00.000001Z"))
    server.put(
        "events",
        event(
            "again",
            eventTime="2026-11-24T00:00:00Z",
            series={"lastObservedTime": "2026-11-24T02:00:00Z"},
        ),
    )

    troubles = await cluster.troubles(rollout)

    assert [one.reason for one in troubles] == ["new", "again", "old", "none"]
    assert troubles[2] == Trouble(
        reason="old", message="m", at=datetime(2026, 11, 24, 1, tzinfo=UTC)
    )
    (asked,) = server.requests("list", "events")
    assert asked.path == "/api/v1/namespaces/shop/events"
    assert asked.query["fieldSelector"] == "involvedObject.uid=uid-1,type=Warning"


async def test_warnings_that_may_not_be_read_are_none(server, cluster, rollout):
    server.always("list", "events", faults.forbids("list", "events"))

    assert await cluster.troubles(rollout) == ()
    assert "may not list events in shop" in cluster.missing_rights[0]


async def test_an_application_is_given_as_it_is(server, cluster):
    server.put("applications", {"metadata": {"namespace": "argocd", "name": "shop"}, "spec": {}})

    assert (await cluster.application("argocd", "shop"))["spec"] == {}


@pytest.mark.parametrize(
    "fault",
    [
        faults.says(404),
        faults.forbids("get", "applications"),
        faults.body(200, b"<html>"),
        faults.body(200, b"[]"),
    ],
)
async def test_an_application_that_cannot_be_read_is_unknown(server, cluster, fault):
    """Not found is no proof: Argo CD may manage from another cluster."""
    server.once("get", "applications", fault)
    with pytest.raises(Unreadable):
        await cluster.application("argocd", "shop")


async def test_an_unreachable_cluster_is_not_an_unknown_application(server, cluster):
    server.once("get", "applications", faults.says(500))
    with pytest.raises(Unreachable):
        await cluster.application("argocd", "shop")


@pytest.mark.parametrize("allowed", [True, False])
async def test_our_own_rights_can_be_asked_for(server, cluster, allowed):
    """What is missing is said at the start."""
    answer = json.dumps({"status": {"allowed": allowed}}).encode()
    server.once("create", "selfsubjectaccessreviews", faults.body(201, answer))

    assert await cluster.may("patch", "rollouts", "status", "shop") is allowed
    (asked,) = server.requests("create", "selfsubjectaccessreviews")
    assert asked.body["spec"]["resourceAttributes"] == {
        "verb": "patch",
        "group": "argoproj.io",
        "resource": "rollouts",
        "subresource": "status",
        "namespace": "shop",
    }
