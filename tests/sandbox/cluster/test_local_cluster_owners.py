"""Who wrote what: metadata.managedFields, and applying."""

import pytest

from tests.cluster.bed.api import ApiError
from tests.sandbox.cluster.manifests import rollout


def _owners(thing):
    return {
        (entry["manager"], entry["operation"], entry.get("subresource", "")): entry["fieldsV1"]
        for entry in thing["metadata"]["managedFields"]
    }


async def test_abort_and_pause_tell_who_did_it_and_promote_leaves_no_trace(api):
    """As with the plugin of kubectl: what is only taken away has no owner any more."""
    await api.create(rollout(), "shop")
    argo, person = {"fieldManager": "argo"}, {"fieldManager": "plugin"}
    waiting = {"status": {"pauseConditions": [{"reason": "x", "startTime": _TIME}]}}
    await api.patch("rollouts/status", "web", "shop", waiting, query=argo)
    await api.patch("rollouts", "web", "shop", {"spec": {"paused": True}}, query=person)
    await api.patch("rollouts/status", "web", "shop", {"status": {"abort": True}}, query=person)
    promote = {"status": {"pauseConditions": None}}

    done = await api.patch(
        "rollouts/status", "web", "shop", promote, query={"fieldManager": "passer-by"}
    )

    owners = _owners(done)
    assert owners["plugin", "Update", ""] == {"f:spec": {"f:paused": {}}}
    assert owners["plugin", "Update", "status"] == {"f:status": {"f:abort": {}}}
    assert not any("passer-by" in key for key in owners)


async def test_whoever_writes_a_field_takes_it_from_the_others(api):
    await api.create(rollout(), "shop")
    scaled = {"spec": {"replicas": 4}}

    after = await api.patch("rollouts", "web", "shop", scaled, query={"fieldManager": "hpa"})

    assert _owners(after)["hpa", "Update", ""] == {"f:spec": {"f:replicas": {}}}
    assert "f:replicas" not in _owners(after)["bed", "Update", ""]["f:spec"]


async def test_applying_takes_away_what_the_manifest_does_not_name_any_more(api):
    full = rollout()
    full["spec"]["paused"] = True
    await api.apply(full, "shop", manager="git")

    after = await api.apply(rollout(), "shop", manager="git")

    assert "paused" not in after["spec"]


async def test_applying_leaves_alone_what_others_own(api):
    await api.apply(rollout(), "shop", manager="git")
    await api.patch("rollouts", "web", "shop", {"spec": {"paused": True}})

    after = await api.apply(rollout(), "shop", manager="git")

    assert after["spec"]["paused"] is True


async def test_applying_over_what_others_wrote_is_a_conflict_without_force(api):
    await api.apply(rollout(), "shop", manager="git")
    scaled = {"spec": {"replicas": 4}}
    await api.patch("rollouts", "web", "shop", scaled, query={"fieldManager": "hpa"})

    with pytest.raises(ApiError, match=r'409: Apply failed with 1 conflict: conflict with "hpa"'):
        await api.patch(
            "rollouts", "web", "shop", rollout(), patch="apply", query={"fieldManager": "git"}
        )


async def test_what_was_there_before_anybody_was_noted_does_not_own_metadata_itself(api):
    """A status of a wrong type makes the server forget who wrote what."""
    web = rollout()
    web["metadata"]["labels"] = {"app": "web"}
    await api.create(web, "shop")
    await api.patch("rollouts", "web", "shop", {"status": {"phase": 3}})

    after = await api.apply(web, "shop", manager="git")

    before = _owners(after)["before-first-apply", "Update", ""]
    assert before["f:metadata"] == {"f:labels": {".": {}, "f:app": {}}}


async def test_lists_with_keys_are_merged_element_by_element(api):
    await api.apply(_service(http=80), "shop", manager="git")
    await api.apply(_service(metrics=9090), "shop", manager="operator")

    found = await api.get("services", "web", "shop")

    assert [port["name"] for port in found["spec"]["ports"]] == ["http", "metrics"]


def _service(**ports):
    listed = [{"name": name, "port": number} for name, number in ports.items()]
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "web"},
        "spec": {"ports": listed},
    }


_TIME = "2026-01-01T00:00:00Z"
