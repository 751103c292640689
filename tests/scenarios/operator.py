"""Somebody who uses kubectl on one rollout, and looks at what the controller makes of it."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from tests.cluster.bed.api import Manifest
from tests.cluster.bed.kube import Kube, has_phase
from tests.cluster.bed.seed import NEXT_IMAGE
from tests.cluster.bed.waiting import holds_within
from tests.scenarios.cast import seed

NAME = "tomozo"


class Operator:
    """One rollout, the seed's unless told otherwise."""

    def __init__(self, kube: Kube, namespace: str) -> None:
        self.kube, self.namespace = kube, namespace

    async def deploy(self, **changes: Any) -> Manifest:
        """Apply the seed, changed as `cast.seed` tells, and wait until it is healthy."""
        await self.apply(*seed(**changes))
        return await self.phase("Healthy")

    async def apply(self, *manifests: Manifest) -> None:
        """Apply manifests."""
        for manifest in manifests:
            await self.kube.apply(manifest, self.namespace)

    async def release(self, image: str = NEXT_IMAGE) -> None:
        """Set a new image."""
        await self.kube.set_image(self.namespace, NAME, image)

    async def paused_at(self, image: str = NEXT_IMAGE, step: int = 1) -> Manifest:
        """Set a new image, and wait for the pause at this step."""
        await self.release(image)
        return await self.waits_at(step)

    async def plugin(self, *arguments: str) -> str:
        """Use the plugin."""
        verb, *rest = arguments
        return await self.kube.plugin(verb, *rest, NAME, "-n", self.namespace)

    async def patch(self, change: Manifest, subresource: str = "") -> Manifest:
        """Merge a change into the Rollout, or into its status."""
        kind = f"rollouts/{subresource}" if subresource else "rollouts"
        return await self.kube.patch(kind, NAME, self.namespace, change)

    async def steps(self, steps: list[Manifest]) -> None:
        """Edit the steps."""
        await self.patch({"spec": {"strategy": {"canary": {"steps": steps}}}})

    async def phase(self, phase: str, within: float = 20) -> Manifest:
        """Wait for a phase."""
        return await self.until(has_phase(phase), phase, within)

    async def waits_at(self, step: int, reason: str = "CanaryPauseStep") -> Manifest:
        """Wait for a pause at this step."""

        def waits(rollout: Manifest) -> bool:
            status = rollout["status"]
            reasons = [one["reason"] for one in status["pauseConditions"]]
            return status["currentStepIndex"] == step and reasons == [reason]

        return await self.until(waits, f"waiting at step {step}")

    async def has_pods(self, count: int) -> Manifest:
        """Wait until so many pods are available, of all revisions together."""
        return await self.until(
            lambda one: one["status"]["availableReplicas"] == count, f"{count} pods"
        )

    async def says_weight(self, weight: int) -> Manifest:
        """Wait until the controller says so; it writes the Ingress before its own status."""
        return await self.until(_says(weight), f"at {weight} %")

    async def keeps_saying_weight(self, weight: int, seconds: float) -> None:
        """Fail if the controller says another one within this time."""
        await self.kube.stays(
            _says(weight),
            f"at {weight} %",
            seconds,
            kind="rollouts",
            name=NAME,
            namespace=self.namespace,
        )

    async def until(self, holds: Any, what: str, within: float = 20) -> Manifest:
        """Wait for something about the Rollout."""
        return await self.kube.wait_for(
            holds, what, within, kind="rollouts", name=NAME, namespace=self.namespace
        )

    async def weighs(self, weight: int, ingress: str = NAME, within: float = 10) -> None:
        """Wait until the Ingress gives the canary this weight."""

        async def now() -> int:
            weights = await self.kube.weights(self.namespace, ingress, f"{NAME}-stable")
            return weights.get(f"{NAME}-canary", -1)

        await self.kube.wait_for(
            lambda one: (
                f'"ServiceName":"{NAME}-canary","ServicePort":"8080","Weight":{weight}}}'
                in str(one["metadata"]["annotations"])
            ),
            f"at {weight} % (now {await now()})",
            within,
            kind="ingresses",
            name=ingress,
            namespace=self.namespace,
        )

    async def pods(self, role: str) -> list[str]:
        """The pods of the revision that the status has under this key."""
        revision = (await self.rollout())["status"][role]
        found = await self.kube.pods(self.namespace, revision)
        return [pod["metadata"]["name"] for pod in found]

    async def stable_pod(self, *, ready: bool, pod: str = "") -> str:
        """Make one stable pod unready, or ready again; wait until it is counted so."""
        name = pod or (await self.pods("stableRS"))[0]
        if ready:
            await self.kube.make_pod_ready(self.namespace, name)
        else:
            await self.kube.make_pod_unready(self.namespace, name)
        revision = (await self.rollout())["status"]["stableRS"]
        await self.kube.wait_for(
            lambda one: (one["status"]["availableReplicas"] == one["spec"]["replicas"]) is ready,
            "counted",
            kind="replicasets",
            name=f"{NAME}-{revision}",
            namespace=self.namespace,
        )
        return name

    async def next_second(self) -> None:
        """Wait until what is made now is younger than what is there, to the second."""
        made = (await self.rollout())["metadata"]["creationTimestamp"]

        async def younger() -> bool:
            return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") > made

        assert await holds_within(2, younger)

    async def rollout(self) -> Manifest:
        """The Rollout as it is."""
        return await self.kube.get("rollouts", NAME, self.namespace)


def _says(weight: int) -> Callable[[Manifest], bool]:
    def holds(rollout: Manifest) -> bool:
        return bool(rollout["status"]["canary"]["weights"]["canary"]["weight"] == weight)

    return holds
