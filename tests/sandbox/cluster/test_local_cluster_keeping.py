"""What controllers of a real cluster do besides."""

import pytest

from tests.cluster.bed.api import ApiError
from tests.cluster.bed.applications import install_applications, remove_applications
from tests.sandbox.cluster.manifests import config_map, ingress, pod, rollout


async def test_what_belonged_to_something_goes_with_it(api):
    owner = await api.create(rollout(), "shop")
    owned = config_map()
    owned["metadata"]["ownerReferences"] = [
        {
            "apiVersion": owner["apiVersion"],
            "kind": "Rollout",
            "name": "web",
            "uid": owner["metadata"]["uid"],
            "controller": True,
        }
    ]
    await api.create(owned, "shop")

    await api.delete("rollouts", "web", "shop")

    await api.wait_until_gone("configmaps", "settings", "shop")


async def test_a_namespace_goes_with_all_that_is_in_it(api):
    await api.create(rollout(), "shop")
    await api.create(config_map(), "shop")

    await api.delete("namespaces", "shop")

    await api.wait_until_gone("namespaces", "shop")
    assert await api.list("rollouts") == []


async def test_a_namespace_waits_for_pods_that_take_their_time(cluster, api):
    await api.create(pod(nodeName="node"), "shop")
    await api.delete("namespaces", "shop")
    await api.wait_for(
        lambda found: "deletionTimestamp" in found["metadata"],
        "ending",
        kind="pods",
        name="web-1",
        namespace="shop",
    )

    with pytest.raises(ApiError, match=r"403: .*because it is being terminated"):
        await api.create(config_map(), "shop")
    await api.request("DELETE", "/api/v1/namespaces/shop/pods/web-1?gracePeriodSeconds=0")

    await api.wait_until_gone("namespaces", "shop")


async def test_a_kind_that_is_defined_is_served_until_it_is_not(api):
    application = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": "web"},
        "spec": {"anything": {"goes": [1, None]}},
    }
    await install_applications(api)
    definition = await api.get("customresourcedefinitions", "applications.argoproj.io")
    made = await api.create(application, "shop")

    await remove_applications(api)

    conditions = {one["type"]: one["status"] for one in definition["status"]["conditions"]}
    assert conditions["Established"] == "True"
    assert made["spec"] == application["spec"]
    with pytest.raises(ApiError, match="404"):
        await api.list("applications", "shop")


async def test_a_webhook_that_must_be_asked_stands_against_writes(api):
    await api.create(ingress(), "shop")
    await api.create(_webhook("shop"))

    change = {"metadata": {"annotations": {"a": "b"}}}
    with pytest.raises(ApiError, match=r'failed calling webhook "broken.test"') as refused:
        await api.patch("ingresses", "web", "shop", change)
    await api.delete("validatingwebhookconfigurations", "broken")

    assert refused.value.status == 500
    await api.patch("ingresses", "web", "shop", change)


async def test_a_webhook_is_about_its_namespaces_only(api):
    await api.create(ingress(), "shop")
    await api.create(_webhook("elsewhere"))

    await api.patch("ingresses", "web", "shop", {"metadata": {"annotations": {"a": "b"}}})


def _webhook(namespace):
    rule = {
        "apiGroups": ["networking.k8s.io"],
        "apiVersions": ["v1"],
        "resources": ["ingresses"],
        "operations": ["UPDATE"],
    }
    webhook = {
        "name": "broken.test",
        "clientConfig": {"url": "https://127.0.0.1:9/"},
        "rules": [rule],
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
        "sideEffects": "None",
        "admissionReviewVersions": ["v1"],
    }
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": "broken"},
        "webhooks": [webhook],
    }
