import pytest

from tests.cluster.bed.api import ApiError
from tests.sandbox.cluster.manifests import config_map, ingress, pod, rollout


async def test_a_name_is_taken_only_once(api):
    await api.create(rollout(), "shop")

    with pytest.raises(ApiError, match=r'409: rollouts.argoproj.io "web" already exists'):
        await api.create(rollout(), "shop")


async def test_nothing_is_made_in_a_namespace_that_is_not_there(api):
    with pytest.raises(ApiError, match=r'404: namespaces "nowhere" not found'):
        await api.create(rollout(), "nowhere")


async def test_status_is_written_at_its_own_path_and_nowhere_else(api):
    await api.create(rollout(), "shop")

    both = {"spec": {"replicas": 7}, "status": {"phase": "Healthy"}}
    spec = await api.patch("rollouts", "web", "shop", both)
    status = await api.patch("rollouts/status", "web", "shop", both | {"spec": {"replicas": 9}})

    assert (spec["spec"]["replicas"], spec.get("status")) == (7, None)
    assert (status["spec"]["replicas"], status["status"]) == (7, {"phase": "Healthy"})


async def test_the_generation_counts_changes_of_what_is_wanted(api):
    await api.create(rollout(), "shop")
    await api.patch("rollouts/status", "web", "shop", {"status": {"phase": "Healthy"}})
    await api.patch("rollouts", "web", "shop", {"metadata": {"labels": {"a": "b"}}})
    same = await api.patch("rollouts", "web", "shop", {"spec": {"replicas": 1}})
    changed = await api.patch("rollouts", "web", "shop", {"spec": {"replicas": 2}})

    assert (same["metadata"]["generation"], changed["metadata"]["generation"]) == (1, 2)


async def test_a_write_that_changes_nothing_makes_no_version(api):
    before = await api.create(rollout(), "shop")
    after = await api.patch("rollouts", "web", "shop", {"spec": {"replicas": 1}})

    assert after["metadata"]["resourceVersion"] == before["metadata"]["resourceVersion"]


async def test_a_stale_version_is_a_conflict(api):
    before = await api.create(rollout(), "shop")
    await api.patch("rollouts", "web", "shop", {"spec": {"replicas": 2}})

    stale = {"metadata": {"resourceVersion": before["metadata"]["resourceVersion"]}}
    with pytest.raises(ApiError, match=r"409: .*the object has been modified"):
        await api.patch("rollouts/status", "web", "shop", stale | {"status": {"abort": True}})


async def test_an_update_of_a_rollout_must_name_its_version(api):
    await api.create(rollout(), "shop")

    with pytest.raises(ApiError, match=r"422: .*must be specified for an update"):
        await api.request("PUT", f"{_ROLLOUTS}/web", body=rollout())


async def test_a_failed_test_is_refused_without_saying_which(api):
    await api.create(rollout(), "shop")

    test = [{"op": "test", "path": "/spec/replicas", "value": 5}]
    with pytest.raises(ApiError, match="422: the server rejected our request due to an error"):
        await api.patch("rollouts", "web", "shop", test, patch="json")


async def test_types_of_a_rollout_are_looked_at_as_its_definition_says(api):
    wrong = rollout()
    wrong["spec"]["replicas"] = "three"

    with pytest.raises(
        ApiError, match=r'spec.replicas in body must be of type integer: "string"'
    ) as refused:
        await api.create(wrong, "shop")

    assert refused.value.status == 422


async def test_unknown_fields_are_left_out_or_refused_as_the_caller_wants(api):
    typo = rollout()
    typo["spec"]["replica"] = 3

    with pytest.raises(
        ApiError, match=r'400: .*strict decoding error: unknown field "spec.replica"'
    ):
        await api.request("POST", _ROLLOUTS, body=typo, query={"fieldValidation": "Strict"})
    assert "replica" not in (await api.create(typo, "shop"))["spec"]


async def test_a_dry_run_keeps_nothing(api):
    await api.request("POST", _ROLLOUTS, body=rollout(), query={"dryRun": "All"})

    assert await api.list("rollouts", "shop") == []


async def test_a_finalizer_holds_what_is_deleted(api):
    held = config_map()
    held["metadata"]["finalizers"] = ["example.com/hold"]
    await api.create(held, "shop")

    await api.delete("configmaps", "settings", "shop")
    ending = await api.get("configmaps", "settings", "shop")
    await api.patch("configmaps", "settings", "shop", {"metadata": {"finalizers": None}})

    assert "deletionTimestamp" in ending["metadata"]
    assert await api.list("configmaps", "shop") == []


async def test_a_pod_on_a_node_is_given_time_to_end_and_one_without_goes_at_once(api):
    await api.create(pod("placed", nodeName="node"), "shop")
    await api.create(pod("waiting"), "shop")

    await api.delete("pods", "placed", "shop")
    await api.delete("pods", "waiting", "shop")

    [left] = await api.list("pods", "shop")
    assert left["metadata"]["deletionGracePeriodSeconds"] == 30


async def test_built_in_kinds_get_their_defaults(api):
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}}
    made = await api.create(service | {"spec": {"ports": [{"port": 80}]}}, "shop")

    assert made["spec"]["type"] == "ClusterIP"
    assert made["spec"]["clusterIP"].startswith("10.0.")
    assert made["spec"]["ports"] == [{"port": 80, "protocol": "TCP", "targetPort": 80}]


async def test_a_backend_that_is_none_is_not_valid(api):
    wrong = ingress()
    wrong["spec"]["defaultBackend"] = {}

    with pytest.raises(ApiError, match=r"422: .*resource or service backend is required"):
        await api.create(wrong, "shop")


async def test_an_empty_backend_is_one_and_only_it_is_found_fault_with(api):
    wrong = ingress()
    wrong["spec"] = {"defaultBackend": {}}

    with pytest.raises(ApiError) as refused:
        await api.create(wrong, "shop")

    assert "either `defaultBackend` or `rules`" not in str(refused.value)


async def test_a_count_that_nobody_wrote_is_zero(api):
    labels = {"app": "web"}
    template = {"metadata": {"labels": labels}, "spec": pod()["spec"]}
    made = {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": {"name": "web"},
        "spec": {"selector": {"matchLabels": labels}, "template": template},
    }
    await api.create(made, "shop")

    with pytest.raises(ApiError, match=r"422: .*Invalid value: 0: cannot be greater than ready"):
        await api.patch("replicasets/status", "web", "shop", {"status": {"readyReplicas": -1}})


async def test_other_bodies_than_json_and_yaml_are_not_taken(api):
    await api.create(rollout(), "shop")

    with pytest.raises(ApiError, match="415: the body of the request was in an unknown format"):
        await api.request("PATCH", f"{_ROLLOUTS}/web", body={}, patch="strategic")


_ROLLOUTS = "/apis/argoproj.io/v1alpha1/namespaces/shop/rollouts"
