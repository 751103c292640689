"""
The bed itself: that it is a real cluster, and that its levers move what they say.

What the controller does with releases is told by the scenarios, not here.
"""

import aiohttp
import pytest

from tests.cluster.bed.kube import CommandError, has_phase, weights_in
from tests.cluster.bed.seed import NEXT_IMAGE


async def test_the_seed_becomes_healthy(seed, kube, namespace):
    """All traffic is stable, and the controller has written so on the Ingress."""
    weights = await kube.weights(namespace, "tomozo", "tomozo-stable")

    assert weights == {"tomozo-canary": 0, "tomozo-stable": 100}
    assert len(await kube.pods(namespace, seed["status"]["stableRS"])) == 4


async def test_a_new_image_waits_at_the_pause(paused, kube, namespace):
    """Step 1 is the pause after the 10 %, and the Ingress says the same as the status."""
    weights = await kube.weights(namespace, "tomozo", "tomozo-stable")

    assert paused["status"]["currentStepIndex"] == 1
    assert paused["status"]["canary"]["weights"]["canary"]["weight"] == 10
    assert weights == {"tomozo-canary": 10, "tomozo-stable": 90}


async def test_a_pod_stays_unready_until_told_otherwise(seed, kube, namespace, see):
    """The ReplicaSet counts one available pod less, and kwok does not help."""
    pod_hash = seed["status"]["stableRS"]
    replica_set = f"tomozo-{pod_hash}"
    pod = (await kube.pods(namespace, pod_hash))[0]["metadata"]["name"]

    async def available_becomes(count):
        await kube.wait_for(
            lambda found: found["status"]["availableReplicas"] == count,
            f"{count} available",
            kind="replicasets",
            name=replica_set,
            namespace=namespace,
        )

    await kube.make_pod_unready(namespace, pod)
    await available_becomes(3)
    await kube.stays(
        lambda found: found["status"]["availableReplicas"] == 3,
        "at 3 available",
        kind="replicasets",
        name=replica_set,
        namespace=namespace,
    )

    await kube.make_pod_ready(namespace, pod)
    await available_becomes(4)


async def test_new_pods_can_be_born_unready(seed, kube, namespace, see):
    """They get a node and stay pending, as when an image cannot be pulled, until made ready."""
    await kube.set_image(namespace, "tomozo", f"{NEXT_IMAGE}-never-ready")
    rollout = await see(
        "rollouts", lambda found: found["status"]["updatedReplicas"] == 1, "given a canary pod"
    )
    canary = rollout["status"]["currentPodHash"]
    await kube.stays(
        lambda pods: [pod["status"]["phase"] for pod in pods] == ["Pending"],
        "pending",
        kind="pods",
        namespace=namespace,
        labels=f"rollouts-pod-template-hash={canary}",
    )
    pods = await kube.pods(namespace, canary)
    weights = await kube.weights(namespace, "tomozo", "tomozo-stable")

    assert weights == {"tomozo-canary": 0, "tomozo-stable": 100}

    await kube.make_pod_ready(namespace, pods[0]["metadata"]["name"])
    await see("rollouts", has_phase("Paused"), "paused")


async def test_objects_outlive_the_api_server(paused, bed, kube, namespace, see):
    """Same address, same certificate, same objects; and the controllers find their way back."""
    await bed.stop_api_server()
    with pytest.raises(aiohttp.ClientConnectionError):
        await kube.get("rollouts", "tomozo", namespace)
    await bed.start_api_server()

    again = await kube.get("rollouts", "tomozo", namespace)
    assert again["metadata"]["uid"] == paused["metadata"]["uid"]

    await kube.set_image(namespace, "tomozo", "tomozo-repo/tomozo:0.0.3")
    await see("rollouts", has_phase("Paused"), "paused with a third image", within=30)


async def test_a_controller_that_was_away_catches_up(seed, bed, kube, namespace, see):
    """Nothing moves without it; after its start the new image is rolled out."""
    await bed.stop_controller()
    await kube.set_image(namespace, "tomozo", NEXT_IMAGE)
    await kube.stays(
        lambda found: found["status"]["currentPodHash"] == seed["status"]["currentPodHash"],
        "at the old image",
        kind="rollouts",
        name="tomozo",
        namespace=namespace,
    )
    await bed.start_controller()

    await see("rollouts", has_phase("Paused"), "paused")


async def test_broken_ingress_writes_are_told_as_an_event(seed, kube, namespace, see):
    """As with a load balancer controller whose webhook is away; mended, the weight is written."""
    await kube.break_ingress_writes(namespace)
    await kube.set_image(namespace, "tomozo", NEXT_IMAGE)
    events = await kube.wait_for(
        lambda found: [each for each in found if each["reason"] == "TrafficRoutingError"],
        "holding a TrafficRoutingError",
        kind="events",
        namespace=namespace,
    )
    weights = await kube.weights(namespace, "tomozo", "tomozo-stable")
    await kube.mend_ingress_writes(namespace)

    assert any("failed calling webhook" in each["message"] for each in events)
    assert weights == {"tomozo-canary": 0, "tomozo-stable": 100}
    await see(
        "ingresses",
        lambda found: weights_in(found, "tomozo-stable")["tomozo-canary"] == 10,
        "at 10 %",
        within=30,
    )


async def test_the_plugin_aborts(paused, kube, namespace, see):
    """The people's own tool works on the bed, and says what went wrong when it does not."""
    said = await kube.plugin("abort", "tomozo", f"--namespace={namespace}")
    with pytest.raises(CommandError, match="not found"):
        await kube.plugin("abort", "no-such", f"--namespace={namespace}")

    assert "aborted" in said
    await see("rollouts", has_phase("Degraded"), "degraded")
    await see(
        "ingresses",
        lambda found: weights_in(found, "tomozo-stable")["tomozo-canary"] == 0,
        "at 0 %",
    )


async def test_a_vain_wait_shows_what_was_there(kube, namespace):
    """The last thing seen is in the message, as YAML."""
    with pytest.raises(AssertionError, match=r"(?s)not paused within 0.1 s.*phase: Active"):
        await kube.wait_for(
            lambda found: found["status"]["phase"] == "Paused",
            "paused",
            0.1,
            kind="namespaces",
            name=namespace,
        )
